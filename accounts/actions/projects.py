"""Projects: made by site admins, named by their owners."""

from __future__ import annotations

from django.db import transaction

from accounts.models import AuditEvent, Membership, Project, Role, User


@transaction.atomic
def create_project(*, name: str, by: User) -> Project:
    """Make a project; its maker becomes its owner."""
    project = Project.objects.create(name=name, created_by=by)
    Membership.objects.create(project=project, user=by, role=Role.OWNER)
    AuditEvent.objects.record(
        "project created", project, by=by, project=project, name=name
    )
    return project


@transaction.atomic
def rename_project(*, project: Project, name: str, by: User) -> Project:
    before, project.name = project.name, name
    project.save(update_fields=["name"])
    AuditEvent.objects.record(
        "project renamed", project, by=by, project=project, before=before, after=name
    )
    return project


def lock_people_of(project: Project) -> None:
    """Let changes to a project's people happen one after the other.

    Two owners who remove each other at once would otherwise leave none.
    """
    # "No key": rows that merely point to the project are not held up.
    Project.objects.select_for_update(no_key=True).get(pk=project.pk)
