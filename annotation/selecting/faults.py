"""What a selection names in vain: a misspelt word would be lost in silence."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from django.db.models import Exists, F, OuterRef
from django.utils.translation import gettext as _

from annotation.models import Dataset, Item, ItemSegment, Output, System
from annotation.models.batch import Layout
from annotation.selecting.metadata import Says, is_plain
from annotation.selecting.outputs import item_keys
from annotation.selecting.selection import Only, Selection

MOST_VALUES = 100

Faults = Iterator[tuple[str, str]]


def selection_faults(
    dataset: Dataset, layout: str, selection: Selection
) -> list[dict[str, str]]:
    """Each fault with the field at which it stands."""
    faults = [
        *misfits(layout, selection),
        *unknown_systems(dataset, selection.systems),
        *unknown_segments(dataset, selection.segments, "segments"),
        *unknown_metadata(dataset, selection.metadata, "metadata"),
        *unknown_items(dataset, selection.items),
    ]
    if selection.sure:
        sure = selection.sure
        faults += unknown_segments(dataset, sure.segments, "sure.segments")
        faults += unknown_metadata(dataset, sure.metadata, "sure.metadata")
    return [{"field": field, "message": message} for field, message in faults[:1_000]]


def misfits(layout: str, selection: Selection) -> Faults:
    """What does not go together."""
    named = selection.units_named
    if layout != Layout.PAIRWISE and selection.pairs != "all":
        yield (
            "pairs",
            _("Pairs are for pairwise batches; this one is %(layout)s.")
            % {"layout": layout},
        )
    if selection.only and selection.only not in Only.values:
        yield "only", _("Send one of: %(known)s.") % {"known": ", ".join(Only.values)}
    if (selection.sure is None) != (selection.rest_share is None):
        field = "rest_share" if selection.sure else "sure"
        yield (
            field,
            _("What is taken for sure and a share of the rest are given together."),
        )
    elif selection.rest_share is not None and selection.sample is not None:
        yield (
            "sample",
            _("Give either a number of units to draw, or a share of the rest."),
        )
    if selection.rest_share is not None and not 0 <= selection.rest_share <= 1:
        yield "rest_share", _("A share is a number from 0 to 1.")
    if selection.sure and not (selection.sure.segments or selection.sure.metadata):
        yield "sure", _("Say which units are taken for sure, by segment or metadata.")
    if named is None:
        return
    narrowing: dict[str, Any] = {
        "systems": selection.systems,
        "segments": selection.segments,
        "metadata": selection.metadata,
        "items": selection.items,
        "sure": selection.sure,
    }
    if named[0] != "pairs":
        narrowing |= {"sample": selection.sample, "only": selection.only}
    for field, value in narrowing.items():
        if value:
            yield (
                field,
                _("%(named)s names the units one by one; leave this out.")
                % {"named": named[0]},
            )


def unknown_systems(dataset: Dataset, names: Sequence[str]) -> Faults:
    known = set(
        System.objects.filter(
            Exists(Output.objects.filter(dataset=dataset, system=OuterRef("pk"))),
            project=dataset.project_id,
            name__in=names,
        ).values_list("name", flat=True)
    )
    for index, name in enumerate(names):
        if name not in known:
            words = _("The dataset has no outputs of a system %(name)s.")
            yield f"systems.{index}", words % {"name": repr(name)}


def unknown_segments(
    dataset: Dataset, wanted: Mapping[str, Sequence[str]], field: str
) -> Faults:
    for name, values in wanted.items():
        segments = ItemSegment.objects.filter(dataset=dataset, name=name)
        there = segments.filter(value__in=values).values_list("value", flat=True)
        if missing := set(values) - set(there.distinct()):
            words = _("No item of the dataset has %(missing)s.")
            yield f"{field}.{name}", words % {"missing": repr(min(missing))}


def unknown_metadata(
    dataset: Dataset, wanted: Mapping[str, Sequence[Any]], field: str
) -> Faults:
    for key, values in wanted.items():
        if len(values) > MOST_VALUES:
            words = _("Name at most %(most)s values.") % {"most": MOST_VALUES}
            yield f"{field}.{key}", words
            continue
        for value in values:
            if not is_plain(value):
                words = _("Name text, numbers, true, false or null.")
            elif not is_said(dataset, key, value):
                words = _("No item or output of the dataset has %(value)s there.") % {
                    "value": repr(value)
                }
            else:
                continue
            yield f"{field}.{key}", words
            break


def is_said(dataset: Dataset, key: str, value: Any) -> bool:
    says = Says(F("metadata"), key, [value])
    return any(
        rows.filter(says, dataset=dataset).exists()
        for rows in (Item.objects.all(), Output.objects.all())
    )


def unknown_items(dataset: Dataset, names: Sequence[str]) -> Faults:
    known = item_keys(dataset.pk, names)
    for index, name in enumerate(names):
        if name not in known:
            words = _("The dataset has no item %(name)s.") % {"name": repr(name)}
            yield f"items.{index}", words
