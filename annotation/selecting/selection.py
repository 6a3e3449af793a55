"""What a manager asks for when they choose the outputs of a batch."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class Only(TextChoices):
    """Narrows a selection by what was judged before."""

    NEVER_JUDGED = "never_judged", _("what nobody judged with the rubric yet")
    STALE = "stale", _("what was judged with other versions alone")


@dataclass(frozen=True)
class Sure:
    """What is taken for sure while only a share of the rest is: all failures, say."""

    segments: dict[str, list[str]] = field(default_factory=dict)
    metadata: dict[str, list[Any]] = field(default_factory=dict)


@dataclass(frozen=True)
class Selection:
    """Which outputs of the dataset become units, and how pairs are formed.

    pairs       "all", "random" (each output of an item once), "chain" (neighbours in
                order of import), or a list of [output, output] by external id
    systems     only these systems' outputs; empty: all
    segments    only items with one of these values in each named segment
    metadata    only outputs that have, or whose item has, one of these values at each
                key; 1, "1" and true are three values
    items       only these items, by external id; empty: all
    listed      exactly these units, as lists of outputs by external id; empty: all
    only        "never_judged" or "stale"; empty: all
    sample      so many units, drawn with the batch's seed; None: all
    sure        all units that have such an output or item, and of the others
    rest_share  this share, drawn with the batch's seed
    assigned    exactly these units, each with the ids of who judges it; empty: all
    """

    pairs: str | list[list[str]] = "all"
    systems: list[str] = field(default_factory=list)
    segments: dict[str, list[str]] = field(default_factory=dict)
    metadata: dict[str, list[Any]] = field(default_factory=dict)
    items: list[str] = field(default_factory=list)
    listed: list[list[str]] = field(default_factory=list)
    only: str = ""
    sample: int | None = None
    sure: Sure | None = None
    rest_share: float | None = None
    assigned: list[dict[str, list[str]]] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, stored: dict[str, Any]) -> Selection:
        sure = stored.get("sure")
        return cls(**stored | {"sure": Sure(**sure) if sure else None})

    @property
    def units_named(self) -> tuple[str, list[list[str]]] | None:
        """The field that lists the units one by one, and its lists; None: none does."""
        if self.assigned:
            return "assigned", [entry["outputs"] for entry in self.assigned]
        if self.listed:
            return "listed", self.listed
        if not isinstance(self.pairs, str):
            return "pairs", self.pairs
        return None
