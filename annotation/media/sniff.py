"""What a file is, by its first bytes: names and headers may lie."""

from __future__ import annotations

from dataclasses import dataclass

HEAD = 4096

IMAGE, AUDIO, VIDEO = "image", "audio", "video"
TAKEN = "PNG, JPEG, WebP, GIF; MP3, WAV, Ogg, FLAC, M4A; MP4, WebM"


@dataclass(frozen=True)
class FileType:
    """A type that is taken; `reader` is the image reader's name for it."""

    content_type: str
    kind: str
    reader: str = ""


PNG = FileType("image/png", IMAGE, "PNG")
JPEG = FileType("image/jpeg", IMAGE, "JPEG")
WEBP = FileType("image/webp", IMAGE, "WEBP")
GIF = FileType("image/gif", IMAGE, "GIF")
MP3 = FileType("audio/mpeg", AUDIO)
WAV = FileType("audio/wav", AUDIO)
OGG = FileType("audio/ogg", AUDIO)
FLAC = FileType("audio/flac", AUDIO)
M4A = FileType("audio/mp4", AUDIO)
MP4 = FileType("video/mp4", VIDEO)
WEBM = FileType("video/webm", VIDEO)

BRANDS = {
    **dict.fromkeys((b"M4A ", b"M4B "), M4A),
    **dict.fromkeys((b"isom", b"iso2", b"iso4", b"iso5", b"iso6", b"mp41"), MP4),
    **dict.fromkeys((b"mp42", b"avc1", b"M4V ", b"dash", b"MSNV"), MP4),
}
OGG_AUDIO = (b"OpusHead", b"\x01vorbis", b"\x7fFLAC", b"Speex   ")


def sniffed(head: bytes) -> FileType | None:
    """The type of a file that begins so; None for every type that is not taken.

    >>> sniffed(b"GIF89a...").content_type
    'image/gif'
    >>> sniffed(b"<svg xmlns=") is None
    True
    """
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return PNG
    if head.startswith(b"\xff\xd8\xff"):
        return JPEG
    if head.startswith((b"GIF87a", b"GIF89a")):
        return GIF
    if head.startswith(b"RIFF"):
        return {b"WEBP": WEBP, b"WAVE": WAV}.get(head[8:12])
    if head.startswith(b"OggS"):
        return OGG if any(codec in head[:300] for codec in OGG_AUDIO) else None
    if head.startswith(b"fLaC"):
        return FLAC
    if head[4:8] == b"ftyp":
        return BRANDS.get(head[8:12])
    if head.startswith(b"\x1a\x45\xdf\xa3"):
        return WEBM if b"\x42\x82\x84webm" in head[:100] else None
    if head.startswith(b"ID3") and len(head) > 10 and head[3] < 0xFF:
        return MP3
    return MP3 if starts_with_frames(head) else None


# MPEG audio layer III: kilobits a second by index, version 1 and versions 2 and 2.5.
RATES_1 = (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320)
RATES_2 = (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160)
SAMPLES = {3: (44100, 48000, 32000), 2: (22050, 24000, 16000), 0: (11025, 12000, 8000)}


def starts_with_frames(head: bytes) -> bool:
    """Two MP3 frames in a row: two sync bytes alone are too easily met by chance."""
    length = frame_length(head)
    return bool(length) and bool(frame_length(head[length:]))


def frame_length(at: bytes) -> int:
    """Bytes of the layer III frame that begins here; 0 where none begins."""
    if len(at) < 4 or at[0] != 0xFF or at[1] & 0xE6 != 0xE2:
        return 0
    version, rate, sampling = (at[1] >> 3) & 3, at[2] >> 4, (at[2] >> 2) & 3
    if version == 1 or rate in (0, 15) or sampling == 3:
        return 0
    rates, factor = (RATES_1, 144) if version == 3 else (RATES_2, 72)
    padding = (at[2] >> 1) & 1
    return factor * rates[rate] * 1000 // SAMPLES[version][sampling] + padding
