"""The members of a project over the API."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db import transaction
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.access import member_for, membership_for
from accounts.actions.members import (
    add_member,
    change_member,
    remove_member,
    require_rank,
)
from accounts.actions.people import account_for, lend_password_link
from accounts.actions.refusals import AlreadyMember, LastOwner
from accounts.actions.tokens import make_member_token
from accounts.idempotency import IDEMPOTENCY_KEY, idempotent
from accounts.links import address_for, password_link
from accounts.models import Membership, Role
from accounts.permissions import Action, Principal
from accounts.skills import BadSkills, cleaned
from config.api import Choice, Conflict, Cursor, Refused, body_of

WITH_TOKEN = OpenApiParameter(
    "with_token",
    bool,
    description="Also make a token that acts as this member, in this project only. "
    "For roles below the caller's; shown once, never with more scopes than the "
    "caller's own token.",
)


class Skills(serializers.ListField):
    """Words, trimmed and in lower case; at most 50 of at most 100 characters."""

    child = serializers.CharField(max_length=1_000, allow_blank=True)

    def to_internal_value(self, data: Any) -> list[str]:
        try:
            return cleaned(super().to_internal_value(data))
        except BadSkills as fault:
            raise serializers.ValidationError(str(fault)) from None


class MemberSerializer(serializers.ModelSerializer[Membership]):
    """A member as answered; `token` stands there once, where it was asked for."""

    user = serializers.CharField(source="user_id")
    email = serializers.EmailField(source="user.email")
    name = serializers.CharField(source="user.name")

    class Meta:
        model = Membership
        fields = [
            "user",
            "email",
            "name",
            "pseudonym",
            "role",
            "also_annotates",
            "skills",
            "joined_at",
        ]


class MemberWithTokenSerializer(MemberSerializer):
    token = serializers.CharField(required=False)

    class Meta(MemberSerializer.Meta):
        fields = [*MemberSerializer.Meta.fields, "token"]


class NewMemberSerializer(serializers.Serializer[Any]):
    email = serializers.EmailField(max_length=254)
    role = Choice(choices=Role.choices)
    name = serializers.CharField(max_length=150, required=False, allow_blank=True)
    also_annotates = serializers.BooleanField(required=False)
    skills = Skills(required=False)


class MemberChangeSerializer(serializers.Serializer[Any]):
    role = Choice(choices=Role.choices, required=False)
    also_annotates = serializers.BooleanField(required=False)
    skills = Skills(required=False)


class LinkSerializer(serializers.Serializer[Any]):
    """Shown once; works once, within a day."""

    link = serializers.URLField()


class MembersView(APIView):
    """The list of members; POST adds one, and makes the account if there is none."""

    @extend_schema(
        operation_id="projects_members_list",
        responses={200: MemberSerializer(many=True), 401: None, 403: None, 404: None},
    )
    def get(self, request: Request, project_id: UUID) -> Response:
        principal = Principal.of(request)
        acting = membership_for(principal, project_id, Action.MANAGE_MEMBERS)
        members = Membership.objects.current().filter(project=acting.project)
        pages = Cursor()
        page = pages.paginate_queryset(
            members.select_related("user"), request, view=self
        )
        return pages.get_paginated_response(MemberSerializer(page, many=True).data)

    @extend_schema(
        operation_id="projects_members_create",
        parameters=[IDEMPOTENCY_KEY, WITH_TOKEN],
        request=NewMemberSerializer,
        responses={
            201: MemberWithTokenSerializer,
            200: MemberWithTokenSerializer,
            400: None,
            401: None,
            403: None,
            404: None,
            409: None,
            422: None,
        },
    )
    @idempotent(forget={"token"})
    def post(self, request: Request, project_id: UUID) -> Response:
        principal = Principal.of(request)
        acting = membership_for(principal, project_id, Action.MANAGE_MEMBERS)
        sent = NewMemberSerializer(data=body_of(request))
        sent.is_valid(raise_exception=True)

        with transaction.atomic():
            membership, is_new = ensure_member(acting, sent.validated_data, principal)
            body = dict(MemberSerializer(membership).data)
            if wants_token(request):
                _, body["token"] = make_member_token(
                    membership=membership, by=principal.user, asked_with=principal.token
                )
        return Response(body, status=201 if is_new else 200)


class PasswordLinkView(APIView):
    """A link with which a member who cannot sign in sets a new password."""

    @extend_schema(
        operation_id="projects_members_password_link",
        request=None,
        responses={201: LinkSerializer, 401: None, 403: None, 404: None},
    )
    def post(self, request: Request, project_id: UUID, user_id: UUID) -> Response:
        principal = Principal.of(request)
        acting, membership = member_for(principal, project_id, user_id)
        require_rank(principal.user, acting.project, membership.role)
        user = lend_password_link(membership=membership, by=principal.user)
        link = password_link(user, address_for(request), by=principal.user)
        return Response({"link": link}, status=201)


class MemberView(APIView):
    """One member: look, change the role, remove."""

    @extend_schema(
        operation_id="projects_members_retrieve",
        responses={200: MemberSerializer, 401: None, 403: None, 404: None},
    )
    def get(self, request: Request, project_id: UUID, user_id: UUID) -> Response:
        _, membership = member_for(Principal.of(request), project_id, user_id)
        return Response(MemberSerializer(membership).data)

    @extend_schema(
        operation_id="projects_members_update",
        request=MemberChangeSerializer,
        responses={
            200: MemberSerializer,
            401: None,
            403: None,
            404: None,
            409: None,
            422: None,
        },
    )
    def patch(self, request: Request, project_id: UUID, user_id: UUID) -> Response:
        principal = Principal.of(request)
        _, membership = member_for(principal, project_id, user_id)
        sent = MemberChangeSerializer(data=body_of(request))
        sent.is_valid(raise_exception=True)
        if not sent.validated_data:
            raise Refused("Send any of `role`, `also_annotates`, `skills`.")
        try:
            change_member(
                membership=membership, by=principal.user, **sent.validated_data
            )
        except LastOwner as refusal:
            raise Conflict(str(refusal)) from None
        return Response(MemberSerializer(membership).data)

    @extend_schema(
        operation_id="projects_members_remove",
        responses={204: None, 401: None, 403: None, 404: None, 409: None},
    )
    def delete(self, request: Request, project_id: UUID, user_id: UUID) -> Response:
        principal = Principal.of(request)
        _, membership = member_for(principal, project_id, user_id)
        try:
            remove_member(membership=membership, by=principal.user)
        except LastOwner as refusal:
            raise Conflict(str(refusal)) from None
        return Response(status=204)


def ensure_member(
    acting: Membership, wanted: dict[str, Any], principal: Principal
) -> tuple[Membership, bool]:
    """Add the person, or find them here with just this role; tell whether they are new.

    Another role is a 409: whoever adds a member does not change one unawares.
    """
    project, by = acting.project, principal.user
    require_rank(by, project, wanted["role"])
    user = account_for(email=wanted["email"], name=wanted.get("name", ""), by=by)
    try:
        membership = add_member(
            project=project,
            user=user,
            role=wanted["role"],
            by=by,
            also_annotates=wanted.get("also_annotates", False),
            skills=wanted.get("skills"),
        )
    except AlreadyMember as already:
        membership = already.membership
        flag = wanted.get("also_annotates", membership.also_annotates)
        if (membership.role, membership.also_annotates) != (wanted["role"], flag):
            raise Conflict(
                f"This person is already a member, as {membership.role}. To change "
                f"that, PATCH /projects/{project.pk}/members/{user.pk}.",
                user=str(user.pk),
                role=membership.role,
            ) from None
        return membership, False
    return membership, True


def wants_token(request: Request) -> bool:
    return request.query_params.get("with_token", "") in {"1", "true"}
