"""What a manager sends about a running batch: whose leases, from whom to whom, why."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from annotation.models import Batch

REASON = 500


class PersonChoice(forms.ModelChoiceField):
    def label_from_instance(self, user: Any) -> str:
        return f"{user.name} ({user.email})" if user.name else str(user.email)


class ReleaseForm(forms.Form):
    """Whose leases end now."""

    annotator = PersonChoice(
        User.objects.none(),
        required=False,
        label=_("Whose"),
        empty_label=_("Everybody’s"),
    )

    def __init__(self, *args: Any, batch: Batch, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: dict[str, Any] = self.fields
        fields["annotator"].queryset = annotators_of(batch)


class ReassignForm(forms.Form):
    """From whom, to whom, and whether the first takes no more."""

    giver = PersonChoice(
        User.objects.none(),
        label=_("From"),
        error_messages={"required": _("Choose whose units are given away.")},
    )
    taker = PersonChoice(
        User.objects.none(),
        required=False,
        label=_("To"),
        empty_label=_("Nobody: give the units back"),
    )
    leaves = forms.BooleanField(
        required=False,
        label=_("They leave this batch"),
        help_text=_("What they judged stays. They are given nothing more here."),
    )

    def __init__(self, *args: Any, batch: Batch, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: dict[str, Any] = self.fields
        fields["giver"].queryset = annotators_of(batch)
        judging = batch.project.memberships.current().judging().values("user")
        fields["taker"].queryset = User.objects.filter(pk__in=judging).order_by("email")


class WithdrawalForm(forms.Form):
    """Why a unit is given to nobody any more."""

    reason = forms.CharField(
        label=_("Why?"),
        max_length=REASON,
        widget=forms.TextInput(attrs={"dir": "auto"}),
        error_messages={"required": _("Say why; the record keeps it.")},
    )


def annotators_of(batch: Batch) -> Any:
    """Who is or was an annotator of the batch."""
    return User.objects.filter(batch_memberships__batch=batch).order_by("email")
