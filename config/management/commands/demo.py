"""`manage.py demo`: the main job at once, in a project written for it."""

from __future__ import annotations

import os
import shlex
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connections

from accounts.links import own_address, sign_in_link
from accounts.models import Project, User
from config.demo.loading import PEOPLE, demo_project, email_of, load_demo
from config.serving import CannotServe, listen, make_folders, serve


class Command(BaseCommand):
    help = (
        "Migrates, fills a demo project, serves web and background work, and prints a "
        "sign-in link for each role. Safe to run again: the project is kept."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--port", type=int, default=8000)
        parser.add_argument(
            "--fresh",
            action="store_true",
            help="Empty the demo first, with all that was done in it; refused if there "
            "are other projects.",
        )

    def handle(self, *, port: int, fresh: bool, **options: Any) -> None:
        bind = f"127.0.0.1:{port}"
        try:
            listen(bind).close()  # A taken port is said before anything is changed.
        except (CannotServe, ValueError, OverflowError):
            words = f"Port {port} cannot be used; choose another with --port."
            raise CommandError(words) from None
        if fresh:
            self.forget()
        make_folders()
        call_command("migrate", verbosity=0)
        if demo_project() is None:
            if Project.objects.exists():
                raise CommandError(
                    "This database holds other work. Set TOUCHSTONE_DATA_DIR to an "
                    "empty folder for the demo."
                )
            self.stdout.write("Filling the demo project …")
            self.stdout.flush()
            load_demo()
        try:
            serve(bind, announce=self.announce)
        except (CannotServe, ValueError) as problem:
            raise CommandError(str(problem)) from None

    def forget(self) -> None:
        """Remove the embedded database if nothing but the demo is in it."""
        database = settings.DATABASES["default"]
        if not database["ENGINE"].endswith("sqlite"):
            raise CommandError(
                "--fresh empties the embedded database only; drop this one yourself."
            )
        path = Path(database["NAME"])
        if not path.exists():
            return
        call_command("migrate", verbosity=0)
        demo = demo_project()
        others = Project.objects.exclude(pk=demo.pk) if demo else Project.objects.all()
        if others.exists() or (demo is None and User.objects.exists()):
            raise CommandError(
                f"{path} holds more than the demo, so it is not emptied. Set "
                "TOUCHSTONE_DATA_DIR to another folder, or remove the file yourself."
            )
        connections.close_all()
        for file in (
            path,
            *(path.with_name(f"{path.name}-{end}") for end in ("wal", "shm")),
        ):
            file.unlink(missing_ok=True)

    def announce(self, base_url: str) -> None:
        self.stdout.write(f"\nTouchstone is at {base_url}/ (Ctrl+C stops it).\n")
        self.stdout.write(
            "Sign in with one of these links; each works once, for a day:\n"
        )
        for role, name in PEOPLE.items():
            user = User.objects.get(email=email_of(role))
            self.stdout.write(f"  {name:17} {sign_in_link(user, base_url)}")
        self.stdout.write(
            "\nStart as Anna Annotator to judge, as Max Manager to see the result."
        )
        again = f"uv run manage.py sign_in_link {email_of('annotator')}"
        if "TOUCHSTONE_DATA_DIR" in os.environ:
            again = f"TOUCHSTONE_DATA_DIR={shlex.quote(str(settings.DATA_DIR))} {again}"
        if base_url != own_address():
            again += f" --base-url {base_url}"
        self.stdout.write(
            "A link that is used up: this prints another, in a second terminal in the "
            f"same folder:\n  {again}"
        )
        self.stdout.flush()
