"""A project's name."""

from django import forms
from django.utils.translation import gettext_lazy as _


class ProjectForm(forms.Form):
    name = forms.CharField(
        max_length=200,
        label=_("Name of the project"),
        help_text=_("Members see it on every page. It can be changed later."),
    )
