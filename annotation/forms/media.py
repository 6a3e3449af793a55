"""Forms of a project's media: files to upload, hosts to fetch from."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

ACCEPTED = (
    "image/png,image/jpeg,image/webp,image/gif,audio/*,.mp3,.wav,.ogg,.flac,.m4a,"
    "video/mp4,video/webm"
)


class SeveralFiles(forms.FileInput):
    allow_multiple_selected = True


class SeveralFilesField(forms.FileField):
    """One file or more, as a list."""

    def clean(self, data: Any, initial: Any = None) -> Any:
        files = (data or [None]) if isinstance(data, list) else [data]
        return [super(SeveralFilesField, self).clean(file, initial) for file in files]


class MediaUploadForm(forms.Form):
    file = SeveralFilesField(
        label=_("Files"),
        max_length=1_000,
        allow_empty_file=True,  # Refused with the file's name, like other faults.
        help_text=_(
            "PNG, JPEG, WebP or GIF; MP3, WAV, Ogg, FLAC or M4A; MP4 or WebM. Images "
            "are drawn anew, so that no place or camera travels with them."
        ),
        widget=SeveralFiles(attrs={"accept": ACCEPTED}),
    )


class HostsForm(forms.Form):
    hosts = forms.CharField(
        label=_("Hosts"),
        required=False,
        max_length=30_000,
        help_text=_("One host name on each line, like cdn.example.org."),
        widget=forms.Textarea(attrs={"rows": 4, "spellcheck": "false", "dir": "ltr"}),
    )

    @property
    def named(self) -> list[str]:
        return [line for line in self.cleaned_data["hosts"].split() if line]
