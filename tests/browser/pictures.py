"""Pictures of the screens for docs/pictures/, and a page that shows them."""

from __future__ import annotations

import io
from pathlib import Path

from PIL import Image

from tests.browser.screens import ACCOUNT, ANNOTATOR, MANAGER, SIGN_IN, Screen

FOLDER = Path(__file__).parents[2] / "docs" / "pictures"
# The viewport, the width of the picture in its file, and its colours.
KINDS = {
    "light": ((1280, 860), 1280, 128),
    "dark": ((1280, 860), 800, 128),
    "phone": ((390, 844), 390, 96),
}
PARTS = {
    "The annotator's screens": ANNOTATOR,
    "The manager's screens": MANAGER,
    "The account": ACCOUNT,
    "Signing in": SIGN_IN,
}


def keep(png: bytes, name: str, kind: str) -> None:
    """Shrink and reduce a screenshot, and write it."""
    _, width, colours = KINDS[kind]
    picture = Image.open(io.BytesIO(png)).convert("RGB")
    if picture.width != width:
        height = round(picture.height * width / picture.width)
        picture = picture.resize((width, height), Image.Resampling.LANCZOS)
    reduced = picture.quantize(colours, dither=Image.Dither.NONE)
    reduced.save(FOLDER / f"{name}-{kind}.png", optimize=True)


def write_gallery() -> None:
    lines = [
        "# Every screen",
        "",
        "Drawn by `uv run pytest -n0 tests/browser/test_screens.py --pictures`. Town, "
        "readers and systems are invented. Each screen in light, in dark and on a "
        "phone.",
    ]
    for part, screens in PARTS.items():
        lines += ["", f"## {part}"]
        for screen in screens:
            lines += ["", f"### {title(screen)}", "", *shown(screen)]
    (FOLDER / "README.md").write_text("\n".join(lines) + "\n", encoding="utf-8")


def title(screen: Screen) -> str:
    return screen.slug.replace("-", " ").capitalize()


def shown(screen: Screen) -> list[str]:
    words = title(screen)
    sizes = {"light": 480, "dark": 300, "phone": 140}
    return [
        f'<img src="{screen.slug}-{kind}.png" width="{width}" alt="{words}, {kind}">'
        for kind, width in sizes.items()
    ]
