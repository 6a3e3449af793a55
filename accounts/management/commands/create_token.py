"""Make an API token from the console; scripts read it from the last line."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError

from accounts.actions.tokens import DEFAULT_DAYS, make_token
from accounts.models import Project, Scope, User


class Command(BaseCommand):
    help = "Make an API token and print it, once, alone on the last line."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("email")
        parser.add_argument(
            "--project", default="", help="Id or name; without it, all of the person's."
        )
        parser.add_argument(
            "--scopes",
            default=",".join(Scope.values),
            help=f"Separated by commas, of: {', '.join(Scope.values)} (default: all).",
        )
        parser.add_argument("--days", type=int, default=DEFAULT_DAYS)
        parser.add_argument("--name", default="Made on the console")

    def handle(self, *args: Any, **options: Any) -> None:
        user = find_person(options["email"])
        project = find_project(options["project"], user) if options["project"] else None
        scopes = read_scopes(options["scopes"])
        days = options["days"]
        if not 1 <= days <= 3650:
            raise CommandError("--days must be from 1 to 3650.")
        _, secret = make_token(
            user=user,
            by=None,
            project=project,
            scopes=scopes,
            name=options["name"][:100],
            days=days,
        )
        reach = f"in {project}" if project else "in all of their projects"
        self.stdout.write(f"A token of {user.email}, {reach}, for {days} days:")
        self.stdout.write(secret)


def find_person(email: str) -> User:
    user = User.objects.filter(email=email.strip().lower()).first()
    if user is None:
        raise CommandError(f"Nobody has an account with the address {email!r}.")
    if not user.is_active:
        raise CommandError(f"The account of {user.email} is switched off.")
    return user


def find_project(id_or_name: str, user: User) -> Project:
    projects = Project.objects.visible_to(user)
    try:
        found = list(projects.filter(pk=UUID(id_or_name)))
    except ValueError:
        found = list(projects.filter(name=id_or_name)[:2])
    if not found:
        raise CommandError(f"{user.email} is in no project {id_or_name!r}.")
    if len(found) > 1:
        raise CommandError(f"Several projects are named {id_or_name!r}: give the id.")
    return found[0]


def read_scopes(text: str) -> list[str]:
    scopes = [scope.strip() for scope in text.split(",") if scope.strip()]
    unknown = [scope for scope in scopes if scope not in Scope.values]
    if unknown or not scopes:
        raise CommandError(
            f"Unknown scopes: {', '.join(unknown) or 'none given'}. "
            f"There are: {', '.join(Scope.values)}."
        )
    return list(dict.fromkeys(scopes))
