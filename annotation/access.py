"""The doors to annotation's objects: foreign and missing are the same 404."""

from __future__ import annotations

from typing import TypeVar
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db import models
from django.db.models.functions import Now
from django.http import Http404

from accounts.access import membership_for, require
from accounts.models import Membership, Project, User
from accounts.permissions import Action, Principal
from annotation.models import (
    Assignment,
    Batch,
    BatchMember,
    Dataset,
    Flag,
    Import,
    Judgment,
    Media,
    Return,
    Skip,
    Unit,
    UnitOutput,
)

M = TypeVar("M", bound=models.Model)


def project_for(principal: Principal, pk: UUID, action: Action) -> Project:
    return membership_for(principal, pk, action).project


def dataset_for(principal: Principal, pk: UUID, action: Action) -> Dataset:
    datasets = Dataset.objects.visible_to(principal.user).select_related("project")
    dataset = found_or_404(datasets.filter(pk=pk))
    membership_for(principal, dataset.project_id, action)
    return dataset


def import_for(principal: Principal, pk: UUID, action: Action) -> Import:
    imports = Import.objects.select_related("dataset__project")
    found = found_or_404(imports.filter(pk=pk))
    membership_for(principal, found.dataset.project_id, action)
    return found


def media_for(principal: Principal, pk: UUID, action: Action) -> Media:
    media = found_or_404(Media.objects.select_related("project").filter(pk=pk))
    membership_for(principal, media.project_id, action)
    return media


def batch_for(principal: Principal, pk: UUID, action: Action) -> Batch:
    batches = Batch.objects.visible_to(principal.user)
    batch = found_or_404(
        batches.filter(pk=pk).select_related(
            "project", "dataset", "rubric_version__rubric"
        )
    )
    membership_for(principal, batch.project_id, action)
    return batch


def batch_as_annotator(principal: Principal, pk: UUID) -> Batch:
    """The batch, for one of its annotators; a member who is none gets 403."""
    batch = batch_for(principal, pk, Action.VIEW_PROJECT)
    membership = membership_for(principal, batch.project_id, Action.ANNOTATE)
    members = BatchMember.objects.filter(batch=batch, user=membership.user_id)
    if not members.filter(active=True).exists():
        raise PermissionDenied("You are not an annotator of this batch.")
    return batch


def batch_of_mine(principal: Principal, pk: UUID) -> Batch:
    """The batch, for who is or was its annotator and still judges in the project."""
    batch = batch_for(principal, pk, Action.VIEW_PROJECT)
    membership = membership_for(principal, batch.project_id, Action.ANNOTATE)
    members = BatchMember.objects.filter(batch=batch, user=membership.user_id)
    if not members.exists():
        raise PermissionDenied("You are not an annotator of this batch.")
    return batch


def flag_for(principal: Principal, pk: UUID, action: Action) -> Flag:
    """A flag of a batch, for who manages it."""
    batches = Batch.objects.visible_to(principal.user)
    flags = Flag.objects.filter(pk=pk, assignment__batch__in=batches)
    flag = found_or_404(flags.select_related("assignment__batch__project"))
    membership_for(principal, flag.assignment.batch.project_id, action)
    return flag


def judgment_for(principal: Principal, pk: UUID, action: Action) -> Judgment:
    """A judgment with its assignment and unit, for who may do this in its project."""
    batches = Batch.objects.visible_to(principal.user)
    judgments = Judgment.objects.filter(pk=pk, assignment__batch__in=batches)
    judgment = found_or_404(
        judgments.select_related(
            "assignment__batch__project",
            "assignment__unit__item",
            "assignment__annotator",
        )
    )
    membership_for(principal, judgment.assignment.batch.project_id, action)
    return judgment


def own_return_for(principal: Principal, pk: UUID) -> Return:
    """A question about a judgment of the principal's own; others' are a 404."""
    returns = Return.objects.select_related("assignment__batch", "by")
    found = found_or_404(returns.filter(pk=pk, assignment__annotator=principal.user.pk))
    assignment_for(principal, found.assignment_id)
    return found


def skip_for(principal: Principal, pk: int, action: Action) -> Skip:
    """A skip in a batch, for who manages it."""
    batches = Batch.objects.visible_to(principal.user)
    skips = Skip.objects.filter(pk=pk, assignment__batch__in=batches)
    skip = found_or_404(skips.select_related("assignment__batch__project"))
    membership_for(principal, skip.assignment.batch.project_id, action)
    return skip


def own_flag_for(principal: Principal, pk: UUID) -> Flag:
    """A flag that the principal raised; anyone else's is a 404."""
    flag = found_or_404(
        Flag.objects.filter(pk=pk, assignment__annotator=principal.user.pk)
    )
    assignment_for(principal, flag.assignment_id)
    return flag


def assignment_for(principal: Principal, pk: UUID) -> Assignment:
    """The principal's own assignment while a member; anyone else's is a 404.

    One query, since this door stands before every judgment: with the batch, the unit,
    the database's time as `now`, the ids of the first two outputs, and whether there
    are flags on it.
    """
    membership = Membership.objects.current().filter(
        project=models.OuterRef("batch__project"), user=models.OuterRef("annotator")
    )
    mine = Assignment.objects.filter(pk=pk, annotator_id=principal.user.pk)
    assignment = found_or_404(
        mine.select_related("batch", "unit").annotate(
            role=models.Subquery(membership.values("role")[:1]),
            also_annotates=models.Subquery(membership.values("also_annotates")[:1]),
            now=Now(),
            first_output=output_at(0),
            second_output=output_at(1),
            is_flagged=models.Exists(
                Flag.objects.filter(assignment=models.OuterRef("pk"))
            ),
        )
    )
    role, also = assignment.role, assignment.also_annotates  # type: ignore[attr-defined]
    if role is None or not principal.reaches(assignment.batch.project_id):
        raise Http404
    require(principal, Membership(role=role, also_annotates=also), Action.ANNOTATE)
    return assignment


def member_in(batch: Batch, user: User) -> BatchMember:
    """The annotator's place in a batch whose door they have passed."""
    members = BatchMember.objects.select_related("batch", "user")
    return found_or_404(members.filter(batch=batch, user=user))


def stage_unit_for(principal: Principal, pk: UUID, kind: str, action: Action) -> Unit:
    """A training or calibration unit, for who may do this in its project."""
    batches = Batch.objects.visible_to(principal.user)
    units = Unit.objects.filter(pk=pk, kind=kind, batch__in=batches)
    unit = found_or_404(units.select_related("batch__project", "item"))
    membership_for(principal, unit.batch.project_id, action)
    return unit


def unit_for(principal: Principal, pk: UUID, action: Action) -> Unit:
    """A unit of any kind, for who may do this in its project."""
    batches = Batch.objects.visible_to(principal.user)
    units = Unit.objects.filter(pk=pk, batch__in=batches)
    unit = found_or_404(units.select_related("batch__project", "item"))
    membership_for(principal, unit.batch.project_id, action)
    return unit


def output_at(position: int) -> models.Subquery:
    outputs = UnitOutput.objects.filter(unit=models.OuterRef("unit"), position=position)
    return models.Subquery(outputs.values("output_id")[:1])


def found_or_404(rows: models.QuerySet[M]) -> M:
    found = rows.first()
    if found is None:
        raise Http404
    return found
