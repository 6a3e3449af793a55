"""Every screen in real Chromium: no fault that axe finds, in any mode, at any size.

`uv run pytest -n0 tests/browser/test_screens.py --pictures` draws docs/pictures/.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.core import signing
from playwright.sync_api import CDPSession, Page

from accounts.links import SET_UP_SALT
from tests.browser import pictures
from tests.browser.ordinary import Ordinary
from tests.browser.screens import EXCUSED, SCREENS, Screen
from tests.browser.world import World, make_world
from tests.conftest import person
from tests.test_access import ROWS

RULES = ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa", "best-practice"]
MODES: dict[str, dict[str, Any]] = {
    "light": {"color_scheme": "light", "forced_colors": "none"},
    "dark": {"color_scheme": "dark", "forced_colors": "none"},
    "forced colors": {"color_scheme": "dark", "forced_colors": "active"},
}
# Structure does not hang on colours, nor colours on structure: every rule in light at
# every size and in each mode on the desktop, contrast alone for the rest.
CONTRAST = ["color-contrast"]
# Width, height, and how many pixels of the screen one of CSS takes: 200 % zoom is two.
# Narrow is a whole page high: axe would call small what a bar at the edge half covers,
# although it can be scrolled into sight.
SIZES = {"desktop": (1280, 800, 1), "zoomed": (640, 400, 2), "narrow": (320, 9000, 1)}
EXPECTED = r"status of 40[34]"
RUN_AXE = """async (rules) => {
  const found = await axe.run({runOnly: rules, resultTypes: ["violations"]});
  return found.violations.map((one) => [one.id, one.nodes[0].html.slice(0, 160)]);
}"""
# How far the page can be pushed sideways, and what reaches furthest out of it.
OVERFLOW = """() => {
  const page = document.scrollingElement;
  const excess = page.scrollWidth - page.clientWidth;
  if (excess <= 0) return "";
  const wide = [...document.querySelectorAll("body *")].filter(
    (one) => one.getBoundingClientRect().right > page.clientWidth + 1);
  return `${excess} px: ${wide.slice(-1).map((one) => one.outerHTML.slice(0, 120))}`;
}"""
LARGE_TEXT = "(size) => { document.documentElement.style.fontSize = size; }"


@pytest.fixture
def world(transactional_db: None) -> World:
    return make_world(Ordinary())


class Looking:
    """Opens the screens as their people; notes every request that leaves the server."""

    def __init__(
        self,
        browse: Callable[..., Page],
        home: str,
        world: World,
        prepare: Callable[[Page], None] = lambda page: None,
    ) -> None:
        self.browse, self.home, self.world = browse, home, world
        self.prepare = prepare
        self.pages: dict[str, tuple[Page, CDPSession]] = {}
        self.foreign: list[str] = []

    def open(self, screen: Screen) -> Page:
        if screen.who not in self.pages:
            self.pages[screen.who] = self.page_of(screen.who)
        page, _ = self.pages[screen.who]
        reply = page.goto(screen.address(self.world))
        assert reply
        assert reply.status == screen.status, (screen.slug, reply.status)
        return page

    def page_of(self, who: str) -> tuple[Page, CDPSession]:
        user = self.world.people[who] if who else person("visitor")
        page = self.browse(user, expect=EXPECTED)
        if not who:
            page.context.clear_cookies()
        page.on("request", lambda request: self.note(request.url))
        self.prepare(page)
        return page, page.context.new_cdp_session(page)

    def note(self, url: str) -> None:
        if not url.startswith((self.home, "data:", "blob:")):
            self.foreign.append(url)

    def resize(self, screen: Screen, size: tuple[int, int, int]) -> None:
        width, height, scale = size
        metrics = {
            "width": width,
            "height": height,
            "deviceScaleFactor": scale,
            "mobile": False,
        }
        session = self.pages[screen.who][1]
        session.send("Emulation.setDeviceMetricsOverride", metrics)


@pytest.fixture
def looking(browse: Callable[..., Page], site: str, world: World) -> Looking:
    return Looking(browse, site, world)


def test_every_page_is_listed_or_excused() -> None:
    pages = {row.name for row in ROWS if row.method == "GET"}
    pages = {name for name in pages if not name.startswith("api:")}
    listed = {screen.url for screen in SCREENS if not screen.url.startswith("/")}
    assert pages - listed - EXCUSED.keys() == set()
    assert (listed | EXCUSED.keys()) - pages == set()
    assert listed & EXCUSED.keys() == set()
    slugs = [screen.slug for screen in SCREENS]
    assert len(slugs) == len(set(slugs))


@pytest.mark.slow
def test_no_screen_shuts_anybody_out(looking: Looking) -> None:
    found: list[Any] = []
    for screen in SCREENS:
        page = looking.open(screen)
        page.evaluate(Axe().axe_script)
        for size, pixels in SIZES.items():
            looking.resize(screen, pixels)
            for mode, media in MODES.items():
                page.emulate_media(**media)
                whole = mode == "light" or size == "desktop"
                for fault in page.evaluate(RUN_AXE, RULES if whole else CONTRAST):
                    found.append((screen.slug, size, mode, *fault))
            page.emulate_media(**MODES["light"])
            if excess := page.evaluate(OVERFLOW):
                found.append((screen.slug, size, "overflow", excess))
        looking.resize(screen, SIZES["desktop"])
        page.evaluate(LARGE_TEXT, "200%")
        if excess := page.evaluate(OVERFLOW):
            found.append((screen.slug, "desktop", "large text", excess))
    assert not found, told(found)
    assert looking.foreign == []


def told(found: list[tuple[str, ...]]) -> str:
    """Each fault of a screen once, with where it was met."""
    places: dict[tuple[str, ...], list[str]] = {}
    for slug, size, mode, *fault in found:
        places.setdefault((slug, *fault), []).append(f"{size} {mode}")
    return "\n".join(f"{fault}: {met}" for fault, met in places.items())


def test_the_first_page_of_all(
    browse: Callable[..., Page], transactional_db: None
) -> None:
    visitor = person("nobody")
    page = browse(visitor)
    page.context.clear_cookies()
    visitor.delete()
    token = signing.TimestampSigner(salt=SET_UP_SALT).sign("first:x")
    page.goto(f"/set-up/{token.partition(':')[2]}/")
    page.get_by_label("E-mail").wait_for()
    for width in (1280, 320):
        page.set_viewport_size({"width": width, "height": 800})
        found = Axe().run(page, options={"runOnly": RULES}).response["violations"]
        assert not found, json.dumps(found)[:2_000]
        assert page.evaluate(OVERFLOW) == ""


def test_every_screen_is_drawn(
    looking: Looking, request: pytest.FixtureRequest
) -> None:
    if not request.config.getoption("--pictures"):
        pytest.skip("Pictures are drawn with --pictures.")
    for screen in SCREENS:
        page = looking.open(screen)
        for kind, (size, *_) in pictures.KINDS.items():
            page.set_viewport_size({"width": size[0], "height": size[1]})
            page.emulate_media(**MODES["dark" if kind == "dark" else "light"])
            pictures.keep(page.screenshot(), screen.slug, kind)
    pictures.write_gallery()
