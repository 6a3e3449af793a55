"""Returns by API: a manager asks about a judgment, its annotator replies."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import exceptions
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.idempotency import IDEMPOTENCY_KEY, idempotent
from accounts.permissions import Action, Principal
from annotation.access import batch_for, judgment_for, own_return_for
from annotation.actions import returning
from annotation.actions.judging import BatchIsShut
from annotation.api import schema
from annotation.models import Return
from config.api import Conflict, Cursor

STATES = ("waiting", "settled")


def as_json(returned: Return) -> dict[str, Any]:
    return {
        "id": str(returned.pk),
        "assignment": str(returned.assignment_id),
        "text": returned.text,
        "at": returned.at.isoformat(),
        "state": "waiting" if returned.settled_at is None else "settled",
        "reply": returned.reply,
        "settled_at": returned.settled_at and returned.settled_at.isoformat(),
    }


class JudgmentReturnView(APIView):
    """A judgment sent back to its annotator with a question."""

    @extend_schema(
        operation_id="judgments_return",
        parameters=[IDEMPOTENCY_KEY],
        request=schema.ReturnIn,
        responses={201: schema.ReturnOut, **schema.problems(409, 422)},
    )
    @idempotent()
    def post(self, request: Request, pk: UUID) -> Response:
        """While a question waits, the same again is that one; what was said counts."""
        principal = Principal.of(request)
        judgment = judgment_for(principal, pk, Action.MANAGE_BATCHES)
        checked = schema.ReturnIn(data=request.data)
        checked.is_valid(raise_exception=True)
        try:
            returned = returning.return_judgment(
                assignment=judgment.assignment,
                text=checked.validated_data["text"],
                by=principal.user,
            )
        except returning.AlreadyReturned as error:
            raise Conflict(str(error), waiting=str(error.waiting.pk)) from None
        except (returning.NotReturnable, BatchIsShut) as error:
            raise Conflict(str(error)) from None
        return Response(as_json(returned), status=201)


class BatchReturnsView(APIView):
    """The returns of a batch, for its managers."""

    @extend_schema(
        operation_id="batches_returns",
        parameters=[OpenApiParameter("state", str, enum=STATES)],
        responses={200: schema.Rows, **schema.problems()},
    )
    def get(self, request: Request, pk: UUID) -> Response:
        batch = batch_for(Principal.of(request), pk, Action.VIEW_JUDGMENTS)
        state = request.query_params.get("state", "")
        if state not in ("", *STATES):
            words = f"Send one of {', '.join(STATES)}."
            raise exceptions.ValidationError({"state": [words]})
        returns = Return.objects.filter(assignment__batch=batch)
        if state:
            returns = returns.filter(settled_at__isnull=state == "waiting")
        pages = Cursor()
        page: list[Any] = pages.paginate_queryset(returns, request, view=self) or []
        return pages.get_paginated_response([as_json(one) for one in page])


class ReturnReplyView(APIView):
    """The annotator's reply: the judgment stands."""

    @extend_schema(
        operation_id="returns_reply",
        parameters=[IDEMPOTENCY_KEY],
        request=schema.ReturnIn,
        responses={200: schema.ReturnOut, **schema.problems(409, 422)},
    )
    @idempotent()
    def post(self, request: Request, pk: UUID) -> Response:
        """To change the judgment instead, submit one that supersedes it."""
        principal = Principal.of(request)
        returned = own_return_for(principal, pk)
        checked = schema.ReturnIn(data=request.data)
        checked.is_valid(raise_exception=True)
        try:
            settled = returning.say_it_stands(
                returned=returned,
                text=checked.validated_data["text"],
                by=principal.user,
            )
        except returning.AlreadySettled as error:
            raise Conflict(str(error)) from None
        return Response(as_json(settled))
