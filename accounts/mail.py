"""The one letter that accounts sends by itself: an invitation."""

from __future__ import annotations

import logging

from django.conf import settings
from django.core.mail import send_mail
from django.template.loader import render_to_string

from accounts.models import Invitation

logger = logging.getLogger(__name__)


def mail_is_set_up() -> bool:
    """Without a mail server, links are shown to the manager to copy."""
    return bool(settings.EMAIL_URL)


def mail_invitation(invitation: Invitation, link: str) -> bool:
    """Send the link; False when the mail server did not take it."""
    context = {"invitation": invitation, "link": link}
    try:
        send_mail(
            # A project's name may hold anything, a subject no line break.
            " ".join(f"Touchstone: {invitation.project.name}".split()),
            render_to_string("accounts/email/invitation.txt", context),
            None,
            [invitation.email],
        )
    except OSError:  # SMTP errors are OSErrors too.
        logger.exception("The mail server did not take an invitation.")
        return False
    return True
