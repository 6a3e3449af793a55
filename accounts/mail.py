"""The letters we send: written in their reader's language, short, with a link."""

from __future__ import annotations

import logging
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage, send_mail
from django.template.loader import render_to_string
from django.utils import translation

from accounts.mail_switches import switch_link
from accounts.models import Invitation, User

logger = logging.getLogger(__name__)


def mail_is_set_up() -> bool:
    """Without a mail server, links are shown to the manager to copy."""
    return bool(settings.EMAIL_URL)


def mail_invitation(invitation: Invitation, link: str) -> bool:
    """Send the link; False when the mail server did not take it, or there is none."""
    if not mail_is_set_up():
        return False
    context = {"invitation": invitation, "link": link}
    try:
        send_mail(
            subject_of(invitation.project.name),
            render_to_string("accounts/email/invitation.txt", context),
            None,
            [invitation.email],
        )
    except OSError:  # SMTP errors are OSErrors too.
        logger.exception("The mail server did not take an invitation.")
        return False
    return True


def write_to(
    user: User, kind: str, *, about: str, template: str, context: dict[str, Any]
) -> None:
    """Send a letter that its reader can switch off; raises OSError when it fails."""
    off = switch_link(user, kind)
    with translation.override(language_of(user)):
        context = {"user": user, "off": off, **context}
        text = render_to_string(template, context).strip() + "\n"
        letter = EmailMessage(subject_of(about), text, to=[user.email])
        if off:  # RFC 8058: the mail program's own button for it.
            letter.extra_headers["List-Unsubscribe"] = f"<{off}>"
            letter.extra_headers["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
        letter.send()


def subject_of(about: str) -> str:
    """A name may hold anything, a subject no line break."""
    return " ".join(f"Touchstone: {about}".split())


def language_of(user: User) -> str:
    known = dict(settings.LANGUAGES)
    return user.language if user.language in known else settings.LANGUAGE_CODE
