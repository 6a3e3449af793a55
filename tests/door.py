"""The live server's door: shut and empty before a test's tables are emptied.

A page that is closed may still have a request under way (a draft sent as it leaves),
and its transaction and TRUNCATE each wait for the other: PostgreSQL ends one of them.
"""

from __future__ import annotations

import threading
from typing import Any

from django.core.handlers.wsgi import WSGIHandler
from django.core.signals import request_finished, request_started

PATIENCE = 20.0  # Seconds; a request that takes longer is a fault of its own.


class Door:
    """Counts the requests inside; those that come while it is shut are turned away."""

    def __init__(self) -> None:
        self._inside = 0
        self._is_open = False
        self._changed = threading.Condition()
        request_started.connect(self._enter)
        request_finished.connect(self._leave)

    def open(self) -> None:
        with self._changed:
            self._is_open = True

    def shut(self) -> None:
        """Let nobody in any more, and wait until the last one is out."""
        with self._changed:
            self._is_open = False
            is_empty = self._changed.wait_for(lambda: self._inside == 0, PATIENCE)
        assert is_empty, f"{self._inside} requests did not end in {PATIENCE:g} s."

    def _enter(self, sender: Any, **_: Any) -> None:
        if not self._is_the_server(sender):
            return
        with self._changed:
            if not self._is_open:
                raise ConnectionAbortedError("The test is over.")
            self._inside += 1

    def _leave(self, sender: Any, **_: Any) -> None:
        if self._is_the_server(sender):
            with self._changed:
                self._inside -= 1
                self._changed.notify_all()

    def _is_the_server(self, sender: Any) -> bool:
        """Django's test client sends the same signals from a handler of its own."""
        return isinstance(sender, type) and issubclass(sender, WSGIHandler)
