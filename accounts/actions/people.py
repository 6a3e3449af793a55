"""People: the first owner, new accounts, names and passwords."""

from __future__ import annotations

from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from accounts.actions.projects import create_project
from accounts.actions.refusals import Outranked
from accounts.mail_switches import SWITCHES
from accounts.models import AuditEvent, Membership, Project, User
from accounts.permissions import outranks_everywhere

SETTINGS = (
    "name",
    "language",
    "theme",
    "density",
    "single_keys",
    "break_minutes",
    *(switch.field for switch in SWITCHES.values()),
)


class SetUpIsOver(Exception):
    """Somebody has an account: the set-up link works no more."""


@transaction.atomic
def set_up(
    *, email: str, name: str, password: str, project_name: str
) -> tuple[User, Project]:
    """Make the first person, who administers the site, and their first project."""
    # With no account there is no row to wait on but this one, which always exists.
    ContentType.objects.select_for_update().get(app_label="accounts", model="user")
    if User.objects.exists():
        raise SetUpIsOver
    user = User.objects.create_superuser(email, password, name=name)
    AuditEvent.objects.record("person created", user, by=user, site_admin=True)
    return user, create_project(name=project_name, by=user)


@transaction.atomic
def create_person(
    *,
    email: str,
    name: str = "",
    password: str | None = None,
    by: User | None,
    site_admin: bool = False,
) -> User:
    """Make an account; without a password it waits for a link to set one."""
    make = User.objects.create_superuser if site_admin else User.objects.create_user
    user = make(email, password, name=name)
    AuditEvent.objects.record("person created", user, by=by, site_admin=site_admin)
    return user


@transaction.atomic
def account_for(*, email: str, name: str = "", by: User | None) -> User:
    """Return the account with this address; make one if there is none."""
    found = User.objects.filter(email=email.strip().lower()).first()
    if found:
        return found
    try:
        with transaction.atomic():
            return create_person(email=email, name=name, by=by)
    except IntegrityError:  # Another request made it in this moment.
        return User.objects.get(email=email.strip().lower())


@transaction.atomic
def change_settings(*, user: User, **changed: Any) -> User:
    """Keep a person's name, how the product looks and behaves, what it mails them."""
    unknown = changed.keys() - set(SETTINGS)
    if unknown:
        raise TypeError(f"No settings of a person: {sorted(unknown)}")
    if changed.get("name", user.name) != user.name:
        AuditEvent.objects.record("person renamed", user, by=user)
    for setting, value in changed.items():
        setattr(user, setting, value)
    user.save(update_fields=list(changed))
    return user


def open_account(*, user: User, name: str, password: str) -> User:
    """Give an account that nobody has signed in to its person's name and password."""
    user.is_active = True
    user.name = name or user.name
    user.set_password(password)
    user.save(update_fields=["is_active", "name", "password"])
    return user


@transaction.atomic
def lend_password_link(*, membership: Membership, by: User) -> User:
    """Put on record that a manager makes a password link for a member."""
    user = membership.user
    switched_off = not user.is_active and not user.is_unopened
    if switched_off or not outranks_everywhere(by, user):
        raise Outranked(
            _(
                "You cannot make a password link for this person. They can ask for "
                "one by e-mail, or a site admin can make one."
            )
        )
    AuditEvent.objects.record(
        "password link made",
        membership,
        by=by,
        project=membership.project,
        person=str(user.pk),
    )
    return user
