"""What is sent about flags: a kind with words, and an answer."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from annotation.actions.skips import Then
from annotation.answers.given import MAX_TEXT
from annotation.models.flag import FlagKind

WORDS = forms.Textarea(attrs={"rows": 3, "dir": "auto", "maxlength": MAX_TEXT})


class FlagForm(forms.Form):
    """What is wrong with a unit."""

    kind = forms.ChoiceField(
        label=_("What is wrong?"),
        choices=FlagKind.choices,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose what is wrong.")},
    )
    text = forms.CharField(
        label=_("In your words"), required=False, max_length=MAX_TEXT, widget=WORDS
    )

    def clean(self) -> dict[str, Any]:
        sent = super().clean() or {}
        if sent.get("kind") == FlagKind.OTHER and not sent.get("text"):
            self.add_error("text", _("Say in a few words what it is."))
        return sent


class AnswerForm(forms.Form):
    """The manager's answer to a flag or a skip, and what becomes of the unit.

    Closed or acted upon, it needs no words.
    """

    answer = forms.CharField(
        label=_("Your answer"), required=False, max_length=MAX_TEXT, widget=WORDS
    )
    then = forms.ChoiceField(
        label=_("Then"), choices=[*Then.choices, ("close", "")], required=False
    )

    def clean(self) -> dict[str, Any]:
        sent = super().clean() or {}
        sent["answer"] = sent.get("answer", "").replace("\r\n", "\n").strip()
        if not sent["answer"] and not sent.get("then"):
            self.add_error(
                "answer", _("Write an answer; the annotator reads it at home.")
            )
        if sent.get("then") == "close":
            sent["then"] = Then.NOTHING
        return sent
