"""What needs a person's attention at home: each thing says what, where and what to do.

To add another kind: a function that returns Attention rows in as many queries as for
one, called in `attention_for`. A row with `put_away` can be dismissed there.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from annotation.models import Flag, Return, Skip
from annotation.models.assignment import AssignmentState
from annotation.models.batch import BatchState

MOST = 20
SKIPS_SHOWN = timedelta(days=7)


@dataclass(frozen=True)
class Attention:
    """One thing: a heading, whose words follow, where it leads, how it is put away."""

    title: str
    where: str
    words: str
    by: str
    url: str
    action: str
    put_away: str = ""


def attention_for(user: User) -> list[Attention]:
    return [*returned_to(user), *answered_flags(user), *answered_skips(user)]


def returned_to(user: User) -> list[Attention]:
    """My judgments that a manager asks about, while I can still change them."""
    returns = (
        Return.objects.waiting()
        .filter(
            assignment__annotator=user,
            assignment__batch__state__in=[BatchState.OPEN, BatchState.PAUSED],
            assignment__batch__project__memberships__user=user,
            assignment__batch__project__memberships__left_at=None,
        )
        .select_related("assignment__batch", "by")
        .order_by("-pk")
    )
    return [
        Attention(
            title=_("A judgment of yours is returned with a question"),
            where=returned.assignment.batch.name,
            words=returned.text,
            by=str(returned.by),
            url=reverse("annotation:assignment", args=[returned.assignment_id]),
            action=_("Look once more"),
        )
        for returned in returns[:MOST]
    ]


def answered_flags(user: User) -> list[Attention]:
    """The answers to my flags that I have not put away, newest first."""
    flags = (
        Flag.objects.unseen()
        .filter(
            assignment__annotator=user,
            assignment__batch__project__memberships__user=user,
            assignment__batch__project__memberships__left_at=None,
        )
        .select_related("assignment__batch", "answered_by")
        .order_by("-answered_at")
    )
    return [
        Attention(
            title=_("Your flag is answered: %(kind)s") % {"kind": kind_of(flag)},
            where=flag.assignment.batch.name,
            words=flag.answer or _("It is closed without words."),
            by=str(flag.answered_by),
            url=reverse("annotation:mine-one", args=[flag.assignment_id]),
            action=_("Open the item"),
            put_away=reverse("annotation:flag-seen", args=[flag.pk]),
        )
        for flag in flags[:MOST]
    ]


def answered_skips(user: User) -> list[Attention]:
    """What the manager said to my skips in the last days, newest first."""
    skips = (
        Skip.objects.filter(
            assignment__annotator=user,
            answered_at__gte=timezone.now() - SKIPS_SHOWN,
            assignment__batch__project__memberships__user=user,
            assignment__batch__project__memberships__left_at=None,
        )
        .exclude(~Q(assignment__state=AssignmentState.RESERVED), answer="")
        .select_related("assignment__batch", "answered_by")
        .order_by("-answered_at")
    )
    return [
        Attention(
            title=_("An item you skipped is given back to you")
            if skip.assignment.state == AssignmentState.RESERVED
            else _("Your skip is answered"),
            where=skip.assignment.batch.name,
            words=skip.answer,
            by=str(skip.answered_by),
            url=reverse("annotation:mine-one", args=[skip.assignment_id]),
            action=_("Open the item"),
        )
        for skip in skips[:MOST]
    ]


def kind_of(flag: Flag) -> str:
    return str(flag.get_kind_display())
