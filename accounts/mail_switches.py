"""Which letters a person may switch off, and the signed link in each that does it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple
from uuid import UUID

from django.conf import settings
from django.core import signing
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.models import User

SALT = "accounts.mail-switches"


if TYPE_CHECKING:
    from django.utils.functional import _StrPromise


class Switch(NamedTuple):
    """One kind of letter: the person's field for it, its name, what its end means."""

    field: str
    label: _StrPromise
    when_off: _StrPromise


SWITCHES = {
    "assigned": Switch(
        "mail_assigned",
        _("Mail me when work is given to me"),
        _("You get no mail any more when work is given to you."),
    ),
    "due": Switch(
        "mail_due",
        _("Mail me a day before my work is due"),
        _("You get no mail any more a day before your work is due."),
    ),
    "returned": Switch(
        "mail_returned",
        _("Mail me when a judgment comes back to me"),
        _("You get no mail any more when a judgment comes back to you."),
    ),
}


class UnknownLink(Exception):
    """No link of ours, or its person is gone."""


def wants(user: User, kind: str) -> bool:
    return bool(getattr(user, SWITCHES[kind].field))


def switch_link(user: User, kind: str) -> str:
    """The address that ends this kind of letter; "" where ours is not known.

    It never expires, since an old letter's link must still work; all it can do is this.
    """
    if not settings.TOUCHSTONE_URL:
        return ""
    token = signing.dumps([str(user.pk), kind], salt=SALT)
    path: str = reverse("accounts:mail-off", args=[token])
    return f"{settings.TOUCHSTONE_URL}{path}"


def read_switch_link(token: str) -> tuple[User, str]:
    """Whose letters of which kind the link ends; raises UnknownLink."""
    try:
        user_id, kind = signing.loads(token, salt=SALT)
        user = User.objects.filter(pk=UUID(user_id)).first()
    except (signing.BadSignature, ValueError):
        raise UnknownLink from None
    if user is None or kind not in SWITCHES:
        raise UnknownLink
    return user, kind
