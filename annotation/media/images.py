"""Images drawn anew: what is stored is the picture, without what travelled in its file.

Decoding and encoding again drops positions, cameras, comments, and whatever a file
that is two files at once hides behind the picture.
"""

from __future__ import annotations

import io
import threading
from typing import IO, Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from PIL import Image, ImageCms, ImageOps, ImageSequence

from annotation.media.refusal import MediaRefused
from annotation.media.sniff import GIF, JPEG, PNG, WEBP, FileType

MOST_PIXELS = 40_000_000
LONGEST_SIDE = 16_384
# An animation is decoded whole; beyond this only its first frame is kept.
MOST_FRAMES = 300
MOST_ANIMATED_PIXELS = 60_000_000
# One picture at a time in a process: a decoded one may take 160 MB.
ONE_AT_A_TIME = threading.Lock()

PNG_MODES = ("RGB", "RGBA", "L", "LA", "P", "1")

UNREADABLE = gettext_lazy("The file begins like an image but cannot be read as one.")


def redrawn(file: IO[bytes], kind: FileType, to: IO[bytes]) -> FileType:
    """Write the picture in `file` anew to `to`; returns the type it has then.

    Raises MediaRefused for a file that is no whole image, or unpacks too large.
    """
    with ONE_AT_A_TIME:
        try:
            with Image.open(file, formats=[kind.reader]) as image:
                refuse_large(image)
                return redraw(image, kind, to)
        except MediaRefused:
            raise
        except Image.DecompressionBombError as error:
            raise MediaRefused(too_large()) from error
        except Exception as error:
            # A reader of hostile bytes raises anything; a disk that is full is ours.
            if isinstance(error, OSError) and error.errno:
                raise
            raise MediaRefused(str(UNREADABLE)) from error


def refuse_large(image: Image.Image) -> None:
    """By the size that its header tells, before anything is unpacked."""
    width, height = image.size
    if width * height > MOST_PIXELS or max(width, height) > LONGEST_SIDE:
        raise MediaRefused(too_large())


def too_large() -> str:
    return _(
        "The image has too many pixels; at most %(most)s million in all and %(side)s "
        "a side are taken."
    ) % {"most": MOST_PIXELS // 1_000_000, "side": LONGEST_SIDE}


def redraw(image: Image.Image, kind: FileType, to: IO[bytes]) -> FileType:
    if kind in (GIF, WEBP) and getattr(image, "is_animated", False):
        frames = getattr(image, "n_frames", 1)
        pixels = image.width * image.height * frames
        if frames <= MOST_FRAMES and pixels <= MOST_ANIMATED_PIXELS:
            return animated(image, kind, to)
        image.seek(0)
    upright = in_srgb(ImageOps.exif_transpose(image))
    if kind == JPEG:
        bare(plain(upright, ("RGB", "L"))).save(to, "JPEG", quality=95, subsampling=0)
        return JPEG
    if kind == WEBP:
        bare(plain(upright, ("RGB", "RGBA"))).save(to, "WEBP", quality=95, method=4)
        return WEBP
    bare(plain(upright, PNG_MODES)).save(to, "PNG", optimize=False)
    return PNG


def animated(image: Image.Image, kind: FileType, to: IO[bytes]) -> FileType:
    """Every frame drawn anew, each for as long as it stood."""
    frames, durations = [], []
    for frame in ImageSequence.Iterator(image):
        durations.append(max(int(frame.info.get("duration", 100) or 100), 20))
        frames.append(bare(frame.convert("RGBA")))
    first, *rest = frames
    first.save(
        to,
        kind.reader,
        save_all=True,
        append_images=rest,
        duration=durations,
        loop=int(image.info.get("loop", 0) or 0),
        **({"disposal": 2} if kind == GIF else {"quality": 90}),
    )
    return kind


def in_srgb(image: Image.Image) -> Image.Image:
    """The colours as they were meant, without the profile that said so."""
    profile = image.info.get("icc_profile")
    if not profile or image.mode not in ("RGB", "RGBA", "L", "CMYK"):
        return image
    try:
        return (
            ImageCms.profileToProfile(
                image,
                ImageCms.ImageCmsProfile(io.BytesIO(profile)),
                ImageCms.createProfile("sRGB"),
                outputMode="RGBA" if image.mode == "RGBA" else "RGB",
            )
            or image
        )
    except (ImageCms.PyCMSError, OSError, ValueError):
        return image  # A broken profile: the numbers as they are.


def plain(image: Image.Image, modes: tuple[str, ...]) -> Image.Image:
    """In one of the modes that the type can hold."""
    if "transparency" in image.info and image.mode != "P" and "RGBA" in modes:
        return image.convert("RGBA")  # One colour stands for none.
    if image.mode in modes:
        return image
    if image.mode.startswith("I;16") or image.mode == "I":
        return image.point(lambda value: value / 256).convert("L").convert(modes[0])
    see_through = "A" in image.mode or "transparency" in image.info
    return image.convert("RGBA" if see_through and "RGBA" in modes else "RGB")


def bare(image: Image.Image) -> Image.Image:
    """Without what its writers would carry over; a palette's transparency stays."""
    kept: dict[str | tuple[int, int], Any] = {}
    if image.mode == "P" and "transparency" in image.info:
        kept["transparency"] = image.info["transparency"]
    image.info = kept
    return image
