"""One label from the votes on one target: the rule applied, the result spelled."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_noop

from annotation.votes import OutputRef, Vote
from config.text import canonical_json
from exports.rules import TIE, Options
from rubrics.instrument import Question
from rubrics.models import Kind
from stats.consensus import Consensus, decide

EXACT = 2**53  # Beyond it a float is whole only because it cannot be otherwise.
CHOICES = ("first", "second")
UNDECIDED = {TIE, "both_bad"}
# What stats may say instead of a value; a page looks up the translation.
REASONS = [
    gettext_noop("There are no votes."),
    gettext_noop("The votes differ."),
    gettext_noop("The rule needs %(needed)s votes and has %(found)s."),
    gettext_noop("%(count)s values share the most votes."),
]


@dataclass(frozen=True)
class Decision:
    """A label's value with its provenance; without a value, the reason."""

    value: Any
    distribution: dict[str, int]
    support: int
    disputed: bool
    unresolved_because: str = ""


def decide_label(
    question: Question,
    outputs: Sequence[OutputRef],
    votes: Sequence[Vote],
    *,
    rule: str,
    options: Options,
) -> Decision:
    """Apply the rule to the votes that give a value.

    An absent answer is no vote: it does not support a value, and it is counted.
    """
    values = [votable(question, vote.value) for vote in votes if not vote.absent]
    absences = Counter(vote.absent for vote in votes if vote.absent)
    consensus = consensus_of(question, values, rule, options)
    ambiguous = why_ambiguous(question, outputs)
    reason = ambiguous or why_unresolved(consensus, absences)
    names = {} if ambiguous else winners(question, outputs)
    counted = {
        key_of(spoken(value, names)): count
        for value, count in consensus.distribution.items()
    }
    absent = {absence_key(question, name): count for name, count in absences.items()}
    return Decision(
        value=None if reason else spoken(consensus.value, names),
        distribution=counted | absent,
        support=consensus.support,
        disputed=len(set(values)) > 1,
        unresolved_because=reason,
    )


def votable(question: Question, value: Any) -> Hashable:
    """The value as something to count: sets in one order, preferences by choice."""
    if question.kind == Kind.MULTIPLE:
        codes = [step.code for step in question.steps]
        return tuple(sorted(value, key=codes.index))
    if question.kind == Kind.PREFERENCE:
        # How much better is dropped: slightly and much prefer the same output.
        return value if value in UNDECIDED else str(value).partition("_")[0]
    number: Hashable = plain(value)
    return number


def plain(value: Any) -> Any:
    """Numbers without a needless point, whatever column they came through."""
    if isinstance(value, float) and value.is_integer() and abs(value) < EXACT:
        return int(value)
    if isinstance(value, int) and abs(value) > EXACT:
        return float(value)
    return value


def consensus_of(
    question: Question, values: Sequence[Hashable], rule: str, options: Options
) -> Consensus:
    ties = question.kind == Kind.PREFERENCE and rule == "majority"
    try:
        return decide(
            rule,
            values,
            tie=options.tie if ties else None,
            min_support=options.min_support,
        )
    except OverflowError:
        return Consensus(math.inf, dict(Counter(values)), len(values))


def why_unresolved(consensus: Consensus, absences: Counter[str]) -> str:
    if not consensus.support and absences:
        counted = ", ".join(
            f"{absences[name]} {name.replace('_', ' ')}" for name in sorted(absences)
        )
        return gettext_noop("Nobody gave a value (%(counted)s).") % {"counted": counted}
    if consensus.unresolved_because:
        return consensus.unresolved_because
    if isinstance(consensus.value, float) and not math.isfinite(consensus.value):
        return gettext_noop("The votes are too large for the rule.")
    return ""


def why_ambiguous(question: Question, outputs: Sequence[OutputRef]) -> str:
    """Why a preference cannot be said by an output's id, if it cannot."""
    if question.kind != Kind.PREFERENCE:
        return ""
    names = [output.external_id for output in outputs]
    if UNDECIDED.intersection(names):
        return gettext_noop(
            "An output's id is “tie” or “both_bad”; it would be read as no winner."
        )
    if len(set(names)) < len(names):
        return gettext_noop(
            "The outputs have the same id: two revisions of one output."
        )
    return ""


def winners(question: Question, outputs: Sequence[OutputRef]) -> dict[Hashable, str]:
    """A preference's choices and the output that each one names."""
    if question.kind != Kind.PREFERENCE:
        return {}
    return dict(zip(CHOICES, (o.external_id for o in outputs), strict=False))


def spoken(value: Hashable, names: Mapping[Hashable, str]) -> Any:
    """The value as the release says it: a preference by its winner's id."""
    if isinstance(value, tuple):
        return list(value)
    return names.get(value, plain(value))


def key_of(value: Any) -> str:
    """A value as a key of the distribution."""
    return value if isinstance(value, str) else canonical_json(value)


def absence_key(question: Question, name: str) -> str:
    """The absence's name, set apart from a category that has the same."""
    return f"({name})" if name in question.by_code else name
