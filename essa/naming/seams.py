"""A label in which digits above, below and on the line stay several numbers, however characters are read."""

from __future__ import annotations

import unicodedata
from functools import cache

SEAM = "\u2191"  # a sign that stands in no label by chance and that reading keeps


def with_seams(text: str) -> str:
    """A sign between digits of two heights, which NFKC would make one number: "10³" is not "103"."""
    if not any(map(_height, set(text))):
        return text
    kinds = [_height(character) for character in text]
    seamed = text[:1]
    for before, kind, character in zip(kinds, kinds[1:], text[1:], strict=False):
        is_seam = None not in (before, kind) and before != kind
        seamed += (" " if "<fraction>" in (before, kind) else SEAM) * is_seam + character
    return seamed


@cache
def _height(character: str) -> str | None:
    """How Unicode calls the place of a digit, or of a sign of those above and below the line; None of all else."""
    told = unicodedata.decomposition(character).partition(">")[0]
    place = "" if told in ("<wide", "<font", "<narrow") or not told.startswith("<") else f"{told}>"
    meant = unicodedata.normalize("NFKC", character)
    return place if meant[:1].isdigit() or (place in ("<super>", "<sub>") and meant in "+\u2212") else None
