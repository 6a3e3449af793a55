"""Groups of members over the API."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db.models import Prefetch
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.access import group_for, membership_for
from accounts.actions.groups import change_group, delete_group, make_group
from accounts.idempotency import IDEMPOTENCY_KEY, idempotent
from accounts.models import Group, Membership, Project
from accounts.permissions import Action, Principal
from config.api import Cursor, Refused, body_of

FAULTS = {400: None, 401: None, 403: None, 404: None, 422: None}


class GroupSerializer(serializers.ModelSerializer[Group]):
    """A group as answered: its present members by e-mail."""

    id = serializers.CharField(read_only=True)
    members = serializers.SerializerMethodField()

    class Meta:
        model = Group
        fields = ["id", "name", "members"]

    def get_members(self, group: Group) -> list[str]:
        return sorted(
            member.user.email
            for member in group.members.all()
            if member.left_at is None
        )


class GroupSentSerializer(serializers.Serializer[Any]):
    name = serializers.CharField(max_length=100)
    members = serializers.ListField(
        child=serializers.EmailField(max_length=254), required=False, max_length=1_000
    )


class GroupsView(APIView):
    """The groups of a project; POST makes one."""

    @extend_schema(
        operation_id="projects_groups_list",
        responses={200: GroupSerializer(many=True), 401: None, 403: None, 404: None},
    )
    def get(self, request: Request, project_id: UUID) -> Response:
        principal = Principal.of(request)
        acting = membership_for(principal, project_id, Action.MANAGE_MEMBERS)
        groups = acting.project.groups.prefetch_related(
            Prefetch("members", Membership.objects.select_related("user"))
        )
        pages = Cursor()
        page = pages.paginate_queryset(groups, request, view=self)
        return pages.get_paginated_response(GroupSerializer(page, many=True).data)

    @extend_schema(
        operation_id="projects_groups_create",
        parameters=[IDEMPOTENCY_KEY],
        request=GroupSentSerializer,
        responses={201: GroupSerializer, 200: GroupSerializer, **FAULTS},
    )
    @idempotent()
    def post(self, request: Request, project_id: UUID) -> Response:
        principal = Principal.of(request)
        acting = membership_for(principal, project_id, Action.MANAGE_MEMBERS)
        sent = GroupSentSerializer(data=body_of(request))
        sent.is_valid(raise_exception=True)
        group = make_group(
            project=acting.project,
            name=sent.validated_data["name"],
            members=people_named(
                acting.project, sent.validated_data.get("members", [])
            ),
            by=principal.user,
        )
        return Response(GroupSerializer(group).data, status=201)


class GroupView(APIView):
    """One group: look, rename, say anew who is in it, delete."""

    @extend_schema(
        operation_id="groups_retrieve",
        responses={200: GroupSerializer, 401: None, 403: None, 404: None},
    )
    def get(self, request: Request, group_id: UUID) -> Response:
        return Response(
            GroupSerializer(group_for(Principal.of(request), group_id)).data
        )

    @extend_schema(
        operation_id="groups_update",
        request=GroupSentSerializer(partial=True),
        responses={200: GroupSerializer, **FAULTS},
    )
    def patch(self, request: Request, group_id: UUID) -> Response:
        principal = Principal.of(request)
        group = group_for(principal, group_id)
        sent = GroupSentSerializer(data=body_of(request), partial=True)
        sent.is_valid(raise_exception=True)
        if not sent.validated_data:
            raise Refused("Send `name`, `members`, or both.")
        changes: dict[str, Any] = dict(sent.validated_data)
        if "members" in changes:
            changes["members"] = people_named(group.project, changes["members"])
        change_group(group=group, by=principal.user, **changes)
        return Response(GroupSerializer(group).data)

    @extend_schema(
        operation_id="groups_delete",
        responses={204: None, 401: None, 403: None, 404: None},
    )
    def delete(self, request: Request, group_id: UUID) -> Response:
        principal = Principal.of(request)
        delete_group(group=group_for(principal, group_id), by=principal.user)
        return Response(status=204)


def people_named(project: Project, emails: list[str]) -> list[Membership]:
    """The members with these addresses; an address that is none's is refused."""
    wanted = [email.strip().lower() for email in emails]
    members = Membership.objects.current().filter(
        project=project, user__email__in=wanted
    )
    found = {member.user.email: member for member in members.select_related("user")}
    faults = [
        {"field": f"members.{place}", "message": f"{email} is not a member here."}
        for place, email in enumerate(wanted)
        if email not in found
    ]
    if faults:
        raise Refused("Nothing was changed: not all of them are members.", faults)
    return list(found.values())
