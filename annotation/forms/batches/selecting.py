"""Fields that say what is judged, and how it is put together."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from annotation.forms.batches.choices import LARGEST, read_segment
from annotation.forms.batches.lines import ConditionsField, LinesField
from annotation.models.batch import Layout
from annotation.selecting import Only


class SegmentValues(forms.MultipleChoiceField):
    """Codes of segment values; whether the dataset has them is asked later."""

    def valid_value(self, value: str) -> bool:
        try:
            read_segment(value)
        except ValueError:
            return False
        return True


class SelectionFields(forms.Form):
    systems = forms.MultipleChoiceField(
        required=False,
        label=_("Systems"),
        widget=forms.CheckboxSelectMultiple,
        help_text=_("None ticked: outputs of all systems."),
    )
    segments = SegmentValues(required=False, label=_("Segments"))
    metadata = ConditionsField(
        rows=2,
        label=_("Metadata"),
        help_text=_(
            "One condition a line: plan = pro. The same key twice means one or the "
            "other. Numbers, true and false are no text; “3” in quotes is."
        ),
    )
    only = forms.ChoiceField(
        required=False,
        label=_("Judged before"),
        choices=[("", _("Whether judged before or not")), *Only.choices],
    )
    items = LinesField(
        label=_("Items"), help_text=_("Only these, one id a line. Empty: all.")
    )
    sample = forms.IntegerField(
        min_value=1,
        max_value=LARGEST,
        required=False,
        label=_("Units to draw"),
        help_text=_("Empty: all. Drawn at random with the seed."),
    )
    sure = ConditionsField(
        rows=2,
        label=_("All of these"),
        help_text=_(
            "All failures and a share of the rest, say: passed = false. One condition "
            "a line, by segment or metadata."
        ),
    )
    rest_share = forms.FloatField(
        min_value=0,
        max_value=100,
        required=False,
        label=_("And so many percent of the rest"),
        help_text=_("Drawn at random with the seed."),
    )

    layout = forms.ChoiceField(
        required=False,
        label=_("Layout"),
        choices=[
            ("", _("What the criteria need")),
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
