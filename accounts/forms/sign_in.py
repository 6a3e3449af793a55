"""Allauth's forms in the words of the other screens."""

from __future__ import annotations

from typing import Any

from allauth.account import forms
from django.utils.translation import gettext_lazy as _


class SignInForm(forms.LoginForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        say_address(self.fields["login"])
        self.fields["remember"].label = _("Remember me")


class ResetPasswordForm(forms.ResetPasswordForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        say_address(self.fields["email"])


class PasswordAgainForm(forms.ReauthenticateForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["password"].label = _("Password")
        self.fields["password"].widget.attrs.pop("placeholder", None)


def say_address(field: Any) -> None:
    """The label says what it is; a placeholder would only say it again."""
    field.label = _("E-mail address")
    field.widget.attrs.pop("placeholder", None)
