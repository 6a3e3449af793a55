"""SQLite whose writers of one process take turns in order of arrival.

SQLite has one writer at a time, and one that finds it busy sleeps and tries again,
longer each time: under load the latecomers win and somebody waits until the timeout
("database is locked"). Here a thread that is about to BEGIN IMMEDIATE stands in a
queue first. Other processes (the background worker), and single statements outside a
transaction, still meet SQLite's own lock with its timeout.
"""

from __future__ import annotations

import threading
from collections import defaultdict, deque
from typing import Any

from django.db.backends.sqlite3 import base
from django.db.utils import OperationalError


class Turnstile:
    """A lock that is handed on in the order in which it was asked for."""

    def __init__(self) -> None:
        self.guard = threading.Lock()
        self.waiting: deque[threading.Event] = deque()
        self.is_taken = False

    def enter(self, timeout: float) -> bool:
        """Wait for my turn; False when it did not come in time."""
        with self.guard:
            if not self.is_taken:
                self.is_taken = True
                return True
            turn = threading.Event()
            self.waiting.append(turn)
        if turn.wait(timeout):
            return True
        with self.guard:
            if turn.is_set():  # It came between the timeout and here.
                return True
            self.waiting.remove(turn)
            return False

    def leave(self) -> None:
        with self.guard:
            if self.waiting:
                self.waiting.popleft().set()
            else:
                self.is_taken = False


turnstiles: dict[str, Turnstile] = defaultdict(Turnstile)


class DatabaseWrapper(base.DatabaseWrapper):
    """Holds the turn from BEGIN IMMEDIATE to the end of the transaction."""

    has_turn = False

    def _start_transaction_under_autocommit(self) -> None:
        if self.transaction_mode != "IMMEDIATE":  # type: ignore[attr-defined]
            super()._start_transaction_under_autocommit()  # type: ignore[misc]
            return
        timeout = float(self.settings_dict["OPTIONS"].get("timeout", 5))
        if not self.turnstile.enter(timeout):
            raise OperationalError(f"No turn to write within {timeout:g} seconds.")
        self.has_turn = True
        try:
            super()._start_transaction_under_autocommit()  # type: ignore[misc]
        except BaseException:
            self.end_turn()
            raise

    @property
    def turnstile(self) -> Turnstile:
        return turnstiles[str(self.settings_dict["NAME"])]

    def end_turn(self) -> None:
        if self.has_turn:
            self.has_turn = False
            self.turnstile.leave()

    def _commit(self) -> Any:
        try:
            return super()._commit()  # type: ignore[misc]
        finally:
            # A COMMIT that failed leaves the transaction open until its ROLLBACK.
            if self.connection is None or not self.connection.in_transaction:
                self.end_turn()

    def _rollback(self) -> Any:
        try:
            return super()._rollback()  # type: ignore[misc]
        finally:
            self.end_turn()

    def _close(self) -> Any:
        try:
            return super()._close()  # type: ignore[misc]
        finally:
            self.end_turn()
