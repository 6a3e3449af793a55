"""How a batch's judgments fall to its annotators, as evenly as caps and skills let."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping
from uuid import UUID

from django.db.models import Count, OuterRef, Subquery, Value
from django.db.models.functions import Coalesce

from annotation.models import Batch
from annotation.models.batch import Layout
from annotation.selecting import Selection, plan_units
from annotation.selecting.outputs import pieces_of
from annotation.skills import segments_named


def share_evenly(
    slots: int, rooms: Mapping[UUID, int], load: Counter[UUID] | None = None
) -> Counter[UUID]:
    """Give so many slots to the least loaded with room; what has no room is left over.

    `load` is what each has already.

    >>> a, b, c = (UUID(int=n) for n in range(3))
    >>> sorted(share_evenly(10, {a: 2, b: 9, c: 9}).values())
    [2, 4, 4]
    """
    given = Counter(load or {})
    room = {who: most - given[who] for who, most in rooms.items() if most > given[who]}
    while slots and room:
        least = min(given[who] for who in room)
        lowest = [who for who in room if given[who] == least]
        higher = [given[who] for who in room if given[who] > least]
        step = min(
            min(room[who] for who in lowest),
            (min(higher) - least) if higher else slots,
            max(1, slots // len(lowest)),
        )
        for who in lowest[:slots] if step == 1 else lowest:
            given[who] += step
            room[who] -= step
            slots -= step
        room = {who: left for who, left in room.items() if left}
    return given


def units_by_skill(batch: Batch, selection: Selection) -> Counter[str]:
    """How many units ask for each skill; "" for those of which nothing is known."""
    scoring = batch.layout == Layout.SCORING
    chance = selection.sample is not None or selection.rest_share is not None
    if not scoring or chance or selection.units_named:
        return units_by_skill_one_by_one(batch, selection)
    segment = segments_named(batch).filter(item=OuterRef("item"))
    word = Coalesce(Subquery(segment.values("word")[:1]), Value(""))
    counted: Counter[str] = Counter()
    for outputs in pieces_of(batch, selection):
        rows = outputs.order_by().annotate(word=word).values_list("word")
        counted.update(dict(rows.annotate(units=Count("pk"))))
    return counted


def units_by_skill_one_by_one(batch: Batch, selection: Selection) -> Counter[str]:
    segments = segments_named(batch).filter(dataset=batch.dataset_id)
    word_of = dict(segments.values_list("item_id", "word"))
    return Counter(
        word_of.get(plan.item_id, "") for plan in plan_units(batch, selection)
    )


def share_by_skill(
    units: Counter[str],
    per_unit: float,
    skills: Mapping[UUID, Collection[str]],
    cap: int | None,
) -> tuple[Counter[UUID], list[str]]:
    """Judgments by annotator, and the skills that nobody has; rarest skill first."""
    load: Counter[UUID] = Counter()
    able: dict[str, list[UUID]] = defaultdict(list)
    for who, words in skills.items():
        for word in words:
            able[word].append(who)
    missing = []
    for word, count in sorted(
        units.items(), key=lambda pair: (len(able.get(pair[0], ())), pair[0])
    ):
        people = able.get(word, [])
        if not people:
            missing.append(word)
            continue
        rooms = {
            who: load[who] + count if cap is None else min(cap, load[who] + count)
            for who in people
        }
        load = share_evenly(round(count * min(per_unit, len(people))), rooms, load)
    return load, missing
