"""The names of earlier nights that stand in tonight's texts, known again by keyed hashes of their words alone.

`HOME/warehouse/names` holds a line a person: the pseudonym, and a hash of each word of the name under the home's key.
No name can be read from it; who meets the same words again finds whose they are.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import os
from collections.abc import Iterable, Sequence
from pathlib import Path

from essa.people import Name

FILE = "names"


def are_any(folder: Path) -> bool:
    return (folder / FILE).exists()


def remember(folder: Path, secret: str, names: Sequence[Name]) -> None:
    """Adds these names to those of the home."""
    marks = {word: _mark(secret, word) for name in names for word in (*name.words, *name.surname)}
    lines = set()
    for name in names:
        if not name.words:  # a number or sign alone has none to be known by
            continue
        whole, surname = ([marks[word] for word in words] for words in (name.words, name.surname))
        lines.add(json.dumps([name.who, whole, surname, name.is_lower]))
    held = set(_lines(folder))
    if lines <= held:
        return
    part = folder / f"{FILE}.part"
    with os.fdopen(os.open(part, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600), "w") as file:
        file.writelines(f"{line}\n" for line in sorted(held | lines))
    os.replace(part, folder / FILE)


def recognised(folder: Path, secret: str, words: Iterable[str]) -> list[Name]:
    """The names of the home whose first and last word, or whose surname, are among these words."""
    word_of = {_mark(secret, word): word for word in words}
    found = []
    for line in _lines(folder):
        who, marks, surname_marks, is_lower = json.loads(line)
        is_whole = marks[0] in word_of and marks[-1] in word_of
        name = Name(
            tuple(word_of[mark] for mark in marks if mark in word_of) if is_whole else (),
            tuple(word_of[mark] for mark in surname_marks if mark in word_of),
            who,
            is_lower,
        )
        if name.words or name.surname:
            found.append(name)
    return found


def _lines(folder: Path) -> list[str]:
    return (folder / FILE).read_text().splitlines() if are_any(folder) else []


def _mark(secret: str, word: str) -> str:
    return hmac.new(secret.encode(), f"word of a name {word}".encode(), hashlib.sha256).hexdigest()[:16]
