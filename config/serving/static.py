"""The packages' static files, compressed once and again when they change."""

from __future__ import annotations

import hashlib
import os

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command

from config.apps import StaticFiles

STAMP = ".collected"


def collect_if_changed() -> bool:
    """Collect and compress into STATIC_ROOT unless it was done for these very files."""
    stamp = settings.STATIC_ROOT / STAMP
    if settings.STATIC_ROOT.is_dir() and not os.access(settings.STATIC_ROOT, os.W_OK):
        return False  # Built into an image that cannot be written to.
    fingerprint = fingerprint_of_sources()
    if stamp.is_file() and stamp.read_text() == fingerprint:
        return False
    # Files of earlier versions stay: a page that is open somewhere may ask for them.
    call_command("collectstatic", interactive=False, verbosity=0)
    stamp.write_text(fingerprint)
    return True


def fingerprint_of_sources() -> str:
    """A hash over the name, size and time of every file the finders know."""
    digest = hashlib.sha256(str(settings.STORAGES["staticfiles"]).encode())
    for finder in get_finders():
        for path, storage in finder.list(StaticFiles.ignore_patterns):
            found = os.stat(storage.path(path))
            digest.update(f"{path}\0{found.st_size}\0{found.st_mtime_ns}\n".encode())
    return digest.hexdigest()
