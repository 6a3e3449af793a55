"""The letters that annotation sends by itself: somebody waits for a manager."""

from __future__ import annotations

import logging

from django.core.mail import send_mail
from django.template.loader import render_to_string

from accounts.mail import mail_is_set_up
from accounts.models import Membership
from accounts.permissions import MANAGING
from annotation.models import TrainingAttempt

logger = logging.getLogger(__name__)


def tell_of_failed_training(attempt: TrainingAttempt) -> None:
    """To the project's managers; without a mail server the batch's page says it."""
    if not mail_is_set_up():
        return
    batch = attempt.member.batch
    managers = Membership.objects.current().filter(
        project=batch.project_id, role__in=MANAGING, user__is_active=True
    )
    context = {"batch": batch, "attempt": attempt, "user": attempt.member.user}
    try:
        send_mail(
            # A batch's name may hold anything, a subject no line break.
            " ".join(f"Touchstone: {batch.name}".split()),
            render_to_string("annotation/email/training.txt", context),
            None,
            list(managers.values_list("user__email", flat=True)),
        )
    except OSError:  # SMTP errors are OSErrors too.
        logger.exception("The mail server did not take a letter about a training.")
