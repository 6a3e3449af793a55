"""The form that makes a batch, with choices from its project alone."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import Membership, Project
from annotation.actions.calibration import AT_MOST, Round
from annotation.actions.training import Training
from annotation.actions.units import Selection
from annotation.models import Dataset, System
from annotation.models.batch import Layout, Strategy
from rubrics.models import RubricVersion

LARGEST = 2**31 - 1


class VersionChoice(forms.ModelChoiceField):
    def label_from_instance(self, version: Any) -> str:
        return f"{version.rubric.name} v{version.number}"


class BatchForm(forms.Form):
    name = forms.CharField(max_length=200, label=_("Name"))
    dataset = forms.ModelChoiceField(Dataset.objects.none(), label=_("Dataset"))
    rubric_version = VersionChoice(RubricVersion.objects.none(), label=_("Rubric"))
    layout = forms.ChoiceField(
        label=_("Layout"),
        choices=[
            (Layout.SCORING, _("Scoring: one output at a time")),
            (Layout.PAIRWISE, _("Pairwise: two outputs of an item side by side")),
            (Layout.RANKING, _("Ranking: all outputs of an item together")),
        ],
    )
    pairs = forms.ChoiceField(
        label=_("Pairs (pairwise only)"),
        choices=[
            ("all", _("Every pair of an item's outputs")),
            ("chain", _("Neighbours in the order of import")),
            ("random", _("Each output once, with a random other one")),
        ],
    )
    systems = forms.MultipleChoiceField(
        required=False,
        label=_("Systems"),
        widget=forms.CheckboxSelectMultiple,
        help_text=_("None ticked: outputs of all systems."),
    )
    sample = forms.IntegerField(
        min_value=1,
        max_value=LARGEST,
        required=False,
        label=_("Units to draw"),
        help_text=_("Empty: all. Drawn at random with the seed."),
    )
    annotators = forms.ModelMultipleChoiceField(
        Membership.objects.none(),
        label=_("Annotators"),
        widget=forms.CheckboxSelectMultiple,
    )
    overlap = forms.IntegerField(
        min_value=1,
        max_value=1_000,
        initial=2,
        label=_("Annotators for each unit"),
        help_text=_("Agreement needs at least two."),
    )
    strategy = forms.ChoiceField(
        label=_("Strategy"),
        choices=[
            (Strategy.POOL, _("Pool: whoever is free takes the next unit")),
            (Strategy.FIXED, _("Fixed: units are shared out when the batch opens")),
        ],
    )
    per_annotator_cap = forms.IntegerField(
        min_value=1,
        max_value=LARGEST,
        required=False,
        label=_("At most this many for each annotator"),
    )
    lease_minutes = forms.IntegerField(
        min_value=1,
        max_value=10_080,
        initial=30,
        label=_("Minutes a unit is held for its annotator"),
        help_text=_("Renewed while they work; afterwards others may take the unit."),
    )
    due_at = forms.DateTimeField(
        required=False,
        label=_("Due"),
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}),
    )
    seed = forms.IntegerField(
        min_value=-LARGEST,
        max_value=LARGEST,
        initial=0,
        label=_("Seed"),
        help_text=_("Fixes what is left to chance."),
    )
    guidelines = forms.CharField(
        required=False,
        label=_("Guidelines"),
        widget=forms.Textarea(attrs={"rows": 6, "dir": "auto"}),
        help_text=_(
            "Markdown. Annotators read them first and can open them beside every unit."
        ),
    )
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

    def __init__(self, *args: Any, project: Project, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: dict[str, Any] = self.fields
        fields["dataset"].queryset = Dataset.objects.filter(project=project).order_by(
            "name"
        )
        fields["rubric_version"].queryset = (
            RubricVersion.objects.published()
            .filter(rubric__project=project)
            .select_related("rubric")
            .order_by("rubric__name", "-number")
        )
        fields["annotators"].queryset = annotating_members(project)
        fields["systems"].choices = systems_of(project)
        fields["annotators"].label_from_instance = annotator_label

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        named, overlap = data.get("annotators"), data.get("overlap")
        if named and overlap and overlap > len(named):
            words = f"{overlap} are to judge each unit, but {len(named)} are chosen."
            self.add_error("overlap", words)
        return data

    def as_arguments(self) -> dict[str, Any]:
        """What `create_batch` takes."""
        data = self.cleaned_data
        return {
            "dataset": data["dataset"],
            "rubric_version": data["rubric_version"],
            "name": data["name"],
            "layout": data["layout"],
            "overlap": data["overlap"],
            "annotators": [member.user for member in data["annotators"]],
            "selection": Selection(
                pairs=data["pairs"], systems=data["systems"], sample=data["sample"]
            ),
            "strategy": data["strategy"],
            "cap": data["per_annotator_cap"],
            "lease": timedelta(minutes=data["lease_minutes"]),
            "due_at": data["due_at"],
            "seed": data["seed"],
            "guidelines": data["guidelines"],
            "training": training_asked(data),
            "calibration": round_asked(data),
        }


def systems_of(project: Project) -> list[tuple[str, str]]:
    """The systems, each with the datasets that hold outputs of it where several are."""
    found: dict[str, list[str]] = {}
    rows = System.objects.filter(project=project).order_by(
        "name", "outputs__dataset__name"
    )
    for name, dataset in rows.values_list("name", "outputs__dataset__name").distinct():
        found.setdefault(name, []).extend([dataset] if dataset else [])
    if len({dataset for datasets in found.values() for dataset in datasets}) < 2:
        return [(name, name) for name in found]
    return [
        (name, f"{name} ({', '.join(datasets)})" if datasets else name)
        for name, datasets in found.items()
    ]


def training_asked(data: dict[str, Any]) -> Training | None:
    if data["training"] is None:
        return None
    return Training(
        pass_mark=data["training"] / 100, attempts=data["training_attempts"] or 3
    )


def round_asked(data: dict[str, Any]) -> Round | None:
    if data["calibration"] is None:
        return None
    return Round(units=data["calibration"], waits=data["calibration_waits"])


def annotator_label(member: Membership) -> str:
    if member.user.is_active:
        return str(member.user)
    return _("%(person)s, cannot sign in") % {"person": member.user}


def annotating_members(project: Project) -> Any:
    annotating = Membership.objects.current().judging().filter(project=project)
    return annotating.select_related("user").order_by("user__name", "user__email")
