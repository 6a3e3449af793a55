"""The colours of static/css/app.css can be told apart in both themes (WCAG 2.2 AA)."""

import re
from itertools import product
from pathlib import Path

import pytest

CSS = Path(__file__).resolve().parent.parent / "static" / "css" / "app.css"
TOKEN = re.compile(
    r"--([\w-]+):\s*light-dark\((#[0-9A-Fa-f]{6}),\s*(#[0-9A-Fa-f]{6})\);"
)
THEMES = ("light", "dark")

GROUNDS = ("desk", "panel", "paper", "soft")
READABLE = 4.5
VISIBLE = 3.0


def colours(theme: str) -> dict[str, str]:
    """Each colour token by name, as the theme shows it."""
    tokens = TOKEN.findall(CSS.read_text(encoding="utf-8"))
    return {name: light if theme == "light" else dark for name, light, dark in tokens}


def contrast(one: str, other: str) -> float:
    """The ratio that WCAG defines, from 1 (the same) to 21 (black on white)."""
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def luminance(colour: str) -> float:
    parts = (int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5))
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4
        for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def too_close(
    theme: str, marks: tuple[str, ...], grounds: tuple[str, ...], least: float
) -> dict[str, float]:
    """The pairs of mark and ground below the least ratio; none is what we want."""
    shown = colours(theme)
    ratios = {
        f"{mark} on {ground}": round(contrast(shown[mark], shown[ground]), 2)
        for mark, ground in product(marks, grounds)
    }
    return {pair: ratio for pair, ratio in ratios.items() if ratio < least}


def test_the_ratio_is_the_one_that_wcag_defines():
    assert contrast("#000000", "#FFFFFF") == pytest.approx(21)
    assert contrast("#777777", "#FFFFFF") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("theme", THEMES)
def test_text_is_readable_on_every_ground(theme):
    assert too_close(theme, ("ink", "ink2", "ink3"), GROUNDS, READABLE) == {}


@pytest.mark.parametrize("theme", THEMES)
def test_words_in_a_colour_of_meaning_are_readable_on_every_ground(theme):
    words = ("accent", "danger", "warn", "side-a", "side-b", "focus")
    assert too_close(theme, words, GROUNDS, READABLE) == {}


@pytest.mark.parametrize("theme", THEMES)
def test_words_on_a_filled_control_are_readable(theme):
    assert too_close(theme, ("on-accent",), ("accent",), READABLE) == {}
    assert too_close(theme, ("paper",), ("side-a", "side-b", "ink2"), READABLE) == {}
    assert too_close(theme, ("panel",), ("danger",), READABLE) == {}
    assert too_close(theme, ("desk",), ("ink",), READABLE) == {}


@pytest.mark.parametrize("theme", THEMES)
def test_the_edge_of_a_control_is_visible(theme):
    assert too_close(theme, ("ctl",), ("desk", "panel", "paper"), VISIBLE) == {}


@pytest.mark.parametrize("theme", THEMES)
def test_focus_is_visible_on_every_ground(theme):
    assert too_close(theme, ("focus",), GROUNDS, VISIBLE) == {}


@pytest.mark.parametrize("step", range(1, 6))
@pytest.mark.parametrize("theme", THEMES)
def test_figures_are_readable_on_each_step_of_the_ramp(theme, step):
    assert too_close(theme, (f"on-ramp-{step}",), (f"ramp-{step}",), READABLE) == {}


@pytest.mark.parametrize("theme", THEMES)
def test_neither_side_of_a_pair_stands_out(theme):
    shown = colours(theme)
    side_a, side_b = (
        contrast(shown[side], shown["paper"]) for side in ("side-a", "side-b")
    )
    assert max(side_a, side_b) / min(side_a, side_b) < 1.2
