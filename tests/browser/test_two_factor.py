"""Two-factor sign-in in real Chromium: the pages that test_screens.py cannot reach."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from accounts.models import User
from tests.accounts.test_two_factor import PASSWORD, code_of
from tests.browser.conftest import NARROWEST
from tests.browser.test_screens import OVERFLOW, RULES, RUN_AXE

Browse = Callable[..., Page]
KEY = "Key, to type or to copy"


def faults(page: Page) -> list[Any]:
    page.evaluate(Axe().axe_script)
    overflow = page.evaluate(OVERFLOW)
    return [*page.evaluate(RUN_AXE, RULES), *([overflow] if overflow else [])]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_from_switching_it_on_to_signing_in_with_it(
    browse: Browse, transactional_db: None, ben: User, scheme: str
) -> None:
    page = browse(ben, size=NARROWEST, scheme=scheme, expect="422")
    page.goto("/account/two-factor/")
    page.get_by_role("link", name="Switch on").click()
    assert faults(page) == []
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Go on").click()

    picture = page.get_by_role("img", name="QR code that holds the key below")
    assert picture.evaluate("(one) => one.complete && one.naturalWidth > 100")
    assert faults(page) == []
    secret = page.get_by_label(KEY).input_value()
    page.get_by_label("Code").fill("000000")
    page.get_by_role("button", name="Switch on").click()
    assert "It is not on yet." in page.locator("#form-errors").inner_text()
    if (passed := time.time() % 30) > 25:  # It would change while it is sent.
        page.wait_for_timeout((31 - passed) * 1_000)
    page.get_by_label("Code").fill(code_of(secret))
    page.get_by_role("button", name="Switch on").click()

    recovery = page.locator("li code").first.inner_text()
    assert re.fullmatch(r"\d{8}", recovery)
    assert faults(page) == []
    page.get_by_role("link", name="I have kept them").click()
    assert faults(page) == []
    for link in ["Make new codes", "Switch off"]:
        page.get_by_role("link", name=link).click()
        assert faults(page) == []
        page.go_back()

    page.goto("/sign-out/")
    page.get_by_role("main").get_by_role("button", name="Sign out").click()
    page.goto("/sign-in/?next=/account/")
    page.get_by_label("E-mail address").fill(ben.email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    assert page.get_by_label("Code").evaluate("(one) => one === document.activeElement")
    assert faults(page) == []
    page.get_by_label("Code").fill(recovery)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("heading", name="Your account").wait_for()
