"""Small files of every kind that media takes, made in memory."""

from __future__ import annotations

import io
import struct
import zlib
from typing import Any

from PIL import Image

EXIF_PLACE = "48.8584 N 2.2945 E, camera of Dora"


def picture(
    kind: str = "PNG",
    size: tuple[int, int] = (40, 30),
    colour: str = "teal",
    **more: Any,
) -> bytes:
    file = io.BytesIO()
    Image.new("RGB", size, colour).save(file, kind, **more)
    return file.getvalue()


def photo_with_place() -> bytes:
    exif = Image.Exif()
    exif[0x010E] = EXIF_PLACE
    exif[0x0112] = 6  # To be turned by 90 degrees.
    return picture("JPEG", exif=exif, comment=EXIF_PLACE.encode())


def animation(frames: int = 3, kind: str = "GIF") -> bytes:
    file = io.BytesIO()
    colours = [(250, 40 * number % 256, 7 * number % 256) for number in range(frames)]
    first, *rest = [Image.new("RGB", (16, 12), colour) for colour in colours]
    first.save(file, kind, save_all=True, append_images=rest, duration=120, loop=0)
    return file.getvalue()


def chunk(name: bytes, data: bytes) -> bytes:
    body = name + data
    return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))


def png_bomb(width: int = 60_000, height: int = 60_000) -> bytes:
    """A few kilobytes that say they unpack to gigabytes."""
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    rows = zlib.compress(bytes(1_000_000), 9)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", head)
        + chunk(b"IDAT", rows)
        + chunk(b"IEND", b"")
    )


def wav(words: bytes = b"") -> bytes:
    sound = b"\x00\x01" * 400
    info = b"INFOISFT" + struct.pack("<I", len(words)) + words
    listed = b"LIST" + struct.pack("<I", len(info)) + info if words else b""
    body = (
        b"WAVEfmt "
        + struct.pack("<IHHIIHH", 16, 1, 1, 8000, 16000, 2, 16)
        + listed
        + b"data"
        + struct.pack("<I", len(sound))
        + sound
    )
    return b"RIFF" + struct.pack("<I", len(body)) + body


def mp3(words: bytes = b"") -> bytes:
    frame = b"\xff\xfb\x90\x00" + bytes(413)
    tag = b""
    if words:
        text = b"TSSE" + struct.pack(">IH", len(words) + 1, 0) + b"\x00" + words
        tag = b"ID3\x03\x00\x00" + struct.pack(">I", len(text)) + text
    return tag + frame * 4


def flac(words: bytes = b"") -> bytes:
    block = struct.pack("<I", len(words)) + words + struct.pack("<I", 0)
    return (
        b"fLaC"
        + b"\x00"
        + (34).to_bytes(3, "big")
        + bytes(34)
        + bytes([0x84])
        + len(block).to_bytes(3, "big")
        + block
        + b"\xff\xf8sound"
    )


def ogg() -> bytes:
    return b"OggS\x00\x02" + bytes(20) + b"\x01\x13OpusHead\x01" + bytes(40)


def box(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data) + 8) + name + data


def mp4(words: bytes = b"", brand: bytes = b"isom") -> bytes:
    track = box(b"trak", box(b"tkhd", bytes(84)) + box(b"udta", b"\xa9nam" + words))
    index = box(b"mvhd", bytes(100)) + track + box(b"udta", b"\xa9xyz" + words)
    return (
        box(b"ftyp", brand + bytes(4) + b"isomavc1")
        + box(b"moov", index)
        + box(b"mdat", b"\x11" * 300)
    )


def element(name: str, data: bytes) -> bytes:
    size = ((1 << 28) | len(data)).to_bytes(4, "big")
    return bytes.fromhex(name) + size + data


def webm(words: bytes = b"encoder 1.0") -> bytes:
    head = bytes.fromhex("1A45DFA3") + bytes([0x87]) + b"\x42\x82\x84webm"
    info = element("1549A966", element("4D80", words) + element("5741", words))
    tags = element("1254C367", element("7373", words))
    return head + element("18538067", info + tags + element("1F43B675", bytes(80)))


SVG = b"""<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg">
<script>alert(document.domain)</script></svg>"""
HTML = b"<!doctype html><script>alert(1)</script>"

EVERY = {
    "image/png": picture("PNG"),
    "image/jpeg": picture("JPEG"),
    "image/webp": picture("WEBP"),
    "image/gif": animation(),
    "audio/mpeg": mp3(b"voice-engine-9"),
    "audio/wav": wav(),
    "audio/ogg": ogg(),
    "audio/flac": flac(),
    "audio/mp4": mp4(brand=b"M4A "),
    "video/mp4": mp4(),
    "video/webm": webm(),
}
