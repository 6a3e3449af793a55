"""One's own judgments and hours, and a project's people, over the API."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import exceptions, serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.access import membership_for
from accounts.actions.members import remove_member
from accounts.actions.refusals import LastOwner
from accounts.models import Membership, Scope
from accounts.permissions import Action, Principal, allows
from annotation.access import found_or_404
from annotation.api import schema
from annotation.downloads import download
from annotation.mine.file import hours_table, judgments_table
from annotation.people import project_hours, shares_of
from config.api import Conflict


class HoursSerializer(serializers.Serializer[Any]):
    project = serializers.CharField()
    batch = serializers.CharField()
    day = serializers.DateField()
    judgments = serializers.IntegerField()
    active_seconds = serializers.IntegerField()
    hours = serializers.FloatField()


class MyHoursSerializer(serializers.Serializer[Any]):
    results = HoursSerializer(many=True)


class ShareSerializer(serializers.Serializer[Any]):
    """A person's part of one batch."""

    batch = serializers.CharField(source="batch.pk")
    name = serializers.CharField(source="batch.name")
    state = serializers.CharField(source="batch.state")
    takes_part = serializers.BooleanField()
    in_hand = serializers.IntegerField()
    reserved = serializers.IntegerField()
    drafts = serializers.IntegerField()
    submitted = serializers.IntegerField()
    active_seconds = serializers.IntegerField(source="seconds")


class SharesSerializer(serializers.Serializer[Any]):
    results = ShareSerializer(many=True)


class MyJudgmentsView(APIView):
    """Everything I judged as one file; the workbook has my hours on a second sheet."""

    @extend_schema(
        summary="My judgments as one file",
        responses={200: OpenApiTypes.BINARY, **schema.problems()},
    )
    def get(self, request: Request, extension: str) -> Any:
        mine = own_work(request)
        return download(
            "my-judgments", extension, judgments_table(*mine), hours_table(*mine)
        )


class MyHoursView(APIView):
    """My active time by day and batch."""

    @extend_schema(
        operation_id="me_hours",
        responses={200: MyHoursSerializer, **schema.problems()},
    )
    def get(self, request: Request) -> Response:
        return Response({"results": list(hours_table(*own_work(request)).rows)})


class ProjectHoursView(APIView):
    """Everybody's active time by day and batch, as CSV, for pay."""

    @extend_schema(
        operation_id="projects_hours",
        responses={200: OpenApiTypes.BINARY, **schema.problems()},
    )
    def get(self, request: Request, project_id: UUID) -> Any:
        principal = Principal.of(request)
        acting = membership_for(principal, project_id, Action.VIEW_JUDGMENTS)
        identities = allows(principal, acting, Action.EXPORT_IDENTITIES)
        return download(
            "hours", "csv", project_hours(acting.project, identities=identities)
        )


class PersonWorkView(APIView):
    """What one member, present or past, has in hand and has done, by batch."""

    @extend_schema(
        operation_id="projects_members_work",
        responses={200: SharesSerializer, **schema.problems()},
    )
    def get(self, request: Request, project_id: UUID, user_id: UUID) -> Response:
        principal = Principal.of(request)
        acting = membership_for(principal, project_id, Action.MANAGE_MEMBERS)
        members = Membership.objects.filter(project=acting.project, user=user_id)
        member = found_or_404(members.select_related("user"))
        shares = shares_of(acting.project, member.user)
        return Response({"results": ShareSerializer(shares, many=True).data})


class LeavingView(APIView):
    """Leave a project oneself; the work stays. The last owner cannot."""

    @extend_schema(
        operation_id="projects_leave",
        request=None,
        responses={204: None, **schema.problems(409)},
    )
    def post(self, request: Request, project_id: UUID) -> Response:
        principal = Principal.of(request)
        mine = membership_for(principal, project_id, Action.VIEW_PROJECT)
        if principal.token and Scope.ADMIN not in principal.token.scopes:
            raise exceptions.PermissionDenied(
                "This token's scopes do not include admin."
            )
        try:
            remove_member(membership=mine, by=principal.user)
        except LastOwner as refusal:
            raise Conflict(str(refusal)) from None
        return Response(status=204)


def own_work(request: Request) -> tuple[Any, UUID | None]:
    """Who asks, and the project that their token is bound to, if it is."""
    principal = Principal.of(request)
    token = principal.token
    if token and Scope.ANNOTATE not in token.scopes:
        raise exceptions.PermissionDenied(
            "This token's scopes do not include annotate."
        )
    return principal.user, token.project_id if token else None
