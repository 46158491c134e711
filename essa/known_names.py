"""The names of earlier nights that stand in tonight's texts, known again by keyed hashes of their parts alone.

`HOME/warehouse/names` holds a line a person: the pseudonym, and under the home's key a hash of each word of the name,
of what is joined of them (`AnnaMeyer`), of the initial with the surname (`a.meyer`), and of each part of a log-in. No
name can be read from it; who meets the same again finds whose it is.
"""

from __future__ import annotations

import hmac
import json
import os
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from essa.people import SHORTEST_SURE_NUMBER, Name, glued, is_long_enough, orders_of
from essa.spelling import RUN, digit_count

FILE = "names"


def are_any(folder: Path) -> bool:
    return (folder / FILE).exists()


def remember(folder: Path, secret: str, names: Sequence[Name]) -> None:
    """Adds these names to those of the home."""
    lines = {line for name in names if (line := _line(secret, name))}
    held = set(_lines(folder))
    if lines <= held:
        return
    part = folder / f"{FILE}.part"
    with os.fdopen(os.open(part, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600), "w") as file:
        file.writelines(f"{line}\n" for line in sorted(held | lines))
    os.replace(part, folder / FILE)


def _line(secret: str, name: Name) -> str | None:
    words = name.words
    # of a short number there are amounts and documents on many a night
    logs = [one for one in name.log_ins if not 0 < digit_count(one) < SHORTEST_SURE_NUMBER]
    if not words and not logs:  # a short number has nothing to be known by
        return None
    parts: dict[str, list] = {"log_ins": [[_mark(secret, run) for run in RUN.findall(one)] for one in logs]}
    parts["between"] = [RUN.split(one)[1:] for one in logs]
    if len(words) > 1:
        parts["joined"] = _marks(secret, filter(is_long_enough, dict.fromkeys(map("".join, orders_of(words)))))
        parts["ends"] = _marks(secret, ("".join(words[:-1]), "".join(words[1:])))
        parts["initial"] = _marks(secret, (_behind(words[0][0], words[-1]),))
        parts["glued"] = _marks(secret, filter(None, (glued(words),)))
    return json.dumps([name.who, _marks(secret, words), _marks(secret, name.surname), name.is_lower, parts])


def met(folder: Path, secret: str, words: Iterable[str]) -> set[str]:
    """Those of these words that some name of the home may be known by."""
    known = {mark for line in _lines(folder) for mark in _parts(json.loads(line))}
    return {word for word in words if len(word) == 1 or _mark(secret, word) in known}


def _parts(line: list) -> Iterator[str]:
    _, words, surname, _, *more = line
    yield from (*words, *surname)
    for parts in more:
        for of in ("joined", "ends", "glued"):
            yield from parts.get(of, ())
        for marks in parts["log_ins"]:
            yield from marks


def recognised(folder: Path, secret: str, words: Iterable[str]) -> list[Name]:
    """The names of the home that may stand in a text of these words: whole, joined, as a surname or a log-in."""
    word_of = {_mark(secret, word): word for word in words}
    letters = sorted(word for word in word_of.values() if len(word) == 1)
    found = []
    for line in _lines(folder):
        who, marks, surname_marks, is_lower, *more = json.loads(line)
        parts = more[0] if more else {}
        surname = tuple(word_of[mark] for mark in surname_marks if mark in word_of)
        log_ins = tuple(_log_ins(parts, word_of))
        joined = tuple(word_of[mark] for mark in parts.get("joined", ()) if mark in word_of)
        forms = list(_wholes(secret, marks, parts, word_of, letters))
        if forms or surname or log_ins or joined:
            found += [Name(form, surname, who, is_lower, log_ins, joined) for form in forms or [()]]
        if log_in := tuple(word_of[mark] for mark in parts.get("glued", ()) if mark in word_of):
            found.append(Name((), log_in, who, is_lower=True))
    return found


def _wholes(
    secret: str, marks: list[str], parts: dict, word_of: dict[str, str], letters: Sequence[str]
) -> Iterator[tuple[str, ...]]:
    """The words of a name as a text may have them: all, the first ones or the last ones as one, an initial."""
    if not marks:
        return
    if marks[0] in word_of and marks[-1] in word_of:
        yield tuple(word_of[mark] for mark in marks if mark in word_of)
    given, family = parts.get("ends", (marks[0], marks[-1]))
    for first, last in ((given, marks[-1]), (marks[0], family)):
        if (first, last) != (marks[0], marks[-1]) and first in word_of and last in word_of:
            yield word_of[first], word_of[last]
    if last := word_of.get(marks[-1]):
        for letter in letters:
            if _mark(secret, _behind(letter, last)) in parts.get("initial", ()):
                yield letter, *(word_of[mark] for mark in marks[1:-1] if mark in word_of), last


def _log_ins(parts: dict, word_of: dict[str, str]) -> Iterator[str]:
    for marks, between in zip(parts.get("log_ins", ()), parts.get("between", ()), strict=True):
        if all(mark in word_of for mark in marks):
            yield "".join(word_of[mark] + apart for mark, apart in zip(marks, between, strict=True))


def _behind(initial: str, surname: str) -> str:
    return f"{initial}.{surname}"


def _lines(folder: Path) -> list[str]:
    return (folder / FILE).read_text().splitlines() if are_any(folder) else []


def _marks(secret: str, words: Iterable[str]) -> list[str]:
    return [_mark(secret, word) for word in words]


def _mark(secret: str, word: str) -> str:
    return hmac.digest(secret.encode(), f"word of a name {word}".encode(), "sha256").hex()[:16]
