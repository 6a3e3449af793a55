"""A published rubric version as plain, frozen values, read from the database once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import Any
from uuid import UUID

from django.utils.translation import gettext

from rubrics.models import EvidenceRule, Kind, RationaleRule, RubricVersion, Target
from rubrics.models.criterion import natural_value
from rubrics.shape.scale import OWN_LABELS

# The level of measurement of each scale; None where no agreement is defined for it.
MEASUREMENT: dict[str, str | None] = {
    Kind.BINARY: "nominal",
    Kind.NOMINAL: "nominal",
    Kind.MULTIPLE: None,
    Kind.ORDINAL: "ordinal",
    Kind.NUMERIC: "interval",
    Kind.PREFERENCE: "nominal",
    Kind.RANKING: None,
    Kind.TEXT: None,
}


@dataclass(frozen=True)
class Step:
    """One level: its row's id, its value as the API spells it, and its words."""

    id: int
    value: Any
    code: str
    number: float | None
    label: str
    anchor: str
    hotkey: str

    @property
    def words(self) -> str:
        """Its label; one of our own is said in the reader's language."""
        if (self.code, self.label) in OWN_LABELS:
            return gettext(self.label)
        return self.label or self.code


@dataclass(frozen=True)
class Condition:
    """Asked only where an earlier criterion was answered by one of these values.

    `values` are spelled as the API spells answers: true, 4, "billing".
    """

    key: str
    values: tuple[Any, ...]

    @classmethod
    def from_json(cls, stored: dict[str, Any] | None) -> Condition | None:
        if stored is None:
            return None
        return cls(stored["criterion"], tuple(stored["values"]))

    def holds(self, value: Any) -> bool:
        """Does this answer make the question be asked? No answer does not."""
        if isinstance(value, list):  # any of several categories
            return any(one in self.values for one in value)
        # True equals 1 in Python; on a scale they are two things.
        return any(
            value == one and isinstance(value, bool) == isinstance(one, bool)
            for one in self.values
        )


@dataclass(frozen=True)
class Question:
    """One criterion with all that a screen, a check or a statistic needs of it.

    `elsewhere` and `steps_elsewhere` are the rows of the same criterion, and of its
    levels by value, in the versions with which this one is comparable: what was
    answered there is read as an answer here. They are set by `instrument_across`.
    """

    id: int
    key: str
    question: str
    help: str
    target: str
    kind: str
    steps: tuple[Step, ...]
    minimum: float | None
    maximum: float | None
    step: float | None
    measure: str
    is_ratio: bool
    with_strength: bool
    required: bool
    weight: float
    allow_not_applicable: bool
    allow_cannot_judge: bool
    rationale_rule: str
    rationale_below: float | None
    evidence: str = EvidenceRule.NONE
    asked_when: Condition | None = None
    elsewhere: tuple[int, ...] = ()
    steps_elsewhere: tuple[tuple[int, str], ...] = ()

    @property
    def of_each_output(self) -> bool:
        return self.target == Target.OUTPUT

    @property
    def measurement(self) -> str | None:
        """nominal, ordinal, interval or ratio; None: agreement is not defined."""
        if self.kind == Kind.NUMERIC and self.is_ratio:
            return "ratio"
        if self.kind == Kind.PREFERENCE and self.with_strength:
            return "ordinal"
        return MEASUREMENT[self.kind]

    @property
    def rows(self) -> tuple[int, ...]:
        """Its own row and those of the same criterion in comparable versions."""
        return (self.id, *self.elsewhere)

    @cached_property
    def by_id(self) -> dict[int, Step]:
        """Its steps by their rows, those of comparable versions too."""
        here = {step.id: step for step in self.steps}
        return here | {pk: self.by_code[code] for pk, code in self.steps_elsewhere}

    @cached_property
    def by_code(self) -> dict[str, Step]:
        return {step.code: step for step in self.steps}

    @property
    def takes_evidence(self) -> bool:
        """Whether words of the outputs may be marked for an answer."""
        return self.evidence != EvidenceRule.NONE

    def needs_rationale(self, number: float | None) -> bool:
        if self.rationale_rule == RationaleRule.BELOW:
            return (
                number is not None
                and self.rationale_below is not None
                and number < self.rationale_below
            )
        return self.rationale_rule == RationaleRule.REQUIRED


@dataclass(frozen=True)
class Instrument:
    """A rubric version's criteria in order."""

    version_id: UUID
    rubric_id: UUID
    name: str
    number: int
    questions: tuple[Question, ...]
    by_key: dict[str, Question] = field(compare=False, hash=False)

    def __iter__(self) -> Iterator[Question]:
        return iter(self.questions)

    @cached_property
    def by_id(self) -> dict[int, Question]:
        """Its questions by their rows, those of comparable versions too."""
        return {pk: question for question in self.questions for pk in question.rows}

    @property
    def takes_evidence(self) -> bool:
        return any(question.takes_evidence for question in self.questions)

    @property
    def compares(self) -> bool:
        return any(not question.of_each_output for question in self.questions)


def instrument_of(version: RubricVersion) -> Instrument:
    """The version as values; read once for a published one, afresh for a draft."""
    if version.is_published:
        return published_instrument(version.pk)
    return read_instrument(version)


@lru_cache(maxsize=512)
def published_instrument(version_id: UUID) -> Instrument:
    """Cached without expiry: a published version never changes (invariant 6)."""
    version = RubricVersion.objects.select_related("rubric").get(pk=version_id)
    if not version.is_published:
        raise ValueError(f"{version} is a draft; only published versions are cached.")
    return read_instrument(version)


def read_instrument(version: RubricVersion) -> Instrument:
    questions = tuple(
        Question(
            id=c.pk,
            key=c.key,
            question=c.question,
            help=c.help,
            target=c.target,
            kind=c.kind,
            steps=tuple(
                Step(
                    id=level.pk,
                    value=natural_value(c.kind, level.value, level.number),
                    code=level.value,
                    number=level.number,
                    label=level.label,
                    anchor=level.anchor,
                    hotkey=level.hotkey,
                )
                for level in c.levels.all()
            ),
            minimum=c.minimum,
            maximum=c.maximum,
            step=c.step,
            measure=c.measure,
            is_ratio=c.is_ratio,
            with_strength=c.with_strength,
            required=c.required,
            weight=c.weight,
            allow_not_applicable=c.allow_not_applicable,
            allow_cannot_judge=c.allow_cannot_judge,
            rationale_rule=c.rationale_rule,
            rationale_below=c.rationale_below,
            evidence=c.evidence,
            asked_when=Condition.from_json(c.asked_when),
        )
        for c in version.criteria.prefetch_related("levels")
    )
    return Instrument(
        version_id=version.pk,
        rubric_id=version.rubric_id,
        name=version.rubric.name,
        number=version.number,
        questions=questions,
        by_key={question.key: question for question in questions},
    )
