"""Allauth's forms for codes in the words of the other screens."""

from __future__ import annotations

from typing import Any

from allauth.mfa.base import forms
from allauth.mfa.totp.forms import ActivateTOTPForm
from django.utils.translation import gettext_lazy as _


class CodeForm(forms.AuthenticateForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        ask_for_code(self.fields["code"])


class CodeAgainForm(forms.ReauthenticateForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        ask_for_code(self.fields["code"])


class FirstCodeForm(ActivateTOTPForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["code"]
        ask_for_code(field)
        field.help_text = _("The six digits that the app shows now.")
        del field.widget.attrs["autofocus"]  # The picture above it comes first.


def ask_for_code(field: Any) -> None:
    """Digits, on a phone from a keyboard of digits; recovery codes are digits too."""
    field.label = _("Code")
    field.help_text = _(
        "The six digits that your app shows now, or one of your recovery codes."
    )
    field.widget.attrs.pop("placeholder", None)
    field.widget.attrs |= {"inputmode": "numeric", "autofocus": True}
