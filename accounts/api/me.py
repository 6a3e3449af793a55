"""One's own settings over the API: the same as on the settings page."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.actions.people import SETTINGS, change_settings
from accounts.models import User
from accounts.models.user import Density, Theme
from accounts.permissions import Principal
from config.api import Choice, Refused, body_of


class SettingsSerializer(serializers.Serializer[Any]):
    """`language`, `theme` and `density` may be empty: as browser and system ask."""

    name = serializers.CharField(max_length=150)
    language = Choice(choices=settings.LANGUAGES, allow_blank=True)
    theme = Choice(choices=Theme.choices, allow_blank=True)
    density = Choice(choices=Density.choices, allow_blank=True)
    single_keys = serializers.BooleanField()
    break_minutes = serializers.IntegerField(min_value=0, max_value=600)
    mail_assigned = serializers.BooleanField()
    mail_due = serializers.BooleanField()
    mail_returned = serializers.BooleanField()


class SettingsView(APIView):
    """How the product speaks to this person, and which letters it sends them."""

    @extend_schema(
        operation_id="me_settings_retrieve",
        responses={200: SettingsSerializer, 401: None, 403: None},
    )
    def get(self, request: Request) -> Response:
        return Response(SettingsSerializer(whole_person(request)).data)

    @extend_schema(
        operation_id="me_settings_update",
        request=SettingsSerializer(partial=True),
        responses={200: SettingsSerializer, 401: None, 403: None, 422: None},
    )
    def patch(self, request: Request) -> Response:
        user = whole_person(request)
        sent = SettingsSerializer(data=body_of(request), partial=True)
        sent.is_valid(raise_exception=True)
        if not sent.validated_data:
            raise Refused(f"Send any of: {', '.join(SETTINGS)}.")
        change_settings(user=user, **sent.validated_data)
        return Response(SettingsSerializer(user).data)


def whole_person(request: Request) -> User:
    """Who asks, unless their token is bound to a project: that one is not they."""
    principal = Principal.of(request)
    if principal.token and principal.token.project_id:
        raise PermissionDenied("This token is bound to a project; it has no settings.")
    return principal.user
