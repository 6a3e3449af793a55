"""`manage.py serve`: a small team's whole installation in one command."""

from __future__ import annotations

from typing import Any

from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.module_loading import import_string

from config.serving import CannotServe, address, serve


class Command(BaseCommand):
    help = (
        "Migrates the database and serves Touchstone with its background work. With "
        "REDIS_URL set, it starts the same processes as docker-compose.yml does."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--bind",
            default=address.DEFAULT,
            metavar="HOST:PORT",
            help="Where to listen (default: %(default)s, this machine only).",
        )

    def handle(self, *, bind: str, **options: Any) -> None:
        try:
            serve(bind, announce=self.announce)
        except (CannotServe, ValueError) as problem:
            raise CommandError(str(problem)) from None

    def announce(self, base_url: str) -> None:
        self.stdout.write(f"Touchstone is at {base_url}/ (Ctrl+C stops it).")
        if not get_user_model().objects.exists():
            link = import_string("accounts.links.set_up_link")(base_url)
            self.stdout.write(
                "Nobody has an account yet. Make the first one within 15 minutes: "
                + link
            )
        self.stdout.flush()
