"""What a file is, by its first bytes or by its name, in the words in which the account says so."""

from __future__ import annotations

import json

__all__ = ["OFFICE", "kind_by_content", "what_kind", "why_no_zip"]

FIRST_BYTES = {
    b"%PDF": "a PDF",
    b"\x89PNG": "a picture",
    b"\xff\xd8\xff": "a picture",
    b"GIF8": "a picture",
    b"Rar!": "a RAR archive, which is not read",
    b"7z\xbc\xaf": "a 7z archive, which is not read",
    b"\x1f\x8b": "a gzip archive, which is not read",
    b"\xfd7zXZ": "an xz archive, which is not read",
    b"BZh": "a bzip2 archive, which is not read",
    b"PK\7\x08": "one part of an archive in several parts, which are not read",
    b"\xd0\xcf\x11\xe0": "an Office document",
    b"{\\rtf": "a text document",
}
SUFFIXES = {
    ".py": "a Python file",
    ".html": "a web page",
    ".htm": "a web page",
    ".md": "a text",
    ".tar": "a tar archive, which is not read",
    ".docx": "a Word document",
    ".odt": "a text document",
    ".url": "a link",
    ".webloc": "a link",
    ".gdoc": "a link to Google Drive",
    ".lnk": "a link",
    ".icloud": "a placeholder of iCloud for a file that was not on the device",
}
OFFICE = {
    ".docx": "a Word document",
    ".odt": "a text document",
    ".pages": "a Pages document",
    ".xlsx": "a spreadsheet",
    ".ods": "a spreadsheet",
    ".numbers": "a spreadsheet",
    ".pptx": "slides",
    ".odp": "slides",
    ".key": "slides",
}
"""Documents that are zip archives inside."""


def kind_by_content(data: bytes) -> str:
    """What a file is by its first bytes, whatever it is called; empty where they do not say."""
    if not data.strip():
        return "an empty file"
    for mark, words in FIRST_BYTES.items():
        if data.startswith(mark):
            return words
    if data[4:8] == b"ftyp":
        return "a picture or a film"
    start = text_at_the_start(data).lower()
    return "a web page" if start.startswith(("<!doctype html", "<html")) else ""


def text_at_the_start(data: bytes) -> str:
    """The first characters, in the encoding that JSON would have."""
    return data[:1000].decode(json.detect_encoding(data[:1000]), "replace").removeprefix("\ufeff").lstrip()


def what_kind(name: str, data: bytes) -> str:
    """What a file is, in words, where it cannot be a notebook; empty where it may be one."""
    if words := kind_by_content(data):
        return words
    is_object = text_at_the_start(data)[:1] == "{"
    if is_object and b'"doc_id"' in data and b'"cells"' not in data:
        return SUFFIXES[".gdoc"]
    if is_object:
        return "" if b"\n<<<<<<< " not in data else "not JSON: it has the marks of a merge that was not finished"
    for suffix, words in SUFFIXES.items():
        if name.lower().endswith((suffix, f"{suffix}.txt")):
            return words
    if name.lower().endswith("link.html"):
        return "a link"
    return "no JSON, as a notebook is: perhaps it was saved in part or as another kind of file"


def why_no_zip(start: bytes) -> str:
    """Why a file that cannot be opened is no zip archive, by its first bytes."""
    if words := kind_by_content(start):
        return f"it is {words}"
    return "its end is missing" if start.startswith(b"PK\3\4") else "it is another kind of file"
