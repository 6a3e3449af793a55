"""The people of a project as its managers look at them: found, filtered, with work.

What work is, another app knows: it registers itself with `tells_open_work`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from allauth.usersessions.models import UserSession
from django.db.models import Max, Prefetch, Q, QuerySet

from accounts.models import Group, Membership, Project, Role


@dataclass(frozen=True)
class OpenWork:
    """What stands open for one person in a project's running batches."""

    in_hand: int = 0
    reserved: int = 0
    batches: int = 0
    last_submitted_at: datetime | None = None


@dataclass(frozen=True)
class Person:
    """A line of the list."""

    member: Membership
    groups: list[Group]
    work: OpenWork
    last_seen_at: datetime | None

    @property
    def last_active_at(self) -> datetime | None:
        """Their last submission here or look at any page, whichever came later."""
        # Who signed out left no session, and has signed in.
        last_login = self.member.user.last_login
        times = [self.work.last_submitted_at, self.last_seen_at, last_login]
        return max((time for time in times if time), default=None)


@dataclass(frozen=True)
class Asked:
    """By which words, role, group and skill the list is narrowed; empty: by none."""

    words: str = ""
    role: str = ""
    group: str = ""
    skill: str = ""

    @classmethod
    def of(cls, sent: Any) -> Asked:
        words = sent.get("words", "").replace("\x00", "").strip()[:200]
        role = sent.get("role", "")
        return cls(
            words=words,
            role=role if role in Role.values else "",
            group=sent.get("group", "")[:40],
            skill=sent.get("skill", "").strip().lower()[:100],
        )

    def __bool__(self) -> bool:
        return any((self.words, self.role, self.group, self.skill))


Telling = Callable[[Project, Sequence[UUID]], dict[UUID, OpenWork]]
_telling: list[Telling] = []


def tells_open_work(tell: Telling) -> Telling:
    """Register who knows what work stands open for people."""
    _telling.append(tell)
    return tell


def members_asked_for(project: Project, asked: Asked) -> QuerySet[Membership]:
    members: Any = Membership.objects.current().filter(project=project)
    if asked.words:
        members = members.filter(
            Q(user__name__icontains=asked.words)
            | Q(user__email__icontains=asked.words)
            | Q(pseudonym__icontains=asked.words)
        )
    if asked.role:
        members = members.filter(role=asked.role)
    if asked.group:
        members = members.filter(groups__in=groups_called(project, asked.group))
    if asked.skill:
        rows = members.values_list("pk", "skills")
        # In Python: the two databases write and search lists differently.
        members = members.filter(
            pk__in=[pk for pk, skills in rows if asked.skill in skills]
        )
    found: QuerySet[Membership] = members.select_related("user").prefetch_related(
        Prefetch("groups", Group.objects.order_by("name"))
    )
    return found.order_by("joined_at", "pk")


def groups_called(project: Project, pk: str) -> list[Group]:
    return [group for group in project.groups.all() if str(group.pk) == pk]


def people(project: Project, members: Sequence[Membership]) -> list[Person]:
    """These members with their groups and open work, in as many queries as for one."""
    ids = [member.user_id for member in members]
    work: dict[UUID, OpenWork] = {}
    for tell in _telling:
        work |= tell(project, ids)
    sessions = UserSession.objects.filter(user__in=ids).order_by().values_list("user")
    seen = dict(sessions.annotate(Max("last_seen_at")))
    return [
        Person(
            member,
            list(member.groups.all()),
            work.get(member.user_id, OpenWork()),
            seen.get(member.user_id),
        )
        for member in members
    ]


def skills_in(project: Project) -> list[str]:
    """Every skill that a present member has, in order."""
    rows = Membership.objects.current().filter(project=project)
    return sorted(
        {word for skills in rows.values_list("skills", flat=True) for word in skills}
    )
