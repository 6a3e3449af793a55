"""A version's file as an answer, for pages and the API alike."""

from __future__ import annotations

from django.http import HttpResponse

from rubrics.files.writing import TYPES, file_name, written
from rubrics.instrument import instrument_of
from rubrics.models import RubricVersion


def file_of(version: RubricVersion, form: str) -> HttpResponse:
    instrument = instrument_of(version)
    response = HttpResponse(written(instrument, form), content_type=TYPES[form])
    name = file_name(instrument, form)
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
