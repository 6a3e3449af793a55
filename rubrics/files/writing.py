"""Writing a version as a file that, read again, gives the same criteria."""

from __future__ import annotations

import json
from typing import Any

import yaml
from django.utils.text import slugify

from rubrics.instrument import Instrument
from rubrics.serialize import criteria_json

TYPES = {"yaml": "application/yaml", "json": "application/json"}
ABOVE = "# A rubric of Touchstone. Import it under Rubrics, or POST it to /rubrics.\n"


class PlainDumper(yaml.SafeDumper):
    """Texts of several lines as blocks; no anchors."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


def written_text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    style = "|" if "\n" in text else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


PlainDumper.add_representer(str, written_text)


def written(instrument: Instrument, form: str) -> str:
    """The version as `yaml` or `json`, in the shape of a rubric's POST."""
    body = {"name": instrument.name, "criteria": criteria_json(instrument)}
    if form == "json":
        return json.dumps(body, ensure_ascii=False, indent=2) + "\n"
    return ABOVE + yaml.dump(
        body, Dumper=PlainDumper, sort_keys=False, allow_unicode=True, width=88
    )


def file_name(instrument: Instrument, form: str) -> str:
    return f"{slugify(instrument.name) or 'rubric'}-v{instrument.number}.{form}"
