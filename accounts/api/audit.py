"""The audit trail of a project over the API, newest first."""

from __future__ import annotations

from uuid import UUID

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.access import audit_trail_of
from accounts.models import AuditEvent
from accounts.permissions import Principal
from config.api import Cursor


class AuditEventSerializer(serializers.ModelSerializer[AuditEvent]):
    id = serializers.CharField()
    actor = serializers.EmailField(source="actor.email", default=None)

    class Meta:
        model = AuditEvent
        fields = ["id", "at", "actor", "verb", "subject_type", "subject_id", "data"]


class NewestFirst(Cursor):
    ordering = "-id"


FILTERS = {"actor": "actor__email__iexact", "verb": "verb", "subject": "subject_id"}


class AuditView(APIView):
    @extend_schema(
        operation_id="projects_audit_list",
        parameters=[OpenApiParameter(name, str) for name in FILTERS],
        responses={
            200: AuditEventSerializer(many=True),
            401: None,
            403: None,
            404: None,
        },
    )
    def get(self, request: Request, project_id: UUID) -> Response:
        _, events = audit_trail_of(Principal.of(request), project_id)
        for name, field in FILTERS.items():
            if asked := request.query_params.get(name, "").replace("\x00", ""):
                events = events.filter(**{field: asked})
        pages = NewestFirst()
        page = pages.paginate_queryset(events, request, view=self)
        return pages.get_paginated_response(AuditEventSerializer(page, many=True).data)
