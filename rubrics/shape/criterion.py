"""Reading criteria: each question around its scale, and their keys together."""

from __future__ import annotations

import re

from django.utils.translation import gettext as _

from rubrics.models import EvidenceRule, Kind, RationaleRule, Target
from rubrics.models.criterion import COMPARING
from rubrics.shape.condition import find_condition
from rubrics.shape.drafts import CriterionDraft
from rubrics.shape.faults import LARGEST, Faults, Fields
from rubrics.shape.scale import KIND_NAMES, Scale, read_scale

MOST_CRITERIA = 100
FIELDS = [
    "key",
    "question",
    "help",
    "target",
    "scale",
    "required",
    "weight",
    "allow_not_applicable",
    "allow_cannot_judge",
    "rationale",
    "evidence",
    "when",
]
KEY = re.compile(r"[a-z0-9_-]{1,60}")
BELOW = re.compile(r"below:(-?[0-9]+(?:\.[0-9]+)?(?:e[+-]?[0-9]+)?)", re.IGNORECASE)
WITH_NUMBERS = [Kind.ORDINAL, Kind.NUMERIC, Kind.BINARY]


def read_criteria(value: object) -> tuple[CriterionDraft, ...]:
    """Read the criteria of a rubric, or raise Misshapen with every fault.

    >>> [one] = read_criteria(
    ...     [{"key": "ok", "question": "Is it right?", "scale": {"kind": "binary"}}]
    ... )
    >>> one.target, [level.label for level in one.levels]
    ('output', ['Yes', 'No'])
    """
    faults = Faults()
    criteria = find_criteria(value, faults)
    faults.refuse_any()
    return criteria


def find_criteria(value: object, faults: Faults) -> tuple[CriterionDraft, ...]:
    """Read the criteria; what is returned beside a fault is used for nothing."""
    if not isinstance(value, list) or not value:
        faults.add("criteria", _("Send a list of at least one criterion."))
        return ()
    if len(value) > MOST_CRITERIA:
        faults.add(
            "criteria",
            _("At most %(most)s criteria are allowed.") % {"most": MOST_CRITERIA},
        )
        return ()
    criteria: dict[str, CriterionDraft] = {}
    for index, source in enumerate(value):
        path = f"criteria.{index}"
        criterion = read_criterion(source, path, faults)
        if criterion is not None:
            if (when := source.get("when")) is not None:
                path = f"{path}.when"
                criterion = find_condition(when, path, criterion, criteria, faults)
            criteria.setdefault(criterion.key, criterion)
    refuse_shared_keys(value, faults)
    return tuple(criteria.values())


def read_criterion(source: object, path: str, faults: Faults) -> CriterionDraft | None:
    fields = Fields(source, path, FIELDS, faults)
    if not fields.is_object:
        return None
    key = fields.text("key", longest=60, required=True)
    if key.strip() and not KEY.fullmatch(key):
        fields.fault("key", _("A key has lower-case letters, digits, - and _ only."))
    question = fields.text("question", longest=500, required=True)
    scale = read_scale(fields.source.get("scale"), f"{path}.scale", faults)
    target = read_target(fields, scale)
    weight = fields.number("weight")
    if weight is not None and weight < 0:
        fields.fault("weight", _("A weight is 0 or larger."))
    rule, below = read_rationale(fields, scale)
    scale = scale or Scale()
    return CriterionDraft(
        key=key,
        question=question,
        help=fields.text("help", longest=10_000),
        target=target,
        kind=scale.kind,
        levels=scale.levels,
        minimum=scale.minimum,
        maximum=scale.maximum,
        step=scale.step,
        measure=scale.measure,
        is_ratio=scale.is_ratio,
        with_strength=scale.with_strength,
        required=fields.flag("required", default=True),
        weight=1.0 if weight is None else weight,
        allow_not_applicable=fields.flag("allow_not_applicable"),
        allow_cannot_judge=fields.flag("allow_cannot_judge"),
        rationale_rule=rule,
        rationale_below=below,
        evidence=fields.choice(
            "evidence", EvidenceRule.values, EvidenceRule.NONE.value
        ),
    )


def read_target(fields: Fields, scale: Scale | None) -> str:
    compares = scale is not None and scale.kind in COMPARING
    natural = Target.COMPARISON if compares else Target.OUTPUT
    target = fields.choice("target", Target.values, natural.value)
    if scale is not None and compares and target != Target.COMPARISON:
        fields.fault(
            "target",
            _("A scale of kind %(kind)s is asked of a comparison.")
            % {"kind": KIND_NAMES[Kind(scale.kind)]},
        )
    return target


def read_rationale(fields: Fields, scale: Scale | None) -> tuple[str, float | None]:
    """The rule and, for `below:V`, its V."""
    rule = fields.text("rationale", longest=40, default="optional")
    if rule in {RationaleRule.NONE, RationaleRule.OPTIONAL, RationaleRule.REQUIRED}:
        return rule, None
    match = BELOW.fullmatch(rule)
    if match is None or abs(float(match[1])) > LARGEST:
        fields.fault(
            "rationale",
            _("Use none, optional, required, or below: and a number, such as below:3."),
        )
        return RationaleRule.OPTIONAL.value, None
    if scale is not None and scale.kind not in WITH_NUMBERS:
        fields.fault(
            "rationale",
            _("A scale of kind %(kind)s has no number to be below of.")
            % {"kind": KIND_NAMES[Kind(scale.kind)]},
        )
    return RationaleRule.BELOW.value, float(match[1])


def refuse_shared_keys(sources: list[object], faults: Faults) -> None:
    seen: set[object] = set()
    for index, source in enumerate(sources):
        key = source.get("key") if isinstance(source, dict) else None
        if isinstance(key, str) and key:
            if key in seen:
                faults.add(
                    f"criteria.{index}.key",
                    _("Another criterion has the key %(key)s.") % {"key": key},
                )
            seen.add(key)
