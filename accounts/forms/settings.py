"""How a person wants the product to speak, look and behave."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.forms.people import NameForm
from accounts.mail_switches import SWITCHES
from accounts.models import User
from accounts.models.user import Density, Theme

# What stands for the empty value: a form field that is left open looks unanswered.
USUAL = "usual"


def languages() -> list[tuple[str, str | Promise]]:
    return [(USUAL, _("As my browser asks")), *settings.LANGUAGES]


def unless_usual(value: str) -> str:
    return "" if value == USUAL else value


def mail_switch(kind: str) -> forms.BooleanField:
    return forms.BooleanField(required=False, label=SWITCHES[kind].label)


class SettingsForm(NameForm):
    language = forms.TypedChoiceField(
        choices=languages, coerce=unless_usual, label=_("Language of the interface")
    )
    theme = forms.TypedChoiceField(
        choices=[(USUAL, _("As my system")), *Theme.choices],
        coerce=unless_usual,
        label=_("Colors"),
        widget=forms.RadioSelect,
    )
    density = forms.TypedChoiceField(
        choices=[(USUAL, _("Comfortable")), *Density.choices],
        coerce=unless_usual,
        label=_("Spacing"),
        widget=forms.RadioSelect,
    )
    single_keys = forms.BooleanField(
        required=False,
        label=_("Single-key shortcuts"),
        help_text=_(
            "Letters and digits are commands outside text fields. Switch this off if "
            "you dictate, or if keys are pressed by mistake."
        ),
    )
    break_minutes = forms.IntegerField(
        min_value=0,
        max_value=600,
        label=_("Suggest a break after minutes of work"),
        help_text=_("0: never. The hint comes between two units and blocks nothing."),
    )
    mail_assigned = mail_switch("assigned")
    mail_due = mail_switch("due")
    mail_returned = mail_switch("returned")

    def __init__(self, data: Any = None, *, user: User) -> None:
        known = dict(settings.LANGUAGES)
        initial = {
            "name": user.name,
            "language": user.language if user.language in known else USUAL,
            "theme": user.theme or USUAL,
            "density": user.density or USUAL,
            "single_keys": user.single_keys,
            "break_minutes": user.break_minutes,
            **{
                switch.field: getattr(user, switch.field)
                for switch in SWITCHES.values()
            },
        }
        super().__init__(data, initial=initial)
