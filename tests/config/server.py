"""`manage.py serve` as a user starts it, and what a test wants to know of it."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

from tests.jobs.worker import ROOT, wait_until

MANAGE = [sys.executable, str(ROOT / "manage.py")]


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


class Server:
    """`with Server(env) as server:` is one run of the command."""

    def __init__(self, env: dict[str, str], directory: Path = ROOT) -> None:
        self.env = env
        self.bind = f"127.0.0.1:{free_port()}"
        self.log = Path(env["TOUCHSTONE_DATA_DIR"]).with_suffix(
            f".{self.bind[10:]}.log"
        )
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                [*MANAGE, "serve", "--bind", self.bind],
                cwd=directory,
                env=env,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def __enter__(self) -> Server:
        def is_announced() -> bool:
            assert self.process.poll() is None, self.said
            return "Touchstone is at" in self.said

        wait_until(is_announced, f"the address; see {self.log}", within=90)
        return self

    def __exit__(self, *problem: object) -> None:
        if self.process.poll() is None:
            self.process.terminate()
            self.process.wait(timeout=30)

    @property
    def said(self) -> str:
        return self.log.read_text()

    @property
    def set_up_link(self) -> str:
        """The link it printed; it does so while nobody has an account."""
        printed = re.compile(r"15 minutes: (\S+)\n")
        wait_until(lambda: bool(printed.search(self.said)), "a set-up link")
        return str(printed.findall(self.said)[0])

    def get(self, path: str, **headers: str) -> tuple[int, dict[str, str], bytes]:
        address = path if path.startswith("http") else f"http://{self.bind}{path}"
        request = urllib.request.Request(address, headers=headers)  # noqa: S310
        try:
            with urllib.request.urlopen(request, timeout=30) as reply:  # noqa: S310
                return reply.status, dict(reply.headers), reply.read()
        except urllib.error.HTTPError as refusal:
            return refusal.code, dict(refusal.headers), refusal.read()

    def start_counting(self, **params: Any) -> Counting:
        made = subprocess.run(
            [sys.executable, "-m", "tests.config.start_counting", json.dumps(params)],
            cwd=ROOT,
            env=self.env,
            check=True,
            capture_output=True,
        )
        return Counting(self, **json.loads(made.stdout))

    def children(self) -> dict[str, int]:
        """The supervised processes by what they do."""
        return {
            role: pid
            for pid in children_of(self.process.pid)
            for role in ("gunicorn", "worker", "beat")
            if role in command_of(pid)
        }


class Counting:
    """A job of a served installation, watched over its API."""

    def __init__(self, server: Server, id: str, token: str) -> None:
        self.server, self.id, self.token = server, id, token

    def now(self) -> dict[str, Any]:
        authorization = f"Bearer {self.token}"
        status, _, body = self.server.get(
            f"/api/v1/jobs/{self.id}", Authorization=authorization
        )
        assert status == 200, body
        return dict(json.loads(body))

    def wait_for(self, state: str, *, within: float = 60) -> dict[str, Any]:
        wait_until(
            lambda: self.now()["state"] == state,
            f"{state}, see {self.server.log}",
            within=within,
            pause=0.2,
        )
        return self.now()


def children_of(pid: int) -> list[int]:
    task = Path(f"/proc/{pid}/task/{pid}/children")
    return [int(child) for child in task.read_text().split()]


def command_of(pid: int) -> list[str]:
    return Path(f"/proc/{pid}/cmdline").read_bytes().decode().split("\0")


def is_gone(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return True
    return state == "Z"


def kill(pid: int) -> None:
    os.kill(pid, signal.SIGKILL)
