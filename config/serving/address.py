"""Where the server listens, and what people type to reach it."""

from __future__ import annotations

from django.conf import settings

DEFAULT = "127.0.0.1:8000"
EVERYWHERE = {"0.0.0.0", "::"}  # noqa: S104


def parse(bind: str) -> tuple[str, int]:
    """Split HOST:PORT; ValueError says what is wrong with it.

    >>> parse("127.0.0.1:8000"), parse("[::1]:80"), parse("9000")
    (('127.0.0.1', 8000), ('::1', 80), ('127.0.0.1', 9000))
    """
    host, _, port = bind.rpartition(":")
    host = host.removeprefix("[").removesuffix("]") or "127.0.0.1"
    if not port.isdecimal() or not 0 < int(port) < 65536:
        raise ValueError(f"{bind!r} is no address. Write it as 127.0.0.1:8000.")
    return host, int(port)


def base_url(bind: str) -> str:
    """The address to print: the proxy's when there is one, else our own."""
    host, port = parse(bind)
    named = [name for name in settings.ALLOWED_HOSTS if not name.startswith(".")]
    if settings.HTTPS and named:
        return f"https://{named[0]}"
    if host in EVERYWHERE:
        host = named[0] if named else "localhost"
    elif ":" in host:
        host = f"[{host}]"
    return f"http://{host}:{port}"
