"""My own judgments and hours as files."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import FileResponse, HttpRequest
from django.views.decorators.http import require_safe

from accounts.permissions import Principal
from annotation.downloads import download
from annotation.mine.file import hours_table, judgments_table


@login_required
@require_safe
def my_judgments(request: HttpRequest, extension: str) -> FileResponse:
    """Everything I judged; the workbook has my hours on its second sheet."""
    user = Principal.of(request).user
    return download("my-judgments", extension, judgments_table(user), hours_table(user))


@login_required
@require_safe
def my_hours(request: HttpRequest) -> FileResponse:
    return download("my-hours", "csv", hours_table(Principal.of(request).user))
