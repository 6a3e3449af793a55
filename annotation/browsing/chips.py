"""The filters of a page in words: as chips to take away, and as choices to add."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Membership
from annotation.browsing.asked import ONLY, Asked
from annotation.browsing.records import KINDS, MARKS, SOURCES
from annotation.browsing.values import choices_of, words_of
from annotation.models import Batch, System
from rubrics.instrument import Instrument
from rubrics.models import Kind

MOST_SYSTEMS = 200
MOST_PEOPLE = 500
LABELS: dict[str, Any] = {
    "annotator": gettext_lazy("Annotator"),
    "system": gettext_lazy("System"),
    "item": gettext_lazy("Item"),
    "output": gettext_lazy("Output"),
    "words": gettext_lazy("Words"),
    "source": gettext_lazy("Source"),
    "kind": gettext_lazy("Kind"),
    "segment": gettext_lazy("Segment"),
    "answer": gettext_lazy("Answer"),
    "only": gettext_lazy("Only"),
    "below": gettext_lazy("Seconds below"),
    "above": gettext_lazy("Seconds above"),
    "from": gettext_lazy("From"),
    "to": gettext_lazy("To"),
}


@dataclass(frozen=True)
class Chip:
    """A filter that is set: its words, the page without it, and what is wrong."""

    label: Any
    words: str
    without: str
    fault: str = ""


def chips_of(
    asked: Asked, instrument: Instrument, people: dict[str, str]
) -> list[Chip]:
    return [
        Chip(
            label=LABELS[name],
            words=in_words(name, value, instrument, people),
            without=asked.without((name, value)),
            fault=asked.faults.get(name, ""),
        )
        for name, value in asked.pairs
    ]


def in_words(
    name: str, value: str, instrument: Instrument, people: dict[str, str]
) -> str:
    said: dict[str, Any] = {"source": SOURCES, "kind": KINDS, "only": MARKS}
    if name in said and value in said[name]:
        return str(said[name][value]())
    if name == "annotator" and value in people:
        return people[value]
    key, _colon, code = value.partition(":")
    question = instrument.by_key.get(key) if name == "answer" else None
    if question is not None and code in question.by_code:
        return f"{key}: {words_of(question, code)}"
    return value


def choices(batch: Batch, instrument: Instrument) -> dict[str, Any]:
    """What the form of filters offers: two queries."""
    systems = System.objects.filter(project=batch.project_id).order_by("name")
    return {
        "people": people_of(batch),
        "systems": list(systems.values_list("name", flat=True)[:MOST_SYSTEMS]),
        "answers": [
            (question.key, offered)
            for question in instrument
            if (offered := choices_of(question))
        ],
        "numbers": [q.key for q in instrument if q.kind == Kind.NUMERIC],
        "sources": [(name, words()) for name, words in SOURCES.items()],
        "kinds": [(name, words()) for name, words in KINDS.items()],
        "marks": [(name, MARKS[name]()) for name in ONLY],
    }


def people_of(batch: Batch) -> dict[str, str]:
    """The batch's annotators, those who left too, by pseudonym."""
    members = (
        Membership.objects.filter(
            project=batch.project_id, user__batch_memberships__batch=batch
        )
        .select_related("user")
        .order_by("user__name", "user__email")
    )
    return {
        member.pseudonym: _("%(name)s (%(pseudonym)s)")
        % {"name": member.user, "pseudonym": member.pseudonym}
        for member in members[:MOST_PEOPLE]
    }
