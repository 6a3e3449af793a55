"""Units of a batch: planned from a selection, made in chunks."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from hashlib import sha256
from itertools import combinations, groupby, pairwise
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from annotation.actions.sides import outputs_in
from annotation.models import (
    Batch,
    Dataset,
    ItemSegment,
    Output,
    System,
    Unit,
    UnitOutput,
)
from annotation.models.batch import Layout
from annotation.models.unit import STAGES, UnitKind, subject_of
from config.api import Refused
from config.chunks import chunks

CHUNK = 1_000


@dataclass(frozen=True)
class Selection:
    """Which outputs of the dataset become units, and how pairs are formed.

    pairs     "all", "random" (each output of an item once), "chain" (neighbours in
              order of import), or a list of [output, output] by external id
    systems   only these systems' outputs; empty: all
    segments  only items with one of these values in each named segment
    sample    so many units, drawn with the batch's seed; None: all
    """

    pairs: str | list[list[str]] = "all"
    systems: list[str] = field(default_factory=list)
    segments: dict[str, list[str]] = field(default_factory=dict)
    sample: int | None = None

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, stored: dict[str, Any]) -> Selection:
        return cls(**stored)


@dataclass(frozen=True)
class Plan:
    """A unit to be: its item and its outputs in canonical order."""

    item_id: int
    outputs: tuple[tuple[int, str, int], ...]  # (id, external id, revision)

    @property
    def subject(self) -> str:
        return subject_of((name, revision) for _, name, revision in self.outputs)


def selection_faults(
    dataset: Dataset, layout: str, selection: Selection
) -> list[dict[str, str]]:
    """What a selection names in vain: a misspelt system would be lost in silence."""
    faults = []

    def fault(field: str, message: str) -> None:
        faults.append({"field": field, "message": message})

    if layout != Layout.PAIRWISE and selection.pairs != "all":
        fault(
            "pairs",
            _("Pairs are for pairwise batches; this one is %(layout)s.")
            % {"layout": layout},
        )
    known = set(
        System.objects.filter(
            Exists(Output.objects.filter(dataset=dataset, system=OuterRef("pk"))),
            project=dataset.project_id,
            name__in=selection.systems,
        ).values_list("name", flat=True)
    )
    for index, name in enumerate(selection.systems):
        if name not in known:
            words = _("The dataset has no outputs of a system %(name)s.") % {
                "name": repr(name)
            }
            fault(f"systems.{index}", words)
    for name, values in selection.segments.items():
        segments = ItemSegment.objects.filter(dataset=dataset, name=name)
        there = segments.filter(value__in=values).values_list("value", flat=True)
        missing = set(values) - set(there.distinct())
        if missing:
            fault(
                f"segments.{name}",
                _("No item of the dataset has %(missing)s.")
                % {"missing": repr(min(missing))},
            )
    return faults


def plan_units(batch: Batch, selection: Selection) -> Iterator[Plan]:
    """Yield the units of a selection, in order of import; seeded where chance acts."""
    plans = every_plan(batch, selection)
    if selection.sample is None:
        return plans
    return iter(drawn(list(plans), selection.sample, batch.seed))


def drawn(plans: list[Plan], count: int, seed: int) -> list[Plan]:
    """A sample without replacement, in the order of the whole."""
    chosen = random.Random(seed).sample(  # noqa: S311  A seeded draw, not a secret.
        range(len(plans)), min(count, len(plans))
    )
    return [plans[index] for index in sorted(chosen)]


def every_plan(batch: Batch, selection: Selection) -> Iterator[Plan]:
    if batch.layout == Layout.PAIRWISE and not isinstance(selection.pairs, str):
        yield from listed_plans(batch, selection.pairs, "pairs")
        return
    rows = selected_outputs(batch, selection).values_list(
        "item_id", "pk", "external_id", "revision"
    )
    by_item = groupby(rows.iterator(chunk_size=10_000), key=lambda row: row[0])
    for item_id, group in by_item:
        outputs = [row[1:] for row in group]
        for chosen in groups_of(outputs, batch, selection, item_id):
            yield Plan(item_id, tuple(chosen))


def selected_outputs(batch: Batch, selection: Selection) -> QuerySet[Output]:
    """Latest revisions of the selected outputs, items together, in order of import."""
    newer = Output.objects.filter(
        dataset=OuterRef("dataset"),
        external_id=OuterRef("external_id"),
        revision__gt=OuterRef("revision"),
    )
    outputs = Output.objects.filter(~Exists(newer), dataset=batch.dataset_id)
    if selection.systems:
        outputs = outputs.filter(system__name__in=selection.systems)
    for name, values in selection.segments.items():
        segment = ItemSegment.objects.filter(
            item=OuterRef("item"), name=name, value__in=values
        )
        outputs = outputs.filter(Exists(segment))
    return outputs.order_by("item_id", "pk")


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


def add_units(
    batch: Batch, plans: Iterable[Plan], report: Callable[..., None] | None = None
) -> int:
    """Make the planned units that the batch does not have yet; returns how many.

    What is judged before the work is not part of it. Each chunk is a transaction, so a
    killed job goes on where it stopped.
    """
    made = done = 0
    for piece in chunks(plans, CHUNK):
        before = Unit.objects.filter(batch=batch, kind__in=STAGES)
        there = set(before.values_list("subject", flat=True))
        made += len(add_chunk(batch, [p for p in piece if p.subject not in there]))
        done += len(piece)
        if report is not None:
            report(done)
    return made


@transaction.atomic
def add_chunk(
    batch: Batch, plans: list[Plan], kind: str = UnitKind.NORMAL
) -> list[Unit]:
    """Make the units of this kind that the batch does not have yet, and return them."""
    by_subject = {plan.subject: plan for plan in plans}
    there = Unit.objects.filter(batch=batch, kind=kind, subject__in=list(by_subject))
    for subject in there.values_list("subject", flat=True):
        del by_subject[subject]
    units = [
        Unit(
            batch=batch,
            item_id=plan.item_id,
            subject=subject,
            kind=kind,
            required=batch.overlap,
            place=seeded_place(batch.seed, subject),
        )
        for subject, plan in by_subject.items()
    ]
    Unit.objects.bulk_create(units, batch_size=CHUNK)
    UnitOutput.objects.bulk_create(
        (
            UnitOutput(unit=unit, position=position, output_id=output[0])
            for unit in units
            for position, output in enumerate(by_subject[unit.subject].outputs)
        ),
        batch_size=CHUNK,
    )
    return units


def seeded_place(seed: int, subject: str) -> float:
    """A number in [0, 1) that depends on seed and subject alone: the pool's order."""
    digest = sha256(f"{seed}:{subject}".encode()).digest()
    return int.from_bytes(digest[:6]) / 2**48
