"""Gold over the API: ask for a release, watch it, download it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpResponseBase
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.idempotency import IDEMPOTENCY_KEY, idempotent
from accounts.models import Project
from accounts.permissions import Action, Principal
from annotation.models import Batch
from config.api import Choice, Conflict, Cursor, Refused, body_of
from config.errors import problem
from exports.access import project_for, release_for, releases_of
from exports.actions import request_release
from exports.actions.requesting import NOT_MADE
from exports.downloads import chosen_format, file_response
from exports.formats import FORMATS
from exports.models import GoldRelease, ReleaseState
from exports.rules import Options

MOST = 2**63 - 1
RETRY_AFTER = 2
NOTHING_YET = {"labels": 0, "unresolved": 0, "excluded": 0}


def problem_of(because: str) -> OpenApiResponse:
    return OpenApiResponse(OpenApiTypes.OBJECT, f"{because} (problem details)")


PROBLEMS: dict[int, Any] = {
    401: problem_of("No token or a bad one"),
    403: problem_of("A member without the right"),
    404: problem_of("Foreign or missing"),
}


class ReleaseRequest(serializers.Serializer):
    """What a release is made of."""

    batches = serializers.ListField(
        child=serializers.CharField(max_length=64), allow_empty=False, max_length=1_000
    )
    rule = serializers.JSONField(
        help_text="unanimous, majority, median or mean; or an object by criterion key."
    )
    tie = serializers.CharField(
        required=False,
        allow_null=True,
        max_length=30,
        help_text='"tie": a preference whose votes share the top becomes a tie.',
    )
    min_support = serializers.IntegerField(
        required=False, default=1, min_value=1, max_value=10_000
    )
    splits = serializers.DictField(
        child=serializers.FloatField(),
        required=False,
        help_text="Shares by name, adding up to 1. Without: everything is `test`.",
    )
    seed = serializers.IntegerField(
        required=False, default=0, min_value=-MOST, max_value=MOST
    )

    def options(self) -> Options:
        sent = self.validated_data
        return Options(
            tie=sent.get("tie"),
            min_support=sent["min_support"],
            splits=sent.get("splits", {}),
            seed=sent["seed"],
        )


class ReleaseCounts(serializers.Serializer):
    """Labels with a value, without one, and questions that can have none."""

    labels = serializers.IntegerField()
    unresolved = serializers.IntegerField()
    excluded = serializers.IntegerField()


class ReleaseBody(serializers.Serializer):
    """A release as the API tells it."""

    id = serializers.CharField()
    state = Choice(ReleaseState.choices)
    number = serializers.IntegerField()
    sha256 = serializers.CharField(
        help_text="Of the JSONL as downloaded; empty before."
    )
    counts = ReleaseCounts()
    manifest = serializers.DictField()
    error = serializers.CharField()
    job = serializers.CharField(allow_null=True)
    created_at = serializers.DateTimeField()


class ReleasePage(serializers.Serializer):
    next = serializers.CharField(allow_null=True)
    previous = serializers.CharField(allow_null=True)
    results = ReleaseBody(many=True)


class ReleaseStarted(serializers.Serializer):
    id = serializers.CharField()
    job = serializers.CharField()


def release_json(release: GoldRelease) -> dict[str, Any]:
    return {
        "id": str(release.pk),
        "state": release.state,
        "number": release.number,
        "sha256": release.sha256,
        "counts": release.counts or NOTHING_YET,
        "manifest": release.manifest,
        "error": release.error,
        "job": str(release.job_id) if release.job_id else None,
        "created_at": release.at,
    }


class ByNumber(Cursor):
    ordering = ("number",)


class ReleasesView(APIView):
    """A project's gold releases."""

    @extend_schema(
        operation_id="releases_list",
        summary="List a project's gold releases",
        responses={200: ReleasePage, **PROBLEMS},
    )
    def get(self, request: Request, project_id: UUID) -> Response:
        pages = ByNumber()
        releases = releases_of(Principal.of(request), project_id)
        page = pages.paginate_queryset(releases, request, view=self)
        return pages.get_paginated_response([release_json(one) for one in page or []])

    @extend_schema(
        operation_id="releases_create",
        summary="Release gold from batches",
        request=ReleaseRequest,
        parameters=[IDEMPOTENCY_KEY],
        responses={
            202: ReleaseStarted,
            **PROBLEMS,
            422: problem_of("Read but refused; `errors` names each field"),
        },
    )
    @idempotent()
    def post(self, request: Request, project_id: UUID) -> Response:
        principal = Principal.of(request)
        project = project_for(principal, project_id, Action.RELEASE_GOLD)
        sent = ReleaseRequest(data=body_of(request))
        sent.is_valid(raise_exception=True)
        release = request_release(
            project=project,
            batches=batches_named(project, sent.validated_data["batches"]),
            rule=sent.validated_data["rule"],
            options=sent.options(),
            by=principal.user,
        )
        return Response({"id": str(release.pk), "job": str(release.job_id)}, status=202)


def batches_named(project: Project, names: list[str]) -> list[Batch]:
    """The project's batches with these ids; Refused names the others."""
    ids = {name: as_uuid(name) for name in names}
    batches = Batch.objects.filter(project=project).select_related(
        "rubric_version__rubric"
    )
    found = batches.in_bulk([pk for pk in ids.values() if pk])
    unknown = [
        {"field": f"batches.{place}", "message": "No such batch in this project."}
        for place, name in enumerate(names)
        if ids[name] not in found
    ]
    if unknown:
        raise Refused(str(NOT_MADE), unknown)
    return [found[pk] for pk in ids.values() if pk]


def as_uuid(name: str) -> UUID | None:
    try:
        return UUID(name)
    except ValueError:
        return None


class ReleaseView(APIView):
    """One gold release."""

    @extend_schema(
        operation_id="releases_retrieve",
        summary="A gold release: its state, counts, hash and manifest",
        responses={200: ReleaseBody, **PROBLEMS},
    )
    def get(self, request: Request, pk: UUID) -> Response:
        return Response(release_json(release_for(Principal.of(request), pk)))


class WhateverIsAsked(BaseContentNegotiation):
    """The file's type is chosen by `?format=`, whatever the client says it accepts."""

    def select_renderer(
        self, request: Request, renderers: Any, format_suffix: str | None = None
    ) -> tuple[BaseRenderer, str]:
        return renderers[0], renderers[0].media_type


class DownloadView(APIView):
    """A release's file."""

    content_negotiation_class = WhateverIsAsked

    @extend_schema(
        operation_id="releases_download",
        summary="Download a gold release",
        parameters=[
            OpenApiParameter("format", str, enum=list(FORMATS), default="jsonl"),
            OpenApiParameter(
                "raw", str, description="1: a CSV without apostrophes before formulas."
            ),
        ],
        responses={
            (200, "application/octet-stream"): OpenApiTypes.BINARY,
            **PROBLEMS,
            409: problem_of("Still building (with Retry-After), or it failed"),
            422: problem_of("There is no such format"),
        },
    )
    def get(self, request: Request, pk: UUID) -> HttpResponseBase:
        principal = Principal.of(request)
        release = release_for(principal, pk)
        file_format = chosen_format(request.query_params)
        if release.is_building:
            return still_building(release)
        if not release.is_ready:
            raise Conflict(f"This release failed. {release.error}")
        return file_response(request, release, file_format, principal.user)


def still_building(release: GoldRelease) -> HttpResponseBase:
    answer = problem(
        409,
        "Conflict",
        "The release is being built; ask again when its job is done.",
        errors=[],
        job=str(release.job_id),
    )
    answer["Retry-After"] = str(RETRY_AFTER)
    return answer
