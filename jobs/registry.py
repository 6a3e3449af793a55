"""What kinds of work there are: each app names its own in its `tasks.py`.

    @work("import_outputs", title=_("Importing outputs"))
    def import_outputs(job: Job, report: Report) -> dict[str, Any]:
        ...
        report(done=rows, total=all_rows, message="Reading rows")
        return {"created": 3}

The function may run twice (its worker died), so it must be safe to repeat. What it
returns is the job's result, as JSON.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any, Protocol

from celery import current_app
from django.utils.functional import Promise

from jobs.models import Job


class Report(Protocol):
    """Say how far the work is; written at most once a second, so call it freely.

    Raises `SomeoneElsesNow` when this worker was taken for dead and the job given
    to another: let it pass, so that the work stops.
    """

    def __call__(
        self, done: int, total: int | None = None, message: str = ""
    ) -> None: ...


class WorkFailed(Exception):
    """The work cannot be done; the message is the sentence its maker will read."""


class SomeoneElsesNow(BaseException):
    """The job belongs to another attempt; no `except Exception` may swallow it."""


Doing = Callable[[Job, Report], dict[str, Any]]


@dataclass(frozen=True)
class Work:
    kind: str
    do: Doing
    title: str | Promise
    page: Callable[[Job], str] | None = None


_works: dict[str, Work] = {}
_housekeeping: dict[str, Callable[[], object]] = {}


def work(
    kind: str, *, title: str | Promise = "", page: Callable[[Job], str] | None = None
) -> Callable[[Doing], Doing]:
    """Register a function as the work of this kind.

    `title` heads the job's page; `page` gives the address to go on to when it is done.
    """

    def register(do: Doing) -> Doing:
        if kind in _works:
            raise ValueError(f"Two functions do the work {kind!r}.")
        words = title or kind.replace("_", " ").capitalize()
        _works[kind] = Work(kind, do, words, page)
        return do

    return register


def housekeeping(tidy: Callable[[], object]) -> Callable[[], object]:
    """Register a function to be called every half minute: short, safe to repeat."""
    _housekeeping[f"{tidy.__module__}.{tidy.__qualname__}"] = tidy
    return tidy


def work_of(kind: str) -> Work:
    """The work of this kind; LookupError when no app knows it."""
    _import_all_tasks()
    if kind not in _works:
        raise LookupError(f"No work is registered as {kind!r}.")
    return _works[kind]


def all_housekeeping() -> dict[str, Callable[[], object]]:
    _import_all_tasks()
    return dict(_housekeeping)


@cache
def _import_all_tasks() -> None:
    """The worker imports each app's tasks when it starts; other processes, here."""
    current_app.loader.import_default_modules()
