"""Units to be: a selection's outputs as the layout shows them together."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import combinations, groupby, pairwise
from typing import Any

from django.db.models import BooleanField, ExpressionWrapper, Q, Value
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from annotation.actions.sides import outputs_in
from annotation.models import Batch
from annotation.models.batch import Layout
from annotation.models.unit import subject_of
from annotation.selecting.outputs import (
    CHUNK,
    fitting,
    judged_units,
    pieces_of,
    selected_outputs,
)
from annotation.selecting.selection import Selection
from config.api import Refused
from config.chunks import chunks


@dataclass(frozen=True)
class Plan:
    """A unit to be: its item and its outputs in canonical order.

    `required` is how many judge it, where that is not the batch's to say.
    """

    item_id: int
    outputs: tuple[tuple[int, str, int], ...]  # (id, external id, revision)
    is_sure: bool = False
    required: int | None = None

    @cached_property
    def subject(self) -> str:
        return subject_of((name, revision) for _, name, revision in self.outputs)


def plan_units(batch: Batch, selection: Selection) -> Iterator[Plan]:
    """Yield the units of a selection, in order of import; seeded where chance acts."""
    chosen = drawn_places(batch, selection)
    plans = every_plan(batch, selection)
    if chosen is None:
        return plans
    return (plan for place, plan in enumerate(plans) if place in chosen)


def drawn_places(batch: Batch, selection: Selection) -> set[int] | None:
    """Places, in the whole, of the units that chance has chosen; None: all of them.

    Drawn without replacement, so the same seed draws the same from the same dataset.
    """
    chance = random.Random(batch.seed)  # noqa: S311  A seeded draw, not a secret.
    if selection.sample is not None:
        count = sum(1 for _ in every_plan(batch, selection))
        return set(chance.sample(range(count), min(count, selection.sample)))
    if selection.rest_share is None:
        return None
    sure, rest = set(), []
    for place, plan in enumerate(every_plan(batch, selection)):
        if plan.is_sure:
            sure.add(place)
        else:
            rest.append(place)
    return sure.union(chance.sample(rest, round(selection.rest_share * len(rest))))


def every_plan(batch: Batch, selection: Selection) -> Iterator[Plan]:
    named = selection.units_named
    plans = (
        grouped_plans(batch, selection)
        if named is None
        else listed_plans(batch, named[1], named[0])
    )
    if selection.assigned:
        people = (len(entry["annotators"]) for entry in selection.assigned)
        yield from (
            replace(plan, required=count)
            for plan, count in zip(plans, people, strict=True)
        )
    elif selection.only and batch.layout != Layout.SCORING:
        yield from judged_before(batch, selection, plans)
    else:
        yield from plans


def grouped_plans(batch: Batch, selection: Selection) -> Iterator[Plan]:
    sure = selection.sure
    is_sure = fitting(sure.segments, sure.metadata) if sure else Q()
    flag: Any = (
        ExpressionWrapper(is_sure, BooleanField()) if is_sure else Value(value=False)
    )
    for outputs in pieces_of(batch, selection):
        rows = outputs.annotate(is_sure=flag).values_list(
            "item_id", "is_sure", "pk", "external_id", "revision"
        )
        by_item = groupby(rows.iterator(chunk_size=10_000), key=lambda row: row[0])
        for item_id, group in by_item:
            for chosen in groups_of(list(group), batch, selection, item_id):
                yield Plan(
                    item_id,
                    tuple(row[2:] for row in chosen),
                    is_sure=any(row[1] for row in chosen),
                )


def groups_of(
    outputs: list[Any], batch: Batch, selection: Selection, item_id: int
) -> Iterable[tuple[Any, ...]]:
    """One item's outputs as the layout shows them together."""
    if batch.layout == Layout.SCORING:
        return [(output,) for output in outputs]
    if len(outputs) < 2:
        return []
    if batch.layout == Layout.RANKING:
        return [tuple(outputs)]
    if selection.pairs == "chain":
        return pairwise(outputs)
    if selection.pairs == "random":
        shuffled = list(outputs)
        random.Random(f"{batch.seed}:{item_id}").shuffle(shuffled)  # noqa: S311
        return zip(shuffled[::2], shuffled[1::2], strict=False)
    return combinations(outputs, 2)


def judged_before(
    batch: Batch, selection: Selection, plans: Iterable[Plan]
) -> Iterator[Plan]:
    """Those that were judged together as wanted: a pair is judged as a pair."""
    wanted, unwanted = judged_units(batch, selection.only)
    without = set(unwanted.values_list("subject", flat=True))
    within = None if wanted is None else set(wanted.values_list("subject", flat=True))
    for plan in plans:
        if plan.subject not in without and (within is None or plan.subject in within):
            yield plan


def listed_plans(
    batch: Batch, lists: Sequence[Sequence[str]], field: str
) -> Iterator[Plan]:
    """Units by external id of their outputs, in the order in which each first came.

    Raises Refused, with faults at `field`.
    """
    names = {name for named in lists for name in named}
    found: dict[str, tuple[int, tuple[int, str, int]]] = {}
    for piece in chunks(sorted(names), CHUNK):
        rows = selected_outputs(batch, Selection()).filter(external_id__in=piece)
        for pk, name, revision, item_id in rows.values_list(
            "pk", "external_id", "revision", "item_id"
        ):
            found[name] = (item_id, (pk, name, revision))
    faults = list(list_faults(batch.layout, lists, found, field))
    if faults:
        raise Refused(_("Some outputs cannot be judged together."), faults[:1_000])
    seen: set[str] = set()
    for named in lists:
        plan = Plan(found[named[0]][0], tuple(found[name][1] for name in named))
        if plan.subject not in seen:
            seen.add(plan.subject)
            yield plan


def list_faults(
    layout: str, lists: Sequence[Sequence[str]], found: dict[str, Any], field: str
) -> Iterator[dict[str, str]]:
    for index, named in enumerate(lists):
        for name in named:
            if name not in found:
                message = _("There is no output %(name)s in the dataset.") % {
                    "name": repr(name)
                }
                yield {"field": f"{field}.{index}", "message": message}
        message = ""
        if len(set(named)) < len(named) or not fits(layout, len(named)):
            message = str(OUTPUTS_WANTED[Layout(layout)])
        elif len({found[name][0] for name in named if name in found}) > 1:
            message = _("The outputs answer different items.")
        if message:
            yield {"field": f"{field}.{index}", "message": message}


OUTPUTS_WANTED = {
    Layout.SCORING: gettext_lazy("Scoring shows one output at a time."),
    Layout.PAIRWISE: gettext_lazy("A pair needs two different outputs."),
    Layout.RANKING: gettext_lazy("A ranking needs two different outputs at least."),
}


def fits(layout: str, count: int) -> bool:
    """Can so many outputs be shown together?"""
    expected = outputs_in(layout)
    return count == expected if expected else count >= 2
