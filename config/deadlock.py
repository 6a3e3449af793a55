"""Trying again when the database broke a deadlock at our expense."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from django.db import OperationalError, connection

P = ParamSpec("P")
R = TypeVar("R")
BROKEN = {"40P01", "40001"}  # deadlock detected, serialisation failure
TRIES = 3


def tried_again(act: Callable[P, R]) -> Callable[P, R]:
    """Run an atomic act again, at most twice, when a deadlock undid it.

    Inside another transaction it is not tried again: that one is undone as a whole.
    """

    @wraps(act)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        for _ in range(TRIES - 1):
            try:
                return act(*args, **kwargs)
            except OperationalError as error:
                code = getattr(error.__cause__, "sqlstate", None)
                if code not in BROKEN or connection.in_atomic_block:
                    raise
        return act(*args, **kwargs)

    return run
