"""Media over HTTP: sent, listed, handed out; and the managers' page."""

from __future__ import annotations

import hashlib
import io
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from accounts.models import AuditEvent, Project, User
from annotation.actions.media import (
    note_addresses,
    remove_files_of_deleted_projects,
    store_media,
)
from annotation.media import store
from annotation.models import Media
from annotation.models.media import MediaState
from jobs.models import Job
from tests.annotation import media_files as files

Api = Callable[..., Client]
Signed = Callable[[User], Client]


def body_of(response: Any) -> bytes:
    return b"".join(response.streaming_content)


@pytest.fixture
def send(api: Api, ada: User, project: Project) -> Callable[..., Any]:
    def post(content: Any, content_type: str = "application/octet-stream", **more: Any):
        url = f"/api/v1/projects/{project.pk}/media"
        return api(ada).post(url, content, content_type=content_type, **more)

    return post


# --- Sending --------------------------------------------------------------------------


@pytest.mark.parametrize(("content_type", "content"), files.EVERY.items())
def test_a_file_is_stored_and_named(
    send: Any, content_type: str, content: bytes
) -> None:
    answer = send(content)
    assert answer.status_code == 201, answer.content
    sent = answer.json()
    assert sent["content_type"] == content_type
    assert sent["url"] == f"media:{sent['id']}"
    assert sent["sha256"] == hashlib.sha256(content).hexdigest()
    media = Media.objects.get(pk=sent["id"])
    assert store.path_of(media.project_id, media.pk).stat().st_size == sent["size"]


def test_the_same_content_again_is_the_same_media(send: Any) -> None:
    first, again = send(files.picture()), send(files.picture(), "image/jpeg")
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json() == again.json()
    assert Media.objects.count() == 1
    assert AuditEvent.objects.filter(verb="media stored").count() == 1


def test_another_project_keeps_its_own(send: Any, project: Project, olga: User) -> None:
    other = Project.objects.create(name="Other", created_by=olga)
    here = send(files.picture()).json()["id"]
    there, is_new = store_media(
        project=other, file=io.BytesIO(files.picture()), by=olga
    )
    assert is_new
    assert str(there.pk) != here


def test_a_lost_file_is_put_back_by_sending_it_again(send: Any) -> None:
    media = Media.objects.get(pk=send(files.picture()).json()["id"])
    store.remove(media.project_id, media.pk)
    assert send(files.picture()).status_code == 200
    assert store.path_of(media.project_id, media.pk).exists()


def test_a_form_is_taken_too_and_its_path_is_only_a_name(
    api: Api, ada: User, project: Project
) -> None:
    file = SimpleUploadedFile("x.png", files.picture(), "text/html")
    file._name = "../../etc/pass\x07wd.png"  # type: ignore[attr-defined]
    url = f"/api/v1/projects/{project.pk}/media"
    answer = api(ada).post(url, {"file": file})
    assert answer.status_code == 201
    assert answer.json()["content_type"] == "image/png"
    media = Media.objects.get(pk=answer.json()["id"])
    assert "/" not in media.name
    assert store.path_of(project.pk, media.pk).is_relative_to(
        store.project_folder(project.pk)
    )


@pytest.mark.parametrize(
    ("content", "content_type", "status", "words"),
    [
        (files.SVG, "image/png", 415, "none of the types"),
        (files.HTML, "image/jpeg", 415, "none of the types"),
        (b"", "image/png", 422, "empty"),
        (files.png_bomb(), "image/png", 422, "pixels"),
        (files.picture()[:50], "image/png", 422, "cannot be read"),
    ],
    ids=["svg", "html", "empty", "bomb", "cut"],
)
def test_what_is_not_taken_is_told_in_a_sentence(
    send: Any, content: bytes, content_type: str, status: int, words: str
) -> None:
    answer = send(content, content_type, CONTENT_LENGTH=str(len(content)))
    assert answer.status_code == status
    assert answer["Content-Type"] == "application/problem+json"
    assert words in answer.json()["detail"]
    assert not Media.objects.exists()


def test_too_large_is_413_by_its_length_and_by_its_kind(
    send: Any, settings: Any
) -> None:
    settings.MEDIA_LARGEST = {"image": 500, "audio": 600, "video": 900}
    assert send(bytes(100_000)).status_code == 413
    answer = send(files.picture("PNG", size=(900, 900)))
    assert answer.status_code == 413
    assert "MB" in answer.json()["detail"]


def test_no_length_is_411(api: Api, ada: User, project: Project) -> None:
    url = f"/api/v1/projects/{project.pk}/media"
    answer = api(ada).generic(
        "POST", url, files.picture(), content_type="image/png", CONTENT_LENGTH=""
    )
    assert answer.status_code == 411


def test_a_packed_body_and_a_form_without_a_file_are_refused(
    send: Any, api: Api, ada: User, project: Project
) -> None:
    packed = send(files.picture(), headers={"Content-Encoding": "gzip"})
    assert packed.status_code == 415
    url = f"/api/v1/projects/{project.pk}/media"
    assert api(ada).post(url, {"file": "no file"}).status_code == 422
    broken = send(b"--x\r\nnonsense", "multipart/form-data")
    assert broken.status_code in (400, 422)


def test_the_list_has_every_media_of_the_project_alone(
    send: Any, api: Api, ada: User, project: Project, olga: User
) -> None:
    other = Project.objects.create(name="Other", created_by=olga)
    store_media(project=other, file=io.BytesIO(files.wav()), by=olga)
    ids = {send(content).json()["id"] for content in (files.picture(), files.mp3())}
    url = f"/api/v1/projects/{project.pk}/media"
    listed = api(ada).get(url).json()["results"]
    assert {one["id"] for one in listed} == ids
    assert api(ada).get(f"/api/v1/media/{listed[0]['id']}").json() == listed[0]


def test_a_token_without_import_cannot_send(
    api: Api, ada: User, project: Project
) -> None:
    url = f"/api/v1/projects/{project.pk}/media"
    answer = api(ada, scopes=["read"]).post(
        url, files.picture(), content_type="image/png"
    )
    assert answer.status_code == 403


# --- Handing out ----------------------------------------------------------------------


@pytest.fixture
def sound(project: Project, ada: User) -> Media:
    media, _ = store_media(
        project=project, file=io.BytesIO(files.wav()), by=ada, name="voice-9.wav"
    )
    return media


def test_a_file_is_handed_out_bare(signed_in: Signed, ben: User, sound: Media) -> None:
    response = signed_in(ben).get(f"/media/{sound.pk}/")
    assert body_of(response) == files.wav()
    assert response["Content-Type"] == "audio/wav"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert response["Content-Disposition"] == "inline"
    assert response["Cross-Origin-Resource-Policy"] == "same-origin"
    assert response["Cache-Control"] == "private, no-cache"
    assert response["Accept-Ranges"] == "bytes"
    assert "Cookie" in response["Vary"]


def test_nothing_in_the_answer_tells_where_a_file_is_from(
    signed_in: Signed, ben: User, project: Project, ada: User
) -> None:
    """Two uploads whose names name systems: the answers tell neither."""
    seen = []
    for colour, name in (("red", "gpt-9.png"), ("blue", "claude-9.png")):
        media, _ = store_media(
            project=project,
            file=io.BytesIO(files.picture(colour=colour)),
            by=ada,
            name=name,
        )
        response = signed_in(ben).get(f"/media/{media.pk}/")
        told = str(sorted(response.headers.items()))
        assert "gpt" not in told
        assert "claude" not in told
        assert media.sha256 not in told
        assert uuid.UUID(str(media.pk)).version == 4
        seen.append({k: v for k, v in response.headers.items() if k != "ETag"})
    assert seen[0].keys() == seen[1].keys()


def test_what_was_seen_is_not_sent_again(
    signed_in: Signed, ben: User, sound: Media
) -> None:
    client, url = signed_in(ben), f"/media/{sound.pk}/"
    etag = client.get(url)["ETag"]
    again = client.get(url, headers={"If-None-Match": etag})
    assert (again.status_code, again.content) == (304, b"")
    assert again["Content-Security-Policy"].startswith("sandbox")


@pytest.mark.parametrize(
    ("asked", "status", "part"),
    [
        ("bytes=0-9", 206, slice(0, 10)),
        ("bytes=10-19", 206, slice(10, 20)),
        ("bytes=100-", 206, slice(100, None)),
        ("bytes=-5", 206, slice(-5, None)),
        ("bytes=0-99999999", 206, slice(0, None)),
        ("bytes=-99999999", 206, slice(0, None)),
        ("bytes=843-843", 206, slice(843, 844)),
        ("bytes=844-", 416, None),
        ("bytes=99999999-", 416, None),
        ("bytes=-0", 416, None),
        ("bytes=9-3", 200, slice(None)),
        ("bytes=0-1,4-5", 200, slice(None)),
        ("bytes=-", 200, slice(None)),
        ("bytes=a-b", 200, slice(None)),
        ("items=0-1", 200, slice(None)),
        ("bytes=" + "9" * 400 + "-", 200, slice(None)),
    ],
)
def test_sound_can_be_sought_in(
    signed_in: Signed, ben: User, sound: Media, asked: str, status: int, part: Any
) -> None:
    whole = files.wav()
    assert len(whole) == 844
    response = signed_in(ben).get(f"/media/{sound.pk}/", headers={"Range": asked})
    assert response.status_code == status
    if part is None:
        assert response["Content-Range"] == "bytes */844"
        return
    content = body_of(response)
    assert content == whole[part]
    assert response["Content-Length"] == str(len(content))
    if status == 206:
        first = (part.start or 0) % 844
        last = first + len(content) - 1
        assert response["Content-Range"] == f"bytes {first}-{last}/844"


def test_a_part_of_another_version_is_the_whole(
    signed_in: Signed, ben: User, sound: Media
) -> None:
    client, url = signed_in(ben), f"/media/{sound.pk}/"
    part = {"Range": "bytes=0-1", "If-Range": '"another"'}
    assert client.get(url, headers=part).status_code == 200
    part["If-Range"] = client.get(url)["ETag"]
    assert client.get(url, headers=part).status_code == 206


def test_a_head_tells_the_size_without_the_sound(
    signed_in: Signed, ben: User, sound: Media
) -> None:
    response = signed_in(ben).head(f"/media/{sound.pk}/")
    assert response["Content-Length"] == "844"


def test_the_api_hands_out_the_same_file(api: Api, ben: User, sound: Media) -> None:
    response = api(ben).get(f"/api/v1/media/{sound.pk}/content")
    assert body_of(response) == files.wav()
    assert response["Content-Type"] == "audio/wav"


def test_what_is_not_here_is_not_found(
    signed_in: Signed, ben: User, ada: User, project: Project, sound: Media
) -> None:
    note_addresses(project=project, addresses=["https://cdn.example.org/a"], by=ada)
    waiting = Media.objects.get(state=MediaState.WAITING)
    client = signed_in(ben)
    assert client.get(f"/media/{waiting.pk}/").status_code == 404
    assert client.get(f"/media/{uuid.uuid4()}/").status_code == 404
    assert client.get("/media/..%2f..%2fsecret_key/").status_code == 404
    store.remove(project.pk, sound.pk)
    assert client.get(f"/media/{sound.pk}/").status_code == 404


def test_a_viewer_who_also_annotates_sees_media(
    signed_in: Signed, vic: User, sound: Media
) -> None:
    client = signed_in(vic)
    assert client.get(f"/media/{sound.pk}/").status_code == 403
    vic.memberships.update(also_annotates=True)
    assert client.get(f"/media/{sound.pk}/").status_code == 200


def test_who_has_left_sees_media_no_more(
    signed_in: Signed, ben: User, sound: Media
) -> None:
    from django.utils import timezone

    client = signed_in(ben)
    ben.memberships.update(left_at=timezone.now())
    assert client.get(f"/media/{sound.pk}/").status_code == 404


# --- The page -------------------------------------------------------------------------


def page_of(project: Project) -> str:
    return f"/projects/{project.pk}/media/"


def test_several_files_are_uploaded_at_once_and_one_bad_one_is_named(
    signed_in: Signed, ada: User, project: Project
) -> None:
    sent = [
        SimpleUploadedFile("heron.png", files.picture()),
        SimpleUploadedFile("drawing.png", files.SVG),
        SimpleUploadedFile("song.mp3", files.mp3()),
    ]
    answer = signed_in(ada).post(page_of(project), {"file": sent})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "drawing.png: This is none of the types" in page
    assert sorted(Media.objects.values_list("name", flat=True)) == [
        "heron.png",
        "song.mp3",
    ]
    assert "2 files are stored" in page


def test_an_empty_file_and_none_are_told(
    signed_in: Signed, ada: User, project: Project
) -> None:
    client = signed_in(ada)
    assert client.post(page_of(project), {}).status_code == 422
    empty = SimpleUploadedFile("a.png", b"")
    answer = client.post(page_of(project), {"file": empty})
    assert "a.png: The file is empty." in answer.content.decode()


def test_a_hostile_name_is_text(signed_in: Signed, ada: User, project: Project) -> None:
    evil = '"><script>alert(1)</script>.png'
    store_media(project=project, file=io.BytesIO(files.picture()), by=ada, name=evil)
    page = signed_in(ada).get(page_of(project)).content.decode()
    assert "<script>alert" not in page


def test_only_the_owner_says_which_hosts(
    signed_in: Signed, ada: User, olga: User, project: Project
) -> None:
    assert "Save the hosts" not in signed_in(ada).get(page_of(project)).content.decode()
    client = signed_in(olga)
    assert "Save the hosts" in client.get(page_of(project)).content.decode()
    client.post(f"{page_of(project)}hosts/", {"hosts": "CDN.example.org\nb.example"})
    project.refresh_from_db()
    assert project.media_hosts == ["cdn.example.org", "b.example"]
    event = AuditEvent.objects.get(verb="media hosts set")
    assert event.data == {"hosts": ["cdn.example.org", "b.example"], "was": []}


def test_a_host_that_is_none_is_told_and_nothing_is_lost(
    signed_in: Signed, olga: User, project: Project
) -> None:
    answer = signed_in(olga).post(
        f"{page_of(project)}hosts/", {"hosts": "good.example\nhttp://10.0.0.1/"}
    )
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "is no host name" in page
    assert "good.example" in page
    project.refresh_from_db()
    assert project.media_hosts == []


def test_the_page_lists_hosts_that_wait_and_allows_one_by_a_button(
    signed_in: Signed, olga: User, ada: User, project: Project
) -> None:
    urls = [f"https://cdn.example.org/{n}.png" for n in range(3)]
    note_addresses(project=project, addresses=urls, by=ada)
    client = signed_in(olga)
    page = client.get(page_of(project)).content.decode()
    assert "cdn.example.org" in page
    assert "not allowed" in page
    client.post(f"{page_of(project)}hosts/", {"add": "cdn.example.org"})
    project.refresh_from_db()
    assert project.media_hosts == ["cdn.example.org"]
    assert Job.objects.get().kind == "fetch_media"
    assert "being fetched" in client.get(page_of(project)).content.decode()


def test_failed_fetches_are_tried_again_by_one_and_all(
    signed_in: Signed, ada: User, project: Project
) -> None:
    project.media_hosts = ["cdn.example.org"]
    project.save()
    urls = [f"https://cdn.example.org/{n}.png" for n in range(3)]
    note_addresses(project=project, addresses=urls, by=ada)
    Media.objects.update(state=MediaState.FAILED, error="could not fetch")
    client, url = signed_in(ada), f"{page_of(project)}attempts/"
    client.post(url, {"media": str(Media.objects.all()[0].pk)})
    assert Media.objects.filter(state=MediaState.WAITING).count() == 1
    client.post(url, {"media": "nonsense"})
    assert Media.objects.filter(state=MediaState.WAITING).count() == 1
    client.post(url)
    assert Media.objects.filter(state=MediaState.WAITING).count() == 3
    assert Job.objects.count() == 1


def test_the_page_takes_as_many_queries_for_many_files(
    signed_in: Signed, ada: User, project: Project, django_assert_max_num_queries: Any
) -> None:
    for number in range(12):
        store_media(
            project=project,
            file=io.BytesIO(files.picture(colour=(number, 0, 0))),  # type: ignore[arg-type]
            by=ada,
        )
    client = signed_in(ada)
    with django_assert_max_num_queries(12):
        client.get(page_of(project))


# --- Keeping order --------------------------------------------------------------------


def test_the_files_go_with_their_project(project: Project, olga: User) -> None:
    other = Project.objects.create(name="Other", created_by=olga)
    for where in (project, other):
        store_media(project=where, file=io.BytesIO(files.picture()), by=olga)
    folder = store.project_folder(other.pk)
    assert folder.exists()
    other.media.all().delete()
    AuditEvent.objects.filter(project=other).update(project=None)
    other.delete()
    remove_files_of_deleted_projects()
    assert not folder.exists()
    assert store.project_folder(project.pk).exists()


def test_files_of_another_database_are_left_alone(
    project: Project, tmp_path: Any, settings: Any
) -> None:
    settings.MEDIA_DIR = tmp_path
    foreign = store.private(store.project_folder(uuid.uuid4()))
    remove_files_of_deleted_projects()
    assert foreign.exists()
