"""Fields that say who judges how much, when, and what comes before."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from annotation.actions.calibration import AT_MOST
from annotation.forms.batches.choices import LARGEST
from annotation.forms.batches.lines import AssignedField
from annotation.models.batch import Priority, Strategy


class SharingFields(forms.Form):
    overlap_share = forms.FloatField(
        min_value=0.001,
        max_value=100,
        required=False,
        initial=100,
        label=_("So many percent of the units are judged by that many"),
        help_text=_("The others are judged by one annotator."),
    )
    strategy = forms.ChoiceField(
        label=_("Strategy"),
        choices=[
            (Strategy.POOL, _("Pool: whoever is free takes the next unit")),
            (Strategy.FIXED, _("Fixed: units are shared out when the batch opens")),
            (Strategy.SKILL, _("Skill: shared out among those who have the skill")),
            (Strategy.NAMED, _("Named: you say who judges which unit")),
        ],
    )
    skill_segment = forms.CharField(
        required=False,
        max_length=100,
        label=_("Segment of skills"),
        help_text=_(
            "A segment such as language. Whose skills hold an item's value judges it; "
            "skills stand on a member's page."
        ),
    )
    assigned = AssignedField(
        rows=4,
        label=_("Who judges what"),
        help_text=_(
            "One line for each item or output: its id and the e-mail addresses of who "
            "judges it."
        ),
    )
    per_annotator_cap = forms.IntegerField(
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
    due_at = forms.DateTimeField(
        required=False,
        label=_("Due"),
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}),
    )
    priority = forms.TypedChoiceField(
        required=False,
        coerce=int,
        empty_value=str(Priority.NORMAL.value),
        initial=Priority.NORMAL,
        choices=Priority.choices,
        label=_("Priority"),
        help_text=_("Of several batches, which one is offered first."),
    )
    lease_minutes = forms.IntegerField(
        min_value=1,
        max_value=10_080,
        initial=30,
        label=_("Minutes a unit is held for its annotator"),
        help_text=_("Renewed while they work; afterwards others may take the unit."),
    )
    seed = forms.IntegerField(
        min_value=-LARGEST,
        max_value=LARGEST,
        initial=0,
        label=_("Seed"),
        help_text=_("Fixes what is left to chance."),
    )


class BeforeFields(forms.Form):
    training = forms.IntegerField(
        required=False,
        min_value=0,
        max_value=100,
        label=_("Training: pass mark in percent"),
        help_text=_(
            "Empty: no training. 0: whoever finishes it is let in. You choose its "
            "items and say what is right before the batch is opened."
        ),
    )
    training_attempts = forms.IntegerField(
        required=False,
        min_value=1,
        max_value=20,
        initial=3,
        label=_("Training: attempts"),
    )
    calibration = forms.IntegerField(
        required=False,
        min_value=1,
        max_value=AT_MOST,
        label=_("Calibration: units that everybody judges first"),
        help_text=_(
            "Empty: no round. Drawn at random with the seed; they count in neither "
            "agreement nor gold."
        ),
    )
    calibration_waits = forms.BooleanField(
        required=False,
        initial=True,
        label=_("Calibration: the work waits until I close the round"),
    )
    guidelines = forms.CharField(
        required=False,
        label=_("Guidelines"),
        widget=forms.Textarea(attrs={"rows": 6, "dir": "auto"}),
        help_text=_(
            "Markdown. Annotators read them first and can open them beside every unit."
        ),
    )
