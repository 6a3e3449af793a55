"""Flags by API: raised by annotators, listed and answered by managers."""

from __future__ import annotations

from collections.abc import Iterable
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
from annotation.access import assignment_for, batch_for, flag_for
from annotation.actions import flags as actions
from annotation.actions.breaks import NotFree
from annotation.actions.holding import WrongState
from annotation.actions.judging import BatchIsShut
from annotation.api import schema
from annotation.flags import STATES, flags_of
from annotation.models import Batch, Flag
from config.api import Conflict, Cursor, Refused


def own_json(flag: Flag) -> dict[str, Any]:
    """A flag as its annotator sees it: what they said, and the answer."""
    return {
        "id": str(flag.pk),
        "assignment": str(flag.assignment_id),
        "kind": flag.kind,
        "text": flag.text,
        "at": flag.at.isoformat(),
        "state": "waiting" if flag.is_waiting else "answered",
        "answer": flag.answer,
        "answered_at": flag.answered_at and flag.answered_at.isoformat(),
    }


def rows_of(
    principal: Principal, batch: Batch, flags: Iterable[Flag]
) -> list[dict[str, Any]]:
    """Flags as managers see them; people by pseudonym unless they may be named."""
    listed = list(flags)
    people = {flag.assignment.annotator_id for flag in listed}
    if can(principal, Action.EXPORT_IDENTITIES, batch.project):
        names = {
            flag.assignment.annotator_id: flag.assignment.annotator.email
            for flag in listed
        }
    else:
        members = Membership.objects.filter(project=batch.project, user__in=people)
        names = dict(members.values_list("user_id", "pseudonym"))
    return [
        own_json(flag)
        | {
            "unit": str(flag.assignment.unit_id),
            "item": flag.assignment.unit.item.external_id,
            "annotator": names.get(flag.assignment.annotator_id, ""),
        }
        for flag in listed
    ]


class AssignmentFlagsView(APIView):
    """The flags that I raised on one of my assignments."""

    @extend_schema(
        operation_id="assignments_flags",
        responses={200: schema.Rows, **schema.problems()},
    )
    def get(self, request: Request, pk: UUID) -> Response:
        assignment = assignment_for(Principal.of(request), pk)
        flags = Flag.objects.filter(assignment=assignment)
        pages = Cursor()
        page: list[Any] = pages.paginate_queryset(flags, request, view=self) or []
        return pages.get_paginated_response([own_json(flag) for flag in page])

    @extend_schema(
        operation_id="assignments_flag",
        parameters=[IDEMPOTENCY_KEY],
        request=schema.FlagIn,
        responses={
            200: schema.FlagOut,
            201: schema.FlagOut,
            **schema.problems(409, 422),
        },
    )
    @idempotent()
    def post(self, request: Request, pk: UUID) -> Response:
        """Neither submits nor skips; while one of a kind waits, again is the same."""
        assignment = assignment_for(Principal.of(request), pk)
        checked = schema.FlagIn(data=request.data)
        checked.is_valid(raise_exception=True)
        try:
            raised = actions.raise_flag(assignment=assignment, **checked.validated_data)
        except BatchIsShut as error:
            raise Conflict(str(error)) from None
        except actions.TooManyWords as error:
            fault = {"field": "text", "message": str(error)}
            raise Refused("The flag was not raised.", [fault]) from None
        return Response(own_json(raised.flag), status=201 if raised.is_new else 200)


class BatchFlagsView(APIView):
    """The flags of a batch, for its managers."""

    @extend_schema(
        operation_id="batches_flags",
        parameters=[OpenApiParameter("state", str, enum=STATES)],
        responses={200: schema.Rows, **schema.problems()},
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
            pages.paginate_queryset(flags_of(batch, state), request, view=self) or []
        )
        return pages.get_paginated_response(rows_of(principal, batch, page))


class FlagView(APIView):
    """One flag, for the managers of its batch."""

    @extend_schema(
        operation_id="flags_retrieve",
        responses={200: schema.FlagOut, **schema.problems()},
    )
    def get(self, request: Request, pk: UUID) -> Response:
        principal = Principal.of(request)
        flag = flag_for(principal, pk, Action.VIEW_JUDGMENTS)
        return Response(row_of(principal, flag))


class FlagAnswerView(APIView):
    """The answer to a flag, given once; with `then`, what becomes of the unit."""

    @extend_schema(
        operation_id="flags_answer",
        parameters=[IDEMPOTENCY_KEY],
        request=schema.FollowedAnswerIn,
        responses={200: schema.FlagOut, **schema.problems(409, 422)},
    )
    @idempotent()
    def post(self, request: Request, pk: UUID) -> Response:
        principal = Principal.of(request)
        flag = flag_for(principal, pk, Action.MANAGE_BATCHES)
        checked = schema.FollowedAnswerIn(data=request.data)
        checked.is_valid(raise_exception=True)
        try:
            answered = actions.answer_flag(
                flag=flag, by=principal.user, **checked.validated_data
            )
        except actions.AlreadyAnswered as error:
            raise Conflict(str(error), answer=error.flag.answer) from None
        except (NotFree, WrongState) as error:
            raise Conflict(str(error)) from None
        return Response(row_of(principal, answered))


def row_of(principal: Principal, flag: Flag) -> dict[str, Any]:
    batch = flag.assignment.batch
    return rows_of(principal, batch, flags_of(batch).filter(pk=flag.pk))[0]
