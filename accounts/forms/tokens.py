"""What a new API token is called, reaches and may do."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.actions.tokens import DEFAULT_DAYS
from accounts.models import Project, Scope, User

ABOUT = {
    Scope.READ: _("read: projects, rubrics, data, progress"),
    Scope.IMPORT: _("import: add and delete data"),
    Scope.ANNOTATE: _("annotate: take and judge units"),
    Scope.EXPORT: _("export: judgments and gold"),
    Scope.EXPORT_IDENTITIES: _("export:identities: who judged what"),
    Scope.ADMIN: _("admin: rubrics, batches, members, audit trail"),
}


class TokenForm(forms.Form):
    name = forms.CharField(
        max_length=100,
        label=_("Name"),
        help_text=_("What will use it, for example “nightly import”."),
    )
    project = forms.ModelChoiceField(
        queryset=Project.objects.none(),
        required=False,
        label=_("Project"),
        empty_label=_("All my projects"),
        help_text=_("A token for one project does not know that others exist."),
    )
    scopes = forms.MultipleChoiceField(
        choices=[(scope.value, ABOUT[scope]) for scope in Scope],
        initial=[Scope.READ],
        widget=forms.CheckboxSelectMultiple,
        label=_("What it may do"),
        help_text=_("Never more than your own role allows."),
    )
    days = forms.IntegerField(
        min_value=1,
        max_value=3650,
        initial=DEFAULT_DAYS,
        label=_("Expires after days"),
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["project"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = Project.objects.visible_to(user).order_by("name", "pk")
