"""Who joins as what; only roles that the acting member may give are offered."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import EmailValidator, MaxLengthValidator
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.models import Group, Membership, Role
from accounts.permissions import outranks
from accounts.skills import BadSkills, cleaned

MOST_AT_ONCE = 100
LONGEST_ADDRESS = 254

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


class MemberForm(RoleForm):
    """A member as a manager changes them: role, skills, groups."""

    skills = forms.CharField(
        required=False,
        max_length=10_000,
        label=_("Skills"),
        help_text=_(
            "Words such as de or billing, with commas between them. Batches can be "
            "shared out by them."
        ),
        widget=forms.TextInput(attrs={"dir": "auto"}),
    )
    groups = forms.ModelMultipleChoiceField(
        queryset=Group.objects.none(),
        required=False,
        label=_("Groups"),
        widget=forms.CheckboxSelectMultiple,
    )

    def __init__(
        self, data: Any = None, *, acting: Membership, member: Membership
    ) -> None:
        initial = {
            "role": member.role,
            "also_annotates": member.also_annotates,
            "skills": ", ".join(member.skills),
            "groups": list(member.groups.all()),
        }
        super().__init__(data, acting=acting, initial=initial)
        field = self.fields["groups"]
        assert isinstance(field, forms.ModelMultipleChoiceField)
        field.queryset = acting.project.groups.order_by("name")
        if not field.queryset:
            del self.fields["groups"]

    def clean_skills(self) -> list[str]:
        try:
            return cleaned(self.cleaned_data["skills"].split(","))
        except BadSkills as fault:
            raise ValidationError(str(fault)) from None


class InvitationForm(RoleForm):
    email = forms.CharField(
        max_length=20_000,
        label=_("E-mail addresses"),
        help_text=_("One on each line."),
        widget=forms.Textarea(
            attrs={"rows": 3, "autocomplete": "off", "spellcheck": "false"}
        ),
    )
    field_order = ["email", "role", "also_annotates"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["role"].initial = Role.ANNOTATOR

    def clean_email(self) -> list[str]:
        """The addresses, each once; every line that is none is a fault of its own."""
        self.lines: dict[str, int] = {}
        faults = []
        for number, line in enumerate(self.cleaned_data["email"].splitlines(), 1):
            address = line.strip(" \t,;").lower()
            if not address or address in self.lines:
                continue
            try:
                EmailValidator()(address)
                MaxLengthValidator(LONGEST_ADDRESS)(address)
            except ValidationError:
                faults.append(at_line(number, _("This is not an e-mail address.")))
            self.lines[address] = number
        if len(self.lines) > MOST_AT_ONCE:
            faults.append(
                _("Invite at most %(most)s at once.") % {"most": MOST_AT_ONCE}
            )
        if faults:
            raise ValidationError(faults)
        return list(self.lines)

    def put_faults(self, faults: Mapping[int, str]) -> None:
        """Show what was refused of an address at the line it stands on."""
        numbers = list(self.lines.values())
        for place, fault in faults.items():
            self.add_error("email", at_line(numbers[place], fault))


def at_line(number: int, fault: object) -> str:
    return gettext("Line %(number)s: %(fault)s") % {"number": number, "fault": fault}
