"""The letters about work: given, soon due, returned; and that a manager is needed.

Acts call `tell_of_work` and `tell_of_return`; a worker writes, after the commit.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

from celery import current_app
from django.conf import settings
from django.core.mail import send_mail
from django.db import transaction
from django.db.models import F, Q
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone

from accounts.mail import mail_is_set_up, subject_of, write_to
from accounts.mail_switches import wants
from accounts.models import Membership, User
from accounts.permissions import MANAGING
from annotation.models import Batch, BatchMember, Return, TrainingAttempt
from annotation.models.batch import BatchState
from annotation.progress import progress_in

logger = logging.getLogger(__name__)

BEFORE_DUE = timedelta(days=1)


# --- What acts call -------------------------------------------------------------------


def tell_of_work(batch: Batch) -> None:
    """Who has work in this batch and was not told yet is told, once it is open."""
    send_later("tell_of_work", batch.pk)


def tell_of_return(return_: Return) -> None:
    """Its annotator is told that a judgment came back."""
    send_later("write_letter", "returned", return_.pk)


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
            subject_of(batch.name),
            render_to_string("annotation/email/training.txt", context),
            None,
            list(managers.values_list("user__email", flat=True)),
        )
    except OSError:  # SMTP errors are OSErrors too.
        logger.exception("The mail server did not take a letter about a training.")


def send_later(task: str, *args: object) -> None:
    """Hand it to the workers after the commit.

    Robust: an act is not undone because the broker is away; the letter is lost then.
    """
    if not mail_is_set_up():
        return
    sent = [str(arg) for arg in args]
    name = f"annotation.tasks.{task}"
    # Not a partial: Django tells the name of what failed, and a partial has none.
    transaction.on_commit(lambda: send(name, sent), robust=True)


def send(name: str, args: list[str]) -> None:
    current_app.send_task(name, args=args)


# --- Who is told ----------------------------------------------------------------------


def tell_members_of(batch_id: UUID | str) -> None:
    """A letter for each annotator of an open batch who has had none about it.

    Who no longer takes part is told anew when they are asked again.
    """
    batch = Batch.objects.filter(pk=batch_id).first()
    if batch is None or not batch.is_open:
        return
    batch.members.filter(active=False).update(told_assigned_at=None, told_due_at=None)
    untold = BatchMember.objects.filter(told_assigned_at=None)
    for pk in untold.filter(batch=batch, active=True).values_list("pk", flat=True):
        mark_and_write("assigned", untold.filter(pk=pk), "told_assigned_at")


def remind_of_due_work() -> None:
    """A letter for each annotator who has work left that is due within a day.

    Once for each due date: one that moves by more than a day is told anew.
    """
    if not mail_is_set_up():
        return
    now = timezone.now()
    untold = BatchMember.objects.filter(
        Q(told_due_at=None) | Q(told_due_at__lt=F("batch__due_at") - BEFORE_DUE),
        batch__state=BatchState.OPEN,
        batch__due_at__gt=now,
        batch__due_at__lte=now + BEFORE_DUE,
        active=True,
        user__mail_due=True,
    )
    for member in untold.select_related("batch", "user"):
        if has_work_left(member):
            mark_and_write("due", untold.filter(pk=member.pk), "told_due_at")


def mark_and_write(kind: str, untold: Any, column: str) -> None:
    """Of two workers that look at the same time, one finds the row unmarked."""
    with transaction.atomic():
        member = untold.select_for_update(of=("self",)).first()
        if member is None:
            return
        BatchMember.objects.filter(pk=member.pk).update(**{column: timezone.now()})
        send_later("write_letter", kind, member.pk)


# --- What is written ------------------------------------------------------------------


def write_letter(kind: str, pk: str) -> None:
    """Write the letter unless it is no longer true or wanted; may raise OSError."""
    if mail_is_set_up():
        LETTERS[kind](pk)


def write_of_work(pk: str) -> None:
    member = member_with_work(pk)
    if member and may_be_told(member.user, member.batch, "assigned"):
        write_about(member.batch, member.user, "assigned", path_of(member.batch))


def write_of_due_work(pk: str) -> None:
    member = member_with_work(pk)
    if member is None or not may_be_told(member.user, member.batch, "due"):
        return
    progress = progress_in([member.batch], member.user)[member.batch.pk]
    write_about(
        member.batch, member.user, "due", path_of(member.batch), progress=progress
    )


def write_of_return(pk: str) -> None:
    returns = Return.objects.waiting().select_related(
        "assignment__batch__project", "assignment__annotator"
    )
    found = returns.filter(pk=pk).first()
    if found is None:
        return
    assignment = found.assignment
    if may_be_told(assignment.annotator, assignment.batch, "returned"):
        path = reverse("annotation:mine-one", args=[assignment.pk])
        write_about(
            assignment.batch, assignment.annotator, "returned", path, text=found.text
        )


LETTERS: dict[str, Callable[[str], None]] = {
    "assigned": write_of_work,
    "due": write_of_due_work,
    "returned": write_of_return,
}


def write_about(batch: Batch, user: User, kind: str, path: str, **more: Any) -> None:
    link = f"{settings.TOUCHSTONE_URL}{path}" if settings.TOUCHSTONE_URL else ""
    write_to(
        user,
        kind,
        about=batch.name,
        template=f"annotation/email/{kind}.txt",
        context={"batch": batch, "project": batch.project, "link": link, **more},
    )


def member_with_work(pk: str) -> BatchMember | None:
    members = BatchMember.objects.select_related("batch__project", "user")
    return members.filter(pk=pk, active=True, batch__state=BatchState.OPEN).first()


def may_be_told(user: User, batch: Batch, kind: str) -> bool:
    """Do they want it, and are they still here to do something about it?"""
    if not user.is_active or not wants(user, kind):
        return False
    judging = Membership.objects.current().judging()
    return judging.filter(project=batch.project_id, user=user).exists()


def has_work_left(member: BatchMember) -> bool:
    return progress_in([member.batch], member.user)[member.batch.pk].left > 0


def path_of(batch: Batch) -> str:
    path: str = reverse("annotation:welcome", args=[batch.pk])
    return path
