"""Media in a real browser: shown from here alone, enlarged by key, sought in."""

from __future__ import annotations

import io
import wave
from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from accounts.models import Project, User
from annotation.actions.importing import import_outputs
from annotation.actions.media import store_media
from annotation.importing.readers import Row
from annotation.models import Assignment, Batch, Dataset
from rubrics.models import RubricVersion
from tests.annotation import media_files as files
from tests.browser.conftest import NARROWEST


def tone(seconds: int = 2) -> bytes:
    file = io.BytesIO()
    with wave.open(file, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(8_000)
        sound.writeframes(b"\x00\x10" * 8_000 * seconds)
    return file.getvalue()


@pytest.fixture
def assignment(
    project: Project,
    ada: User,
    ben: User,
    make_dataset: Callable[..., Dataset],
    make_batch: Callable[..., Batch],
    rubric_version: RubricVersion,
    claim: Callable[..., Assignment],
) -> Assignment:
    """Ben's: a large picture, a sound, and a picture at a host that is not allowed."""
    dataset = make_dataset(items=0, name="Pictures")
    kept = [
        store_media(project=project, file=io.BytesIO(content), by=ada)[0]
        for content in (files.picture("JPEG", size=(2_000, 1_200)), tone())
    ]
    record = {
        "id": "p",
        "input": [
            {
                "role": "user",
                "content": [
                    {"type": "image", "url": f"media:{kept[0].pk}", "alt": "A wall"},
                    {"type": "audio", "url": f"media:{kept[1].pk}", "alt": "A tone"},
                    {"type": "image", "url": "https://cdn.example.org/canary.png"},
                ],
            }
        ],
        "outputs": [{"system": "wren", "content": "![x](https://evil.example/x.png)"}],
    }
    import_outputs(dataset=dataset, rows=[Row(1, record)], by=ada)
    return claim(ben, make_batch(dataset, rubric_version, overlap=1, annotators=[ben]))


def test_a_picture_is_enlarged_by_key_and_nothing_foreign_is_asked_for(
    browse: Callable[..., Page], assignment: Assignment, ben: User
) -> None:
    page = browse(ben)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(assignment.get_absolute_url())
    picture = page.get_by_role("img", name="A wall")
    expect(picture).to_be_visible()
    width = "image => image.complete && image.getBoundingClientRect().width"
    page.wait_for_function("document.querySelector('.media img').naturalWidth > 0")
    small = picture.evaluate(width)
    page.locator(".media__zoom summary").focus()
    page.keyboard.press("Enter")
    assert picture.evaluate(width) == pytest.approx(2_000, abs=4)
    assert page.evaluate("scrollX") == 0
    page.keyboard.press("Enter")
    assert picture.evaluate(width) == small
    expect(page.get_by_text("the owner has not allowed this host")).to_be_visible()
    assert "canary" not in page.content()
    assert not [url for url in asked if "example" in url]


def test_a_sound_can_be_sought_in(
    browse: Callable[..., Page], assignment: Assignment, ben: User
) -> None:
    page = browse(ben)
    page.goto(assignment.get_absolute_url())
    at = page.locator("audio").evaluate(
        """async audio => {
          audio.preload = "auto"; audio.load();
          await new Promise(done => audio.addEventListener("canplay", done));
          audio.currentTime = 1.5;
          await new Promise(done => audio.addEventListener("seeked", done));
          return [audio.duration, audio.currentTime, audio.seekable.end(0)];
        }"""
    )
    assert at == pytest.approx([2, 1.5, 2], abs=0.01)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_media_has_no_fault_that_axe_finds(
    browse: Callable[..., Page],
    assignment: Assignment,
    project: Project,
    ben: User,
    olga: User,
    scheme: str,
) -> None:
    for person, address in [
        (ben, assignment.get_absolute_url()),
        (olga, f"/projects/{project.pk}/media/"),
    ]:
        page = browse(person, size=NARROWEST, scheme=scheme)
        page.goto(address)
        found = Axe().run(page)
        faults = [
            (fault["id"], node["html"][:160])
            for fault in found.response["violations"]
            for node in fault["nodes"]
        ]
        assert faults == []
        assert page.evaluate("document.documentElement.scrollWidth") <= 320
