"""Training and calibration by API: asked for, watched, moved, taken part in."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.permissions import Action, Principal
from annotation.access import batch_as_annotator, batch_for, member_in
from annotation.actions.calibration import Round, move_calibration
from annotation.actions.holding import WrongState
from annotation.actions.training import (
    NoMoreAttempts,
    Training,
    TrainingItem,
    let_in,
    repeat_training,
)
from annotation.api import schema
from annotation.before_work.standings import Standings, standings_of
from annotation.before_work.training import Standing, standing_of
from annotation.models import Batch
from annotation.models.unit import UnitKind
from config.api import Conflict, Refused


def training_of(sent: dict[str, Any] | None) -> Training | None:
    if sent is None:
        return None
    return Training(
        pass_mark=sent.get("pass_mark", 0.0),
        attempts=sent.get("attempts", 3),
        items=items_of(sent),
    )


def items_of(sent: dict[str, Any]) -> list[TrainingItem]:
    return [
        TrainingItem(
            outputs=one.get("outputs") or [one["output"]],
            answers=one["answers"],
            explanations=one["explanations"],
        )
        for one in sent["units"]
    ]


def round_of(sent: dict[str, Any] | None) -> Round | None:
    return None if sent is None else Round(units=sent["units"], waits=sent["wait"])


def training_json(batch: Batch) -> dict[str, Any] | None:
    """What a manager asked for; None where there is no training."""
    if not batch.has_training:
        return None
    return {
        "pass_mark": batch.training_pass_mark,
        "attempts": batch.training_attempts,
        "units": batch.units.filter(kind=UnitKind.TRAINING).count(),
    }


def calibration_json(batch: Batch) -> dict[str, Any] | None:
    if not batch.has_calibration:
        return None
    return {
        "stage": batch.calibration_stage,
        "wait": batch.calibration_waits,
        "units": batch.units.filter(kind=UnitKind.CALIBRATION).count(),
    }


class CalibrationView(APIView):
    """The calibration round of a batch: how far it is, and its stage."""

    @extend_schema(
        operation_id="calibration_retrieve",
        responses={200: schema.CalibrationOut, **schema.problems(409)},
    )
    def get(self, request: Request, pk: UUID) -> Response:
        batch = batch_for(Principal.of(request), pk, Action.MANAGE_BATCHES)
        return Response(round_json(batch))

    @extend_schema(
        operation_id="calibration_move",
        request=schema.StageIn,
        responses={200: schema.CalibrationOut, **schema.problems(409, 422)},
    )
    def post(self, request: Request, pk: UUID) -> Response:
        principal = Principal.of(request)
        batch = batch_for(principal, pk, Action.MANAGE_BATCHES)
        checked = schema.StageIn(data=request.data)
        checked.is_valid(raise_exception=True)
        to = checked.validated_data["stage"]
        try:
            moved = move_calibration(batch=batch, to=to, by=principal.user)
        except WrongState as error:
            raise Conflict(str(error), stage=batch.calibration_stage) from None
        return Response(round_json(moved))


def round_json(batch: Batch) -> dict[str, Any]:
    state = calibration_json(batch)
    if state is None:
        raise Conflict("The batch has no calibration round.")
    return state | {
        "annotators": [
            {"annotator": one.member.user.email, "done": one.calibrated}
            for one in standings_of(batch)
            if one.member.active
        ]
    }


class TrainingView(APIView):
    """One's own training in a batch: how far it is, and once more."""

    @extend_schema(
        operation_id="training_retrieve",
        responses={200: schema.TrainingOut, **schema.problems(409)},
    )
    def get(self, request: Request, pk: UUID) -> Response:
        return Response(standing_json(own_standing(request, pk)))

    @extend_schema(
        operation_id="training_repeat",
        request=None,
        responses={200: schema.TrainingOut, **schema.problems(409)},
    )
    def post(self, request: Request, pk: UUID) -> Response:
        standing = own_standing(request, pk)
        member = standing.member
        try:
            repeat_training(batch=member.batch, user=member.user)
        except NoMoreAttempts as error:
            raise Conflict(str(error)) from None
        return Response(standing_json(standing_of(member)))


def own_standing(request: Request, pk: UUID) -> Standing:
    principal = Principal.of(request)
    batch = batch_as_annotator(principal, pk)
    if not batch.has_training:
        raise Conflict("The batch has no training.")
    return standing_of(member_in(batch, principal.user))


def standing_json(standing: Standing) -> dict[str, Any]:
    batch = standing.member.batch
    return {
        "state": standing.state,
        "answered": standing.answered,
        "units": standing.units,
        "pass_mark": batch.training_pass_mark,
        "attempts_left": standing.left,
        "attempts": [
            {
                "number": one.number,
                "score": one.score,
                "right": one.right,
                "near": one.near,
                "wrong": one.wrong,
                "passed": one.passed,
                "finished_at": one.finished_at.isoformat(),
            }
            for one in standing.attempts
        ],
    }


class AdmissionsView(APIView):
    """Who is through the training, and letting in who is not."""

    @extend_schema(
        operation_id="training_admissions",
        responses={200: schema.Rows, **schema.problems(409)},
    )
    def get(self, request: Request, pk: UUID) -> Response:
        batch = batch_for(Principal.of(request), pk, Action.MANAGE_BATCHES)
        found = [admission_json(one) for one in standings_of(batch)]
        return Response({"annotators": found})

    @extend_schema(
        operation_id="training_let_in",
        request=schema.AdmissionIn,
        responses={200: schema.Rows, **schema.problems(409, 422)},
    )
    def post(self, request: Request, pk: UUID) -> Response:
        principal = Principal.of(request)
        batch = batch_for(principal, pk, Action.MANAGE_BATCHES)
        checked = schema.AdmissionIn(data=request.data)
        checked.is_valid(raise_exception=True)
        email = checked.validated_data["annotator"].strip()
        member = batch.members.filter(user__email__iexact=email).first()
        if member is None:
            raise Refused(
                "Nobody was let in.",
                [{"field": "annotator", "message": f"{email} is not in this batch."}],
            )
        try:
            let_in(batch=batch, user=member.user, by=principal.user)
        except WrongState as error:
            raise Conflict(str(error)) from None
        found = [admission_json(one) for one in standings_of(batch)]
        return Response({"annotators": found})


def admission_json(one: Standings) -> dict[str, Any]:
    member = one.member
    return {
        "annotator": member.user.email,
        "trained_at": member.trained_at and member.trained_at.isoformat(),
        "let_in": member.let_in_by_id is not None,
        "attempts": one.attempts,
        "score": one.score,
    }
