"""Uploads too large for a request: kept below the data directory for a job."""

from __future__ import annotations

import shutil
import uuid
from pathlib import Path
from typing import IO

from django.conf import settings

from annotation.importing.readers import UnreadableFile
from config.api import Refused

AT_ONCE = 64 * 2**20


def is_large(size: int, *, gzipped: bool) -> bool:
    """Is a job to take a file of so many bytes?"""
    return size > AT_ONCE // (10 if gzipped else 1)


def keep_for_job(file: IO[bytes]) -> Path:
    """Copy an upload below the data directory for a job, which removes it.

    Raises Refused for one that was cut off or is no gzip; nothing is kept then.
    """
    folder = Path(settings.DATA_DIR) / "uploads"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = folder / uuid.uuid4().hex
    try:
        with path.open("xb") as kept:
            shutil.copyfileobj(file, kept, 2**20)
    except UnreadableFile as error:
        path.unlink()
        raise Refused(str(error)) from None
    except BaseException:
        path.unlink(missing_ok=True)  # A full disk is not filled further.
        raise
    return path
