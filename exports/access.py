"""The doors to gold: who exports may see it, who releases may make it."""

from __future__ import annotations

from uuid import UUID

from django.http import Http404

from accounts.access import membership_for
from accounts.models import Project
from accounts.permissions import Action, Principal
from exports.models import GoldRelease, GoldReleaseQuerySet


def project_for(principal: Principal, pk: UUID, action: Action) -> Project:
    return membership_for(principal, pk, action).project


def releases_of(principal: Principal, project_id: UUID) -> GoldReleaseQuerySet:
    project = project_for(principal, project_id, Action.EXPORT_GOLD)
    return GoldRelease.objects.filter(project=project)


def release_for(principal: Principal, pk: UUID) -> GoldRelease:
    """Http404: no such release for them; PermissionDenied: a member who may not."""
    releases = GoldRelease.objects.visible_to(principal.user).select_related(
        "project", "rubric_version__rubric", "job", "by"
    )
    release = releases.filter(pk=pk).first()
    if release is None:
        raise Http404
    membership_for(principal, release.project_id, Action.EXPORT_GOLD)
    return release
