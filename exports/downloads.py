"""A release's file as the answer to a request, the same for pages and API."""

from __future__ import annotations

from django.http import FileResponse, HttpRequest, HttpResponseBase, QueryDict
from django.utils.cache import patch_cache_control
from django.utils.http import quote_etag
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from config.api import Refused
from exports.actions import hand_out
from exports.files import file_name
from exports.formats import FORMATS
from exports.models import GoldRelease

SEVERAL = gettext_lazy("Choose one of the formats.")


def chosen_format(query: QueryDict) -> str:
    """The format that `?format=` and `?raw=1` name; Refused for an unknown one."""
    key = query.get("format") or "jsonl"
    if key not in FORMATS:
        message = _("There is no such format; choose among %(formats)s.") % {
            "formats": ", ".join(FORMATS)
        }
        raise Refused(str(SEVERAL), [{"field": "format", "message": message}])
    return "csv_raw" if key == "csv" and query.get("raw") == "1" else key


def file_response(
    request: HttpRequest, release: GoldRelease, file_format: str, by: User
) -> HttpResponseBase:
    """The file under our own name; its ETag is its SHA-256."""
    kept, stream = hand_out(release=release, file_format=file_format, by=by)
    made_as = FORMATS[file_format]
    response = FileResponse(
        stream,
        as_attachment=True,
        filename=file_name(release, made_as),
        content_type=made_as.content_type,
    )
    response["ETag"] = quote_etag(kept.sha256)
    response["Touchstone-Altered-Cells"] = str(kept.altered)
    patch_cache_control(response, private=True, no_cache=True)
    return response
