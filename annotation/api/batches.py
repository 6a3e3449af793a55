"""Batches by API: made, changed, opened and closed, extended, deleted."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.access import membership_for
from accounts.idempotency import IDEMPOTENCY_KEY, idempotent
from accounts.permissions import MANAGING, Action, Principal
from annotation.access import batch_for
from annotation.actions import batches as actions
from annotation.actions.changing import change_batch, delete_batch, move_batch
from annotation.actions.holding import WrongState
from annotation.actions.training import change_training
from annotation.api import schema
from annotation.api.before_work import (
    calibration_json,
    items_of,
    training_json,
)
from annotation.api.datasets import ByCreation, flag
from annotation.api.planning import asked_by, cost_json, selection_of
from annotation.api.units import list_units
from annotation.models import Batch
from annotation.models.batch import BatchState
from annotation.planning.cost import cost_of
from annotation.watching.snapshot import counts_in
from config.api import Conflict


def batch_json(batch: Batch) -> dict[str, Any]:
    kept = counts_in([batch])[batch.pk]
    counts = kept.value
    return {
        "id": str(batch.pk),
        "name": batch.name,
        "state": batch.state,
        "dataset": str(batch.dataset_id),
        "rubric_version": str(batch.rubric_version_id),
        "layout": batch.layout,
        "overlap": batch.overlap,
        "overlap_share": batch.overlap_share,
        "strategy": batch.strategy,
        "skill_segment": batch.skill_segment,
        "priority": batch.priority,
        "annotators": [
            member.user.email
            for member in batch.members.filter(active=True).select_related("user")
        ],
        "per_annotator_cap": batch.cap,
        "daily_cap": batch.daily_cap,
        "lease_minutes": batch.lease.total_seconds() / 60,
        "due_at": batch.due_at and batch.due_at.isoformat(),
        "seed": batch.seed,
        "selection": batch.selection,
        "guidelines": batch.guidelines,
        "units": counts.units,
        "progress": {
            "required": counts.required,
            "submitted": counts.done,
            "in_hand": counts.in_hand,
            "surplus": counts.surplus,
            "as_of": kept.at.isoformat(),
        },
        "training": training_json(batch),
        "calibration": calibration_json(batch),
    }


class BatchesView(APIView):
    """The batches of a project."""

    @extend_schema(
        operation_id="batches_list",
        responses={200: schema.Rows, **schema.problems()},
    )
    def get(self, request: Request, project_id: UUID) -> Response:
        principal = Principal.of(request)
        membership = membership_for(principal, project_id, Action.VIEW_PROJECT)
        batches = Batch.objects.filter(project=project_id)
        if membership.role not in MANAGING:
            batches = batches.filter(
                members__user=principal.user, members__active=True
            ).exclude(state=BatchState.DRAFT)
        pages = ByCreation()
        page = pages.paginate_queryset(batches, request, view=self)
        return pages.get_paginated_response(
            [
                {
                    "id": str(batch.pk),
                    "name": batch.name,
                    "state": batch.state,
                    "layout": batch.layout,
                    "overlap": batch.overlap,
                }
                for batch in page or []
            ]
        )

    @extend_schema(
        operation_id="batches_create",
        parameters=[
            IDEMPOTENCY_KEY,
            OpenApiParameter(
                "dry_run",
                bool,
                description="Only say what it would cost; nothing is stored.",
            ),
        ],
        request=schema.BatchIn,
        responses={
            200: schema.CostOut,
            201: schema.BatchMade,
            202: schema.BatchMade,
            **schema.problems(422),
        },
    )
    def post(self, request: Request, project_id: UUID) -> Response:
        if flag(request, "dry_run"):
            return self.preview(request, project_id)
        return self.create(request, project_id)

    def preview(self, request: Request, project_id: UUID) -> Response:
        return Response(cost_json(cost_of(asked_by(request, project_id))))

    @idempotent()
    def create(self, request: Request, project_id: UUID) -> Response:
        asked = asked_by(request, project_id)
        batch, units, job = actions.create_batch(
            by=Principal.of(request).user, **vars(asked)
        )
        body = {"id": str(batch.pk), "units": units}
        if job is None:
            return Response(body, status=201)
        return Response(body | {"job": str(job.pk)}, status=202)


class BatchView(APIView):
    """One batch."""

    @extend_schema(
        operation_id="batches_retrieve",
        responses={200: schema.BatchOut, **schema.problems()},
    )
    def get(self, request: Request, pk: UUID) -> Response:
        batch = batch_for(Principal.of(request), pk, Action.MANAGE_BATCHES)
        return Response(batch_json(batch))

    @extend_schema(
        operation_id="batches_change",
        request=schema.BatchChange,
        responses={200: schema.BatchOut, **schema.problems(409, 422)},
    )
    def patch(self, request: Request, pk: UUID) -> Response:
        principal = Principal.of(request)
        batch = batch_for(principal, pk, Action.MANAGE_BATCHES)
        checked = schema.BatchChange(data=request.data)
        checked.is_valid(raise_exception=True)
        sent = dict(checked.validated_data)
        if "annotators" in sent:
            sent["annotators"] = actions.annotators_named(
                batch.project, sent["annotators"]
            )
        if "lease_minutes" in sent:
            sent["lease"] = timedelta(minutes=sent.pop("lease_minutes"))
        if "per_annotator_cap" in sent:
            sent["cap"] = sent.pop("per_annotator_cap")
        training = sent.pop("training", None)
        try:
            with transaction.atomic():
                if training is not None:
                    change_training(
                        batch=batch,
                        by=principal.user,
                        pass_mark=training.get("pass_mark"),
                        attempts=training.get("attempts"),
                        items=items_of(training),
                    )
                changed = change_batch(batch=batch, by=principal.user, **sent)
        except WrongState as error:
            raise Conflict(str(error)) from None
        return Response(batch_json(changed))

    @extend_schema(
        operation_id="batches_delete", responses={204: None, **schema.problems(409)}
    )
    def delete(self, request: Request, pk: UUID) -> Response:
        principal = Principal.of(request)
        batch = batch_for(principal, pk, Action.MANAGE_BATCHES)
        try:
            delete_batch(batch=batch, by=principal.user)
        except WrongState as error:
            raise Conflict(str(error)) from None
        return Response(status=204)


class BatchUnitsView(APIView):
    """The units of a batch: listed, and added for outputs that came later."""

    @extend_schema(
        operation_id="units_list", responses={200: schema.Rows, **schema.problems(422)}
    )
    def get(self, request: Request, pk: UUID) -> Response:
        batch = batch_for(Principal.of(request), pk, Action.VIEW_JUDGMENTS)
        return list_units(self, request, batch)

    @extend_schema(
        operation_id="units_add",
        request=schema.SelectionIn,
        responses={201: schema.BatchMade, **schema.problems(409, 422)},
    )
    def post(self, request: Request, pk: UUID) -> Response:
        principal = Principal.of(request)
        batch = batch_for(principal, pk, Action.MANAGE_BATCHES)
        checked = schema.SelectionIn(data=request.data)
        checked.is_valid(raise_exception=True)
        selection, _people = selection_of(batch, checked.validated_data)
        try:
            made = actions.extend_batch(
                batch=batch, selection=selection, by=principal.user
            )
        except WrongState as error:
            raise Conflict(str(error)) from None
        return Response({"id": str(batch.pk), "units": made}, status=201)


class MoveView(APIView):
    """A batch's state changes: open, pause, close, archive."""

    to = BatchState.OPEN

    @extend_schema(
        request=None, responses={200: schema.StateOut, **schema.problems(409)}
    )
    def post(self, request: Request, pk: UUID) -> Response:
        principal = Principal.of(request)
        batch = batch_for(principal, pk, Action.MANAGE_BATCHES)
        try:
            moved = move_batch(batch=batch, to=self.to, by=principal.user)
        except WrongState as error:
            raise Conflict(str(error), state=batch.state) from None
        return Response({"state": moved.state})
