"""Make an account from the console; the way in is a password or a one-time link."""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from typing import Any

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.core.validators import validate_email
from django.db import IntegrityError

from accounts.actions.people import create_person
from accounts.links import own_address, password_link
from accounts.models import User


class Command(BaseCommand):
    help = "Make an account. Without --password-stdin, prints a link to set a password."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("email")
        parser.add_argument("--name", default="")
        parser.add_argument(
            "--password-stdin",
            action="store_true",
            help="Read the password from the first line of standard input.",
        )
        parser.add_argument(
            "--superuser", action="store_true", help="Let the person make projects."
        )
        parser.add_argument(
            "--base-url",
            default="",
            help="Where this site is reached, for the link (default: from settings).",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        email, name = options["email"].strip().lower(), options["name"]
        check_person(email, name)
        password = None
        if options["password_stdin"]:
            password = sys.stdin.readline().rstrip("\r\n")
            check_password(password, User(email=email, name=name))
        try:
            user = create_person(
                email=email,
                name=name,
                password=password,
                by=None,
                site_admin=options["superuser"],
            )
        except IntegrityError:
            raise CommandError(f"{email} has an account already.") from None

        self.stdout.write(f"Made an account for {user.email}.")
        if password is None:
            self.stdout.write("Set its password with this link, once, within a day:")
            link = password_link(user, options["base_url"] or own_address(), by=None)
            self.stdout.write(link)


def check_person(email: str, name: str) -> None:
    try:
        validate_email(email)
    except ValidationError:
        raise CommandError(f"{email!r} is not an e-mail address.") from None
    if len(email) > 254 or len(name) > 150:
        raise CommandError("At most 254 characters of address and 150 of name.")


def check_password(password: str, person: User) -> None:
    try:
        validate_password(password, person)
    except ValidationError as error:
        raise CommandError(" ".join(error.messages)) from None
