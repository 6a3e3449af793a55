"""Real Chromium for the screens: found on the machine, never downloaded."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.core.management import call_command
from django.test import Client
from playwright.sync_api import Browser, ConsoleMessage, Page, sync_playwright

from accounts.models import User

NAMES = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"]
ARGUMENTS = [
    "--no-sandbox",
    "--disable-dev-shm-usage",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
DESKTOP = {"width": 1360, "height": 800}
PHONE = {"width": 390, "height": 844}
NARROWEST = {"width": 320, "height": 640}
REPORT_POLICY_VIOLATIONS = """
document.addEventListener("securitypolicyviolation", (event) => console.error(
  `Content-Security-Policy: ${event.violatedDirective} ${event.blockedURI}`))
"""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """One browser for the run; without one the tests skip, except on CI."""
    named = os.environ.get("CHROMIUM")
    found = named or next(filter(None, map(shutil.which, NAMES)), None)
    if not found or not Path(found).exists():
        reason = (
            f"No Chromium: {named} is not there."
            if named
            else "No Chromium on this machine; install it or name it in CHROMIUM."
        )
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def static_files() -> None:
    """Where the live server looks for them; links, so that an edit is seen at once."""
    call_command("collectstatic", interactive=False, link=True, verbosity=0)


@pytest.fixture
def browse(
    chromium: Browser,
    static_files: None,
    site: str,
    signed_in: Callable[[User], Client],
) -> Iterator[Callable[..., Page]]:
    """browse(ben): a page in a browser of his own; what it complains of fails the test.

    `expect` is a pattern of what the console may say: Chromium logs every 4xx as an
    error, and htmx once more.
    """
    contexts, complaints = [], []

    def open_page(
        user: User,
        *,
        size: dict[str, int] = DESKTOP,
        scheme: str = "light",
        javascript: bool = True,
        expect: str = "",
    ) -> Page:
        context = chromium.new_context(
            base_url=site,
            viewport=size,
            color_scheme=scheme,
            java_script_enabled=javascript,
            reduced_motion="reduce",
        )
        contexts.append(context)
        cookies = signed_in(user).cookies
        context.add_cookies(
            [
                {"name": name, "value": morsel.value, "url": site}
                for name, morsel in cookies.items()
            ]
        )
        context.add_init_script(REPORT_POLICY_VIOLATIONS)
        page = context.new_page()

        def listen(message: ConsoleMessage) -> None:
            is_expected = expect and re.search(expect, message.text)
            if message.type in ("error", "warning") and not is_expected:
                complaints.append(message.text)

        page.on("console", listen)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.set_default_timeout(10_000)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert not complaints
