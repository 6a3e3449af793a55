"""What costs to count is counted once for everybody, and kept with its time.

Kept for 5 seconds, or for 20 times what it cost, so that counting never takes more
than a twentieth of a worker. One request counts anew, the others are given what is
there. Whoever acts in a project sees their act at once: what was counted before its
last audit event is stale. Where it cost much nobody waits, after an act neither: they
see what was there, and as of when, while it is counted anew beside them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from time import perf_counter
from typing import Any, Generic, TypeVar
from uuid import UUID

from django.core.cache import cache
from django.db import connection
from django.db.models import OuterRef, Subquery
from django.utils import timezone

from accounts.models import AuditEvent, Project
from annotation.models import Batch, Dataset

T = TypeVar("T")
LEAST = 5.0  # seconds
TIMES_ITS_COST = 20
KEPT = 3_600
COUNTING = 120  # seconds after which a count that never ended is forgotten
COSTLY = 0.25  # seconds from which nobody waits for it

beside = ThreadPoolExecutor(max_workers=1, thread_name_prefix="counting")


@dataclass(frozen=True)
class Kept(Generic[T]):
    """A value, when it was counted, what that cost, after which act."""

    value: T
    at: datetime
    cost: float
    act: int

    @property
    def is_fresh(self) -> bool:
        age = (timezone.now() - self.at).total_seconds()
        return age < max(LEAST, TIMES_ITS_COST * self.cost)


Thing = Batch | Dataset  # Both belong to a project.
Count = Callable[[Sequence[Any]], dict[UUID, T]]


def remembered(
    name: str, things: Sequence[Thing], count: Count[T]
) -> dict[UUID, Kept[T]]:
    """What `count` says of each of them, now or a moment ago."""
    if not things:
        return {}
    acts = last_acts(things)
    keys = {thing.pk: f"watching:{name}:{thing.pk}" for thing in things}
    there: dict[str, Kept[T]] = cache.get_many(list(keys.values()))
    found: dict[UUID, Kept[T]] = {}
    stale = []
    for thing in things:
        kept = there.get(keys[thing.pk])
        act = acts[thing.project_id]
        is_costly = kept is not None and kept.cost > COSTLY
        seen = kept is not None and kept.act == act
        if kept is None or not (seen or is_costly):
            stale.append(thing)
        elif (seen and kept.is_fresh) or is_counted(name, thing):
            found[thing.pk] = kept
        elif is_costly:
            found[thing.pk] = kept
            beside.submit(count_beside, name, thing, count, act)
        else:
            stale.append(thing)
    if stale:
        found |= count_now(name, stale, count, acts)
    return found


def is_counted(name: str, thing: Thing) -> bool:
    """Is another request counting this one now? If not, this one does."""
    return not cache.add(f"watching:{name}:{thing.pk}:now", 1, COUNTING)


def count_now(
    name: str, things: Sequence[Thing], count: Count[T], acts: dict[Any, int]
) -> dict[UUID, Kept[T]]:
    begun, at = perf_counter(), timezone.now()
    values = count(things)
    cost = (perf_counter() - begun) / len(things)
    found = {
        thing.pk: Kept(values[thing.pk], at, cost, acts[thing.project_id])
        for thing in things
    }
    cache.set_many({f"watching:{name}:{pk}": kept for pk, kept in found.items()}, KEPT)
    cache.delete_many([f"watching:{name}:{pk}:now" for pk in found])
    return found


def count_beside(name: str, thing: Thing, count: Count[Any], act: int) -> None:
    try:
        count_now(name, [thing], count, {thing.project_id: act})
    finally:
        connection.close()


def last_acts(things: Sequence[Thing]) -> dict[UUID, int]:
    """The last audited act in the project of each of them, from its index."""
    events = AuditEvent.objects.filter(project=OuterRef("pk")).order_by("-at")
    projects = Project.objects.filter(pk__in={thing.project_id for thing in things})
    rows = projects.order_by().annotate(last_act=Subquery(events.values("pk")[:1]))
    return {pk: last or 0 for pk, last in rows.values_list("pk", "last_act")}
