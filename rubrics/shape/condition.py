"""Reading conditions: a criterion that is asked only where an earlier one says so."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from django.utils.translation import gettext as _

from rubrics.models import Kind, Target
from rubrics.models.criterion import natural_value
from rubrics.shape.drafts import CriterionDraft, LevelDraft
from rubrics.shape.faults import LARGEST, Faults, Fields
from rubrics.shape.scale import KIND_NAMES

# Kinds whose answers are few and known beforehand.
GATES = [Kind.BINARY, Kind.NOMINAL, Kind.ORDINAL, Kind.MULTIPLE]


def find_condition(
    source: object,
    path: str,
    draft: CriterionDraft,
    earlier: Mapping[str, CriterionDraft],
    faults: Faults,
) -> CriterionDraft:
    """The criterion with its condition; `earlier` are those that stand before it."""
    fields = Fields(source, path, ["criterion", "is"], faults)
    if not fields.is_object:
        return draft
    key = fields.text("criterion", longest=60, required=True)
    if not key.strip():
        return draft
    gate = earlier.get(key)
    if gate is None:
        fields.fault(
            "criterion",
            _(
                "No criterion before this one has the key %(key)s. Name one that "
                "stands earlier."
            )
            % {"key": key},
        )
        return draft
    if gate.kind not in GATES:
        fields.fault(
            "criterion",
            _(
                "%(key)s is of kind %(kind)s; a condition hangs on one of kind "
                "%(kinds)s."
            )
            % {
                "key": key,
                "kind": KIND_NAMES[Kind(gate.kind)],
                "kinds": ", ".join(str(KIND_NAMES[kind]) for kind in GATES),
            },
        )
        return draft
    if draft.target == Target.COMPARISON and gate.target != Target.COMPARISON:
        fields.fault(
            "criterion",
            _(
                "%(key)s is asked of each output and may be answered differently for "
                "each; a question about the outputs together hangs on another such "
                "question."
            )
            % {"key": key},
        )
        return draft
    values = read_values(fields, gate)
    return replace(draft, asked_when={"criterion": key, "values": values})


def read_values(fields: Fields, gate: CriterionDraft) -> list[Any]:
    """The values in the order of their scale, each once."""
    sources = fields.items("is", len(gate.levels) or 1)
    if not sources:
        if sources is not None:
            fields.fault("is", _("Name at least one value of %(key)s.") % vars(gate))
        return []
    known = {spelt(gate, level): level for level in gate.levels}
    wanted = set()
    for index, source in enumerate(sources):
        name = spelling(source)
        if name in known:
            wanted.add(name)
        elif gate.levels:  # Without any, its scale is at fault already.
            fields.fault(
                f"is.{index}",
                _("This is no value of %(key)s; its values are %(values)s.")
                % {
                    "key": gate.key,
                    "values": ", ".join(level.value for level in gate.levels),
                },
            )
    return [
        natural_value(gate.kind, level.value, level.number)
        for name, level in known.items()
        if name in wanted
    ]


def spelt(gate: CriterionDraft, level: LevelDraft) -> tuple[str, object]:
    return spelling(natural_value(gate.kind, level.value, level.number))


def spelling(value: object) -> tuple[str, object]:
    """True, 1 and "1" are three values; 1 and 1.0 are one."""
    if isinstance(value, bool):
        return "flag", value
    if isinstance(value, int | float) and abs(value) <= LARGEST:
        return "number", float(value)
    return ("text", value) if isinstance(value, str) else ("other", None)
