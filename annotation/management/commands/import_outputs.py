"""`import_outputs PROJECT/DATASET FILE`: the import of the API, from a file."""

from __future__ import annotations

import contextlib
from argparse import ArgumentParser
from pathlib import Path
from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError

from accounts.models import Membership, Project, Role, User
from annotation.actions.datasets import create_dataset
from annotation.actions.importing import ON_CHANGE, import_outputs
from annotation.importing.readers import (
    FORMATS,
    UnreadableFile,
    format_of,
    read_rows,
    unzipped,
)
from annotation.models import Dataset


class Command(BaseCommand):
    help = (
        "Import model outputs into a dataset, which is made if it is not there. "
        "Sending the same file again changes nothing."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("target", metavar="PROJECT/DATASET")
        parser.add_argument("file", type=Path)
        parser.add_argument("--format", choices=list(FORMATS))
        parser.add_argument("--on-change", choices=ON_CHANGE, default="refuse")
        parser.add_argument("--dry-run", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        project_name, slash, dataset_name = options["target"].partition("/")
        if not slash or not dataset_name:
            raise CommandError("Name the target as PROJECT/DATASET.")
        project = project_named(project_name)
        owner = owner_of(project)
        path: Path = options["file"]
        format_name = options["format"] or format_of(file_name=path.name)
        if format_name is None:
            raise CommandError(f"Say --format: {', '.join(FORMATS)}.")
        dataset = dataset_named(project, dataset_name)
        if dataset is None and options["dry_run"]:
            raise CommandError(f"There is no dataset {dataset_name!r} to check.")
        try:
            with path.open("rb") as file:
                dataset = dataset or create_dataset(
                    project=project, name=dataset_name, by=owner
                )
                counts = import_outputs(
                    dataset=dataset,
                    rows=read_rows(
                        unzipped(file) if path.suffix == ".gz" else file, format_name
                    ),
                    by=owner,
                    on_change=options["on_change"],
                    dry_run=options["dry_run"],
                    source=path.name[:200],
                )
        except (OSError, UnreadableFile) as error:
            raise CommandError(str(error)) from None
        for fault in counts.errors:
            where = f"row {fault['row']}" + (
                f", {fault['field']}" if fault["field"] else ""
            )
            self.stderr.write(f"{where}: {fault['message']}")
        self.stdout.write(
            f"{counts.created} created, {counts.updated} updated, "
            f"{counts.unchanged} unchanged, {counts.rejected} rejected."
        )
        if counts.records == 0 or counts.rejected:
            words = "Not every record was taken." if counts.records else "No records."
            raise CommandError(words)


def project_named(name: str) -> Project:
    """The project with this id or, if only one has it, this name."""
    projects = Project.objects.filter(name=name)
    with contextlib.suppress(ValueError):
        projects = Project.objects.filter(pk=UUID(name))
    found = list(projects[:2])
    if len(found) != 1:
        count = "No project has" if not found else "Several projects have"
        raise CommandError(f"{count} the name {name!r}; use the project's id.")
    return found[0]


def dataset_named(project: Project, name: str) -> Dataset | None:
    return Dataset.objects.filter(project=project, name=name).first()


def owner_of(project: Project) -> User:
    """In whose name the command acts: the project's first owner."""
    owners = Membership.objects.current().filter(project=project, role=Role.OWNER)
    owner = owners.select_related("user").order_by("joined_at").first()
    if owner is None:
        raise CommandError("The project has no owner; add one first.")
    return owner.user
