"""Print a link that signs somebody in, for who runs the installation."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts.links import own_address, sign_in_link
from accounts.models import User


class Command(BaseCommand):
    help = "Print a link that signs a person in, once, within a day."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("email")
        parser.add_argument(
            "--base-url",
            default="",
            help="Where this site is reached, for the link (default: from settings).",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        email = options["email"].strip().lower()
        user = User.objects.filter(email=email).first()
        if user is None:
            raise CommandError(f"Nobody has the address {email}.")
        if not user.is_active:
            raise CommandError(f"{email} cannot sign in: the account is switched off.")
        self.stdout.write(sign_in_link(user, options["base_url"] or own_address()))
