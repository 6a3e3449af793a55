"""A running batch by API: its figures with their time, its skips, one unit."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from typing import Any
from uuid import UUID

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import exceptions
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.idempotency import IDEMPOTENCY_KEY, idempotent
from accounts.models import Membership
from accounts.permissions import Action, Principal, can
from annotation.access import batch_for, skip_for, unit_for
from annotation.actions.breaks import NotFree
from annotation.actions.holding import WrongState
from annotation.actions.skips import SkipAnswered, answer_skip
from annotation.api import schema
from annotation.flags import STATES, skips_of
from annotation.models import Assignment, Batch, Flag, Judgment, Skip, Unit, UnitOutput
from annotation.watching.pace import Times
from annotation.watching.segments import segment_names, segments_in
from annotation.watching.snapshot import Annotator, Snapshot, snapshot_of
from config.api import Conflict, Cursor


def names_for(
    principal: Principal, batch: Batch, people: Iterable[Any]
) -> dict[UUID, str]:
    """E-mails for who may see them, pseudonyms for the others."""
    users = {user.pk: user.email for user in people}
    if can(principal, Action.EXPORT_IDENTITIES, batch.project):
        return users
    members = Membership.objects.filter(project=batch.project, user__in=list(users))
    return dict(members.values_list("user_id", "pseudonym"))


class ProgressView(APIView):
    """How far a batch is: counted a moment ago, at `as_of`."""

    @extend_schema(
        operation_id="batches_progress",
        parameters=[OpenApiParameter("segment", str)],
        responses={200: schema.Rows, **schema.problems(422)},
    )
    def get(self, request: Request, pk: UUID) -> Response:
        principal = Principal.of(request)
        batch = batch_for(principal, pk, Action.VIEW_JUDGMENTS)
        segment = request.query_params.get("segment", "")
        if segment and segment not in segment_names(batch):
            words = "The batch's items have no such segment."
            raise exceptions.ValidationError({"segment": [words]})
        snapshot = snapshot_of(batch)
        names = names_for(principal, batch, (a.user for a in snapshot.annotators))
        body = progress_json(snapshot, names)
        if segment:
            kept = segments_in(batch, segment)
            body["segments"] = {
                "name": segment,
                "as_of": kept.at.isoformat(),
                "values": [asdict(value) for value in kept.value],
            }
        return Response(body)


def progress_json(snapshot: Snapshot, names: dict[UUID, str]) -> dict[str, Any]:
    counts, detail, forecast = snapshot.counts, snapshot.detail, snapshot.forecast
    pace = detail.pace
    return {
        "batch": str(snapshot.batch.pk),
        "state": snapshot.batch.state,
        "as_of": snapshot.as_of.isoformat(),
        "units": counts.units,
        "untouched": counts.untouched,
        "withdrawn": counts.withdrawn,
        "required": counts.required,
        "done": counts.done,
        "in_hand": counts.in_hand,
        "set_aside": counts.set_aside,
        "skipped": counts.skipped,
        "remaining": counts.remaining,
        "surplus": counts.surplus,
        "pace": {
            "last_hour": pace.last_hour,
            "an_hour": rounded(pace.an_hour),
            "a_day": rounded(pace.a_day),
            "last_at": pace.last_at and pace.last_at.isoformat(),
            "seconds": times_json(pace.times),
        },
        "forecast": {
            "hours": rounded(forecast.hours),
            "done_at": forecast.done_at and forecast.done_at.isoformat(),
            "due_at": forecast.due_at and forecast.due_at.isoformat(),
            "late": forecast.is_late,
            "unknown_because": forecast.unknown or None,
        },
        "flags_waiting": detail.flags_waiting,
        "skips_waiting": detail.skips_waiting,
        "skip_reasons": detail.reasons,
        "annotators": [
            annotator_json(row, names.get(row.user.pk, ""))
            for row in snapshot.annotators
        ],
        "days": [
            {"from": day.isoformat(), "judged": judged}
            for day, judged in detail.days.rows()
        ]
        if detail.days
        else [],
    }


def annotator_json(row: Annotator, name: str) -> dict[str, Any]:
    return {
        "annotator": name,
        "active": row.active,
        "done": row.done,
        "in_hand": row.in_hand,
        "set_aside": row.set_aside,
        "skipped": row.skipped,
        "share_percent": row.share,
        "seconds": times_json(row.known.times),
        "last_at": row.known.last_at and row.known.last_at.isoformat(),
        "oldest_lease_at": row.oldest and row.oldest.since.isoformat(),
        "flags_waiting": row.flags_waiting,
    }


def times_json(times: Times | None) -> dict[str, Any] | None:
    if times is None:
        return None
    return {
        "low": rounded(times.low),
        "median": rounded(times.median),
        "high": rounded(times.high),
        "count": times.count,
    }


def rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 2)


def skip_rows(
    principal: Principal, batch: Batch, skips: Iterable[Skip]
) -> list[dict[str, Any]]:
    listed = list(skips)
    names = names_for(principal, batch, (skip.assignment.annotator for skip in listed))
    return [
        {
            "id": str(skip.pk),
            "assignment": str(skip.assignment_id),
            "unit": str(skip.assignment.unit_id),
            "item": skip.assignment.unit.item.external_id,
            "annotator": names.get(skip.assignment.annotator_id, ""),
            "reason": skip.reason,
            "at": skip.at.isoformat(),
            "state": "waiting" if skip.answered_at is None else "answered",
            "answer": skip.answer,
            "answered_at": skip.answered_at and skip.answered_at.isoformat(),
        }
        for skip in listed
    ]


def skip_row(principal: Principal, skip: Skip) -> dict[str, Any]:
    batch = skip.assignment.batch
    return skip_rows(principal, batch, skips_of(batch).filter(pk=skip.pk))[0]


class BatchSkipsView(APIView):
    """The skips of a batch with their reasons, for its managers."""

    @extend_schema(
        operation_id="batches_skips",
        parameters=[OpenApiParameter("state", str, enum=STATES)],
        responses={200: schema.Rows, **schema.problems(422)},
    )
    def get(self, request: Request, pk: UUID) -> Response:
        principal = Principal.of(request)
        batch = batch_for(principal, pk, Action.VIEW_JUDGMENTS)
        state = request.query_params.get("state", "")
        if state not in ("", *STATES):
            words = f"Send one of {', '.join(STATES)}."
            raise exceptions.ValidationError({"state": [words]})
        pages = Cursor()
        page: list[Any] = (
            pages.paginate_queryset(skips_of(batch, state), request, view=self) or []
        )
        return pages.get_paginated_response(skip_rows(principal, batch, page))


class SkipView(APIView):
    """One skip, for the managers of its batch."""

    @extend_schema(
        operation_id="skips_retrieve",
        responses={200: schema.Rows, **schema.problems()},
    )
    def get(self, request: Request, pk: int) -> Response:
        principal = Principal.of(request)
        return Response(
            skip_row(principal, skip_for(principal, pk, Action.VIEW_JUDGMENTS))
        )


class SkipAnswerView(APIView):
    """The answer to a skip, given once; with `then`, what becomes of the unit."""

    @extend_schema(
        operation_id="skips_answer",
        parameters=[IDEMPOTENCY_KEY],
        request=schema.FollowedAnswerIn,
        responses={200: schema.Rows, **schema.problems(409, 422)},
    )
    @idempotent()
    def post(self, request: Request, pk: int) -> Response:
        principal = Principal.of(request)
        skip = skip_for(principal, pk, Action.MANAGE_BATCHES)
        checked = schema.FollowedAnswerIn(data=request.data)
        checked.is_valid(raise_exception=True)
        try:
            answered = answer_skip(
                skip=skip, by=principal.user, **checked.validated_data
            )
        except SkipAnswered as error:
            raise Conflict(str(error), answer=error.skip.answer) from None
        except (NotFree, WrongState) as error:
            raise Conflict(str(error)) from None
        return Response(skip_row(principal, answered))


class UnitView(APIView):
    """One unit, for the managers of its batch: what is judged, and by whom."""

    @extend_schema(
        operation_id="units_retrieve",
        responses={200: schema.Rows, **schema.problems()},
    )
    def get(self, request: Request, pk: UUID) -> Response:
        principal = Principal.of(request)
        unit = unit_for(principal, pk, Action.VIEW_JUDGMENTS)
        return Response(unit_json(principal, unit))


def unit_json(principal: Principal, unit: Unit) -> dict[str, Any]:
    item = unit.item
    rows = list(
        Assignment.objects.filter(unit=unit)
        .select_related("annotator")
        .order_by("created_at", "pk")
    )
    names = names_for(principal, unit.batch, (row.annotator for row in rows))
    judgments = dict(
        Judgment.objects.current()
        .filter(assignment__unit=unit)
        .values_list("assignment", "pk")
    )
    outputs = UnitOutput.objects.filter(unit=unit).select_related("output__system")
    return {
        "id": str(unit.pk),
        "batch": str(unit.batch_id),
        "kind": unit.kind,
        "required": unit.required,
        "taken": unit.taken,
        "withdrawn_at": unit.withdrawn_at and unit.withdrawn_at.isoformat(),
        "item": {
            "id": item.external_id,
            "input": item.input,
            "context": item.context,
            "reference": item.reference,
            "segments": dict(item.segments.values_list("name", "value")),
        },
        "outputs": [
            {
                "id": row.output.external_id,
                "system": row.output.system.name if row.output.system else None,
                "content": row.output.content,
            }
            for row in outputs
        ],
        "assignments": [
            {
                "id": str(row.pk),
                "annotator": names.get(row.annotator_id, ""),
                "state": row.state,
                "surplus": row.is_submitted and not row.holds_slot,
                "opened_at": row.opened_at and row.opened_at.isoformat(),
                "submitted_at": row.submitted_at and row.submitted_at.isoformat(),
                "judgment": judgments.get(row.pk) and str(judgments[row.pk]),
            }
            for row in rows
        ],
        "flags": Flag.objects.filter(assignment__unit=unit).count(),
        "skips": Skip.objects.filter(assignment__unit=unit).count(),
    }
