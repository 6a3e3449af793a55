"""`export_gold PROJECT RELEASE --format F [-o FILE]`: a release's file, for scripts."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path
from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db.models import Q

from accounts.models import Project
from exports.actions import hand_out
from exports.formats import FORMATS
from exports.models import GoldRelease


class Command(BaseCommand):
    help = "Write a gold release to a file, or to standard output."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("project", help="Its id or its exact name.")
        parser.add_argument("release", help="Its number or its id.")
        parser.add_argument("--format", choices=list(FORMATS), default="jsonl")
        parser.add_argument("-o", "--output", help="A file; default: standard output.")

    def handle(self, *args: Any, **options: Any) -> None:
        release = release_named(project_named(options["project"]), options["release"])
        if not release.is_ready:
            raise CommandError(f"{release} is {release.state}. {release.error}".strip())
        _, stream = hand_out(release=release, file_format=options["format"], by=None)
        with stream:
            if options["output"]:
                with Path(options["output"]).open("wb") as target:
                    shutil.copyfileobj(stream, target)
            else:
                shutil.copyfileobj(stream, sys.stdout.buffer)


def project_named(name: str) -> Project:
    """The project with this id or exact name; CommandError if none or several."""
    named = Q(name=name) if as_uuid(name) is None else Q(pk=name)
    found = list(Project.objects.filter(named)[:2])
    if not found:
        raise CommandError(f"There is no project {name!r}.")
    if len(found) > 1:
        raise CommandError(f"Several projects are named {name!r}; give an id.")
    return found[0]


def release_named(project: Project, name: str) -> GoldRelease:
    """The project's release with this number or id."""
    pk = as_uuid(name)
    if pk is None and not (name.isdecimal() and len(name) < 10):
        raise CommandError(f"{name!r} is neither a release's number nor its id.")
    named = Q(number=int(name)) if pk is None else Q(pk=pk)
    releases = GoldRelease.objects.filter(named, project=project)
    release = releases.select_related("project").first()
    if release is None:
        raise CommandError(f"{project} has no release {name}.")
    return release


def as_uuid(name: str) -> UUID | None:
    try:
        return UUID(name)
    except ValueError:
        return None
