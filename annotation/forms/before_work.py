"""Forms of what comes before the work: training, a comment, guidelines."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from annotation.answers.given import MAX_TEXT


class TrainingSettings(forms.Form):
    """The pass mark is entered in percent."""

    pass_mark = forms.IntegerField(
        min_value=0,
        max_value=100,
        label=_("Pass mark in percent"),
        help_text=_("Right counts 1, near one half. 0: whoever finishes is let in."),
    )
    attempts = forms.IntegerField(
        min_value=1,
        max_value=20,
        label=_("Attempts"),
        help_text=_("After the last one a manager lets the person in, or does not."),
    )

    def as_arguments(self) -> dict[str, Any]:
        data = self.cleaned_data
        return {"pass_mark": data["pass_mark"] / 100, "attempts": data["attempts"]}


class CommentForm(forms.Form):
    text = forms.CharField(
        max_length=MAX_TEXT,
        label=_("Your comment"),
        widget=forms.Textarea(attrs={"rows": 2, "dir": "auto"}),
    )


class GuidelinesForm(forms.Form):
    guidelines = forms.CharField(
        required=False,
        max_length=100_000,
        label=_("Guidelines"),
        widget=forms.Textarea(attrs={"rows": 16, "dir": "auto"}),
        help_text=_(
            "Markdown. Whoever has begun is shown what changed before they go on."
        ),
    )
