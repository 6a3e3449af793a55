"""An action's refusals, shown at the fields of a form."""

from __future__ import annotations

from collections.abc import Mapping

from django import forms

from config.api import Refused


def take_errors(
    form: forms.Form, error: Refused, called: Mapping[str, str] | None = None
) -> None:
    """Each fault at its field; `called` names fields that the form calls otherwise."""
    for fault in error.errors:
        name = fault["field"].partition(".")[0]
        name = (called or {}).get(name, name)
        form.add_error(name if name in form.fields else None, fault["message"])
    if not error.errors:
        form.add_error(None, str(error.detail))
