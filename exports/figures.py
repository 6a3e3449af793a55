"""Geometry of a release's figures: bars whose lengths an SVG can take as they are."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.contrib.humanize.templatetags.humanize import intcomma
from django.utils.formats import localize
from django.utils.translation import gettext as _

BAR_START = 176
LONGEST_BAR = 210
ROW = 26
WIDTH = 520
MOST_LETTERS = 22


@dataclass(frozen=True)
class Bar:
    name: str
    count: int
    share: str
    width: int
    top: int

    @property
    def short(self) -> str:
        """As much of the name as fits beside the bar."""
        cut = len(self.name) > MOST_LETTERS
        return f"{self.name[: MOST_LETTERS - 1]}…" if cut else self.name

    @property
    def value(self) -> str:
        """What stands behind the bar."""
        return f"{intcomma(self.count)} ({self.share})"

    @property
    def baseline(self) -> int:
        return self.top + 15

    @property
    def value_at(self) -> int:
        return BAR_START + self.width + 8


@dataclass(frozen=True)
class Chart:
    """Bars below each other; `finding` says in one sentence what they show."""

    title: str
    finding: str
    bars: list[Bar]

    @property
    def height(self) -> int:
        return ROW * len(self.bars) + 4


def coverage(manifest: dict[str, Any]) -> Chart:
    """The funnel: units, judged by anybody, every label resolved."""
    units = manifest["units"]
    rows = [
        (_("Units"), units["total"]),
        (_("Judged"), units["judged"]),
        (_("All labels resolved"), units["settled"]),
    ]
    finding = _(
        "Of %(total)s units %(judged)s were judged, and in %(settled)s of them every "
        "label is resolved."
    ) % {name: intcomma(count) for name, count in units.items()}
    return Chart(_("Coverage"), finding, bars(rows, out_of=units["total"]))


def distributions(manifest: dict[str, Any]) -> list[Chart]:
    """For each criterion, how many labels each value got."""
    charts = []
    for criterion in manifest["criteria"]:
        rows = [(name_of(entry), entry["labels"]) for entry in criterion["values"]]
        if not rows:
            continue
        name, most = max(rows, key=lambda row: row[1])
        finding = _("%(value)s is most frequent: %(most)s of %(all)s labels.") % {
            "value": name,
            "most": intcomma(most),
            "all": intcomma(criterion["labels"]),
        }
        charts.append(
            Chart(criterion["key"], finding, bars(rows, out_of=criterion["labels"]))
        )
    return charts


def bars(rows: Iterable[tuple[str, int]], *, out_of: int) -> list[Bar]:
    return [
        Bar(
            name=name,
            count=count,
            share=percent(count, out_of),
            width=round(LONGEST_BAR * count / out_of) if out_of else 0,
            top=2 + ROW * place,
        )
        for place, (name, count) in enumerate(rows)
    ]


def name_of(entry: dict[str, Any]) -> str:
    if entry.get("others"):
        return _("all others")
    if "from" in entry:
        return _("%(low)s to %(high)s") % {
            "low": short_number(entry["from"]),
            "high": short_number(entry["to"]),
        }
    value = entry["value"]
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    return short_number(value) if isinstance(value, float) else str(value)


def percent(count: int, out_of: int) -> str:
    """The share as the reader writes it: a space before the sign or none."""
    share = round(100 * count / out_of) if out_of else 0
    return _("%(share)s%%") % {"share": share}


def short_number(value: float) -> str:
    return str(localize(Decimal(f"{value:.4g}")))
