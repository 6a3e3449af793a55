"""Words and places that travel in audio and video files, overwritten where they stand.

Recorders write where a film was taken, encoders and speech services their names. The
bytes are blanked without moving anything, so every offset in the file stays true. Ogg
carries its tags inside checksummed pages: those are left.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import IO

from annotation.media.sniff import FLAC, M4A, MP3, MP4, WAV, WEBM, FileType

PIECE = 2**16
MOST_BOXES = 100_000
# Boxes that hold others on the way to what is blanked.
CONTAINERS = {b"moov", b"trak", b"mdia", b"minf"}
BLANKED = {b"udta", b"meta", b"uuid"}


def blank_tags(file: IO[bytes], kind: FileType) -> None:
    """Overwrite what `file`, open for reading and writing, tells besides its sound."""
    if kind == MP3:
        blank_id3(file)
    elif kind == WAV:
        blank_riff(file)
    elif kind == FLAC:
        blank_flac(file)
    elif kind in (MP4, M4A):
        blank_boxes(file, 0, size_of(file))
    elif kind == WEBM:
        blank_matroska(file)
    file.seek(0)


def size_of(file: IO[bytes]) -> int:
    return file.seek(0, 2)


def zero(file: IO[bytes], start: int, end: int) -> None:
    """Overwrite bytes with zeros, never past the file's end."""
    end = min(end, size_of(file))
    file.seek(start)
    while start < end:
        piece = min(PIECE, end - start)
        file.write(bytes(piece))
        start += piece


def blank_id3(file: IO[bytes]) -> None:
    """The tag at the start keeps its length and loses its frames; the one at the end
    loses its words."""
    file.seek(0)
    head = file.read(10)
    if head[:3] == b"ID3" and len(head) == 10:
        length = sum(
            (byte & 0x7F) << shift
            for byte, shift in zip(head[6:], SYNCSAFE, strict=True)
        )
        file.seek(5)
        file.write(b"\x00")  # No flags: the zeros that follow are padding.
        zero(file, 10, 10 + length)
    size = size_of(file)
    if size >= 128:
        file.seek(size - 128)
        if file.read(3) == b"TAG":
            zero(file, size - 125, size)


SYNCSAFE = (21, 14, 7, 0)


def blank_riff(file: IO[bytes]) -> None:
    """Chunks that are neither format nor sound become junk."""
    at, size = 12, size_of(file)
    for _ in range(MOST_BOXES):
        file.seek(at)
        head = file.read(8)
        if len(head) < 8:
            return
        length = int.from_bytes(head[4:], "little")
        if head[:4] not in (b"fmt ", b"data", b"fact", b"JUNK"):
            file.seek(at)
            file.write(b"JUNK")
            zero(file, at + 8, at + 8 + length)
        at += 8 + length + length % 2
        if at >= size:
            return


def blank_flac(file: IO[bytes]) -> None:
    """Comments, pictures and what applications left become padding."""
    at = 4
    for _ in range(MOST_BOXES):
        file.seek(at)
        head = file.read(4)
        if len(head) < 4:
            return
        last, block = head[0] & 0x80, head[0] & 0x7F
        length = int.from_bytes(head[1:], "big")
        if block in (2, 4, 5, 6):
            file.seek(at)
            file.write(bytes([last | 1]))
            zero(file, at + 4, at + 4 + length)
        if last:
            return
        at += 4 + length


def blank_boxes(file: IO[bytes], start: int, end: int, depth: int = 0) -> None:
    """User data and its like, wherever it stands in the film's index, becomes free."""
    for at, name, inside, after in boxes(file, start, end):
        if name in BLANKED:
            file.seek(at + 4)
            file.write(b"free")
            zero(file, inside, after)
        elif name in CONTAINERS and depth < 8:
            blank_boxes(file, inside, after, depth + 1)


def boxes(
    file: IO[bytes], start: int, end: int
) -> Iterator[tuple[int, bytes, int, int]]:
    """Each box as (where it begins, its name, where its content begins, its end)."""
    at = start
    for _ in range(MOST_BOXES):
        file.seek(at)
        head = file.read(16)
        if len(head) < 8 or at >= end:
            return
        length, inside = int.from_bytes(head[:4], "big"), at + 8
        if length == 1 and len(head) == 16:
            length, inside = int.from_bytes(head[8:], "big"), at + 16
        elif length == 0:
            length = end - at
        if length < inside - at:
            return
        after = min(at + length, end)
        yield at, head[4:8], inside, after
        at += length


SEGMENT, TAGS, INFO = 0x18538067, 0x1254C367, 0x1549A966
TITLE, MUXER, WRITER = 0x7BA9, 0x4D80, 0x5741


def blank_matroska(file: IO[bytes]) -> None:
    """The tags become a void; the names of programs and the title become blanks."""
    size = size_of(file)
    for name, inside, after, _ in elements(file, 0, size):
        if name != SEGMENT:
            continue
        for inner, start, end, at in elements(file, inside, after):
            if inner == TAGS:
                void(file, at, end)
            elif inner == INFO:
                for word, first, last, _at in elements(file, start, end):
                    if word in (TITLE, MUXER, WRITER):
                        file.seek(first)
                        file.write(b" " * (last - first))


def elements(
    file: IO[bytes], start: int, end: int
) -> Iterator[tuple[int, int, int, int]]:
    """Each element as (id, where its content begins, its end, where it begins)."""
    at = start
    for _ in range(MOST_BOXES):
        file.seek(at)
        head = file.read(12)
        if at >= end or not head or not head[0]:
            return
        width = 9 - head[0].bit_length()
        if width > 4 or len(head) < width + 1 or not head[width]:
            return
        name = int.from_bytes(head[:width], "big")
        sized = 9 - head[width].bit_length()
        if len(head) < width + sized:
            return
        raw = int.from_bytes(head[width : width + sized], "big")
        length = raw & ((1 << 7 * sized) - 1)
        inside = at + width + sized
        unknown = length == (1 << 7 * sized) - 1
        after = end if unknown else min(inside + length, end)
        yield name, inside, after, at
        at = after


def void(file: IO[bytes], at: int, end: int) -> None:
    """One Void element over the bytes from `at` to `end`."""
    length = end - at
    if length < 9:
        zero(file, at, end)
        return
    file.seek(at)
    file.write(b"\xec" + ((1 << 56) | (length - 9)).to_bytes(8, "big"))
    zero(file, at + 9, end)
