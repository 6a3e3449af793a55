"""Groups of members: made, changed, deleted; being in one gives no right."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from accounts.actions.projects import lock_people_of
from accounts.models import AuditEvent, Group, Membership, Project, User
from accounts.models.project import MembershipQuerySet
from config.api import Refused


@transaction.atomic
def make_group(
    *, project: Project, name: str, members: Collection[Membership], by: User
) -> Group:
    """Put members of the project under a name; raises Refused."""
    lock_people_of(project)
    group = named(Group(project=project), name)
    put_in(group, members)
    record("group created", group, by, members=emails(members))
    return group


@transaction.atomic
def change_group(
    *,
    group: Group,
    by: User,
    name: str | None = None,
    members: Collection[Membership] | None = None,
) -> Group:
    """Rename it, or say anew who is in it; what is not given stays."""
    lock_people_of(group.project)
    facts: dict[str, Any] = {}
    if name is not None:
        facts["before"] = group.name
        named(group, name)
    if members is not None:
        put_in(group, members)
        facts["members"] = emails(members)
    record("group changed", group, by, **facts)
    return group


@transaction.atomic
def change_groups_of(
    *, membership: Membership, groups: Collection[Group], by: User
) -> None:
    """Say anew in which groups a member is."""
    lock_people_of(membership.project)
    before = set(membership.groups.all())
    wanted = set(of_project(membership.project, groups))
    membership.groups.set(wanted)
    email = membership.user.email
    for group in wanted - before:
        record("group changed", group, by, added=email)
    for group in before - wanted:
        record("group changed", group, by, removed=email)


@transaction.atomic
def delete_group(*, group: Group, by: User) -> None:
    """The people stay members; only the name goes."""
    record("group deleted", group, by)
    group.delete()


def members_of(groups: Iterable[Group]) -> MembershipQuerySet:
    """The present members of any of these groups, each once."""
    chosen = Membership.groups.through.objects.filter(group__in=list(groups))
    return Membership.objects.current().filter(pk__in=chosen.values("membership"))


def named(group: Group, name: str) -> Group:
    group.name = " ".join(name.split())
    if not group.name:
        raise refused("name", _("Give the group a name."))
    try:
        with transaction.atomic():
            group.save()
    except IntegrityError:
        raise refused(
            "name", _("A group of this name is there already; choose another name.")
        ) from None
    return group


def put_in(group: Group, members: Collection[Membership]) -> None:
    """Who left the project keeps their place, to have it again when they return."""
    here = Membership.objects.current().filter(
        project=group.project, pk__in=[member.pk for member in members]
    )
    gone = group.members.exclude(left_at=None)
    group.members.set([*here, *gone])


def of_project(project: Project, groups: Collection[Group]) -> list[Group]:
    return [group for group in groups if group.project_id == project.pk]


def emails(members: Collection[Membership]) -> list[str]:
    return sorted(member.user.email for member in members)


def refused(field: str, message: str) -> Refused:
    return Refused(
        _("The group was not changed."), [{"field": field, "message": message}]
    )


def record(verb: str, group: Group, by: User, **facts: Any) -> None:
    AuditEvent.objects.record(
        verb, group, by=by, project=group.project, name=group.name, **facts
    )
