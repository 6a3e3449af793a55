"""A group's name and who is in it."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import Group, Membership, Project


class MembersField(forms.ModelMultipleChoiceField):
    def label_from_instance(self, obj: Any) -> str:
        person: str = obj.user.name
        return f"{person} ({obj.user.email})" if person else obj.user.email


class GroupForm(forms.Form):
    name = forms.CharField(
        max_length=100,
        label=_("Name of the group"),
        widget=forms.TextInput(attrs={"dir": "auto"}),
    )
    members = MembersField(
        queryset=Membership.objects.none(),
        required=False,
        label=_("Members"),
        widget=forms.CheckboxSelectMultiple,
    )

    def __init__(
        self, data: Any = None, *, project: Project, group: Group | None = None
    ) -> None:
        initial = {}
        if group is not None:
            here = group.members.filter(left_at=None)
            initial = {"name": group.name, "members": list(here)}
        super().__init__(data, initial=initial)
        field = self.fields["members"]
        assert isinstance(field, forms.ModelMultipleChoiceField)
        people = Membership.objects.current().filter(project=project)
        field.queryset = people.select_related("user").order_by(
            "user__name", "user__email"
        )
