"""The doors to rubrics and their versions; foreign and missing are the same 404.

Every member reads what is published; drafts are for those who edit rubrics.
"""

from __future__ import annotations

from uuid import UUID

from django.db.models import Exists, OuterRef, Prefetch, QuerySet
from django.shortcuts import get_object_or_404

from accounts.access import membership_for, require
from accounts.models import Membership
from accounts.permissions import Action, Principal, allows, can
from rubrics.models import Rubric, RubricVersion


def rubrics_of(principal: Principal, membership: Membership) -> QuerySet[Rubric]:
    """The project's rubrics that the member may see, each with its versions."""
    rubrics = Rubric.objects.filter(project_id=membership.project_id)
    versions = RubricVersion.objects.order_by("-number")
    if not allows(principal, membership, Action.EDIT_RUBRICS):
        versions = versions.published()
        rubrics = rubrics.filter(Exists(versions.filter(rubric=OuterRef("pk"))))
    return rubrics.prefetch_related(Prefetch("versions", versions))


def rubric_for(
    principal: Principal, pk: UUID, action: Action = Action.VIEW_RUBRICS
) -> Rubric:
    """Return the rubric, if the principal may do this with it."""
    rubric = get_object_or_404(Rubric.objects.select_related("project"), pk=pk)
    membership = membership_for(principal, rubric.project_id, action)
    if not rubric.versions.published().exists():
        require(principal, membership, Action.EDIT_RUBRICS)
    return rubric


def version_for(
    principal: Principal, pk: UUID, action: Action = Action.VIEW_RUBRICS
) -> RubricVersion:
    """Return the version, if the principal may do this with it."""
    versions = RubricVersion.objects.select_related("rubric__project", "published_by")
    version = get_object_or_404(versions, pk=pk)
    membership = membership_for(principal, version.rubric.project_id, action)
    if not version.is_published:
        require(principal, membership, Action.EDIT_RUBRICS)
    return version


def versions_of(principal: Principal, rubric: Rubric) -> QuerySet[RubricVersion]:
    """The rubric's versions that the principal may see."""
    versions = RubricVersion.objects.filter(rubric=rubric).select_related("rubric")
    if can(principal, Action.EDIT_RUBRICS, rubric.project):
        return versions
    return versions.published()
