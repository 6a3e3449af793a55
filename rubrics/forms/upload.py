"""A rubric's file, chosen or pasted."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from config.text import Unreadable
from rubrics.files.reading import LONGEST, read_file, with_lines
from rubrics.shape import Fault


class UploadForm(forms.Form):
    """What was chosen or pasted, read as far as it is YAML or JSON."""

    file = forms.FileField(
        required=False,
        allow_empty_file=True,
        label=gettext_lazy("File"),
        help_text=gettext_lazy("YAML or JSON, as a version's page gives it; 1 MB."),
        widget=forms.FileInput(attrs={"accept": ".yaml,.yml,.json"}),
    )
    text = forms.CharField(
        required=False,
        strip=False,
        label=gettext_lazy("Or paste it here"),
        widget=forms.Textarea(attrs={"rows": 8, "spellcheck": "false", "dir": "ltr"}),
    )
    name = forms.CharField(
        required=False,
        max_length=200,
        label=gettext_lazy("Name"),
        help_text=gettext_lazy("Empty: the name in the file."),
    )
    replace = forms.BooleanField(
        required=False, label=gettext_lazy("Replace the draft that there is")
    )
    body: dict[str, Any]

    def __init__(self, *args: Any, has_draft: bool = False, **kwargs: Any) -> None:
        """A new rubric has a name; only the next version of one has a draft."""
        self.is_new = kwargs.pop("is_new", True)
        super().__init__(*args, **kwargs)
        if not self.is_new:
            del self.fields["name"]
        if not has_draft:
            del self.fields["replace"]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        file, text = cleaned.get("file"), cleaned.get("text", "")
        if file is None and not text.strip():
            self.add_error("file", _("Choose a file, or paste its text below."))
            return cleaned
        try:
            self.body = read_file(text if file is None else file.read(LONGEST + 1))
        except Unreadable as error:
            self.add_error(self.source, str(error))
            return cleaned
        if self.is_new and cleaned.get("name", "").strip():
            self.body["name"] = cleaned["name"].strip()
        if not self.is_new:
            self.body.pop("name", None)  # It keeps the one it has.
        return cleaned

    @property
    def source(self) -> str:
        """The field that the text came from."""
        return "file" if self.cleaned_data.get("file") else "text"

    def show_faults(self, faults: list[Fault]) -> None:
        for fault in with_lines(faults, self.body):
            if fault.field == "name" and self.is_new:
                self.add_error("name", fault.message)
            else:
                words = f"{fault.field}: {fault.message}" if fault.field else None
                self.add_error(self.source, words or fault.message)
