"""Who joins as what; only roles that the acting member may give are offered."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.models import Membership, Role
from accounts.permissions import outranks

ABOUT = {
    Role.OWNER: _("Owner: everything, owners included"),
    Role.MANAGER: _("Manager: data, rubrics, batches, people, gold"),
    Role.ADJUDICATOR: _("Adjudicator: progress and agreement, to settle differences"),
    Role.ANNOTATOR: _("Annotator: judges units, sees only their own work"),
    Role.VIEWER: _("Viewer: progress and agreement, no single answers"),
}


def roles_given_by(
    acting: Membership, present: str = ""
) -> list[tuple[str, str | Promise]]:
    """The roles that may be given; the present one is chosen only if it is among them.

    Else a choice must be made: nobody steps down by saving a form.
    """
    given: list[tuple[str, str | Promise]] = [
        (role.value, ABOUT[role]) for role in Role if outranks(acting, role)
    ]
    if present and present not in dict(given):
        return [("", _("Keep the present role, or choose a lower one")), *given]
    return given


class RoleForm(forms.Form):
    role = forms.ChoiceField(label=_("Role"))
    also_annotates = forms.BooleanField(
        required=False,
        label=_("Also annotates"),
        help_text=_("May judge units besides the role's own work."),
    )

    def __init__(self, *args: Any, acting: Membership, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["role"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = roles_given_by(acting, str(self.initial.get("role", "")))


class InvitationForm(RoleForm):
    email = forms.EmailField(max_length=254, label=_("E-mail address"))
    field_order = ["email", "role", "also_annotates"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["role"].initial = Role.ANNOTATOR
