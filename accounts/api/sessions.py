"""One's own sessions over the API: where one is signed in, and ending that."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.access import own_session, session_holder
from accounts.actions.sessions import end_other_sessions, end_session
from accounts.permissions import Principal
from accounts.sessions import own_sessions


class SessionSerializer(serializers.Serializer[Any]):
    id = serializers.CharField()
    device = serializers.CharField(help_text="Browser and system, in plain words.")
    address = serializers.CharField(help_text="The network of the last request.")
    signed_in_at = serializers.DateTimeField()
    last_seen_at = serializers.DateTimeField(help_text="To five minutes.")
    is_this_one = serializers.BooleanField(help_text="The session of this call.")


class SessionsView(APIView):
    """The places where the caller is signed in; a token needs the scope admin."""

    @extend_schema(
        operation_id="me_sessions_list",
        responses={200: SessionSerializer(many=True), 401: None, 403: None},
    )
    def get(self, request: Request) -> Response:
        user = session_holder(Principal.of(request))
        rows = own_sessions(user, request.session.session_key)
        return Response({"results": SessionSerializer(rows, many=True).data})

    @extend_schema(
        operation_id="me_sessions_end_others",
        responses={204: None, 401: None, 403: None},
    )
    def delete(self, request: Request) -> Response:
        """Sign out everywhere but in the session of this call; tokens stay."""
        user = session_holder(Principal.of(request))
        end_other_sessions(user=user, this_key=request.session.session_key)
        return Response(status=204)


class SessionView(APIView):
    """One of the caller's sessions."""

    @extend_schema(
        operation_id="me_sessions_end",
        responses={204: None, 401: None, 403: None, 404: None},
    )
    def delete(self, request: Request, session_id: int) -> Response:
        principal = Principal.of(request)
        session = own_session(principal, session_id)
        end_session(session=session, by=principal.user)
        return Response(status=204)
