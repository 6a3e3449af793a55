"""What needs a person's attention at home: each thing says what, where and what to do.

To add another kind: a function that returns Attention rows in as many queries as for
one, called in `attention_for`. A row with `put_away` can be dismissed there.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import User
from annotation.models import Flag

MOST = 20


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
    return answered_flags(user)


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
            words=flag.answer,
            by=str(flag.answered_by),
            url=reverse("annotation:mine-one", args=[flag.assignment_id]),
            action=_("Open the item"),
            put_away=reverse("annotation:flag-seen", args=[flag.pk]),
        )
        for flag in flags[:MOST]
    ]


def kind_of(flag: Flag) -> str:
    return str(flag.get_kind_display())
