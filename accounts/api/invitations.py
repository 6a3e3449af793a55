"""Invitations over the API: sent, listed, sent again, revoked."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.access import invitation_for, membership_for
from accounts.actions.invitations import (
    NotInvited,
    invite_all,
    renew_invitation,
    revoke_invitation,
)
from accounts.forms.members import MOST_AT_ONCE
from accounts.inviting import Sent, send
from accounts.models import Invitation, Role
from accounts.permissions import Action, Principal
from config.api import Choice, Cursor, Refused, body_of


class InvitationSerializer(serializers.ModelSerializer[Invitation]):
    id = serializers.CharField(read_only=True)
    invited_by = serializers.EmailField(source="invited_by.email", read_only=True)

    class Meta:
        model = Invitation
        fields = ["id", "email", "role", "also_annotates", "invited_by", "expires_at"]


class SentSerializer(InvitationSerializer):
    """As answered to its sender: the link is shown here, once."""

    link = serializers.URLField()
    mailed = serializers.BooleanField()

    class Meta(InvitationSerializer.Meta):
        fields = [*InvitationSerializer.Meta.fields, "link", "mailed"]


class SentListSerializer(serializers.Serializer[Any]):
    invitations = SentSerializer(many=True)


class NewInvitationsSerializer(serializers.Serializer[Any]):
    emails = serializers.ListField(
        child=serializers.EmailField(max_length=254),
        allow_empty=False,
        max_length=MOST_AT_ONCE,
    )
    role = Choice(choices=Role.choices)
    also_annotates = serializers.BooleanField(required=False)


class InvitationsView(APIView):
    """The open invitations; POST invites several addresses, or none of them.

    Sent twice, the second replaces the first, and its links are the ones that work.
    """

    @extend_schema(
        operation_id="projects_invitations_list",
        responses={
            200: InvitationSerializer(many=True),
            401: None,
            403: None,
            404: None,
        },
    )
    def get(self, request: Request, project_id: UUID) -> Response:
        principal = Principal.of(request)
        acting = membership_for(principal, project_id, Action.MANAGE_MEMBERS)
        invitations = acting.project.invitations.open().select_related("invited_by")
        pages = Cursor()
        page = pages.paginate_queryset(invitations, request, view=self)
        return pages.get_paginated_response(InvitationSerializer(page, many=True).data)

    @extend_schema(
        operation_id="projects_invitations_create",
        request=NewInvitationsSerializer,
        responses={
            201: SentListSerializer,
            401: None,
            403: None,
            404: None,
            422: None,
        },
    )
    def post(self, request: Request, project_id: UUID) -> Response:
        principal = Principal.of(request)
        acting = membership_for(principal, project_id, Action.MANAGE_MEMBERS)
        sent = NewInvitationsSerializer(data=body_of(request))
        sent.is_valid(raise_exception=True)
        wanted = sent.validated_data
        sent_emails = [email.lower() for email in wanted["emails"]]
        emails = list(dict.fromkeys(sent_emails))
        try:
            made = invite_all(
                project=acting.project,
                emails=emails,
                role=wanted["role"],
                by=principal.user,
                also_annotates=wanted.get("also_annotates", False),
            )
        except NotInvited as refusal:
            faults = [
                {
                    "field": f"emails.{sent_emails.index(emails[place])}",
                    "message": fault,
                }
                for place, fault in refusal.faults.items()
            ]
            raise Refused("Nobody was invited.", faults) from None
        answered = [as_sent(one) for one in send(request, made)]
        return Response({"invitations": answered}, status=201)


class InvitationView(APIView):
    """One open invitation: look, revoke."""

    @extend_schema(
        operation_id="projects_invitations_retrieve",
        responses={200: InvitationSerializer, 401: None, 403: None, 404: None},
    )
    def get(self, request: Request, project_id: UUID, invitation_id: UUID) -> Response:
        invitation = invitation_for(Principal.of(request), project_id, invitation_id)
        return Response(InvitationSerializer(invitation).data)

    @extend_schema(
        operation_id="projects_invitations_revoke",
        responses={204: None, 401: None, 403: None, 404: None},
    )
    def delete(
        self, request: Request, project_id: UUID, invitation_id: UUID
    ) -> Response:
        principal = Principal.of(request)
        invitation = invitation_for(principal, project_id, invitation_id)
        revoke_invitation(invitation=invitation, by=principal.user)
        return Response(status=204)


class RenewalView(APIView):
    """Send an invitation again: a new link, for another week."""

    @extend_schema(
        operation_id="projects_invitations_renew",
        request=None,
        responses={201: SentSerializer, 401: None, 403: None, 404: None},
    )
    def post(self, request: Request, project_id: UUID, invitation_id: UUID) -> Response:
        principal = Principal.of(request)
        invitation = invitation_for(principal, project_id, invitation_id)
        made = renew_invitation(invitation=invitation, by=principal.user)
        (sent,) = send(request, [made])
        return Response(as_sent(sent), status=201)


def as_sent(sent: Sent) -> dict[str, Any]:
    row = dict(InvitationSerializer(sent.invitation).data)
    return row | {"link": sent.link, "mailed": sent.is_mailed}
