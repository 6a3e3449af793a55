"""Forms of datasets: a name, a file with what to do with it."""

from __future__ import annotations

from typing import IO, Any

from django import forms
from django.utils.translation import gettext_lazy as _

from annotation.importing.readers import format_of, unzipped


class DatasetForm(forms.Form):
    name = forms.CharField(
        max_length=200,
        label=_("Name"),
        help_text=_("For example: Support questions, May 2026."),
    )


class UploadForm(forms.Form):
    file = forms.FileField(
        label=_("File with model outputs"),
        help_text=_("JSON Lines, JSON, CSV or XLSX: one record for each item."),
        widget=forms.FileInput(attrs={"accept": ".jsonl,.ndjson,.json,.csv,.xlsx,.gz"}),
    )
    on_change = forms.ChoiceField(
        label=_("Other content under a known id"),
        choices=[
            ("refuse", _("Refuse it and tell me the row")),
            ("update", _("Replace it where nobody has judged it")),
            ("revise", _("Keep both: add it as a revision")),
        ],
    )
    dry_run = forms.BooleanField(
        label=_("Only check the file; write nothing"), required=False
    )

    @property
    def format_name(self) -> str | None:
        """The format that the file's name stands for; None: no reader knows it."""
        return format_of(file_name=self.upload.name)

    @property
    def is_gzipped(self) -> bool:
        return bool(self.upload.name.lower().endswith(".gz"))

    @property
    def upload(self) -> Any:
        return self.cleaned_data["file"]

    def stream(self) -> IO[bytes]:
        """The file's content, unpacked if it came as gzip."""
        return unzipped(self.upload) if self.is_gzipped else self.upload
