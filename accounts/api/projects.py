"""Projects over the API, and who the caller is."""

from __future__ import annotations

from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.access import membership_for, projects_of, site_admin
from accounts.actions.projects import create_project, rename_project
from accounts.idempotency import IDEMPOTENCY_KEY, idempotent
from accounts.models import Membership, Project, Role
from accounts.permissions import Action, Principal
from config.api import Choice, Cursor, body_of


class ProjectSerializer(serializers.ModelSerializer[Project]):
    id = serializers.CharField(read_only=True)

    class Meta:
        model = Project
        fields = ["id", "name"]


class OwnMembershipSerializer(serializers.Serializer[Membership]):
    project = serializers.CharField(source="project_id")
    name = serializers.CharField(source="project.name")
    role = Choice(choices=Role.choices)
    also_annotates = serializers.BooleanField()


class MeSerializer(serializers.Serializer[object]):
    id = serializers.CharField()
    email = serializers.EmailField()
    name = serializers.CharField()
    memberships = OwnMembershipSerializer(many=True)


class OldestFirst(Cursor):
    ordering = ("created_at", "pk")


class MeView(APIView):
    """Who the token or session belongs to, and where they are a member."""

    @extend_schema(operation_id="me_retrieve", responses={200: MeSerializer, 401: None})
    def get(self, request: Request) -> Response:
        principal = Principal.of(request)
        user, token = principal.user, principal.token
        memberships = Membership.objects.current().filter(user=user)
        if token and token.project_id:
            memberships = memberships.filter(project_id=token.project_id)
        me = {
            "id": user.pk,
            "email": user.email,
            "name": user.name,
            "memberships": memberships.select_related("project").order_by("pk"),
        }
        return Response(MeSerializer(me).data)


class ProjectsView(APIView):
    """One's projects; site admins make new ones."""

    @extend_schema(
        operation_id="projects_list",
        responses={200: ProjectSerializer(many=True), 401: None, 403: None},
    )
    def get(self, request: Request) -> Response:
        pages = OldestFirst()
        projects = projects_of(Principal.of(request))
        page = pages.paginate_queryset(projects, request, view=self)
        return pages.get_paginated_response(ProjectSerializer(page, many=True).data)

    @extend_schema(
        operation_id="projects_create",
        parameters=[IDEMPOTENCY_KEY],
        request=ProjectSerializer,
        responses={201: ProjectSerializer, 400: None, 401: None, 403: None, 422: None},
    )
    @idempotent()
    def post(self, request: Request) -> Response:
        user = site_admin(Principal.of(request))
        sent = ProjectSerializer(data=body_of(request))
        sent.is_valid(raise_exception=True)
        project = create_project(name=sent.validated_data["name"], by=user)
        return Response(ProjectSerializer(project).data, status=201)


class ProjectView(APIView):
    """One project; owners rename it."""

    @extend_schema(
        operation_id="projects_retrieve",
        responses={200: ProjectSerializer, 401: None, 403: None, 404: None},
    )
    def get(self, request: Request, project_id: UUID) -> Response:
        principal = Principal.of(request)
        acting = membership_for(principal, project_id, Action.VIEW_PROJECT)
        return Response(ProjectSerializer(acting.project).data)

    @extend_schema(
        operation_id="projects_rename",
        request=ProjectSerializer,
        responses={200: ProjectSerializer, 401: None, 403: None, 404: None, 422: None},
    )
    def patch(self, request: Request, project_id: UUID) -> Response:
        principal = Principal.of(request)
        acting = membership_for(principal, project_id, Action.MANAGE_OWNERS)
        sent = ProjectSerializer(data=body_of(request))
        sent.is_valid(raise_exception=True)
        project = rename_project(
            project=acting.project, name=sent.validated_data["name"], by=principal.user
        )
        return Response(ProjectSerializer(project).data)
