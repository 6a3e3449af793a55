"""Reading whole bodies: a new rubric, or the next version of one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from rubrics.shape.criterion import find_criteria
from rubrics.shape.drafts import CriterionDraft
from rubrics.shape.faults import Faults, Fields


@dataclass(frozen=True)
class RubricDraft:
    name: str
    criteria: tuple[CriterionDraft, ...]
    publish: bool


@dataclass(frozen=True)
class TakenDraft:
    """A rubric to be taken from the library; without a name, under the library's."""

    key: str
    name: str
    publish: bool


@dataclass(frozen=True)
class VersionDraft:
    criteria: tuple[CriterionDraft, ...]
    publish: bool
    replace_draft: bool


def read_rubric(body: Mapping[str, Any]) -> RubricDraft:
    """Read what makes a rubric, or raise Misshapen with every fault."""
    faults = Faults()
    fields = Fields(body, "", ["name", "criteria", "publish"], faults)
    draft = RubricDraft(
        name=fields.text("name", longest=200, required=True).strip(),
        criteria=find_criteria(body.get("criteria"), faults),
        publish=fields.flag("publish", default=True),
    )
    faults.refuse_any()
    return draft


def read_taken(body: Mapping[str, Any]) -> TakenDraft:
    """Read what takes a rubric from the library: `{"from": "rag-answer"}`."""
    faults = Faults()
    fields = Fields(body, "", ["from", "name", "publish"], faults)
    draft = TakenDraft(
        key=fields.text("from", longest=60, required=True),
        name=fields.text("name", longest=200).strip(),
        publish=fields.flag("publish", default=True),
    )
    faults.refuse_any()
    return draft


def read_version(body: Mapping[str, Any], *, name: str) -> VersionDraft:
    """Read what makes the next version of the rubric of this name."""
    faults = Faults()
    known = ["criteria", "publish", "replace_draft", "name"]
    fields = Fields(body, "", known, faults)
    if fields.text("name", longest=200, default=name).strip() != name:
        fields.fault(
            "name",
            _("The rubric is named “%(name)s” in all its versions.") % {"name": name},
        )
    draft = VersionDraft(
        criteria=find_criteria(body.get("criteria"), faults),
        publish=fields.flag("publish", default=True),
        replace_draft=fields.flag("replace_draft"),
    )
    faults.refuse_any()
    return draft
