"""Files of media: told by their content, cleaned, kept apart and private."""

from __future__ import annotations

import io
import os
import stat
import uuid
from contextlib import suppress
from pathlib import Path

import pytest
from PIL import Image

from annotation.media import store
from annotation.media.images import MOST_FRAMES
from annotation.media.reading import read_media
from annotation.media.refusal import MediaRefused, TooBig, UnknownType
from annotation.media.sniff import sniffed
from tests.annotation import media_files as files


def cleaned(content: bytes) -> tuple[str, bytes]:
    with read_media(io.BytesIO(content)) as read:
        assert read.size == read.path.stat().st_size
        return read.type.content_type, read.path.read_bytes()


@pytest.mark.parametrize(("content_type", "content"), files.EVERY.items())
def test_each_type_is_known_by_its_content(content_type: str, content: bytes) -> None:
    assert cleaned(content)[0] == content_type


@pytest.mark.parametrize(
    "content",
    [
        files.SVG,
        files.HTML,
        b"%PDF-1.7 ...",
        b"PK\x03\x04" + bytes(40),
        b"MZ" + bytes(100),
        b"II*\x00" + bytes(100),
        b"BM" + bytes(100),
        b"\x00\x00\x01\x00" + bytes(60),
        b"\xff\xfb\x90\x00 two sync bytes are no sound",
        b"RIFF\x00\x00\x00\x00AVI " + bytes(40),
        b"\x1a\x45\xdf\xa3\x8b\x42\x82\x88matroska",
        files.box(b"ftyp", b"avif" + bytes(12)),
        files.box(b"ftyp", b"qt  " + bytes(12)),
        b"OggS\x00\x02" + bytes(20) + b"\x80theora",
        b"x",
        "GIF89b — no".encode(),
    ],
    ids=lambda content: repr(content[:12]),
)
def test_everything_else_is_refused(content: bytes) -> None:
    with pytest.raises(UnknownType, match="none of the types"):
        cleaned(content)


def test_an_empty_file_is_refused() -> None:
    with pytest.raises(MediaRefused, match="empty"):
        cleaned(b"")


def test_a_photo_loses_its_place_and_stands_upright() -> None:
    _, content = cleaned(files.photo_with_place())
    assert b"Dora" not in content
    with Image.open(io.BytesIO(content)) as image:
        assert image.size == (30, 40)
        assert not image.getexif()
        assert "comment" not in image.info


def test_a_pngs_words_and_a_colour_profile_are_gone() -> None:
    from PIL import ImageCms
    from PIL.PngImagePlugin import PngInfo

    words = PngInfo()
    words.add_text("Software", "painter-3")
    words.add_itxt("prompt", "draw a heron")
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    _, content = cleaned(files.picture("PNG", pnginfo=words, icc_profile=profile))
    for trace in (b"painter", b"heron", b"iCCP", b"tEXt", b"iTXt"):
        assert trace not in content


@pytest.mark.parametrize(
    "tail",
    [files.HTML, files.SVG, b"PK\x03\x04evil.zip", b"\x00" * 10 + b"<?php"],
    ids=["html", "svg", "zip", "php"],
)
@pytest.mark.parametrize("kind", ["PNG", "JPEG", "GIF", "WEBP"])
def test_a_file_that_is_two_files_keeps_the_picture_alone(
    kind: str, tail: bytes
) -> None:
    _, content = cleaned(files.picture(kind) + tail)
    assert tail not in content


def test_a_script_in_a_gifs_header_is_no_picture() -> None:
    with pytest.raises(MediaRefused):
        cleaned(b"GIF89a/*" + b"*/=1;alert(1)//" + files.HTML)


@pytest.mark.parametrize("keep", [20, 40, 60])
def test_a_picture_that_is_cut_off_is_refused(keep: int) -> None:
    whole = files.picture("PNG", size=(200, 200))
    with pytest.raises(MediaRefused, match="cannot be read"):
        cleaned(whole[: len(whole) * keep // 100])


@pytest.mark.parametrize("size", [(60_000, 60_000), (2, 60_000), (8_000, 8_000)])
def test_a_picture_that_unpacks_too_large_is_refused_unread(
    size: tuple[int, int],
) -> None:
    with pytest.raises(MediaRefused, match="pixels"):
        cleaned(files.png_bomb(*size))


def test_rows_beyond_the_header_do_not_grow_the_picture() -> None:
    content_type, content = cleaned(files.png_bomb(10, 10))
    assert content_type == "image/png"
    assert len(content) < 1_000


def test_an_animation_stays_one_and_a_long_one_becomes_its_first_frame() -> None:
    content_type, content = cleaned(files.animation(3))
    with Image.open(io.BytesIO(content)) as image:
        assert (content_type, image.n_frames) == ("image/gif", 3)  # type: ignore[attr-defined]
        assert image.info["duration"] == 120
    content_type, content = cleaned(files.animation(MOST_FRAMES + 1))
    with Image.open(io.BytesIO(content)) as image:
        assert (content_type, getattr(image, "n_frames", 1)) == ("image/png", 1)


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "CMYK", "I;16"])
def test_pictures_of_every_mode_are_taken(mode: str) -> None:
    kind = "JPEG" if mode == "CMYK" else "PNG"
    file = io.BytesIO()
    Image.new(mode, (8, 8)).save(file, kind)
    assert cleaned(file.getvalue())[0] == f"image/{kind.lower()}"


@pytest.mark.parametrize(
    "make", [files.mp3, files.wav, files.flac, files.mp4, files.webm]
)
def test_sound_and_film_lose_the_names_that_travel_in_them(make: object) -> None:
    words = b"voice-engine-9 at 48.8584N"
    content = make(words)  # type: ignore[operator]
    assert words in content
    _, kept = cleaned(content)
    assert words not in kept
    assert len(kept) == len(content)
    assert sniffed(kept) == sniffed(content)


@pytest.mark.parametrize("content", files.EVERY.values(), ids=files.EVERY)
def test_files_cut_anywhere_are_taken_or_refused_but_never_an_error(
    content: bytes,
) -> None:
    for length in range(1, min(len(content), 400), 7):
        with suppress(MediaRefused):
            cleaned(content[:length])


def test_each_kind_has_its_limit(settings: object) -> None:
    settings.MEDIA_LARGEST = {"image": 90, "audio": 500, "video": 10_000}  # type: ignore[attr-defined]
    with pytest.raises(TooBig, match="image is larger"):
        cleaned(files.picture("PNG", size=(300, 300)))
    with pytest.raises(TooBig, match="audio file is larger"):
        cleaned(files.wav())
    assert cleaned(files.mp4())[0] == "video/mp4"


def test_a_kept_file_is_ours_alone_and_nothing_is_left_behind() -> None:
    project, media = uuid.uuid4(), uuid.uuid4()
    with read_media(io.BytesIO(files.picture())) as read:
        store.put(read.path, project, media)
    path = store.path_of(project, media)
    assert path.parent.name == str(media)[:2]
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert os.listdir(store.incoming_folder()) == []


@pytest.mark.parametrize("name", ["../../etc/passwd", "..", "a/b", "%2e%2e"])
def test_no_name_leads_out_of_the_store(name: str) -> None:
    with pytest.raises(ValueError, match="badly formed"):
        store.path_of(name, name)  # type: ignore[arg-type]


def test_scratch_files_of_a_killed_process_are_swept_after_a_day() -> None:
    with store.scratch_file() as (path, _):
        old = path.with_name("old")
        old.write_bytes(b"x")
        os.utime(old, (0, 0))
        store.remove_forgotten()
        assert path.exists()
        assert not Path(old).exists()
