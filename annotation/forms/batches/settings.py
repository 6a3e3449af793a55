"""The form that changes a batch that there is."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.models import Group, Membership, User
from annotation.forms.batches.choices import (
    LARGEST,
    annotating_members,
    annotator_label,
)
from annotation.models import Batch
from annotation.models.batch import Priority, Strategy

BROWSERS = "%Y-%m-%dT%H:%M"  # what a date and time control shows and sends


class SettingsForm(forms.Form):
    name = forms.CharField(max_length=200, label=_("Name"))
    annotators = forms.ModelMultipleChoiceField(
        Membership.objects.none(),
        required=False,
        label=_("Annotators"),
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Who is no longer ticked keeps their work and takes no more."),
    )
    groups = forms.ModelMultipleChoiceField(
        Group.objects.none(),
        required=False,
        label=_("Groups to add"),
        widget=forms.CheckboxSelectMultiple,
        help_text=_("All members of a group who judge here are added."),
    )
    overlap = forms.IntegerField(
        min_value=1,
        max_value=1_000,
        label=_("Annotators for each unit"),
        help_text=_(
            "More opens what is missing; fewer closes only what nobody has taken."
        ),
    )
    overlap_share = forms.FloatField(
        min_value=0.001,
        max_value=100,
        label=_("So many percent of the units are judged by that many"),
        help_text=_("The others are judged by one annotator."),
    )
    priority = forms.TypedChoiceField(
        coerce=int, choices=Priority.choices, label=_("Priority")
    )
    due_at = forms.DateTimeField(
        required=False,
        label=_("Due"),
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format=BROWSERS),
    )
    cap = forms.IntegerField(
        min_value=1,
        max_value=LARGEST,
        required=False,
        label=_("At most this many for each annotator"),
    )
    daily_cap = forms.IntegerField(
        min_value=1,
        max_value=LARGEST,
        required=False,
        label=_("At most this many a day for each"),
    )
    lease_minutes = forms.FloatField(
        min_value=0.01,
        max_value=10_080,
        label=_("Minutes a unit is held for its annotator"),
        help_text=_("Renewed while they work; afterwards others may take the unit."),
    )

    def __init__(self, *args: Any, batch: Batch, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.batch = batch
        members = annotating_members(batch.project)
        active = batch.members.filter(active=True).values("user")
        fields: dict[str, Any] = self.fields
        fields["annotators"].queryset = members
        fields["annotators"].label_from_instance = annotator_label
        groups = Group.objects.filter(project=batch.project_id).order_by("name")
        fields["groups"].queryset = groups
        if not groups.exists():
            del self.fields["groups"]
            fields["annotators"].required = True
        if batch.strategy == Strategy.NAMED:
            # Those named for a unit judge it: there is no other number.
            del self.fields["overlap"], self.fields["overlap_share"]
        minutes = batch.lease.total_seconds() / 60
        self.initial = {
            "name": batch.name,
            "annotators": list(
                members.filter(user__in=active).values_list("pk", flat=True)
            ),
            "overlap": batch.overlap,
            "overlap_share": shortest(batch.overlap_share * 100),
            "priority": batch.priority,
            "due_at": batch.due_at and timezone.localtime(batch.due_at),
            "cap": batch.cap,
            "daily_cap": batch.daily_cap,
            "lease_minutes": shortest(minutes),
        }

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if not self.errors.get("annotators") and not self.people():
            self.add_error("annotators", gettext("Choose at least one annotator."))
        return data

    def people(self) -> list[User]:
        """Those ticked, and the members of the groups ticked."""
        data = self.cleaned_data
        chosen = list(data.get("annotators") or [])
        if data.get("groups"):
            in_groups = annotating_members(self.batch.project)
            chosen += in_groups.filter(groups__in=data["groups"])
        return list(dict.fromkeys(member.user for member in chosen))

    def changes(self) -> dict[str, Any]:
        """What `change_batch` takes: only what is another than before."""
        data, changed = self.cleaned_data, set(self.changed_data)
        plain = {"name", "overlap", "priority", "due_at", "cap", "daily_cap"}
        found = {name: data[name] for name in plain & changed}
        if "overlap_share" in changed:
            found["overlap_share"] = data["overlap_share"] / 100
        if "lease_minutes" in changed:
            found["lease"] = timedelta(minutes=data["lease_minutes"])
        if changed & {"annotators", "groups"}:
            found["annotators"] = self.people()
        return found


def shortest(number: float) -> float | int:
    """30 for 30.0: what a person would have written."""
    rounded = round(number, 6)
    return int(rounded) if rounded == int(rounded) else rounded
