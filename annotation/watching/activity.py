"""What happened lately, from the audit trail, as sentences with links to subjects."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Model, Q, QuerySet
from django.urls import NoReverseMatch, reverse
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from accounts.audit_sentences import sentence_of
from accounts.audit_words import fact_name, fact_value
from accounts.models import AuditEvent, Project, User
from annotation.models import Batch, Dataset, Flag, Skip, Unit

# By the first word of the verb: what somebody looks for in a feed.
GROUPS = {
    "batches": ("batch", "batches", "calibration", "training", "annotator"),
    "work": ("flag", "skip", "unit", "units", "leases", "judgment", "judgments"),
    "data": ("dataset", "outputs", "import", "media", "names"),
    "rubrics": ("rubric",),
    "people": ("member", "invitation", "person", "group", "groups", "token", "account"),
    "gold": ("gold",),
}


@dataclass(frozen=True)
class Happened:
    """One event: its instant, and its sentence as safe HTML."""

    event: AuditEvent
    sentence: SafeString


@dataclass(frozen=True)
class Subject:
    name: str
    url: str = ""

    def html(self) -> SafeString:
        if self.url:
            return format_html('<a href="{}" dir="auto">{}</a>', self.url, self.name)
        return (
            format_html('<b dir="auto">{}</b>', self.name)
            if self.name
            else mark_safe("")
        )


def events_in(
    project: Project, *, person: str = "", group: str = "", batch: Batch | None = None
) -> QuerySet[AuditEvent]:
    """The project's events that fit, newest first."""
    events = AuditEvent.objects.filter(project=project).select_related("actor")
    if person:
        events = events.filter(actor__email__iexact=person)
    if group in GROUPS:
        verbs = Q()
        for word in GROUPS[group]:
            verbs |= Q(verb__startswith=f"{word} ")
        events = events.filter(verbs)
    if batch is not None:
        events = events.filter(about(batch))
    return events.order_by("-id")


def about(batch: Batch) -> Q:
    """Events whose subject is the batch, or that name it among their facts."""
    return (
        Q(subject_type="annotation.batch", subject_id=str(batch.pk))
        | Q(subject_type="annotation.unit", data__name=batch.name)
        | Q(data__batch=str(batch.pk))
    )


def activity_in(where: Batch | Project, most: int) -> list[Happened]:
    if isinstance(where, Batch):
        events = events_in(where.project, batch=where)
    else:
        events = events_in(where)
    return told(list(events[:most]))


def told(events: Sequence[AuditEvent]) -> list[Happened]:
    """Sentences for these events; one query for each kind of subject."""
    subjects, people = subjects_of(events), people_named_in(list(events))
    return [
        Happened(
            event,
            told_one(event, subjects[event.subject_type, event.subject_id], people),
        )
        for event in events
    ]


def people_named_in(events: Sequence[AuditEvent]) -> dict[str, str]:
    """Events name people by id, so that an erased name leaves the feed as well."""
    ids = {str(event.data["person"]) for event in events if event.data.get("person")}
    if not ids:
        return {}
    return {str(user.pk): str(user) for user in User.objects.filter(pk__in=ids)}


def told_one(event: AuditEvent, subject: Subject, people: dict[str, str]) -> SafeString:
    who = str(event.actor) if event.actor else _("The console")
    facts = {key: said(value) for key, value in event.data.items()}
    if "person" in facts:
        facts["person"] = people.get(facts["person"], facts["person"])
    facts["facts"] = "; ".join(
        f"{fact_name(key)} {fact_value(value)}" for key, value in event.data.items()
    )
    words = sentence_of(event.verb, event.data)
    parts = defaultdict(
        str,
        {key: str(conditional_escape(value)) for key, value in facts.items()}
        | {
            "who": str(format_html('<b dir="auto">{}</b>', who)),
            "subject": str(subject.html()),
        },
    )
    return mark_safe(conditional_escape(words) % parts)  # noqa: S308


def said(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(str(part) for part in value)
    if isinstance(value, float):
        return f"{value:g}"
    return f"{value:,}" if isinstance(value, int) else str(value)


def subjects_of(events: Iterable[AuditEvent]) -> dict[tuple[str, str], Subject]:
    """What events are about, by type and id; what is gone keeps the name it had."""
    by_type: dict[str, dict[str, AuditEvent]] = defaultdict(dict)
    for event in events:
        by_type[event.subject_type].setdefault(event.subject_id, event)
    found: dict[tuple[str, str], Subject] = {}
    for kind, ids in by_type.items():
        finder = FINDERS.get(kind)
        there = finder(list(ids)) if finder else {}
        for pk, event in ids.items():
            name = str(event.data.get("name") or event.data.get("item") or "")
            found[kind, pk] = there.get(pk) or Subject(name)
    return found


def rows(model: type[Model], ids: list[str]) -> Any:
    return model._default_manager.filter(pk__in=ids)


def pages(model: type[Model], page: str) -> Callable[[list[str]], dict[str, Subject]]:
    def find(ids: list[str]) -> dict[str, Subject]:
        return {
            str(one.pk): Subject(str(one), at(page, one.pk)) for one in rows(model, ids)
        }

    return find


def units(ids: list[str]) -> dict[str, Subject]:
    return {
        str(unit.pk): Subject(unit.item.external_id, at("annotation:unit", unit.pk))
        for unit in rows(Unit, ids).select_related("item")
    }


def flags(ids: list[str]) -> dict[str, Subject]:
    return {
        str(flag.pk): Subject(
            flag.assignment.unit.item.external_id,
            at("annotation:unit", flag.assignment.unit_id),
        )
        for flag in rows(Flag, ids).select_related("assignment__unit__item")
    }


def skips(ids: list[str]) -> dict[str, Subject]:
    return {
        str(skip.pk): Subject(
            skip.assignment.unit.item.external_id,
            at("annotation:unit", skip.assignment.unit_id),
        )
        for skip in rows(Skip, ids).select_related("assignment__unit__item")
    }


def at(page: str, pk: Any) -> str:
    try:
        return reverse(page, args=[pk])
    except NoReverseMatch:
        return ""


FINDERS: dict[str, Callable[[list[str]], dict[str, Subject]]] = {
    "annotation.batch": pages(Batch, "annotation:batch"),
    "annotation.dataset": pages(Dataset, "annotation:dataset"),
    "annotation.unit": units,
    "annotation.flag": flags,
    "annotation.skip": skips,
}
