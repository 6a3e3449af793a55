"""The form that makes a batch, with choices from its project alone."""

from __future__ import annotations

from datetime import timedelta
from functools import cached_property
from typing import Any

from django import forms
from django.db.models import Exists, OuterRef
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.models import Group, Membership, Project, User
from annotation.actions.asking import Asked
from annotation.actions.calibration import Round
from annotation.actions.training import Training
from annotation.forms.batches.choices import (
    SegmentChoice,
    annotating_members,
    annotator_label,
    read_segment,
    segment_choices,
    system_choices,
)
from annotation.forms.batches.selecting import SelectionFields
from annotation.forms.batches.sharing import BeforeFields, SharingFields
from annotation.models import Batch, Dataset, ItemSegment
from annotation.models.batch import Layout, Strategy
from annotation.selecting import Selection, Sure
from annotation.selecting.assigned import read_assigned
from annotation.selecting.outputs import item_keys
from rubrics.instrument import published_instrument
from rubrics.models import RubricVersion


class VersionChoice(forms.ModelChoiceField):
    def label_from_instance(self, version: Any) -> str:
        words = f"{version.rubric.name} v{version.number}"
        if version.is_superseded:
            return gettext("%(version)s (superseded)") % {"version": words}
        return words


class BatchForm(BeforeFields, SharingFields, SelectionFields):
    name = forms.CharField(max_length=200, label=_("Name"))
    dataset = forms.ModelChoiceField(Dataset.objects.none(), label=_("Dataset"))
    rubric_version = VersionChoice(RubricVersion.objects.none(), label=_("Rubric"))
    annotators = forms.ModelMultipleChoiceField(
        Membership.objects.none(),
        required=False,
        label=_("Annotators"),
        widget=forms.CheckboxSelectMultiple,
    )
    groups = forms.ModelMultipleChoiceField(
        Group.objects.none(),
        required=False,
        label=_("Groups"),
        widget=forms.CheckboxSelectMultiple,
        help_text=_("All members of a group who judge here are added."),
    )
    overlap = forms.IntegerField(
        min_value=1,
        max_value=1_000,
        initial=2,
        label=_("Annotators for each unit"),
        help_text=_("Agreement needs at least two."),
    )

    def __init__(self, *args: Any, project: Project, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.project = project
        fields: dict[str, Any] = self.fields
        fields["dataset"].queryset = Dataset.objects.filter(project=project).order_by(
            "name"
        )
        published = RubricVersion.objects.published().filter(rubric__project=project)
        newer = published.filter(
            rubric=OuterRef("rubric"), number__gt=OuterRef("number")
        )
        fields["rubric_version"].queryset = (
            published.annotate(is_superseded=Exists(newer))
            .select_related("rubric")
            .order_by("is_superseded", "rubric__name", "-number")
        )
        fields["annotators"].queryset = annotating_members(project)
        fields["annotators"].label_from_instance = annotator_label
        groups = Group.objects.filter(project=project).order_by("name")
        fields["groups"].queryset = groups
        if not groups.exists():
            del self.fields["groups"]
        if not self.is_bound:
            self.propose()
        is_named = self["strategy"].value() == Strategy.NAMED
        fields["annotators"].required = not is_named and "groups" not in fields
        fields["systems"].choices = system_choices(project, self.chosen_dataset)

    def propose(self) -> None:
        """What a first batch would be made of."""
        fields: dict[str, Any] = self.fields
        number = Batch.objects.filter(project=self.project).count() + 1
        members = fields["annotators"].queryset
        people = [one.pk for one in members if one.user.is_active]
        self.initial = {
            "name": free_name(self.project, number),
            "dataset": only_one(fields["dataset"].queryset),
            "rubric_version": only_one(
                fields["rubric_version"].queryset.filter(is_superseded=False)
            ),
            "annotators": people,
            "overlap": max(1, min(2, len(people))),
            **self.initial,
        }

    @cached_property
    def chosen_dataset(self) -> Dataset | None:
        """The dataset that is chosen now."""
        try:
            found = self.fields["dataset"].clean(self["dataset"].value())
        except forms.ValidationError:
            return None
        return found if isinstance(found, Dataset) else None

    @cached_property
    def segment_choices(self) -> list[SegmentChoice]:
        return segment_choices(self.chosen_dataset, self["segments"].value() or [])

    @property
    def is_begun(self) -> bool:
        """Are a dataset and a rubric chosen, without which nothing can be reckoned?"""
        return bool(self["dataset"].value() and self["rubric_version"].value())

    @property
    def lacks(self) -> set[str]:
        """What the project has none of, without which there is no batch."""
        fields: dict[str, Any] = self.fields
        names = ("dataset", "rubric_version", "annotators")
        return {name for name in names if not fields[name].queryset.exists()}

    @property
    def uses_more(self) -> set[str]:
        """The folded parts in which something is entered or refused."""
        return {
            part
            for part, names in PARTS.items()
            if any(self.is_used(name) for name in names)
        }

    def is_used(self, name: str) -> bool:
        value, initial = (
            self[name].value(),
            self.get_initial_for_field(self.fields[name], name),
        )
        return bool(self[name].errors) or str(value or "") != str(initial or "")

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("strategy") == Strategy.NAMED:
            return data
        people, overlap = self.people(), data.get("overlap") or 1
        if not people and not self.errors.get("annotators"):
            self.add_error("annotators", gettext("Choose at least one annotator."))
        elif data.get("strategy") == Strategy.FIXED and overlap > len(people):
            words = gettext(
                "%(overlap)s are to judge each unit, but %(people)s are chosen."
            )
            told = {"overlap": overlap, "people": len(people)}
            self.add_error("overlap", words % told)
        return data

    def people(self) -> list[User]:
        """Those chosen one by one, and by their groups."""
        data = self.cleaned_data
        chosen = list(data.get("annotators") or [])
        if data.get("groups"):
            in_groups = annotating_members(self.project)
            chosen += in_groups.filter(groups__in=data["groups"])
        return list(dict.fromkeys(member.user for member in chosen))

    def asked(self) -> Asked:
        """The batch asked for. Raises Refused where named people cannot judge."""
        data = self.cleaned_data
        people = self.people()
        assigned: list[dict[str, list[str]]] = []
        fields: dict[str, Any] = {
            "project": self.project,
            "dataset": data["dataset"],
            "rubric_version": data["rubric_version"],
            "layout": data["layout"] or layout_for(data["rubric_version"]),
            "seed": data["seed"],
        }
        overlap = data["overlap"]
        if data["strategy"] == Strategy.NAMED:
            sent = assigned_as_sent(data["dataset"], data["assigned"])
            assigned, people = read_assigned(Batch(**fields), sent, data["pairs"])
            overlap = max((len(one["annotators"]) for one in assigned), default=1)
        return Asked(
            **fields,
            name=data["name"],
            overlap=overlap,
            overlap_share=(data["overlap_share"] or 100) / 100,
            annotators=people,
            selection=self.selection(assigned),
            strategy=data["strategy"],
            skill_segment=(
                data["skill_segment"] if data["strategy"] == Strategy.SKILL else ""
            ),
            cap=data["per_annotator_cap"],
            daily_cap=data["daily_cap"],
            priority=int(data["priority"]),
            lease=timedelta(minutes=data["lease_minutes"]),
            due_at=data["due_at"],
            guidelines=data["guidelines"],
            training=training_asked(data),
            calibration=round_asked(data),
        )

    def selection(self, assigned: list[dict[str, list[str]]]) -> Selection:
        data = self.cleaned_data
        segments: dict[str, list[str]] = {}
        for name, value in map(read_segment, data["segments"]):
            segments.setdefault(name, []).append(value)
        share = data["rest_share"]
        return Selection(
            pairs=data["pairs"],
            systems=data["systems"],
            segments=segments,
            metadata=data["metadata"],
            items=data["items"],
            only=data["only"],
            sample=data["sample"],
            sure=sure_of(data["dataset"], data["sure"]),
            rest_share=None if share is None else share / 100,
            assigned=assigned,
        )


# Folded away until something in them is used.
PARTS = {
    "what": [
        "systems",
        "segments",
        "metadata",
        "only",
        "items",
        "sample",
        "sure",
        "rest_share",
    ],
    "how": ["layout", "pairs"],
    "who": [
        "overlap_share",
        "strategy",
        "skill_segment",
        "assigned",
        "per_annotator_cap",
        "daily_cap",
        "due_at",
        "priority",
        "lease_minutes",
        "seed",
    ],
    "before": ["training", "training_attempts", "calibration", "calibration_waits"],
    "guidelines": ["guidelines"],
}


def only_one(rows: Any) -> Any:
    found = list(rows[:2])
    return found[0].pk if len(found) == 1 else None


def free_name(project: Project, number: int) -> str:
    """ "Batch 3", or the next that no batch of the project has."""
    taken = set(Batch.objects.filter(project=project).values_list("name", flat=True))
    while (name := gettext("Batch %(number)s") % {"number": number}) in taken:
        number += 1
    return name


def layout_for(version: RubricVersion) -> str:
    """One output at a time, unless a criterion compares outputs."""
    instrument = published_instrument(version.pk)
    return Layout.PAIRWISE if instrument.compares else Layout.SCORING


def sure_of(dataset: Dataset, conditions: dict[str, list[Any]]) -> Sure | None:
    """By segment where the dataset has one of this name, else by metadata."""
    if not conditions:
        return None
    names = ItemSegment.objects.filter(dataset=dataset, name__in=conditions)
    segments = set(names.values_list("name", flat=True).distinct())
    return Sure(
        segments={
            name: [str(value) for value in values]
            for name, values in conditions.items()
            if name in segments
        },
        metadata={
            name: values for name, values in conditions.items() if name not in segments
        },
    )


def assigned_as_sent(
    dataset: Dataset, lines: list[tuple[str, list[str]]]
) -> list[dict[str, Any]]:
    """Each line as the API has it: of an item, or else of an output."""
    items = item_keys(dataset.pk, [name for name, _people in lines])
    return [
        {"annotators": people}
        | ({"item": name} if name in items else {"outputs": [name]})
        for name, people in lines
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
