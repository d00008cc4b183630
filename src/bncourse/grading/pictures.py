"""Pictures that a learner pasted: PNG and JPEG of a bounded size, which are carried with the text that shows them."""

from __future__ import annotations

import base64
import binascii
import re
import struct
from collections.abc import Callable
from dataclasses import dataclass

__all__ = ["MOST_BYTES", "MOST_POINTS", "Room", "pasted"]

MOST_BYTES = 4 << 20
"""Of one picture, as base64."""

MOST_POINTS = 25_000_000
"""Width times height: what a browser unpacks has four bytes for each."""

MOST_BYTES_IN_ALL, MOST_POINTS_IN_ALL = 16 << 20, 150_000_000
"""Of all pictures of a notebook: ten photographs."""

DATA = re.compile(r"data:image/[a-z+.-]{1,20};base64,([A-Za-z0-9+/=]*)", re.IGNORECASE)


@dataclass
class Room:
    """What there is room for in a notebook.

    Attributes:
        bytes: of further pictures, as base64.
        points: of them.
    """

    bytes: int = MOST_BYTES_IN_ALL
    points: int = MOST_POINTS_IN_ALL

    def take(self, data: str) -> str:
        """The type of a picture in base64, if it is PNG or JPEG and there is room for it; else nothing."""
        kind, points = looked_at(data)
        if not kind or len(data) > self.bytes or points > self.points:
            return ""
        self.bytes -= len(data)
        self.points -= points
        return kind


def pasted(text: str, show: Callable[[str], str]) -> str:
    """A text with each picture in it, which is a ``data:`` address, put in another way.

    Arguments:
        text: of a cell.
        show: what to write for a picture, given its data in base64.
    """
    return DATA.sub(lambda found: show(found[1]), text)


def looked_at(data: str) -> tuple[str, int]:
    """The type of a picture in base64 and its points, if it is PNG or JPEG and not too large; else no type."""
    if len(data) > MOST_BYTES:
        return "", 0
    try:
        raw = base64.b64decode(data, validate=True)
    except (binascii.Error, ValueError):
        return "", 0
    size = png_size(raw) or jpeg_size(raw)
    points = size[0] * size[1] if size else 0
    if not 0 < points <= MOST_POINTS:
        return "", 0
    return "image/png" if raw[:4] == b"\x89PNG" else "image/jpeg", points


def png_size(raw: bytes) -> tuple[int, int] | None:
    """Width and height of a PNG, from its first chunk."""
    if raw[:8] != b"\x89PNG\r\n\x1a\n" or raw[12:16] != b"IHDR" or len(raw) < 24:
        return None
    return struct.unpack(">II", raw[16:24])


def jpeg_size(raw: bytes) -> tuple[int, int] | None:
    """Width and height of a JPEG, from the segment that starts its frame."""
    if raw[:3] != b"\xff\xd8\xff":
        return None
    at = 2
    while at + 9 <= len(raw) and raw[at] == 0xFF:
        kind, length = raw[at + 1], int.from_bytes(raw[at + 2 : at + 4], "big")
        if 0xC0 <= kind <= 0xCF and kind not in (0xC4, 0xC8, 0xCC):
            height, width = struct.unpack(">HH", raw[at + 5 : at + 9])
            return width, height
        at += 2 + max(length, 2)
    return None
