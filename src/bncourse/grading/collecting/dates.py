"""Dates as Moodle writes them into its worksheet: in words, in the language of the site."""

from __future__ import annotations

import re
import unicodedata
from datetime import UTC, datetime, tzinfo
from functools import cache

__all__ = ["read_date"]

LANGUAGES = (
    "en de fr es pt it nl da sv nb fi pl cs sk sl hr hu ro bg el ru uk tr ca eu gl lt lv et id vi ja zh ko ar he fa hi"
)
"""Those of most of Moodle's sites, by the codes of the Unicode CLDR."""


@cache
def months() -> dict[str, int]:
    """The names of the months, those that mean two months in two languages left out."""
    from babel.dates import get_month_names

    found: dict[str, set[int]] = {}
    for language in LANGUAGES.split():
        for width in ("wide", "abbreviated"):
            for context in ("format", "stand-alone"):
                for number, name in get_month_names(width, context, locale=language).items():
                    if not re.fullmatch(r"\d+\D?", name):
                        found.setdefault(folded(name), set()).add(number)
    return {name: numbers.pop() for name, numbers in found.items() if len(numbers) == 1 and len(name) > 1}


def folded(word: str) -> str:
    """A word without case, accents and points."""
    plain = unicodedata.normalize("NFKD", word).casefold()
    return "".join(c for c in plain if not unicodedata.combining(c)).strip(". ")


def read_date(text: str, zone: tzinfo) -> datetime | None:
    """The moment, in UTC and without a zone as nbgrader has it; nothing where the text is no date that is certain.

    ``Monday, 30 November 2026, 9:14 AM``, ``Montag, 30. November 2026, 09:14``, ``2026年11月30日 09:14`` and
    ``2026-11-30 09:14`` are read. ``03/04/2026`` is not: it is March in one country and April in another.
    """
    year = re.search(r"(?<!\d)(20\d\d)(?!\d)", text)
    clock = re.search(r"(?<!\d)(\d{1,2})[:.](\d\d)(?::\d\d)?\s*([AaPp]\.?\s?[Mm])?", text)
    if year is None or clock is None:
        return None
    hour = int(clock[1])
    if clock[3]:
        hour = hour % 12 + 12 * clock[3].casefold().startswith("p")
    rest = text[: clock.start()] + " " + text[clock.end() :]
    date = re.search(r"(20\d\d)\s*(?:[-/.]|年|년)\s*(\d{1,2})\s*(?:[-/.]|月|월)\s*(\d{1,2})", rest)
    if date:
        month, day = int(date[2]), int(date[3])
    else:
        words = [folded(word) for word in re.findall(r"[^\W\d_]+\.?", rest)]
        named = {months()[word] for word in words if word in months()}
        days = re.findall(r"(?<!\d)(\d{1,2})(?!\d)", rest)
        numeric = re.search(r"(?<!\d)(\d{1,2})[./-](\d{1,2})[./-]20\d\d", rest)
        if numeric and not named:
            one, two = int(numeric[1]), int(numeric[2])
            if min(one, two) > 12 or (max(one, two) <= 12 and one != two and "." not in numeric[0]):
                return None
            month, day = (two, one) if one > 12 or "." in numeric[0] else (one, two)
        elif len(named) == 1 and len(days) == 1:
            month, day = named.pop(), int(days[0])
        else:
            return None
    try:
        return datetime(int(year[1]), month, day, hour, int(clock[2]), tzinfo=zone).astimezone(UTC).replace(tzinfo=None)
    except (ValueError, OverflowError):
        return None
