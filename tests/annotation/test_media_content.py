"""Media within content: imported, resolved, shown; foreign addresses never loaded."""

from __future__ import annotations

import base64
import io
import json
import random
import re
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils.translation import override
from PIL import Image

from accounts.models import Project, User
from annotation.actions.importing import import_outputs
from annotation.content.media import is_media, media_html, with_media
from annotation.content.specimens import Look, specimen
from annotation.content.text import as_text
from annotation.importing.readers import Row
from annotation.models import Assignment, Dataset, Item, Media, Output
from annotation.models.media import MediaState
from jobs.models import Job
from tests.annotation import media_files as files

OURS = "media:0b5c1c4e-7f5e-4f0e-9d55-0a3bb0a3c111"
PLACE = "/media/0b5c1c4e-7f5e-4f0e-9d55-0a3bb0a3c111/"


def data_url(content: bytes, content_type: str = "image/png") -> str:
    return f"data:{content_type};base64,{base64.b64encode(content).decode()}"


# --- Showing --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("part", "tag"),
    [
        ({"type": "image", "url": OURS}, "img"),
        ({"type": "audio", "url": OURS}, "audio"),
        ({"type": "video", "url": OURS}, "video"),
        ({"type": "image_url", "image_url": {"url": OURS}}, "img"),
        ({"type": "image_url", "image_url": OURS}, "img"),
        ({"type": "input_image", "image_url": OURS}, "img"),
        ({"type": "image", "source": {"type": "url", "url": OURS}}, "img"),
        ({"type": "image", "url": OURS.upper().replace("MEDIA", "media")}, "img"),
    ],
)
def test_each_shape_is_shown_from_our_address(part: dict[str, Any], tag: str) -> None:
    assert is_media(part)
    html = media_html(part)
    assert f"<{tag} " in html
    assert f'src="{PLACE}"' in html


def test_the_words_are_said_and_escaped() -> None:
    words = '"><script>alert(1)</script> onerror=x'
    for kind in ("image", "audio", "video"):
        html = media_html({"type": kind, "url": OURS, "alt": words})
        assert "<script" not in html
        assert "&quot;&gt;&lt;script&gt;" in html
    assert 'alt="A heron"' in media_html(
        {"type": "image", "url": OURS, "alt": " A heron "}
    )


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("https://cdn.example.org/a.png", "not allowed this host"),
        ("http://cdn.example.org/a.png", "only https"),
        ("data:image/png;base64,AAAA", "not stored here"),
        ("javascript:alert(1)", "cannot be shown"),
        ("//evil.example/a.png", "cannot be shown"),
        ("/media/x/", "cannot be shown"),
        ("media:../../secret_key", "cannot be shown"),
        ("media:" + "0" * 36, "cannot be shown"),
        (OURS + "\n", "cannot be shown"),
        ("https://[broken", "cannot be shown"),
        ("file:///etc/passwd", "cannot be shown"),
        ("", "cannot be shown"),
    ],
)
@pytest.mark.parametrize("kind", ["image", "audio", "video"])
def test_every_other_address_is_a_sentence(kind: str, url: str, why: str) -> None:
    html = media_html({"type": kind, "url": url, "alt": "A heron"})
    assert why in html
    assert "A heron" in html
    assert not re.search(r"\b(src|href|srcset|poster)=", html)
    assert "a.png" not in html


@pytest.mark.parametrize(
    "content",
    [
        *("text", 7, None, [], {}, {"type": "text", "text": "x"}, {"type": "image"}),
        *({"type": ["image"], "url": OURS}, {"type": "image", "url": 7}),
        *({"type": "image", "url": {"a": 1}}, {"url": OURS}, [OURS]),
        {"type": "input_audio", "input_audio": {"format": "wav"}},
    ],
    ids=repr,
)
def test_other_content_is_no_media(content: Any) -> None:
    assert not is_media(content)


def test_media_is_a_few_words_where_there_is_only_text() -> None:
    image = {"type": "image", "url": "https://x.example/gpt/a.png", "alt": "A heron"}
    sound = {"type": "audio", "url": OURS}
    assert as_text(image) == "[image: A heron]"
    talk = [{"role": "user", "content": [{"type": "text", "text": "So?"}, sound]}]
    assert as_text(talk) == "So?\n\n[audio]"
    with override("de"):
        assert as_text(image) == "[image: A heron]"


def test_media_within_json_is_a_few_words_too() -> None:
    image = {"type": "image", "url": "https://x.example/gpt/a.png", "alt": "A heron"}
    assert json.loads(as_text({"drawn": [image]})) == {"drawn": ["[image: A heron]"]}
    calls = [{"role": "assistant", "content": None, "tool_calls": [{"drawn": image}]}]
    assert "[image: A heron]" in as_text(calls)
    assert "gpt" not in as_text(calls)


def test_a_part_whose_text_is_no_text_is_shown_as_json() -> None:
    talk = [{"role": "user", "content": [{"type": "text", "text": 5}]}]
    assert as_text(talk) == '{"type": "text", "text": 5}'


@pytest.mark.parametrize(
    "content",
    [
        {"type": "image", "url": OURS},
        [{"type": "text", "text": "See"}, {"type": "image", "url": OURS}],
        [{"role": "assistant", "content": [{"type": "image", "url": OURS}]}],
        [{"role": "assistant", "content": {"type": "image", "url": OURS}}],
    ],
)
def test_media_is_shown_wherever_content_may_have_it(content: Any) -> None:
    shown = specimen(content, Look("/", "A"))
    html = "".join(str(turn.html) for part in shown.parts for turn in part.turns)
    assert f'src="{PLACE}"' in html


# --- Importing ------------------------------------------------------------------------


def record(content: Any, name: str = "q1") -> dict[str, Any]:
    return {
        "id": name,
        "input": [{"role": "user", "content": content}],
        "outputs": [{"id": f"{name}/heron", "system": "heron", "content": "Yes."}],
    }


@pytest.fixture
def bring(dataset: Dataset, ada: User) -> Callable[..., Any]:
    def run(*records: Any, **options: Any) -> Any:
        rows = [Row(number, one) for number, one in enumerate(records, start=1)]
        return import_outputs(dataset=dataset, rows=rows, by=ada, **options)

    return run


def part_of(item: Item) -> Any:
    return item.input[0]["content"][0]


@pytest.mark.parametrize(
    ("part", "content"),
    [
        ({"type": "image", "url": data_url(files.picture())}, files.picture()),
        (
            {"type": "image_url", "image_url": {"url": data_url(files.picture())}},
            files.picture(),
        ),
        (
            {
                "type": "input_audio",
                "input_audio": {
                    "data": base64.b64encode(files.wav()).decode(),
                    "format": "wav",
                },
            },
            files.wav(),
        ),
        (
            {
                "type": "image",
                "source": {
                    "type": "base64",
                    "media_type": "image/png",
                    "data": base64.b64encode(files.picture()).decode(),
                },
            },
            files.picture(),
        ),
    ],
)
def test_embedded_media_is_stored_and_named_in_its_place(
    bring: Any, part: dict[str, Any], content: bytes
) -> None:
    counts = bring(record([part], "new"))
    assert (counts.created, counts.errors) == (1, [])
    media = Media.objects.get()
    kept = part_of(Item.objects.get(external_id="new"))
    assert f"media:{media.pk}" in json.dumps(kept)
    assert "base64" not in json.dumps(kept)
    assert f"/media/{media.pk}/" in media_html(kept)


def test_importing_the_same_again_changes_nothing(bring: Any) -> None:
    sent = [
        record([{"type": "image", "url": data_url(files.picture(colour=colour))}], name)
        for name, colour in [("m1", "red"), ("m2", "blue"), ("m3", "red")]
    ]
    first = bring(*sent)
    assert (first.created, Media.objects.count()) == (3, 2)
    again = bring(*sent)
    assert (again.unchanged, again.created, Media.objects.count()) == (3, 0, 2)


def test_an_image_beyond_the_length_of_a_text_is_taken(bring: Any) -> None:
    file = io.BytesIO()
    noise = random.Random(7).randbytes(900 * 900 * 3)
    Image.frombytes("RGB", (900, 900), noise).save(file, "PNG")
    url = data_url(file.getvalue())
    assert len(url) > 1_000_000
    counts = bring(record([{"type": "image", "url": url}], "large"))
    assert counts.errors == []


@pytest.mark.parametrize(
    ("url", "why"),
    [
        (data_url(files.SVG, "image/svg+xml"), "none of the types"),
        (data_url(files.SVG, "image/png"), "none of the types"),
        (data_url(files.HTML, "text/html"), "none of the types"),
        (data_url(files.wav(), "audio/wav"), "another kind"),
        (data_url(files.png_bomb()), "pixels"),
        (data_url(b""), "empty"),
        ("data:image/png,%89PNG", "must be base64"),
        ("data:image/png;base64,%%%%", "not base64"),
        ("data:image/png;base64,ä", "not base64"),
    ],
)
def test_embedded_data_that_cannot_be_taken_is_a_row_error_with_its_place(
    bring: Any, url: str, why: str
) -> None:
    good = record("No picture.", "good")
    counts = bring(good, record([{"type": "image", "url": url}], "bad"))
    assert (counts.created, counts.rejected) == (1, 1)
    (fault,) = counts.errors
    assert fault["row"] == 2
    assert "input.0.content.0" in fault["message"]
    assert why in fault["message"]
    assert not Media.objects.exists()


def test_a_dry_run_checks_media_and_keeps_nothing(bring: Any) -> None:
    good = record([{"type": "image", "url": data_url(files.picture())}], "new")
    bad = record([{"type": "image", "url": data_url(files.SVG)}], "bad")
    counts = bring(good, bad, dry_run=True)
    assert (counts.created, counts.rejected) == (1, 1)
    assert not Media.objects.exists()
    bring(good)
    assert bring(good, dry_run=True).unchanged == 1


def test_an_output_that_is_an_image_is_stored_too(bring: Any) -> None:
    one = record("Draw.", "drawn")
    one["outputs"][0]["content"] = {
        "type": "image",
        "url": data_url(files.picture()),
        "alt": "A wren",
    }
    assert bring(one).created == 1
    content = Output.objects.get(external_id="drawn/heron").content
    assert content == {
        "type": "image",
        "url": f"media:{Media.objects.get().pk}",
        "alt": "A wren",
    }


def test_metadata_and_text_are_never_looked_into(bring: Any) -> None:
    one = record(f"See {data_url(files.SVG)}", "text")
    one["metadata"] = {"type": "image", "url": data_url(files.SVG)}
    assert bring(one).errors == []


def test_foreign_addresses_are_noted_once_and_wait(
    bring: Any, project: Project
) -> None:
    image = {"type": "image", "url": "https://cdn.example.org/a.png"}
    plain = {"type": "image", "url": "http://cdn.example.org/b.png"}
    bring(record([image, plain, image], "f1"), record([image], "f2"))
    media = Media.objects.get()
    assert (media.source_url, media.state) == (image["url"], MediaState.WAITING)
    assert not Job.objects.exists()
    project.media_hosts = ["cdn.example.org"]
    project.save()
    other = {"type": "image", "url": "https://cdn.example.org/c.png"}
    bring(record([other], "f3"))
    assert Job.objects.get().kind == "fetch_media"


def test_a_dry_run_notes_no_address(bring: Any) -> None:
    image = {"type": "image", "url": "https://cdn.example.org/a.png"}
    bring(record([image], "new"), dry_run=True)
    assert not Media.objects.exists()


# --- Resolving ------------------------------------------------------------------------


def test_all_foreign_addresses_of_a_screen_take_one_query(
    dataset: Dataset, project: Project, django_assert_num_queries: Any
) -> None:
    project.media_hosts = ["cdn.example.org"]
    project.save()
    urls = [f"https://cdn.example.org/{n}.png" for n in range(40)]
    states = [MediaState.READY, MediaState.WAITING, MediaState.FAILED]
    for number, url in enumerate(urls[:30]):
        state = states[number % 3]
        sha256 = "a" * 64 if state == MediaState.READY else ""
        Media.objects.create(
            project=project, source_url=url, state=state, sha256=sha256
        )
    contents = [
        [{"role": "user", "content": [{"type": "image", "url": url}]}] for url in urls
    ]
    with django_assert_num_queries(1):
        shown = with_media(contents, dataset_id=dataset.pk)
    texts = [str(media_html(one[0]["content"][0])) for one in shown]
    assert "<img" in texts[0]
    assert "waiting to be fetched" in texts[1]
    assert "could not be fetched" in texts[2]
    assert all("<img" not in text for text in texts[30:])
    assert ".png" not in "".join(texts)
    assert ".png" not in json.dumps(shown)


def test_content_without_foreign_addresses_takes_no_query_and_stays_as_it_is(
    dataset: Dataset, django_assert_num_queries: Any
) -> None:
    contents = ["text", {"a": [1, {"b": "https://x.example/"}]}, None]
    with django_assert_num_queries(0):
        assert with_media(contents, dataset_id=dataset.pk) == contents


def test_another_projects_copy_is_not_shown(dataset: Dataset, olga: User) -> None:
    other = Project.objects.create(name="Other", created_by=olga)
    url = "https://cdn.example.org/a.png"
    Media.objects.create(
        project=other, source_url=url, state=MediaState.READY, sha256="a" * 64
    )
    (shown,) = with_media([{"type": "image", "url": url}], dataset_id=dataset.pk)
    assert shown["not_loaded"] == "host"


def test_an_address_that_names_its_system_reaches_no_annotator(
    bring: Any,
    make_batch: Any,
    dataset: Dataset,
    rubric_version: Any,
    claim: Callable[..., Assignment | None],
    signed_in: Callable[[User], Client],
    api: Callable[..., Client],
    ben: User,
) -> None:
    dataset.items.all().delete()
    one = record("Draw a wren.", "drawn")
    one["outputs"][0]["content"] = [
        {
            "role": "assistant",
            "content": [
                {
                    "type": "image",
                    "url": "https://cdn.example.org/canary-system/1.png",
                    "alt": "A wren",
                }
            ],
        }
    ]
    bring(one)
    batch = make_batch(dataset, rubric_version)
    assignment = claim(ben, batch)
    assert assignment is not None
    page = signed_in(ben).get(reverse("annotation:assignment", args=[assignment.pk]))
    assert page.status_code == 200
    assert "canary-system" not in page.content.decode()
    told = api(ben).get(f"/api/v1/assignments/{assignment.pk}").content.decode()
    assert "canary-system" not in told
    assert "not_loaded" in told


def test_an_id_that_nobody_has_is_an_address_that_is_not_found(
    signed_in: Callable[[User], Client], ben: User, project: Project
) -> None:
    assert signed_in(ben).get(f"/media/{uuid.uuid4()}/").status_code == 404
