"""The form of a new release: batches that ask the same, a rule by criterion."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.humanize.templatetags.humanize import intcomma
from django.db.models import Count, Q, QuerySet
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.models import Project
from annotation.models import Batch
from annotation.models.unit import UnitKind
from config.api import Refused
from exports.rules import FITTING, TIE, Options, labelled
from rubrics.comparable import comparable_versions
from rubrics.instrument import Question, published_instrument
from rubrics.models import Kind, RubricVersion

RULE_WORDS = {
    "unanimous": _("Unanimous: all annotators gave this value"),
    "majority": _("Majority: the most frequent value, alone at the top"),
    "median": _("Median: the middle value"),
    "mean": _("Mean: the average"),
}
USUAL = ["median", "majority"]


class BatchChoices(forms.ModelMultipleChoiceField):
    widget = forms.CheckboxSelectMultiple

    def label_from_instance(self, batch: Any) -> str:
        return gettext("%(name)s (units: %(units)s, judged: %(judged)s)") % {
            "name": batch.name,
            "units": intcomma(batch.unit_count),
            "judged": intcomma(batch.judged_count),
        }


class ReleaseForm(forms.Form):
    """`rule_<key>` stands for each criterion that can have labels."""

    batches = BatchChoices(
        queryset=Batch.objects.none(),
        label=_("Batches"),
        help_text=_("A batch may still be open: the release keeps what is judged now."),
    )
    tie = forms.BooleanField(
        required=False,
        label=_("Call shared first places a tie"),
        help_text=_(
            "A preference whose votes share the top becomes a tie. Otherwise it is "
            "unresolved."
        ),
    )
    min_support = forms.IntegerField(
        initial=1,
        min_value=1,
        max_value=10_000,
        label=_("Fewest votes for a label"),
        help_text=_("With fewer votes a label is unresolved."),
    )
    splits = forms.CharField(
        required=False,
        max_length=1_000,
        label=_("Splits"),
        help_text=_(
            "Names with shares, such as: dev 0.5, test 0.5. Items with the same "
            "content stay together. Empty: everything is test."
        ),
    )
    seed = forms.IntegerField(
        initial=0,
        min_value=-(2**63) + 1,
        max_value=2**63 - 1,
        label=_("Seed"),
        help_text=_("The same seed puts the same items into the same splits again."),
    )

    def __init__(
        self, *args: Any, project: Project, version: RubricVersion, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.instrument = published_instrument(version.pk)
        self.questions = labelled(self.instrument)
        batches = self.fields["batches"]
        assert isinstance(batches, BatchChoices)
        batches.queryset = batches_to_choose(project, version)
        for question in self.questions:
            self.fields[rule_field(question.key)] = rule_choice(question)
        if not any(question.kind == Kind.PREFERENCE for question in self.questions):
            del self.fields["tie"]
        self.order_fields(
            ["batches", *map(rule_field, self.instrument.by_key), "tie", "min_support"]
        )

    def clean_splits(self) -> dict[str, float]:
        return read_splits(self.cleaned_data["splits"])

    def rule(self) -> dict[str, str]:
        return {
            question.key: self.cleaned_data[rule_field(question.key)]
            for question in self.questions
        }

    def options(self) -> Options:
        return Options(
            tie=TIE if self.cleaned_data.get("tie") else None,
            min_support=self.cleaned_data["min_support"],
            splits=self.cleaned_data["splits"],
            seed=self.cleaned_data["seed"],
        )

    def add_refusal(self, refusal: Refused) -> None:
        """Show each fault at the field that it is about."""
        for error in refusal.errors:
            name, _, key = error["field"].partition(".")
            field = rule_field(key) if name == "rule" and key else name
            self.add_error(field if field in self.fields else None, error["message"])


def rule_field(key: str) -> str:
    return f"rule_{key}"


def rule_choice(question: Question) -> forms.ChoiceField:
    fitting = FITTING[question.kind]
    return forms.ChoiceField(
        choices=[(rule, RULE_WORDS[rule]) for rule in fitting],
        initial=next(rule for rule in USUAL if rule in fitting),
        label=gettext("Rule for %(criterion)s") % {"criterion": question.key},
        help_text=f"{question.question} ({Kind(question.kind).label})",
    )


def batches_to_choose(
    project: Project, version: RubricVersion
) -> QuerySet[Batch, Batch]:
    """With what each holds, so that one sees what the release can cover."""
    of_interest = Q(units__kind=UnitKind.NORMAL)
    judged = of_interest & Q(
        units__assignments__judgments__superseded_at=None,
        units__assignments__judgments__isnull=False,
    )
    return (
        Batch.objects.filter(
            project=project, rubric_version__in=comparable_versions(version.pk)
        )
        .annotate(
            unit_count=Count("units", filter=of_interest, distinct=True),
            judged_count=Count("units", filter=judged, distinct=True),
        )
        .order_by("name")
    )


def versions_to_choose(project: Project) -> QuerySet[RubricVersion, RubricVersion]:
    """Published versions that batches of the project use."""
    used = Batch.objects.filter(project=project).values("rubric_version")
    return (
        RubricVersion.objects.published()
        .filter(pk__in=used)
        .select_related("rubric")
        .order_by("rubric__name", "-number")
    )


def read_splits(text: str) -> dict[str, float]:
    """Read `dev 0.5, test 0.5`.

    >>> read_splits("dev 0.2, test: 0.8")
    {'dev': 0.2, 'test': 0.8}
    """
    splits: dict[str, float] = {}
    for part in filter(None, (part.strip() for part in text.split(","))):
        name, _, share = part.replace(":", " ").rpartition(" ")
        name = name.strip()
        try:
            number = float(share)
        except ValueError:
            number = 0.0
        if not name or name in splits or not 0 < number <= 1:
            raise forms.ValidationError(
                gettext(
                    "“%(part)s” is not a new name and a share; write: dev 0.5, test 0.5"
                )
                % {"part": part[:60]}
            )
        splits[name] = number
    return splits
