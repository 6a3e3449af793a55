"""A release's files: made once, kept in the file storage, made again when gone."""

from __future__ import annotations

from hashlib import file_digest
from tempfile import TemporaryFile
from typing import IO

from django.core.files import File
from django.core.files.storage import default_storage
from django.db import transaction

from exports.formats import FORMATS, Format
from exports.models import ExportFile, GoldRelease
from exports.rows import Gold


def opened(release: GoldRelease, key: str) -> tuple[ExportFile, IO[bytes]]:
    """A ready release's file of a known format, open for reading."""
    kept = release.files.filter(format=key).first()
    if kept is None or not default_storage.exists(kept.name):
        kept = make_file(Gold(release, release.manifest), FORMATS[key])
    return kept, default_storage.open(kept.name)


def make_file(gold: Gold, made_as: Format) -> ExportFile:
    """Write the file, put it into the storage and remember it."""
    release = gold.release
    with TemporaryFile() as stream:
        altered = made_as.write(gold, stream)
        size = stream.tell()
        stream.seek(0)
        sha256 = file_digest(stream, "sha256").hexdigest()
        stream.seek(0)
        name = default_storage.save(
            f"{folder_of(release)}/{file_name(release, made_as)}", File(stream)
        )
    try:
        with transaction.atomic():
            release.hold()
            kept, _ = ExportFile.objects.update_or_create(
                release=release,
                format=made_as.key,
                defaults={
                    "name": name,
                    "sha256": sha256,
                    "size": size,
                    "altered": altered,
                },
            )
    except BaseException:
        default_storage.delete(name)
        raise
    return kept


def remove_files(release: GoldRelease) -> None:
    """Take away what a build that did not end has left."""
    release.files.all().delete()
    folder = folder_of(release)
    if default_storage.exists(folder):
        for name in default_storage.listdir(folder)[1]:
            default_storage.delete(f"{folder}/{name}")


def folder_of(release: GoldRelease) -> str:
    return f"releases/{release.pk}"


def file_name(release: GoldRelease, made_as: Format) -> str:
    """Our own words only: nothing that people typed reaches a header or a disk."""
    return f"gold-release-{release.number}.{made_as.extension}"
