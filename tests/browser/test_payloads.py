"""Payloads in every field, on every screen, in real Chromium: none of them runs.

A payload that ran would call `trap` or open a dialog; one that was held back only by
the Content-Security-Policy would be reported by it, which fails the test as well.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from django.conf import settings
from django.test import Client
from django.utils.safestring import mark_safe
from playwright.sync_api import Page

from accounts.models import User
from annotation.content.markdown import TAGS
from annotation.models import Batch
from tests.browser.hostile import DOZEN, PAYLOADS, WHOLE, Hostile
from tests.browser.screens import ACCOUNT, ANNOTATOR, MANAGER, SCREENS, Screen
from tests.browser.test_screens import Looking
from tests.browser.world import World, make_world

TRAP = """
window.caught = [];
window.trap = (number) => window.caught.push(number);
for (const name of ["alert", "confirm", "prompt", "print", "open"]) {
  window[name] = window.trap;
}
"""
OPEN_ALL = """() => {
  for (const one of document.querySelectorAll("details")) one.open = true;
}"""
# What a document must not hold, whoever wrote what stands in it.
FAULTS = """({known, content}) => {
  const faults = window.caught.map((number) => `ran: ${number}`);
  const tell = (one, why) => faults.push(`${why}: ${one.outerHTML.slice(0, 200)}`);
  const loads = new Set(["href", "src", "srcset", "action", "formaction", "poster",
    "data", "ping", "xlink:href", "background", "manifest", "cite"]);
  for (const one of document.querySelectorAll("*")) {
    if (!known.includes(one.localName)) tell(one, "unknown element");
    for (const {name, value} of one.attributes) {
      if (name.startsWith("on")) tell(one, "handler");
      // Behind the "?" of an address of ours a name may stand, encoded.
      const command = /^hx-(get|post)$/.test(name) && value.startsWith("/")
        ? value.split("?")[0] : value;
      if (/^(data-)?hx-/.test(name) && /evil|trap|sign-out/.test(command)) {
        tell(one, "htmx attribute");
      }
      if (name === "data-module" && /evil/.test(value)) tell(one, "module");
      if (name === "style" && /evil|fixed/.test(value)) tell(one, "style");
      if (!loads.has(name) || one.matches("head > link[rel=icon]")) continue;
      const address = URL.parse(value, document.baseURI);
      if (address === null || address.origin !== location.origin) {
        tell(one, "foreign address");
      }
    }
  }
  for (const one of document.querySelectorAll("script:not([src])")) {
    if (!["application/json", "importmap"].includes(one.type)) tell(one, "script");
  }
  const alien = "script, style, link, meta, base, iframe, object, embed, title";
  for (const one of document.body.querySelectorAll(alien)) {
    if (!(one.localName === "script" && one.type === "application/json")
        && !(one.localName === "title" && one.closest("svg"))) tell(one, "alien");
  }
  for (const one of document.querySelectorAll(".out *, .user-text *, .prose *")) {
    if (one.closest("form.form, .page__head")) continue;
    if (!content.includes(one.localName)) tell(one, "in content");
  }
  return faults;
}"""
# Our own marks around what was written: masks, finds, signs, media, folded parts.
OURS = {
    *("a", "abbr", "audio", "b", "button", "bdi", "dd", "details", "div", "dl", "dt"),
    *("figcaption", "figure", "form", "i", "img", "input", "kbd", "label", "mark"),
    *("section", "small", "summary", "svg", "path", "circle", "rect", "line", "time"),
    *("ins", "video", "var", "h2", "header", "footer", "article", "output", "caption"),
}
TAG = re.compile(r"<([a-z][a-z0-9]*)[\s>/]")
# The keys of the judging screens that show something else: raw text, differences,
# the flag, what was found, and the list of keys.
KEYS = ("v", "d", "f", "Escape", "c", "Escape", "?", "Escape", "v", "r")


def known_elements() -> set[str]:
    """Every element that our templates and our own code write."""
    root = Path(settings.BASE_DIR)
    sources = [*root.glob("templates/**/*.html"), *root.glob("annotation/**/*.py")]
    sources += root.glob("static/js/*.js")
    return {tag for one in sources for tag in TAG.findall(one.read_text())} | {
        *TAGS,
        *("html", "head", "body", "title", "svg", "path", "circle", "rect", "line"),
        *("polyline", "polygon", "ellipse", "g"),
    }


@pytest.fixture
def words() -> Hostile:
    return Hostile()


@pytest.fixture
def world(transactional_db: None, words: Hostile) -> World:
    return make_world(words)


@pytest.fixture
def looking(browse: Callable[..., Page], site: str, world: World) -> Looking:
    return Looking(browse, site, world, set_trap)


def set_trap(page: Page) -> None:
    page.context.add_init_script(TRAP)


def faults(page: Page) -> list[str]:
    page.evaluate(OPEN_ALL)
    arguments = {
        "known": sorted(known_elements() - {"style", "iframe", "object", "embed"}),
        "content": sorted(TAGS | OURS),
    }
    found: list[str] = page.evaluate(FAULTS, arguments)
    return found


def test_there_are_more_than_150_payloads_and_each_is_another() -> None:
    assert len(set(PAYLOADS)) == len(PAYLOADS) > 150


@pytest.mark.slow
def test_no_payload_runs_on_any_screen(
    looking: Looking, words: Hostile, signed_in: Callable[[User], Client]
) -> None:
    for name in WHOLE:
        assert words.put[name] == set(PAYLOADS), name
    assert words.put["output"] == words.put["rationale"] == set(PAYLOADS)
    everywhere = [*SCREENS, *as_other_roles(looking.world, signed_in)]
    found: list[tuple[str, str, str]] = []
    for screen in everywhere:
        page = looking.open(screen)
        found += [(screen.slug, screen.who, fault) for fault in faults(page)]
        if page.locator("#judge").count():
            for key in KEYS:
                page.keyboard.press(key)
            page.wait_for_load_state("networkidle")
            found += [(screen.slug, "by key", fault) for fault in faults(page)]
    for page, address in reflecting(looking):
        page.goto(address)
        found += [(address[:60], "reflected", fault) for fault in faults(page)]
    assert not found, "\n".join(map(str, list(dict.fromkeys(found))[:60]))
    assert looking.foreign == []


def as_other_roles(world: World, signed_in: Callable[[User], Client]) -> list[Screen]:
    """The screens above that owner, adjudicator and viewer may open as well."""
    more = []
    for who in ("olga", "dov", "vic"):
        client = signed_in(world.people[who])
        for screen in [*ANNOTATOR, *MANAGER]:
            other = Screen(
                f"{screen.slug} of {who}", screen.url, who, screen.place, screen.query
            )
            if screen.who == who:
                continue
            if client.get(other.address(world)).status_code == 200:
                more.append(other)
    return more


def reflecting(looking: Looking) -> list[tuple[Page, str]]:
    """Addresses whose words come back on the screen."""
    by_slug = {screen.slug: screen for screen in [*ACCOUNT, *ANNOTATOR, *MANAGER]}
    found = []
    pieces = [PAYLOADS[n : n + DOZEN] for n in range(0, len(PAYLOADS), DOZEN)]
    for place, piece in enumerate(pieces):
        words = " ".join(piece)[:900]
        slug, name = [
            ("history", "words"),
            ("find-in-context", "find"),
            ("flags", "show"),
            ("dataset", "page"),
            ("new-gold-release", "version"),
        ][place % 5]
        screen = by_slug[slug]
        page = looking.open(screen)
        bare = screen.address(looking.world).partition("?")[0]
        found.append((page, f"{bare}?{urlencode({name: words})}"))
    return found


def test_markup_that_is_let_through_is_found(
    browse: Callable[..., Page],
    make_batch: Callable[..., Batch],
    dataset: Any,
    rubric_version: Any,
    ben: User,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Were Markdown not held to its allow-list, the test above would fail."""
    page = browse(ben, expect="")
    set_trap(page)
    told: list[str] = []
    page.on("console", lambda message: told.append(message.text))
    # Unguarded, the refreshing ones would leave the page before it is looked at.
    guidelines = "\n\n".join(one for one in PAYLOADS if "http-equiv" not in one)
    batch = make_batch(dataset, rubric_version, newcomers=True, guidelines=guidelines)
    page.goto(f"/batches/{batch.pk}/welcome/")
    assert faults(page) == []
    assert told == []

    monkeypatch.setattr("annotation.views.training.rendered", mark_safe)
    unguarded = browse(ben, expect=".")
    set_trap(unguarded)
    unguarded.on("console", lambda message: told.append(message.text))
    unguarded.goto(f"/batches/{batch.pk}/welcome/")
    kinds = {fault.partition(":")[0] for fault in faults(unguarded)}
    assert kinds >= {"handler", "alien", "foreign address", "htmx attribute"}
    assert any("Content Security Policy" in text for text in told)
