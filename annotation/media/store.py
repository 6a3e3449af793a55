"""Where files of media lie: below the data directory, by project, named by their id.

    media/.incoming/…            while they are read and cleaned
    media/<project>/<ab>/<id>    for good; <ab> are the id's first two digits

A file comes to its place whole or not at all, and nobody but us may read it.
"""

from __future__ import annotations

import os
import shutil
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO
from uuid import UUID

from django.conf import settings

FORGOTTEN_AFTER = 24 * 3600


def path_of(project_id: UUID, media_id: UUID) -> Path:
    name = str(UUID(str(media_id)))
    return project_folder(project_id) / name[:2] / name


def project_folder(project_id: UUID) -> Path:
    return Path(settings.MEDIA_DIR) / str(UUID(str(project_id)))


def incoming_folder() -> Path:
    return Path(settings.MEDIA_DIR) / ".incoming"


@contextmanager
def scratch_file() -> Iterator[tuple[Path, IO[bytes]]]:
    """A new private file, gone afterwards unless it was put in its place."""
    folder = private(incoming_folder())
    path = folder / uuid.uuid4().hex
    handle = os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600)
    try:
        with os.fdopen(handle, "w+b") as file:
            yield path, file
    finally:
        path.unlink(missing_ok=True)


def put(path: Path, project_id: UUID, media_id: UUID) -> None:
    """Move a finished file to its place; it is on the disk when this returns."""
    target = path_of(project_id, media_id)
    private(target.parent)
    with path.open("rb") as file:
        os.fsync(file.fileno())
    os.replace(path, target)
    folder = os.open(target.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def private(folder: Path) -> Path:
    """The folder, made for us alone where it is missing, up to the store's own."""
    root = Path(settings.MEDIA_DIR)
    for part in (*reversed(folder.relative_to(root).parents), Path(), folder):
        (root / part).mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


def opened(project_id: UUID, media_id: UUID) -> IO[bytes]:
    """The file for reading; FileNotFoundError where it is missing."""
    return path_of(project_id, media_id).open("rb")


def remove(project_id: UUID, media_id: UUID) -> None:
    path_of(project_id, media_id).unlink(missing_ok=True)


def remove_project(project_id: UUID) -> None:
    """Everything that a project had."""
    shutil.rmtree(project_folder(project_id), ignore_errors=True)


def projects_kept() -> set[UUID]:
    """The projects that have a folder here."""
    found: set[UUID] = set()
    with suppress(FileNotFoundError):
        for folder in Path(settings.MEDIA_DIR).iterdir():
            with suppress(ValueError):
                found.add(UUID(folder.name))
    return found


def remove_forgotten() -> None:
    """Scratch files of processes that were killed."""
    with suppress(FileNotFoundError):
        for path in incoming_folder().iterdir():
            with suppress(FileNotFoundError):
                if time.time() - path.stat().st_mtime > FORGOTTEN_AFTER:
                    path.unlink()
