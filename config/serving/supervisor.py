"""Keeps the processes alive; the standard library only.

`become` replaces the starting process, Django and all, by this file run as a script:
its children stay its children, and the supervisor costs 10 MB instead of 100.
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import signal
import subprocess
import sys
import time
from types import FrameType
from typing import Any, NoReturn

GRACE = 15.0
LIVED_WELL = 60.0
LONGEST_PAUSE = 30.0
PR_SET_PDEATHSIG = 1
ENDING = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)


class Child:
    """A process in a session of its own, so that it and its children end together."""

    def __init__(
        self,
        name: str,
        argv: list[str],
        *,
        essential: bool = False,
        pid: int = 0,
    ) -> None:
        self.name, self.argv, self.essential, self.pid = name, argv, essential, pid
        self.status: int | None = None
        self.started_at = time.monotonic()
        self.pause = 1.0

    def start(
        self, *, hand_over: list[int] | None = None, extra: dict[str, str] | None = None
    ) -> None:
        process = subprocess.Popen(  # noqa: S603
            self.argv,
            env=os.environ | (extra or {}),
            pass_fds=hand_over or [],
            stdin=subprocess.DEVNULL,
            start_new_session=True,
            preexec_fn=end_with_parent,
        )
        process.returncode = 0  # From here on its end is noticed by `has_ended`.
        self.pid, self.status = process.pid, None
        self.started_at = time.monotonic()

    def has_ended(self) -> bool:
        if self.status is None:
            try:
                pid, status = os.waitpid(self.pid, os.WNOHANG)
            except ChildProcessError:
                pid, status = self.pid, 0
            if pid:
                self.status = os.waitstatus_to_exitcode(status)
        return self.status is not None

    def revive(self) -> None:
        """Start it again; after a pause that grows when it does not live long."""
        if time.monotonic() - self.started_at > LIVED_WELL:
            self.pause = 1.0
        say(f"The {self.name} process ended ({self.status}) and is started again.")
        time.sleep(self.pause)
        self.pause = min(2 * self.pause, LONGEST_PAUSE)
        self.start()

    def send(self, number: int) -> None:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.pid, number)


class Told(BaseException):
    """A signal asked us to end."""


def hold_signals() -> None:
    """Keep what asks us to end waiting until `main` listens; `become` inherits it."""
    signal.pthread_sigmask(signal.SIG_BLOCK, ENDING)


def become(children: list[Child]) -> NoReturn:
    """Turn this process into the supervisor of these children."""
    told = json.dumps(
        [
            {
                "name": child.name,
                "argv": child.argv,
                "essential": child.essential,
                "pid": child.pid,
            }
            for child in children
        ]
    )
    sys.stdout.flush()
    sys.stderr.flush()
    os.execv(sys.executable, [sys.executable, "-I", "-S", __file__, told])  # noqa: S606


def watch(children: list[Child]) -> int:
    """Until a signal or the end of an essential child; the exit code."""
    try:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, ENDING)
        while True:
            for child in children:
                if not child.has_ended():
                    continue
                if child.essential:
                    say(f"The {child.name} process ended ({child.status}).")
                    return 1
                child.revive()
            time.sleep(0.5)
    except Told:
        return 0
    finally:
        stop(children)


def stop(children: list[Child]) -> None:
    """Ask all to end, wait for a quarter of a minute, then end what is left."""
    for number in ENDING:
        signal.signal(number, signal.SIG_IGN)
    running = [child for child in children if child.pid and not child.has_ended()]
    for child in running:
        # To the process alone: it ends its own workers in its own order.
        with contextlib.suppress(ProcessLookupError):
            os.kill(child.pid, signal.SIGTERM)
    end = time.monotonic() + GRACE
    while time.monotonic() < end and not all(child.has_ended() for child in running):
        time.sleep(0.05)
    for child in running:
        child.send(signal.SIGKILL)


def end_with_parent() -> None:
    """On Linux: should the supervisor be killed, the kernel ends its children."""
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def say(sentence: str) -> None:
    sys.stderr.write(sentence + "\n")
    sys.stderr.flush()


def main() -> int:
    def leave(number: int, frame: FrameType | None) -> None:
        raise Told

    told: list[dict[str, Any]] = json.loads(sys.argv[1])
    children = [Child(**child) for child in told]
    for number in ENDING:
        signal.signal(number, leave)
    return watch(children)


if __name__ == "__main__":
    sys.exit(main())
