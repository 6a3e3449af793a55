"""Figures as plain numbers: a template draws them as SVG, a table says the same."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.utils.formats import localize, number_format
from django.utils.translation import gettext as _

from annotation.agreement import CriterionAgreement
from config.spoken import spoken

DISCARD = 0.667  # Krippendorff's own mark, below which he advises to discard.
ROW = 40
LEFT, RIGHT, WIDTH = 190, 70, 720


@dataclass(frozen=True)
class IntervalRow:
    """One criterion's point and interval in the picture's coordinates."""

    key: str
    y: int
    x: float | None
    low: float | None
    high: float | None
    value: float | None
    below: bool
    note: str

    @property
    def diamond(self) -> str:
        """The path of a point below the threshold: another shape, not only a colour."""
        return f"M{self.x} {self.y - 8}l8 8-8 8-8-8z"


@dataclass(frozen=True)
class IntervalPlot:
    rows: list[IntervalRow]
    height: int
    width: int
    axis_y: int
    ticks: list[tuple[float, str]]
    threshold_x: float
    threshold: float
    finding: str


def interval_plot(criteria: Sequence[CriterionAgreement]) -> IntervalPlot:
    """Alpha by criterion with its interval, from 0 (or the lowest bound) to 1."""
    bounds = [
        bound
        for c in criteria
        if c.measured is not None
        for bound in (c.measured.alpha.low, c.measured.alpha.value)
        if bound is not None
    ]
    lowest = min(bounds, default=0.0)
    start = 0.0 if lowest >= 0 else -0.5 if lowest >= -0.5 else -1.0

    def x(value: float) -> float:
        share = (value - start) / (1 - start)
        return round(LEFT + share * (WIDTH - LEFT - RIGHT), 1)

    rows = [interval_row(c, 24 + index * ROW, x) for index, c in enumerate(criteria)]
    axis_y = 24 + len(criteria) * ROW - 12
    steps = int((1 - start) / 0.25)
    return IntervalPlot(
        rows=rows,
        height=axis_y + 28,
        width=WIDTH,
        axis_y=axis_y,
        ticks=[
            (x(start + i * 0.25), localize(Decimal(f"{start + i * 0.25:g}")))
            for i in range(steps + 1)
        ],
        threshold_x=x(DISCARD),
        threshold=DISCARD,
        finding=finding(criteria),
    )


def interval_row(
    criterion: CriterionAgreement, y: int, place: Callable[[float], float]
) -> IntervalRow:
    measured = criterion.measured
    alpha = measured.alpha if measured else None
    if alpha is None or alpha.value is None:
        note = spoken(alpha.undefined_because if alpha else criterion.undefined_because)
        return IntervalRow(criterion.key, y, None, None, None, None, False, note)
    low, high = alpha.low, alpha.high
    return IntervalRow(
        key=criterion.key,
        y=y,
        x=place(alpha.value),
        low=None if low is None else place(low),
        high=None if high is None else place(high),
        value=alpha.value,
        below=alpha.value < DISCARD,
        note=spoken(alpha.undefined_because),
    )


def finding(criteria: Sequence[CriterionAgreement]) -> str:
    """The picture in one sentence."""
    parts = []
    for criterion in criteria:
        alpha = criterion.measured.alpha if criterion.measured else None
        if alpha is None or alpha.value is None:
            parts.append(_("%(criterion)s undefined") % {"criterion": criterion.key})
            continue
        sentence = (
            _("%(criterion)s %(alpha)s (below the threshold)")
            if alpha.value < DISCARD
            else _("%(criterion)s %(alpha)s")
        )
        written = number_format(Decimal(f"{alpha.value:.2f}"), 2)
        parts.append(sentence % {"criterion": criterion.key, "alpha": written})
    return _("Krippendorff’s alpha by criterion: %(parts)s.") % {
        "parts": ", ".join(parts)
    }
