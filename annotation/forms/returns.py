"""What is sent about a return: the manager's question, the annotator's reply."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from annotation.answers.given import MAX_TEXT
from annotation.forms.flags import WORDS


class ReturnForm(forms.Form):
    """Why the annotator is to look once more."""

    text = forms.CharField(
        label=_("Your question to the annotator"),
        max_length=MAX_TEXT,
        widget=WORDS,
        error_messages={
            "required": _("Write a question; the annotator reads it with the item.")
        },
    )


class ReplyForm(forms.Form):
    """Why the judgment stands."""

    text = forms.CharField(
        label=_("Your reply"),
        max_length=MAX_TEXT,
        widget=WORDS,
        error_messages={
            "required": _(
                "Write why it stands; the manager reads it with the judgment."
            )
        },
    )
