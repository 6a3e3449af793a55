"""Jobs over the API: a program that got 202 asks here how far it is."""

from __future__ import annotations

from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.permissions import Principal
from config.api import Cursor
from jobs.access import job_for, jobs_of
from jobs.models import Job, State


class JobSerializer(serializers.ModelSerializer[Job]):
    id = serializers.CharField(read_only=True)
    state = serializers.ChoiceField(choices=State.choices, read_only=True)
    result = serializers.DictField(read_only=True, allow_null=True)

    class Meta:
        model = Job
        fields = [
            "id",
            "kind",
            "state",
            "done",
            "total",
            "message",
            "result",
            "error",
        ]
        read_only_fields = fields


class NewestFirst(Cursor):
    ordering = ("-created_at", "-pk")


class JobView(APIView):
    """One job: its state, how far it is, and in the end its result or error."""

    @extend_schema(
        operation_id="jobs_retrieve",
        responses={200: JobSerializer, 401: None, 403: None, 404: None},
    )
    def get(self, request: Request, pk: UUID) -> Response:
        job = job_for(Principal.of(request), pk)
        return Response(JobSerializer(job).data)


class ProjectJobsView(APIView):
    """The jobs of a project, newest first."""

    @extend_schema(
        operation_id="projects_jobs_list",
        responses={200: JobSerializer(many=True), 401: None, 403: None, 404: None},
    )
    def get(self, request: Request, project_id: UUID) -> Response:
        jobs = jobs_of(Principal.of(request), project_id)
        pages = NewestFirst()
        page = pages.paginate_queryset(jobs, request, view=self)
        return pages.get_paginated_response(JobSerializer(page, many=True).data)
