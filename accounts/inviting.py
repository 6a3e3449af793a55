"""Invitations on their way: each with its link, mailed where mail is set up."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.http import HttpRequest

from accounts.links import address_for, invitation_link
from accounts.mail import mail_invitation
from accounts.models import Invitation


@dataclass(frozen=True)
class Sent:
    """An invitation with its link, which is shown once."""

    invitation: Invitation
    link: str
    is_mailed: bool


def send(request: HttpRequest, made: Iterable[tuple[Invitation, str]]) -> list[Sent]:
    """Mail each link; it is shown to its sender as well, since letters get lost."""
    sent = []
    for invitation, secret in made:
        link = invitation_link(secret, address_for(request))
        sent.append(Sent(invitation, link, mail_invitation(invitation, link)))
    return sent
