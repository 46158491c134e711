"""The ways a name is written: with and without accents, umlauts as two letters, any apostrophe, log-ins as they stand.

What the eye does not see (a blank of no width, a soft hyphen) is not there.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache

from essa.naming.words import listed, plain
from essa.personal import UNSEEN

APOSTROPHES = "'\u2018\u2019\u02bc"
LATIN = str.maketrans({"ß": "ss", "ø": "o", "æ": "ae", "œ": "oe", "ł": "l", "đ": "d", "ð": "d", "þ": "th"})
NORDIC = LATIN | str.maketrans({"å": "aa", "ø": "oe"})
DOTLESS = "\u0131"  # the i of Turkish whose capital is any I
JOINED = re.compile(r"(?<![^\W\d_])([^\W\d_])'(?=[^\W\d_])")  # O'Brien is one word, Meyer's desk are three
SHORTEST_LOG_IN, SHORTEST_STAFF_NUMBER = 4, 5  # marks; less is part of much else, and digits alone are of more
RUN, ASCII_LETTERS = re.compile(r"\w+"), re.compile("[a-z]+")
NO_CENTS = re.compile(r"(?<=[0-9])[.,]0+\Z")


def folded(text: str) -> tuple[str, list[int]]:
    """A text without the accents of Latin letters and what is unseen, and where each character of it stood."""
    if text.isascii():  # most are, and none of that is in them
        return text, list(range(len(text)))
    kept, places = [], []
    for place, mark in enumerate(text):
        for bare in _bare(mark):
            kept.append(bare)
            places.append(place)
    return "".join(kept), places


@cache
def _bare(mark: str) -> str:
    if mark in UNSEEN:
        return ""
    if mark in APOSTROPHES:
        return "'"
    if mark == DOTLESS:
        return "i"
    apart = unicodedata.normalize("NFD", mark)
    return unicodedata.normalize("NFC", "".join(one for one in apart if not "\u0300" <= one <= "\u036f"))


def words_of(text: str) -> list[str]:
    """Runs of letters, with the marks that belong to them, folded and in lower case; an apostrophe may stand within."""
    bare, _ = folded(unicodedata.normalize("NFC", text))
    bare = JOINED.sub(r"\1", bare) if "'" in bare else bare
    return _runs(bare)


def words_and_log_ins_of(text: str) -> set[str]:
    """Its words, and its runs of letters, digits and underscores, of which log-ins are made."""
    if not text.isascii():
        return {*words_of(text), *RUN.findall(folded(unicodedata.normalize("NFC", text))[0].lower())}
    text = text.lower()
    return {*words_of(text), *RUN.findall(text)}


def words_as_written(text: str) -> list[str]:
    """The same with their accents."""
    given = "".join("'" if mark in APOSTROPHES else mark for mark in text if mark not in UNSEEN)
    return _runs(JOINED.sub(r"\1", given))


def _runs(text: str) -> list[str]:
    if text.isascii():
        return ASCII_LETTERS.findall(text.lower())
    apart = "".join(mark if unicodedata.category(mark)[0] in "LM" else " " for mark in text)
    return unicodedata.normalize("NFC", apart.lower()).split()


def spellings(word: str) -> list[str]:
    """A word as a text may have it once that is folded: `muller` and `mueller` of Müller."""
    forms = (word, word.translate(LATIN), word.translate(NORDIC), plain(word))
    return [folded(unicodedata.normalize("NFC", form))[0] for form in forms]


def without_titles(words: list[str]) -> list[str]:
    """The words of a name; two are left of it, for `Don` may be either."""
    rest = [word for word in words if plain(word) not in listed("roles", "titles")]
    return rest if len(rest) > 1 else words


def log_ins(name: str) -> list[str]:
    """A resource that is a log-in, a staff number or an address: as it stands, and without its address or domain.

    What is letters alone is a name and no log-in.
    """
    given = folded(unicodedata.normalize("NFC", name.strip()))[0].lower()
    if len(given.split()) != 1:
        return []
    parts = (given, given.partition("@")[0], given.rpartition("\\")[2], NO_CENTS.sub("", given))
    return [part for part in dict.fromkeys(parts) if _is_log_in(part)]


def _is_log_in(part: str) -> bool:
    if digits := digit_count(part):
        return digits >= SHORTEST_STAFF_NUMBER
    return len(part) >= SHORTEST_LOG_IN and not re.sub(r"[-']", "", part).isalpha() and part[0].isalnum()


def digit_count(text: str) -> int:
    """How many digits a whole number has, be it held as a fraction (`10138.0`); 0 for what is none."""
    bare = NO_CENTS.sub("", text)
    return len(bare) if bare.isdigit() else 0


def with_apostrophe(word: str, apostrophe: str = "'") -> str:
    """The pattern of a word that may have one after its first letter."""
    return f"{re.escape(word[0])}{apostrophe}?{re.escape(word[1:])}" if len(word) > 3 else re.escape(word)


def seen_in_sql(word: str) -> str:
    """The pattern of a word in a text whose accents SQL stripped, with all marks of all scripts."""
    apart = unicodedata.normalize("NFD", word)
    bare = "".join(mark for mark in apart if unicodedata.category(mark)[0] != "M")
    return with_apostrophe(unicodedata.normalize("NFC", bare), f"[{APOSTROPHES}]")
