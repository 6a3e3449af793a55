"""From nothing to an address that answers, in the order in which it must happen."""

from __future__ import annotations

import http.client
import os
import signal
import socket
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from types import FrameType
from typing import NoReturn

from django.conf import settings
from django.core.management import call_command
from django.db import connection, connections

from config.serving import address, commands, supervisor
from config.serving.static import collect_if_changed
from config.serving.supervisor import Child

WEB_TIMEOUT = 120


class CannotServe(Exception):
    """The message is a sentence for whoever started it."""


def serve(
    bind: str = address.DEFAULT, *, announce: Callable[[str], None] | None = None
) -> NoReturn:
    """Migrate, start web and background work, and stay until told to stop.

    `announce` is called with the base address once the address answers. The process
    ends as the supervisor: it never returns.
    """
    signal.signal(signal.SIGTERM, _leave)
    os.umask(0o077)
    # Children import us from wherever the command was given, and find the same data.
    paths = [str(settings.BASE_DIR), os.environ.get("PYTHONPATH", "")]
    os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, paths))
    os.environ["TOUCHSTONE_DATA_DIR"] = str(settings.DATA_DIR)
    do_without_pool()
    listener = listen(bind)
    children: list[Child] = []
    try:
        make_folders()
        # The web process takes as long to import as the data to be made ready; so both
        # at once, and the gate holds it back from serving until they are.
        gate, opener = os.pipe()
        children.append(start_web(listener, gate))
        make_data_ready()
        os.close(opener)
        wait_until_it_answers(listener, children[0])
        children += start_background_work()
        supervisor.hold_signals()
        (announce or say_address)(address.base_url(bind))
    except BaseException:
        supervisor.stop(children)
        raise
    forget_database()
    listener.close()
    supervisor.become(children)


def listen(bind: str) -> socket.socket:
    """Take the address before anything else, so that two servers never share data."""
    host, port = address.parse(bind)
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError as error:
        listener.close()
        raise CannotServe(
            f"{bind} cannot be used: {os.strerror(error.errno or 0).lower()}. Stop "
            "what uses it, or choose another, for example --bind 127.0.0.1:8001."
        ) from None
    listener.listen(256)
    return listener


def make_folders() -> None:
    folders = [
        settings.DATA_DIR,
        settings.QUEUE_DIR / "in",
        settings.QUEUE_DIR / "control",
        settings.DATA_DIR / "files",
    ]
    for folder in folders:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)


def make_data_ready() -> None:
    """Compressing leaves Python's lock alone, so it is done beside the migrations."""
    with ThreadPoolExecutor(max_workers=1) as aside:
        collecting = aside.submit(collect_if_changed)
        call_command("migrate", interactive=False, verbosity=0, skip_checks=True)
        collecting.result()


def start_web(listener: socket.socket, gate: int) -> Child:
    child = Child("web", commands.web(f"fd://{listener.fileno()}"), essential=True)
    child.start(
        hand_over=[listener.fileno(), gate], extra={"TOUCHSTONE_GATE": str(gate)}
    )
    os.close(gate)
    return child


def start_background_work() -> list[Child]:
    """Embedded: one worker that also keeps the time. With Redis: as in production."""
    if settings.REDIS_URL:
        children = [
            Child("worker", commands.worker()),
            Child("beat", commands.beat()),
        ]
    else:
        children = [Child("worker", commands.embedded_worker())]
    for child in children:
        child.start()
    return children


def wait_until_it_answers(listener: socket.socket, web: Child) -> None:
    host, port = listener.getsockname()[:2]
    reachable = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104
    named = settings.ALLOWED_HOSTS[0].lstrip(".")
    end = time.monotonic() + WEB_TIMEOUT
    while time.monotonic() < end:
        if web.has_ended():
            break
        with suppress(OSError, http.client.HTTPException):
            asking = http.client.HTTPConnection(reachable, port, timeout=5)
            asking.request("GET", "/healthz", headers={"Host": named})
            asking.getresponse().read()
            asking.close()
            return
        time.sleep(0.05)
    raise CannotServe("The web server did not start; its log stands above.")


def say_address(base_url: str) -> None:
    sys.stdout.write(f"Touchstone is at {base_url}/ (stop it with Ctrl+C)\n")
    sys.stdout.flush()


def do_without_pool() -> None:
    """A pool keeps threads, and those would take the signals that `become` holds."""
    forget_database()
    connection.settings_dict.get("OPTIONS", {}).pop("pool", None)


def forget_database() -> None:
    connections.close_all()
    if close_pool := getattr(connection, "close_pool", None):
        close_pool()


def _leave(number: int, frame: FrameType | None) -> None:
    raise SystemExit(128 + number)
