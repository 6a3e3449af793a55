"""Handing a release's file to a person or program, with a line in the audit trail."""

from __future__ import annotations

from typing import IO

from accounts.models import AuditEvent, User
from exports.files import opened
from exports.models import ExportFile, GoldRelease


def hand_out(
    *, release: GoldRelease, file_format: str, by: User | None
) -> tuple[ExportFile, IO[bytes]]:
    """Open the file of a ready release; the stream is the caller's to close."""
    kept, stream = opened(release, file_format)
    AuditEvent.objects.record(
        "gold release downloaded",
        release,
        by=by,
        project=release.project,
        format=file_format,
        sha256=kept.sha256,
    )
    return kept, stream
