"""What an edit changed between two versions, and whether judgments stay comparable.

Safe: an annotator who judged by the old version would have given the same answers, as
far as the rubric can know, on the same scale. Breaking: the answers mean another thing
or could not have been given. Statistics and gold never mix versions silently.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from django.utils.formats import localize
from django.utils.text import get_text_list
from django.utils.translation import gettext as _

from rubrics.instrument import Instrument, Question, Step
from rubrics.models import EvidenceRule, Target
from rubrics.serialize import rationale_text
from rubrics.shape import plain_number


@dataclass(frozen=True)
class Change:
    """One difference: of which criterion, of what weight, and what in words."""

    criterion: str
    kind: Literal["safe", "breaking"]
    what: str

    @property
    def is_breaking(self) -> bool:
        return self.kind == "breaking"


def compare_versions(old: Instrument, new: Instrument) -> list[Change]:
    """List the changes from the old version to the new, in the new one's order."""
    changes = []
    for question in new:
        before = old.by_key.get(question.key)
        if before is None:
            changes.append(Change(question.key, "breaking", _("The criterion is new.")))
        else:
            changes.extend(changes_of(before, question))
    changes.extend(
        Change(question.key, "breaking", _("The criterion was removed."))
        for question in old
        if question.key not in new.by_key
    )
    changes.extend(moves(old, new))
    return changes


def changes_of(old: Question, new: Question) -> Iterator[Change]:
    yield from (Change(new.key, "breaking", what) for what in breaking(old, new))
    yield from (Change(new.key, "safe", what) for what in safe(old, new))


def breaking(old: Question, new: Question) -> Iterator[str]:
    if old.target != new.target:
        yield (
            _("It is asked of the comparison; before, of the output.")
            if new.target == Target.COMPARISON
            else _("It is asked of the output; before, of the comparison.")
        )
    if old.kind != new.kind:
        yield _("The scale is %(now)s; before, %(was)s.") % {
            "now": new.kind,
            "was": old.kind,
        }
        return
    if old.with_strength != new.with_strength:
        yield (
            _("Strength is asked now.")
            if new.with_strength
            else _("Strength is not asked.")
        )
    else:
        yield from (
            _("The level %(level)s is new.") % {"level": step.code}
            for step in new.steps
            if step.code not in old.by_code
        )
        yield from (
            _("The level %(level)s was removed.") % {"level": step.code}
            for step in old.steps
            if step.code not in new.by_code
        )
    for sentence, was, now in [
        (_("The minimum is %(now)s; before, %(was)s."), old.minimum, new.minimum),
        (_("The maximum is %(now)s; before, %(was)s."), old.maximum, new.maximum),
        (_("The step is %(now)s; before, %(was)s."), old.step, new.step),
    ]:
        if was != now:
            yield sentence % {"now": shown(now), "was": shown(was)}
    if old.measure != new.measure:
        yield _("The unit is %(now)s; before, %(was)s.") % {
            "now": new.measure or _("none"),
            "was": old.measure or _("none"),
        }
    if old.is_ratio != new.is_ratio:
        # Agreement is measured by another distance.
        yield (
            _("It is a ratio scale now.")
            if new.is_ratio
            else _("No ratio scale any more.")
        )
    # What may be left out decides which units have no value, and those are not missing
    # at random: the hard ones are left out.
    if old.required != new.required:
        yield (
            _("An answer is required now.")
            if new.required
            else _("It may be left out now.")
        )
    if old.evidence != new.evidence and new.evidence == EvidenceRule.REQUIRED:
        # Whoever must point at the words reads them otherwise.
        yield _("Evidence is required now; before, %(was)s.") % {
            "was": rule_name(old.evidence)
        }
    if old.allow_not_applicable != new.allow_not_applicable:
        yield (
            _("“Not applicable” may be answered now.")
            if new.allow_not_applicable
            else _("“Not applicable” was taken away.")
        )
    if old.allow_cannot_judge != new.allow_cannot_judge:
        yield (
            _("“Cannot judge” may be answered now.")
            if new.allow_cannot_judge
            else _("“Cannot judge” was taken away.")
        )


def safe(old: Question, new: Question) -> Iterator[str]:
    if old.question != new.question:
        yield _("The question was reworded.")
    if old.help != new.help:
        yield _("The help was reworded.")
    if old.kind == new.kind:
        yield from safe_in_levels(old, new)
    if old.rationale_rule != new.rationale_rule or (
        old.rationale_below != new.rationale_below
    ):
        # It asks for words beside the value; the value means the same.
        yield _("The rationale is %(now)s; before, %(was)s.") % {
            "now": rule_name(rationale_text(new)),
            "was": rule_name(rationale_text(old)),
        }
    if old.evidence != new.evidence and new.evidence != EvidenceRule.REQUIRED:
        yield _("Evidence is %(now)s now; before, %(was)s.") % {
            "now": rule_name(new.evidence),
            "was": rule_name(old.evidence),
        }
    if old.weight != new.weight:
        # Nobody who judges sees a weight, and no stored answer holds one: it only
        # combines answers afterwards, and old answers combine by the new one as well.
        yield _("The weight is %(now)s; before, %(was)s.") % {
            "now": shown(new.weight),
            "was": shown(old.weight),
        }


def safe_in_levels(old: Question, new: Question) -> Iterator[str]:
    shared = [step for step in new.steps if step.code in old.by_code]
    for step in shared:
        if words := differing(old.by_code[step.code], step):
            yield _("Level %(level)s: changed %(parts)s.") % {
                "level": step.code,
                "parts": get_text_list(words, _("and")),
            }
    before = [step.code for step in old.steps if step.code in new.by_code]
    if before != [step.code for step in shared]:
        yield _("The levels stand in another order.")


def differing(old: Step, new: Step) -> list[str]:
    pairs = [
        (_("label"), old.label, new.label),
        (_("anchor"), old.anchor, new.anchor),
        (_("hotkey"), old.hotkey, new.hotkey),
    ]
    return [name for name, was, now in pairs if was != now]


def moves(old: Instrument, new: Instrument) -> Iterator[Change]:
    """The criteria that both have, if they stand in another order."""
    before = [question.key for question in old if question.key in new.by_key]
    after = [question.key for question in new if question.key in old.by_key]
    for was, now in zip(before, after, strict=True):
        if was != now:
            yield Change(
                now, "safe", _("The criteria stand in another order from here.")
            )
            return


def shown(number: float | None) -> str:
    return _("none") if number is None else str(localize(plain_number(number)))


def rule_name(rule: str) -> str:
    """A rule of rationales or evidence, for people."""
    names = {
        "none": _("none"),
        "optional": _("optional"),
        "required": _("required"),
    }
    return names.get(rule, rule)
