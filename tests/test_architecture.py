"""The arrows: exports ─► annotation ─► rubrics ─► accounts; stats knows nobody."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
OURS = (
    "config",
    "accounts",
    "jobs",
    "rubrics",
    "annotation",
    "exports",
    "judges",
    "stats",
    "tests",
    "benchmarks",
)
FRAMEWORKS = ("django", "rest_framework", "celery", "allauth")
# Plumbing that knows no domain; every app may use it, it uses none of them.
PLUMBING = (
    "config.api",
    "config.cells",
    "config.chunks",
    "config.deadlock",
    "config.errors",
    "config.http",
    "config.ids",
    "config.languages",
    "config.snapshot",
    "config.spoken",
    "config.text",
    "config.workbook",
)
MAY_IMPORT = {
    **{f"{name.replace('.', '/')}.py": PLUMBING for name in PLUMBING},
    "accounts": (*PLUMBING, "accounts"),
    "jobs": (*PLUMBING, "accounts", "jobs", "config.celery"),
    "rubrics": (*PLUMBING, "accounts", "jobs", "rubrics"),
    "annotation": (*PLUMBING, "accounts", "jobs", "rubrics", "annotation", "stats"),
    "exports": (
        *PLUMBING,
        "accounts",
        "jobs",
        "rubrics",
        "annotation",
        "exports",
        "stats",
    ),
    "stats": ("stats",),
}
# Inside an app: what is read or computed does not know the screens and the API.
BELOW_THE_SCREENS = ("models", "actions", "access.py")
SCREENS = ("views", "api", "forms", "urls", "tasks")
APPS = ("accounts", "rubrics", "annotation", "exports")


def imported_names(place: Path) -> set[str]:
    """Dotted names imported by a file, or by every file of a folder."""
    files = [place] if place.is_file() else sorted(place.rglob("*.py"))
    names = set()
    for file in files:
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.Import):
                names |= {alias.name for alias in node.names}
            elif isinstance(node, ast.ImportFrom):
                names |= {f"{node.module}.{alias.name}" for alias in node.names}
    return names


def within(name: str, packages: tuple[str, ...]) -> bool:
    return any(f"{name}.".startswith(f"{package}.") for package in packages)


def strays(place: Path, allowed: tuple[str, ...]) -> set[str]:
    """What a place imports of ours beyond what it may."""
    ours = {name for name in imported_names(place) if within(name, OURS)}
    return {name for name in ours if not within(name, allowed)}


@pytest.mark.parametrize(("place", "allowed"), MAY_IMPORT.items())
def test_imports_point_one_way(place: str, allowed: tuple[str, ...]) -> None:
    assert strays(ROOT / place, allowed) == set()


def test_statistics_know_no_framework() -> None:
    names = imported_names(ROOT / "stats")
    assert {name for name in names if within(name, FRAMEWORKS)} == set()


@pytest.mark.parametrize("app", APPS)
@pytest.mark.parametrize("part", BELOW_THE_SCREENS)
def test_acts_and_models_do_not_know_the_screens(app: str, part: str) -> None:
    place = ROOT / app / part
    if not place.exists():
        place = ROOT / app / f"{part}.py"
    screens = tuple(f"{one}.{part}" for one in APPS for part in SCREENS)
    assert {name for name in imported_names(place) if within(name, screens)} == set()


@pytest.mark.parametrize(
    ("place", "line"),
    [
        ("stats", "import django"),
        ("stats", "from annotation.models import Item"),
        ("rubrics", "from annotation.models import Batch"),
        ("annotation", "import exports"),
        ("config/http.py", "from accounts.models import User"),
    ],
)
def test_an_arrow_that_points_up_is_seen(tmp_path: Path, place: str, line: str) -> None:
    """The test itself can fail: a planted import is found."""
    file = tmp_path / "planted.py"
    file.write_text(f"{line}\n")
    upward = strays(file, MAY_IMPORT[place])
    framework = {n for n in imported_names(file) if within(n, FRAMEWORKS)}
    assert upward | framework


def test_every_app_is_in_the_table() -> None:
    apps = {file.parent.name for file in ROOT.glob("*/apps.py")}
    assert apps - {"config"} <= MAY_IMPORT.keys()
