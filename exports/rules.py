"""What a release may ask for: which rule fits which scale, ties, support, splits."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from rubrics.instrument import Instrument, Question
from rubrics.models import Kind
from stats.consensus import RULES

Fault = dict[str, str]

BY_COUNT = ("unanimous", "majority")
BY_ORDER = ("median", "mean")
FITTING: dict[str, tuple[str, ...]] = {
    Kind.BINARY: BY_COUNT,
    Kind.NOMINAL: BY_COUNT,
    Kind.MULTIPLE: BY_COUNT,
    Kind.ORDINAL: BY_COUNT + BY_ORDER,
    Kind.NUMERIC: BY_ORDER,
    Kind.PREFERENCE: BY_COUNT,
    Kind.RANKING: (),
    Kind.TEXT: (),
}
WHY_EXCLUDED: dict[str, str] = {
    Kind.TEXT: gettext_noop("Words have no consensus value."),
    Kind.RANKING: gettext_noop("No rule for orders of outputs is offered."),
}
TIE = "tie"
WHOLE = 1e-6  # How far the sum of shares may be from 1.
SPLIT_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,29}")


@dataclass(frozen=True)
class Options:
    """What a release was asked for beside its batches and rules."""

    tie: str | None = None
    min_support: int = 1
    splits: Mapping[str, float] = field(default_factory=dict)
    seed: int = 0

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Options:
        return cls(**stored)

    def as_json(self) -> dict[str, Any]:
        return {
            "tie": self.tie,
            "min_support": self.min_support,
            "splits": dict(sorted(self.splits.items())),
            "seed": self.seed,
        }


def rules_by_criterion(instrument: Instrument, rule: Any) -> dict[str, str]:
    """The rule of each criterion that gets labels; one name stands for all of them."""
    if isinstance(rule, str):
        return {question.key: rule for question in labelled(instrument)}
    return {q.key: rule[q.key] for q in labelled(instrument) if q.key in rule}


def labelled(instrument: Instrument) -> list[Question]:
    return [question for question in instrument if FITTING[question.kind]]


def excluded(instrument: Instrument) -> dict[str, str]:
    """Criteria that get no labels, with the reason."""
    return {
        question.key: WHY_EXCLUDED[question.kind]
        for question in instrument
        if not FITTING[question.kind]
    }


def rule_faults(instrument: Instrument, rule: Any) -> list[Fault]:
    """What is wrong with the rule, as {field, message}; empty when all is right."""
    if not labelled(instrument):
        return [
            fault(
                "rule",
                _("No criterion of this rubric can have gold labels: %(reasons)s")
                % {"reasons": " ".join(map(_, excluded(instrument).values()))},
            )
        ]
    if isinstance(rule, str):
        if rule not in RULES:
            return [fault("rule", unknown_rule(rule))]
        rules: Mapping[Any, Any] = {q.key: rule for q in labelled(instrument)}
        return [
            fault("rule", misfit(question, rule))
            for question in labelled(instrument)
            if rules[question.key] not in FITTING[question.kind]
        ]
    if not isinstance(rule, Mapping):
        return [fault("rule", _("Send a rule's name, or an object by criterion key."))]
    return list(faults_by_key(instrument, rule))


def faults_by_key(instrument: Instrument, rule: Mapping[str, Any]) -> list[Fault]:
    faults = []
    for key, name in rule.items():
        question = instrument.by_key.get(key)
        if question is None:
            known = ", ".join(instrument.by_key)
            message = _("The rubric has no such criterion; it has %(known)s.") % {
                "known": known
            }
        elif not FITTING[question.kind]:
            message = _("%(key)s takes no rule. %(reason)s") % {
                "key": key,
                "reason": _(WHY_EXCLUDED[question.kind]),
            }
        elif not isinstance(name, str) or name not in RULES:
            message = unknown_rule(name)
        elif name not in FITTING[question.kind]:
            message = misfit(question, name)
        else:
            continue
        faults.append(fault(f"rule.{key}", message))
    faults += [
        fault(
            f"rule.{question.key}",
            _("Name a rule for it: %(rules)s.") % {"rules": fitting(question)},
        )
        for question in labelled(instrument)
        if question.key not in rule
    ]
    return faults


def misfit(question: Question, rule: str) -> str:
    return _(
        "%(key)s is %(kind)s; %(rule)s does not fit that scale. Choose %(rules)s."
    ) % {
        "key": question.key,
        "kind": question.kind,
        "rule": rule,
        "rules": fitting(question),
    }


def fitting(question: Question) -> str:
    return " or ".join(FITTING[question.kind])


def unknown_rule(name: object) -> str:
    return _("There is no rule %(name)s; choose among %(rules)s.") % {
        "name": repr(str(name)[:50]),
        "rules": ", ".join(RULES),
    }


def option_faults(instrument: Instrument, rule: Any, options: Options) -> list[Fault]:
    """What is wrong with the options, given a rule without faults."""
    faults = []
    if options.tie is not None and options.tie != TIE:
        faults.append(fault("tie", _('Send "tie", or leave it out.')))
    elif options.tie and not decided_by_majority(instrument, rule):
        faults.append(
            fault(
                "tie",
                _(
                    "A value for ties is for preferences decided by majority; here "
                    "there is none. Leave it out."
                ),
            )
        )
    if options.min_support < 1:
        faults.append(fault("min_support", _("Ask for at least 1 vote.")))
    return faults + split_faults(options.splits)


def decided_by_majority(instrument: Instrument, rule: Any) -> bool:
    """Is any preference decided by majority, so that a tie can mean something?"""
    rules = rules_by_criterion(instrument, rule)
    return any(
        question.kind == Kind.PREFERENCE and rules.get(question.key) == "majority"
        for question in instrument
    )


def split_faults(splits: Mapping[str, float]) -> list[Fault]:
    if not splits:
        return []
    faults = [
        fault(
            f"splits.{name}",
            _("Name a split with up to 30 letters, digits, hyphens and underscores."),
        )
        for name in splits
        if not SPLIT_NAME.fullmatch(name)
    ]
    faults += [
        fault(f"splits.{name}", _("Give each split a share above 0."))
        for name, share in splits.items()
        if not share > 0
    ]
    total = math.fsum(splits.values())
    if not faults and abs(total - 1) > WHOLE:
        faults.append(
            fault(
                "splits",
                _("The shares must add up to 1; these make %(total)s.")
                % {"total": f"{total:g}"},
            )
        )
    return faults


def fault(name: str, message: str) -> Fault:
    return {"field": name, "message": message}
