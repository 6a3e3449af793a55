"""Rubrics by API: made, listed, read, deleted."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.access import membership_for
from accounts.idempotency import IDEMPOTENCY_KEY, idempotent
from accounts.models import Project, User
from accounts.permissions import Action, Principal
from config.api import Cursor, StrictJSONParser, body_of
from rubrics.access import rubric_for, rubrics_of, versions_of
from rubrics.actions import create_rubric, delete_rubric, take_from_library
from rubrics.api import schema
from rubrics.api.bodies import (
    full_json,
    refusals,
    summary_json,
    version_json,
)
from rubrics.api.yaml import YAMLParser
from rubrics.library import library, library_rubric
from rubrics.models import RubricVersion
from rubrics.shape import Fault, Misshapen, read_rubric, read_taken


class OldestFirst(Cursor):
    ordering = ("created_at", "pk")


class RubricsView(APIView):
    """The rubrics of a project."""

    parser_classes = (StrictJSONParser, YAMLParser)

    @extend_schema(
        operation_id="rubrics_list",
        summary="List a project's rubrics",
        responses={200: schema.RubricPage, **schema.PROBLEMS},
    )
    def get(self, request: Request, project_id: UUID) -> Response:
        principal = Principal.of(request)
        membership = membership_for(principal, project_id, Action.VIEW_RUBRICS)
        pages = OldestFirst()
        rubrics = rubrics_of(principal, membership)
        page = pages.paginate_queryset(rubrics, request, view=self)
        return pages.get_paginated_response(
            [summary_json(rubric, rubric.in_force()) for rubric in page or []]
        )

    @extend_schema(
        operation_id="rubrics_create",
        parameters=[IDEMPOTENCY_KEY],
        summary="Make a rubric",
        description="It is published at once unless `publish` is false: then it is a "
        "draft, which no batch can use. With `from`, the key of a rubric of the "
        "library, it has that one's criteria and, unless another is given, its name. "
        "As `application/yaml` the body is a rubric's file.",
        request=schema.NewRubric,
        responses={201: schema.RubricMade, 422: schema.FAULTS, **schema.PROBLEMS},
    )
    @idempotent()
    def post(self, request: Request, project_id: UUID) -> Response:
        principal = Principal.of(request)
        membership = membership_for(principal, project_id, Action.EDIT_RUBRICS)
        body = body_of(request)
        with refusals(body):
            make = take if "from" in body else write
            version = make(membership.project, body, principal.user)
        return Response(summary_json(version.rubric, version), status=201)


def write(project: Project, body: dict[str, Any], by: User) -> RubricVersion:
    """Make the rubric that was sent."""
    draft = read_rubric(body)
    return create_rubric(
        project=project,
        name=draft.name,
        criteria=draft.criteria,
        by=by,
        publish=draft.publish,
    )


def take(project: Project, body: dict[str, Any], by: User) -> RubricVersion:
    """Make one from the library."""
    draft = read_taken(body)
    book = library_rubric(draft.key)
    if book is None:
        known = ", ".join(one.key for one in library())
        message = _("The library has no such rubric; it has %(keys)s.")
        raise Misshapen([Fault("from", message % {"keys": known})])
    return take_from_library(
        project=project, book=book, by=by, name=draft.name, publish=draft.publish
    )


class RubricView(APIView):
    """One rubric: what is in force, and its versions."""

    @extend_schema(
        operation_id="rubrics_retrieve",
        summary="Read a rubric",
        description="`criteria`, `version` and `version_id` are of the latest "
        "published version, or of the draft while none is published.",
        responses={200: schema.RubricRead, **schema.PROBLEMS},
    )
    def get(self, request: Request, pk: UUID) -> Response:
        principal = Principal.of(request)
        rubric = rubric_for(principal, pk)
        versions = versions_of(principal, rubric).order_by("number")
        return Response(
            {
                **full_json(rubric.in_force()),
                "versions": [version_json(version) for version in versions],
            }
        )

    @extend_schema(
        operation_id="rubrics_destroy",
        summary="Delete a rubric that nothing uses",
        responses={204: None, 409: schema.STATE, **schema.PROBLEMS},
    )
    def delete(self, request: Request, pk: UUID) -> Response:
        principal = Principal.of(request)
        rubric = rubric_for(principal, pk, Action.EDIT_RUBRICS)
        with refusals():
            delete_rubric(rubric=rubric, by=principal.user)
        return Response(status=204)
