"""A real HTTPS server on this machine that answers as a test wants."""

from __future__ import annotations

import shutil
import socket
import ssl
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from annotation.media.fetch import Reach

HOST = "cdn.example.org"
Answer = Callable[[ssl.SSLSocket], None]


def ok(content: bytes, *headers: str, status: str = "200 OK") -> bytes:
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(content)}", *headers]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + content


@dataclass
class Server:
    """`answers` maps a path to bytes, or to a function that gets the socket."""

    certificate: Path
    port: int = 0
    answers: dict[str, bytes | Answer] = field(default_factory=dict)
    requests: list[str] = field(default_factory=list)
    names: list[str] = field(default_factory=list)
    connections: int = 0

    def reach(self, *, resolves_to: tuple[str, ...] = ("127.0.0.1",)) -> Reach:
        """The network with this server as the only place in it."""
        return Reach(
            resolve=lambda host, port: list(resolves_to),
            is_allowed=lambda address: str(address) == "127.0.0.1",
            context=lambda: ssl.create_default_context(cafile=str(self.certificate)),
            port=self.port,
            seconds=1.0,
        )


def certificate_for(folder: Path, host: str) -> tuple[Path, Path]:
    key, certificate = folder / "key.pem", folder / "certificate.pem"
    subprocess.run(
        [
            *("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"),
            *("-subj", f"/CN={host}", "-addext", f"subjectAltName=DNS:{host}"),
            *("-keyout", str(key), "-out", str(certificate)),
        ],
        check=True,
        capture_output=True,
    )
    return key, certificate


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    if shutil.which("openssl") is None:
        pytest.skip("openssl is needed to make a certificate.")
    return certificate_for(tmp_path_factory.mktemp("tls"), HOST)


@pytest.fixture
def far_host(keys: tuple[Path, Path]) -> Iterator[Server]:
    """https://cdn.example.org, on this machine."""
    key, certificate = keys
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    server = Server(certificate)
    context.sni_callback = lambda sock, name, ctx: server.names.append(name or "")
    listening = socket.create_server(("127.0.0.1", 0))
    server.port = listening.getsockname()[1]

    def serve(sock: socket.socket) -> None:
        with suppress(OSError), context.wrap_socket(sock, server_side=True) as wire:
            asked = wire.recv(65_536).decode("latin-1")
            server.requests.append(asked)
            answer = server.answers.get(asked.split(" ")[1], ok(b"", status="404 No"))
            if callable(answer):
                answer(wire)
            else:
                wire.sendall(answer)

    def listen() -> None:
        with suppress(OSError):
            while True:
                sock, _ = listening.accept()
                server.connections += 1
                threading.Thread(target=serve, args=(sock,), daemon=True).start()

    thread = threading.Thread(target=listen, daemon=True)
    thread.start()
    yield server
    listening.shutdown(socket.SHUT_RDWR)
    listening.close()
    thread.join(2)
