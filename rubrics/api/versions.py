"""Versions by API: made, listed, read, published, thrown away."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpResponse
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.idempotency import IDEMPOTENCY_KEY, idempotent
from accounts.permissions import Action, Principal
from config.api import Cursor, StrictJSONParser, body_of
from rubrics.access import rubric_for, version_for, versions_of
from rubrics.actions import create_version, delete_draft, publish
from rubrics.api import schema
from rubrics.api.bodies import (
    changes_json,
    full_json,
    refusals,
    version_json,
)
from rubrics.api.yaml import YAMLParser
from rubrics.files.sending import file_of
from rubrics.files.writing import TYPES
from rubrics.shape import read_version


class ByNumber(Cursor):
    ordering = "number"


class RubricVersionsView(APIView):
    """The versions of a rubric."""

    parser_classes = (StrictJSONParser, YAMLParser)

    @extend_schema(
        operation_id="rubric_versions_list",
        summary="List a rubric's versions",
        responses={200: schema.RubricVersionPage, **schema.PROBLEMS},
    )
    def get(self, request: Request, pk: UUID) -> Response:
        principal = Principal.of(request)
        rubric = rubric_for(principal, pk)
        pages = ByNumber()
        versions = versions_of(principal, rubric)
        page = pages.paginate_queryset(versions, request, view=self)
        return pages.get_paginated_response([version_json(v) for v in page or []])

    @extend_schema(
        operation_id="rubric_versions_create",
        parameters=[IDEMPOTENCY_KEY],
        summary="Make a new version of a rubric",
        description="`changes` compares it with the latest published version before. "
        "While a draft exists the answer is 409, unless `replace_draft` is true.",
        request=schema.NewRubricVersion,
        responses={
            201: schema.RubricVersionMade,
            409: schema.STATE,
            422: schema.FAULTS,
            **schema.PROBLEMS,
        },
    )
    @idempotent()
    def post(self, request: Request, pk: UUID) -> Response:
        principal = Principal.of(request)
        rubric = rubric_for(principal, pk, Action.EDIT_RUBRICS)
        body = body_of(request)
        with refusals(body):
            draft = read_version(body, name=rubric.name)
            version = create_version(
                rubric=rubric,
                criteria=draft.criteria,
                by=principal.user,
                publish=draft.publish,
                replace_draft=draft.replace_draft,
            )
        made = {**version_json(version), "changes": changes_json(version)}
        return Response(made, status=201)


class RubricVersionView(APIView):
    """One version with its criteria."""

    @extend_schema(
        operation_id="rubric_versions_retrieve",
        summary="Read a version",
        responses={200: schema.RubricVersionRead, **schema.PROBLEMS},
    )
    def get(self, request: Request, pk: UUID) -> Response:
        return Response(full_json(version_for(Principal.of(request), pk)))

    @extend_schema(
        operation_id="rubric_versions_destroy",
        summary="Delete a draft",
        description="A rubric that was never published goes with its draft.",
        responses={204: None, 409: schema.STATE, **schema.PROBLEMS},
    )
    def delete(self, request: Request, pk: UUID) -> Response:
        principal = Principal.of(request)
        version = version_for(principal, pk, Action.EDIT_RUBRICS)
        with refusals():
            delete_draft(version=version, by=principal.user)
        return Response(status=204)


class RubricVersionYAMLView(APIView):
    """One version as a file."""

    @extend_schema(
        operation_id="rubric_versions_yaml",
        summary="Download a version as YAML",
        description="The file posted as `application/yaml` makes the same rubric.",
        responses={(200, TYPES["yaml"]): str, **schema.PROBLEMS},
    )
    def get(self, request: Request, pk: UUID) -> HttpResponse:
        return file_of(version_for(Principal.of(request), pk), "yaml")


class RubricVersionJSONView(APIView):
    """One version as a file."""

    @extend_schema(
        operation_id="rubric_versions_json",
        summary="Download a version as JSON",
        description="The file posted makes the same rubric.",
        responses={200: schema.RubricFile, **schema.PROBLEMS},
    )
    def get(self, request: Request, pk: UUID) -> HttpResponse:
        return file_of(version_for(Principal.of(request), pk), "json")


class RubricVersionPublicationView(APIView):
    """The publication of a draft."""

    @extend_schema(
        operation_id="rubric_versions_publish",
        parameters=[IDEMPOTENCY_KEY],
        summary="Publish a draft",
        request=None,
        responses={201: schema.RubricVersionMade, 409: schema.STATE, **schema.PROBLEMS},
    )
    @idempotent()
    def post(self, request: Request, pk: UUID) -> Response:
        principal = Principal.of(request)
        version = version_for(principal, pk, Action.EDIT_RUBRICS)
        with refusals():
            version = publish(version=version, by=principal.user)
        made = {**version_json(version), "changes": changes_json(version)}
        return Response(made, status=201)
