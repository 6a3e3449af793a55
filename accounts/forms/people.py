"""What people say about themselves: name, password, and the first project's name."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.auth.password_validation import (
    password_validators_help_text_html,
    validate_password,
)
from django.utils.translation import gettext_lazy as _

from accounts.models import User


def new_password(**options: Any) -> forms.CharField:
    widget = forms.PasswordInput(attrs={"autocomplete": "new-password"})
    return forms.CharField(strip=False, max_length=1_000, widget=widget, **options)


class NameForm(forms.Form):
    name = forms.CharField(
        max_length=150,
        label=_("Your name"),
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )


class NewcomerForm(NameForm):
    """A name and a password typed twice, for somebody whose address is known."""

    password1 = new_password(
        label=_("Password"), help_text=password_validators_help_text_html()
    )
    password2 = new_password(label=_("Password, once more"))

    def __init__(self, *args: Any, address: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.address = address

    def clean(self) -> dict[str, Any]:
        values: dict[str, Any] = super().clean() or {}
        first, second = values.get("password1"), values.get("password2")
        if first and second and first != second:
            self.add_error("password2", _("Type the same password both times."))
        elif first:
            person = User(
                email=values.get("email") or self.address, name=values.get("name", "")
            )
            try:
                validate_password(first, person)
            except forms.ValidationError as error:
                self.add_error("password1", error)
        return values


class SetUpForm(NewcomerForm):
    email = forms.EmailField(
        max_length=254,
        label=_("E-mail address"),
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )
    project_name = forms.CharField(
        max_length=200,
        label=_("Name of your first project"),
        initial=_("My first project"),
        help_text=_(
            "A project holds data, rubrics and people. You can make more later."
        ),
    )
    field_order = ["email", "name", "password1", "password2", "project_name"]
