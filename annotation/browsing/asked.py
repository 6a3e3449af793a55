"""What is asked of a batch's judgments: read from an address, written back into one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Protocol
from urllib.parse import urlencode
from uuid import UUID

from django.db.models import Q
from django.utils.dateparse import parse_date, parse_datetime
from django.utils.translation import gettext as _

from accounts.models import Membership
from annotation.browsing.values import AskedValue, read_value
from annotation.models import Batch, System
from annotation.models.assignment import Source
from annotation.models.unit import UnitKind
from rubrics.comparable import instrument_across

ONLY = ("revised", "note", "rationale", "surplus", "flagged", "returned")
SINGLE = ("annotator", "system", "item", "output", "words", "source", "kind")
TIMES = ("below", "above", "from", "to")
SEVERAL = ("segment", "answer", "only")
NAMES = (*SINGLE, *SEVERAL, *TIMES)
LONGEST = 250
MOST_VALUES = 20


class Sent(Protocol):
    """A QueryDict, or any mapping that keeps several values of a name."""

    def getlist(self, key: str) -> list[Any]: ...


@dataclass(frozen=True)
class Asked:
    """The filters of a page, as they were written (`sent`) and what they mean."""

    sent: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    annotator: UUID | None = None
    system: int | None = None
    item: str = ""
    output: str = ""
    words: str = ""
    source: str = ""
    kind: str = ""
    only: frozenset[str] = frozenset()
    segments: tuple[tuple[str, str], ...] = ()
    answers: tuple[AskedValue, ...] = ()
    below: float | None = None
    above: float | None = None
    since: datetime | None = None
    until: datetime | None = None
    faults: Mapping[str, str] = field(default_factory=dict)
    view: tuple[tuple[str, str], ...] = ()  # columns and order, kept by every link

    @property
    def pairs(self) -> list[tuple[str, str]]:
        """As name and value, in one order: what the address holds."""
        return [(name, value) for name in NAMES for value in self.sent.get(name, ())]

    @property
    def is_selective(self) -> bool:
        """Is there more than what the order by time is indexed by?"""
        ours = (*SINGLE[1:], *SEVERAL, "below", "above")
        return any(self.sent.get(name) for name in ours)

    def query(self, *, plus: tuple[str, str] | None = None, **more: str) -> str:
        """The address's query with these filters, and perhaps one more."""
        pairs = self.pairs
        if plus is not None:
            name = plus[0]
            kept = [one for one in pairs if one[0] != name or name in SEVERAL]
            pairs = [one for one in kept if one != plus] + [plus]
        return urlencode([*pairs, *self.view, *((k, v) for k, v in more.items() if v)])

    def without(self, pair: tuple[str, str]) -> str:
        return urlencode([*(one for one in self.pairs if one != pair), *self.view])


def read_asked(batch: Batch, params: Sent) -> Asked:
    """The filters in these parameters; what cannot be read is named in `faults`."""
    sent = {name: values for name in NAMES if (values := values_in(params, name))}
    asked, faults = Asked(sent=sent, view=view_in(params)), {}
    for name in sent:
        try:
            asked = replace(asked, **meaning(batch, name, sent[name]))
        except ValueError as error:
            faults[name] = str(error)
    return replace(asked, faults=faults)


def view_in(params: Sent) -> tuple[tuple[str, str], ...]:
    shown = dict.fromkeys(str(name)[:LONGEST] for name in params.getlist("show"))
    order = [("order", "oldest")] if "oldest" in params.getlist("order") else []
    return (*order, *(("show", name) for name in list(shown)[:100]))


def values_in(params: Sent, name: str) -> tuple[str, ...]:
    found: Iterator[str] = (
        str(value).replace("\x00", "").strip()[:LONGEST]
        for value in params.getlist(name)
    )
    values = list(dict.fromkeys(value for value in found if value))
    return tuple(values[:MOST_VALUES] if name in SEVERAL else values[-1:])


def meaning(batch: Batch, name: str, values: tuple[str, ...]) -> dict[str, Any]:
    """The fields of Asked that a filter sets; ValueError with words for people."""
    value = values[0]
    if name in ("item", "output", "words"):
        return {name: value}
    if name == "annotator":
        return {"annotator": annotator_of(batch, value)}
    if name == "system":
        return {"system": system_of(batch, value)}
    if name in CHOICES:
        return {name: one_of(value, CHOICES[name])}
    if name == "only":
        return {"only": frozenset(one_of(one, ONLY) for one in values)}
    if name == "segment":
        return {"segments": tuple(segment_of(one) for one in values)}
    if name == "answer":
        instrument = instrument_across(batch.rubric_version_id)
        return {"answers": tuple(read_value(instrument, one) for one in values)}
    if name in ("below", "above"):
        return {name: seconds_of(value)}
    return moment_of(name, value)


CHOICES: dict[str, list[str]] = {"source": Source.values, "kind": UnitKind.values}


def annotator_of(batch: Batch, value: str) -> UUID:
    """By pseudonym, which is what addresses carry; by e-mail or id too."""
    who = Q(pseudonym=value) | Q(user__email__iexact=value)
    with suppress(ValueError):  # It may be a name.
        who |= Q(user=UUID(value))
    members = Membership.objects.filter(who, project=batch.project_id)
    found: UUID | None = members.values_list("user", flat=True).first()
    if found is None:
        raise ValueError(
            _("Nobody here is called so; use a pseudonym or an e-mail address.")
        )
    return found


def system_of(batch: Batch, value: str) -> int:
    systems = System.objects.filter(project=batch.project_id, name=value)
    found = systems.values_list("pk", flat=True).first()
    if found is None:
        raise ValueError(_("There is no system of this name in the project."))
    return int(found)


def one_of(value: str, known: Any) -> str:
    if value not in known:
        raise ValueError(_("Choose one of: %(known)s.") % {"known": ", ".join(known)})
    return value


def segment_of(value: str) -> tuple[str, str]:
    name, equals, what = value.partition("=")
    if not (name and equals and what):
        raise ValueError(_("Write a segment as name=value, such as intent=billing."))
    return name.strip(), what.strip()


def seconds_of(value: str) -> float:
    try:
        seconds = float(value)
    except ValueError:
        seconds = -1.0
    if not 0 <= seconds <= 1_000_000:
        raise ValueError(_("Write a number of seconds."))
    return seconds


def moment_of(name: str, value: str) -> dict[str, datetime]:
    """A day, in UTC, or an instant; `to` takes the whole of its day."""
    try:
        day = parse_date(value)
        at = None if day else parse_datetime(value)
    except ValueError:
        day = at = None
    if day is not None:
        at = start_of(day, plus=1 if name == "to" else 0)
    if at is None:
        raise ValueError(_("Write a day as in 2026-05-01."))
    try:
        at = at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)
    except OverflowError:
        raise ValueError(_("Write a day as in 2026-05-01.")) from None
    return {"since" if name == "from" else "until": at}


def start_of(day: date, *, plus: int) -> datetime | None:
    try:
        return datetime.combine(day + timedelta(days=plus), time(), UTC)
    except OverflowError:
        return None
