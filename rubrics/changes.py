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

from rubrics.differences import Run, differences
from rubrics.instrument import Instrument, Question, Step
from rubrics.models import EvidenceRule, Target
from rubrics.serialize import rationale_text
from rubrics.shape import plain_number
from rubrics.wording import when_in_words


@dataclass(frozen=True)
class Rewording:
    """A text that says something else than before."""

    of: str
    was: str
    now: str

    def runs(self) -> list[Run]:
        return differences(self.was, self.now)


@dataclass(frozen=True)
class Change:
    """One difference: of which criterion, of what weight, and what in words."""

    criterion: str
    kind: Literal["safe", "breaking"]
    what: str
    texts: tuple[Rewording, ...] = ()

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
    yield from reworded(old, new)
    yield from (Change(new.key, "safe", what) for what in safe(old, new))


def breaking(old: Question, new: Question) -> Iterator[str]:
    if old.target != new.target:
        yield (
            _("It is asked of the comparison; before, of the output.")
            if new.target == Target.COMPARISON
            else _("It is asked of the output; before, of the comparison.")
        )
    if old.asked_when != new.asked_when:
        # It decides which units have a value at all.
        yield _("It is asked %(now)s; before, %(was)s.") % {
            "now": when_in_words(new.asked_when),
            "was": when_in_words(old.asked_when),
        }
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


def reworded(old: Question, new: Question) -> Iterator[Change]:
    for what, text in [
        (_("The question was reworded."), Rewording("", old.question, new.question)),
        (_("The help was reworded."), Rewording("", old.help, new.help)),
    ]:
        if text.was != text.now:
            yield Change(new.key, "safe", what, (text,))
    if old.kind == new.kind:
        yield from reworded_levels(old, new)


def reworded_levels(old: Question, new: Question) -> Iterator[Change]:
    for step in new.steps:
        before = old.by_code.get(step.code)
        texts = differing(before, step) if before else ()
        if texts:
            words = get_text_list([text.of for text in texts], _("and"))
            what = _("Level %(level)s: changed %(parts)s.")
            values = {"level": step.code, "parts": words}
            yield Change(new.key, "safe", what % values, texts)


def differing(old: Step, new: Step) -> tuple[Rewording, ...]:
    texts = [
        Rewording(_("label"), old.label, new.label),
        Rewording(_("anchor"), old.anchor, new.anchor),
        Rewording(_("hotkey"), old.hotkey, new.hotkey),
    ]
    return tuple(text for text in texts if text.was != text.now)


def safe(old: Question, new: Question) -> Iterator[str]:
    if old.kind == new.kind and order_of(old, new) != order_of(new, old):
        yield _("The levels stand in another order.")
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


def order_of(one: Question, other: Question) -> list[str]:
    """The levels that both have, as the first of them has them."""
    return [step.code for step in one.steps if step.code in other.by_code]


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
