"""Media by API: sent, listed, handed out; and the hosts to fetch from."""

from __future__ import annotations

from typing import IO, Any, cast
from uuid import UUID

from django.conf import settings
from django.http import HttpResponseBase
from django.http.multipartparser import MultiPartParserError
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import exceptions, serializers
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.permissions import Action, Principal
from annotation.access import media_for, project_for
from annotation.actions import media as actions
from annotation.api import schema
from annotation.api.upload import (
    AnyFile,
    TooLarge,
    Unsupported,
    body_as_file,
    length_of,
)
from annotation.importing.readers import UnreadableFile
from annotation.media.refusal import MediaRefused, TooBig, UnknownType
from annotation.media.serving import media_response
from annotation.models import Media
from config.api import Cursor, Refused

# What a multipart body has around its file.
AROUND = 64_000


class MediaOut(serializers.Serializer[Any]):
    id = serializers.CharField()
    url = serializers.CharField(help_text="What content says to show it: media:<id>.")
    state = serializers.ChoiceField(choices=["waiting", "ready", "failed"])
    content_type = serializers.CharField()
    size = serializers.IntegerField(help_text="Bytes, as stored.")
    sha256 = serializers.CharField(help_text="Of the content as it was sent.")
    name = serializers.CharField()
    source_url = serializers.CharField(help_text="Where it was or is to be fetched.")


class HostsIn(schema.Strict):
    hosts = serializers.ListField(child=serializers.CharField(max_length=300))


class HostsOut(serializers.Serializer[Any]):
    hosts = serializers.ListField(child=serializers.CharField())
    job = serializers.CharField(allow_null=True)


def media_json(media: Media) -> dict[str, Any]:
    return {
        "id": str(media.pk),
        "url": f"media:{media.pk}",
        "state": media.state,
        "content_type": media.content_type,
        "size": media.size,
        "sha256": media.sha256,
        "name": media.name,
        "source_url": media.source_url,
    }


class ByTime(Cursor):
    ordering = ("at", "pk")


class MediaListView(APIView):
    """The media of a project."""

    parser_classes = [MultiPartParser, AnyFile]

    @extend_schema(
        operation_id="media_list", responses={200: schema.Rows, **schema.problems()}
    )
    def get(self, request: Request, project_id: UUID) -> Response:
        project = project_for(Principal.of(request), project_id, Action.VIEW_DATA)
        pages = ByTime()
        rows = Media.objects.filter(project=project)
        page: list[Any] | None = pages.paginate_queryset(rows, request, view=self)
        return pages.get_paginated_response([media_json(one) for one in page or []])

    @extend_schema(
        operation_id="media_create",
        parameters=[OpenApiParameter("name", str, description="The file's name.")],
        request={
            "application/octet-stream": OpenApiTypes.BINARY,
            "multipart/form-data": {
                "type": "object",
                "properties": {"file": {"type": "string", "format": "binary"}},
            },
        },
        responses={
            200: MediaOut,
            201: MediaOut,
            **schema.problems(411, 413, 415, 422),
        },
    )
    def post(self, request: Request, project_id: UUID) -> Response:
        """Send a file: its content says what it is. The same again is the same id."""
        principal = Principal.of(request)
        project = project_for(principal, project_id, Action.IMPORT_DATA)
        length = length_of(request)
        largest = max(settings.MEDIA_LARGEST.values())
        if length > largest + AROUND:
            raise TooLarge(
                f"The body is larger than {largest // 1_000_000} MB, which is the most "
                "that any kind of media may have."
            )
        if request.headers.get("Content-Encoding", "identity").lower() != "identity":
            raise Unsupported("Send media without a Content-Encoding.")
        file, name = sent_file(request, length)
        try:
            media, is_new = actions.store_media(
                project=project, file=file, by=principal.user, name=name
            )
        except UnknownType as refusal:
            raise Unsupported(str(refusal)) from None
        except TooBig as refusal:
            raise TooLarge(str(refusal)) from None
        except (MediaRefused, UnreadableFile) as refusal:
            raise Refused(str(refusal)) from None
        return Response(media_json(media), status=201 if is_new else 200)


def sent_file(request: Request, length: int) -> tuple[IO[bytes], str]:
    """The file of a request, as its body or as the only file of a form."""
    if not (request.content_type or "").startswith("multipart/"):
        return body_as_file(request, length), request.query_params.get("name", "")
    try:
        files = [file for _, many in request.FILES.lists() for file in many]
    except MultiPartParserError as error:
        raise exceptions.ParseError(str(error)) from None
    if len(files) != 1:
        raise Refused("Send one file in the form, in the field `file`.")
    return cast(IO[bytes], files[0]), files[0].name or ""


class MediaView(APIView):
    """One file of media."""

    @extend_schema(
        operation_id="media_retrieve",
        responses={200: MediaOut, **schema.problems()},
    )
    def get(self, request: Request, pk: UUID) -> Response:
        return Response(
            media_json(media_for(Principal.of(request), pk, Action.VIEW_DATA))
        )


class MediaContentView(APIView):
    """The file itself, for everybody whose role shows them content."""

    @extend_schema(
        operation_id="media_content",
        responses={
            (200, "application/octet-stream"): OpenApiTypes.BINARY,
            **schema.problems(),
        },
    )
    def get(self, request: Request, pk: UUID) -> HttpResponseBase:
        media = media_for(Principal.of(request), pk, Action.VIEW_MEDIA)
        return media_response(request._request, media)


class MediaHostsView(APIView):
    """The hosts from which media may be fetched: set by the owner, none by default."""

    @extend_schema(
        operation_id="media_hosts_retrieve",
        responses={200: HostsOut, **schema.problems()},
    )
    def get(self, request: Request, project_id: UUID) -> Response:
        project = project_for(Principal.of(request), project_id, Action.VIEW_DATA)
        return Response({"hosts": project.media_hosts, "job": None})

    @extend_schema(
        operation_id="media_hosts_set",
        request=HostsIn,
        responses={200: HostsOut, **schema.problems(422)},
    )
    def put(self, request: Request, project_id: UUID) -> Response:
        principal = Principal.of(request)
        project = project_for(principal, project_id, Action.ALLOW_HOSTS)
        sent = HostsIn(data=request.data)
        sent.is_valid(raise_exception=True)
        job = actions.set_hosts(
            project=project, hosts=sent.validated_data["hosts"], by=principal.user
        )
        project.refresh_from_db(fields=["media_hosts"])
        return Response(
            {"hosts": project.media_hosts, "job": str(job.pk) if job else None}
        )
