"""The doors to jobs: their maker, and whoever may see the project's data."""

from __future__ import annotations

from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.http import Http404

from accounts.access import membership_for
from accounts.models import Membership
from accounts.permissions import Action, Principal, allows
from jobs.models import Job, JobQuerySet


def job_for(principal: Principal, pk: UUID) -> Job:
    """Return a job that the principal may watch.

    Http404: none such for them; PermissionDenied: a member, but it is another's.
    """
    job = Job.objects.select_related("project").filter(pk=pk).first()
    if job is None or not principal.reaches(job.project_id):
        raise Http404
    members = Membership.objects.current().filter(project=job.project_id)
    membership = members.filter(user_id=principal.user.pk).first()
    if membership is None:
        raise Http404
    # A token that may only import can follow its import: hence no scope for makers.
    if job.created_by_id == principal.user.pk:
        return job
    if not allows(principal, membership, Action.VIEW_DATA):
        raise PermissionDenied("You may see only the work that you started yourself.")
    return job


def jobs_of(principal: Principal, project_id: UUID) -> JobQuerySet:
    """The project's jobs for who may see its data; for other members, their own."""
    membership = membership_for(principal, project_id, Action.VIEW_PROJECT)
    jobs = Job.objects.filter(project=membership.project)
    if allows(principal, membership, Action.VIEW_DATA):
        return jobs
    return jobs.filter(created_by=principal.user)
