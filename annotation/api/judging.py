"""Judging by API: take the next unit, keep drafts, submit, skip."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import exceptions
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.idempotency import IDEMPOTENCY_KEY, idempotent
from accounts.permissions import Principal
from annotation.access import assignment_for, batch_as_annotator
from annotation.actions import judging as actions
from annotation.actions.claiming import BatchNotOpen, NotInBatch, take_next
from annotation.answers.given import SIDES, sides_of
from annotation.answers.reading import InvalidAnswers, read_answers
from annotation.answers.scales import shown_value
from annotation.answers.stored import judgment_as_sent, texts_of
from annotation.api import schema
from annotation.before_work.training import marked_answers
from annotation.content.masking import masked
from annotation.models import Assignment, Judgment, UnitOutput
from annotation.models.assignment import Source
from config.api import Conflict, Refused
from config.errors import PROBLEM
from rubrics.instrument import published_instrument
from rubrics.serialize import criteria_json


class NextView(APIView):
    """The next unit of a batch for whoever asks, leased to them."""

    @extend_schema(
        operation_id="batches_next",
        parameters=[
            OpenApiParameter(
                "after",
                str,
                description="The assignment being judged: prepare the one after it.",
            )
        ],
        request=None,
        responses={
            200: schema.AssignmentOut,
            204: None,
            **schema.problems(409),
        },
    )
    def post(self, request: Request, pk: UUID) -> Response:
        principal = Principal.of(request)
        try:
            assignment = take_next(
                batch_id=pk,
                principal=principal,
                after=uuid_of(request, "after"),
                source=Source.API,
            )
        except NotInBatch:
            batch_as_annotator(principal, pk)
            raise
        except BatchNotOpen as error:
            raise Conflict(str(error)) from None
        if assignment is None:
            return Response(status=204)
        return Response(assignment_json(assignment))


def uuid_of(request: Request, name: str) -> UUID | None:
    value = request.query_params.get(name)
    if not value:
        return None
    try:
        return UUID(value)
    except ValueError:
        raise exceptions.ValidationError({name: ["Send an assignment's id."]}) from None


def assignment_json(assignment: Assignment) -> dict[str, Any]:
    """What an annotator may know of a unit: content by side, nothing of its origin."""
    outputs = actions.outputs_of(assignment.unit_id)
    item = outputs[0].output.item
    shown: dict[str, Any] = {"input": item.input, "context": item.context}
    if item.reference is not None:
        shown["reference"] = item.reference
    if item.warning:
        shown["warning"] = item.warning
    instrument = published_instrument(assignment.batch.rubric_version_id)
    sides = sides_of(len(outputs))
    return {
        "id": str(assignment.pk),
        "state": assignment.state,
        "lease_expires_at": assignment.lease_expires_at
        and assignment.lease_expires_at.isoformat(),
        "item": shown,
        "outputs": [
            {"side": side, "content": shown_content(outputs[position])}
            for side, position in zip(sides, assignment.side_order, strict=True)
        ],
        "rubric": {
            "name": instrument.name,
            "version": instrument.number,
            "criteria": criteria_json(instrument),
        },
        "draft": assignment.draft,
        "draft_version": assignment.draft_version,
    }


def shown_content(row: UnitOutput) -> Any:
    return masked(row.output.content, row.output.masks)


class AssignmentView(APIView):
    """One's own assignment."""

    @extend_schema(
        operation_id="assignments_retrieve",
        responses={200: schema.AssignmentOut, **schema.problems()},
    )
    def get(self, request: Request, pk: UUID) -> Response:
        assignment = assignment_for(Principal.of(request), pk)
        body = assignment_json(assignment)
        if assignment.is_submitted:
            current = assignment.judgments.current().get()
            body["judgment"] = {
                "id": str(current.pk),
                "number": current.number,
                **judgment_as_sent(assignment, current),
            }
        return Response(body)


class RenewView(APIView):
    """More time on an assignment."""

    @extend_schema(
        operation_id="assignments_renew",
        request=None,
        responses={200: schema.AssignmentOut, **schema.problems(409)},
    )
    def post(self, request: Request, pk: UUID) -> Response:
        assignment = assignment_for(Principal.of(request), pk)
        end = actions.renew(assignment=assignment)
        if end is None:
            raise Conflict(
                f"The assignment is {assignment.state}; it has no lease to renew.",
                state=assignment.state,
            )
        return Response({"id": str(pk), "lease_expires_at": end.isoformat()})


class DraftView(APIView):
    """Unfinished work, kept under a version."""

    @extend_schema(
        operation_id="assignments_draft",
        request=schema.DraftIn,
        responses={200: schema.AssignmentOut, **schema.problems(409, 422)},
    )
    def put(self, request: Request, pk: UUID) -> Response:
        assignment = assignment_for(Principal.of(request), pk)
        checked = schema.DraftIn(data=request.data)
        checked.is_valid(raise_exception=True)
        sent = dict(checked.validated_data)
        version = sent.pop("version")
        try:
            saved = actions.save_draft(
                assignment=assignment, draft=sent, version=version
            )
        except actions.DraftConflict as error:
            raise Conflict(
                "The draft was changed elsewhere; take the version that is stored.",
                version=error.assignment.draft_version,
                draft=error.assignment.draft,
            ) from None
        return Response({"version": saved.draft_version})


class JudgmentView(APIView):
    """The judgment of an assignment."""

    @extend_schema(
        operation_id="assignments_judge",
        parameters=[IDEMPOTENCY_KEY],
        request=schema.JudgmentIn,
        responses={
            200: schema.JudgmentOut,
            201: schema.JudgmentOut,
            **schema.problems(409, 422),
        },
    )
    @idempotent()
    def post(self, request: Request, pk: UUID) -> Response:
        assignment = assignment_for(Principal.of(request), pk)
        checked = schema.JudgmentIn(data=request.data)
        checked.is_valid(raise_exception=True)
        sent = checked.validated_data
        try:
            answers = read_answers(
                published_instrument(assignment.batch.rubric_version_id),
                sent["answers"],
                sent["rationales"],
                sent["spans"],
                side_order=assignment.side_order,
                texts=texts_of(assignment),
            )
            submission = actions.submit_judgment(
                assignment=assignment,
                answers=answers,
                outputs=actions.output_ids(assignment),
                note=sent["note"],
                elapsed_ms=sent["elapsed_ms"],
                supersedes=sent["supersedes"],
                source=Source.API,
            )
        except InvalidAnswers as error:
            raise Refused("Nothing was stored.", error.errors) from None
        except actions.AlreadySubmitted as error:
            raise Conflict(str(error), current=str(error.current.pk)) from None
        except actions.BatchIsShut as error:
            raise Conflict(str(error)) from None
        body = judgment_json(assignment, submission.judgment, late=submission.late)
        if assignment.unit.is_training:
            body["feedback"] = feedback_json(assignment)
        if submission.late:
            return late(body)
        return Response(body, status=201 if submission.is_new else 200)


def judgment_json(
    assignment: Assignment, judgment: Judgment, *, late: bool
) -> dict[str, Any]:
    return {
        "id": str(judgment.pk),
        "assignment": str(assignment.pk),
        "number": judgment.number,
        "stored": "late" if late else "counted",
        "submitted_at": judgment.created_at.isoformat(),
    }


def feedback_json(assignment: Assignment) -> list[dict[str, Any]]:
    """What is right about a training unit, told with the answer to it."""
    order = list(assignment.side_order)
    return [
        {
            "criterion": one.question.key,
            "side": None if one.position is None else SIDES[order.index(one.position)],
            "mark": one.mark or None,
            "known": shown_value(one.question, order, one.known),
            "explanation": one.known.rationale,
        }
        for one in marked_answers(assignment)
    ]


def late(body: dict[str, Any]) -> Response:
    """409, answered and not raised: the judgment is stored and must stay so."""
    problem = {
        "type": "about:blank",
        "title": "Late",
        "status": 409,
        "detail": "The lease had lapsed and others have the unit's places; the "
        "judgment is stored as surplus.",
        "errors": [],
    }
    return Response(problem | body, status=409, content_type=PROBLEM)


class SkipView(APIView):
    """Passing over an assignment."""

    @extend_schema(
        operation_id="assignments_skip",
        request=schema.SkipIn,
        responses={200: schema.StateOut, **schema.problems(409, 422)},
    )
    def post(self, request: Request, pk: UUID) -> Response:
        assignment = assignment_for(Principal.of(request), pk)
        checked = schema.SkipIn(data=request.data)
        checked.is_valid(raise_exception=True)
        try:
            skipped = actions.skip(assignment=assignment, **checked.validated_data)
        except actions.BatchIsShut as error:
            raise Conflict(str(error)) from None
        except actions.AlreadySubmitted as error:
            raise Conflict(str(error), current=str(error.current.pk)) from None
        return Response({"id": str(pk), "state": skipped.state})
