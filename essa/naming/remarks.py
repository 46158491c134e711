"""What stands behind a name with a number in it and says which case it was: "(our ref 123)", "- job no. 123"."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Mapping
from functools import cache

from essa.naming.amounts import digit_count, is_meant
from essa.naming.words import listed, plain

REMARK = re.compile(
    r"(?P<step>.*\S)(?:\s*[(\[{<]\s*(?P<inside>[^()\[\]{}<>]+?)\s*[)\]}>]"
    r"|(?:\s[-\u2013\u2014]\s+|[,:]\s+)(?P<behind>[^()\[\]{}<>,:]+))"
)
SAID = re.compile(r"((?:[^\W\d_]+[.:/°º'\u2019-]*\s*){1,3}?)[#\s]*((?:[A-Z]{1,5}-?)?\d+(?:[./-]\d+)*)")
TURNED = re.compile(r"(\d+)\s+((?:[^\W\d_]+[.\s]*){1,3})")  # "(123 our ref)"
UNPARTED = re.compile(r"(.*\S)\s+((?:[^\W\d_]+[.:]*\s+){2}#?\d+)")  # "Seal crate job no. 123"
NUMBER = re.compile(r"\d\S*")
YEAR = re.compile(r"(?:19|20)\d\d")
DIGIT_COUNT = 3  # of a number in brackets; with fewer it is as often one of a few kinds
ASKED_DIGIT_COUNT = 2
BARE_DIGIT_COUNT = 4  # where no brackets set it apart


def families(texts: Collection[str], known: Collection[str], is_sure: bool = True) -> list[dict[str, str]]:
    """Texts that are one text of `known`, in small letters, and the same words before a number, each with that one.

    Unless it is to be sure also shorter numbers count.
    """
    found: dict[tuple[str, str], dict[str, str]] = defaultdict(dict)
    for text in texts:
        remark = _remark(text, is_sure)
        if remark and remark[0].casefold() in known:
            found[remark[0].casefold(), remark[1]][text] = remark[0]
    return [family for (_, words), family in found.items() if _is_reference(words) or not _are_years(family)]


def _remark(text: str, is_sure: bool) -> tuple[str, str] | None:
    """The step, and the words before the number, where neither word nor number says what is done or how much."""
    if not (text[-1:].isdigit() or (text[-1:] in tuple(")]}>") and NUMBER.search(text))):
        return None
    found, loose = REMARK.fullmatch(text), None
    if found:
        step, inside, remark = found["step"], found["inside"], found["inside"] or found["behind"]
        loose = TURNED.fullmatch(inside) if inside else None
        remark = f"{loose[2]} {loose[1]}" if loose else remark
    elif not is_sure and (loose := UNPARTED.fullmatch(text)):
        step, inside, remark = loose[1], None, loose[2]
    if not (found or loose) or not (said := SAID.fullmatch(remark.strip())):
        return None
    words = " ".join(plain(word).casefold() for word in re.findall(r"[^\W\d_]+", said[1]))
    least = ASKED_DIGIT_COUNT if not is_sure else DIGIT_COUNT if inside else BARE_DIGIT_COUNT
    is_long = digit_count(said[2]) >= least or _is_reference(words)
    is_kind = any(word in _kinds() for word in words.split()) or any(map(is_meant, NUMBER.finditer(text)))
    if not is_long or is_kind or (loose and not _is_reference(words)):
        return None
    return step.rstrip(" -\u2013\u2014:,"), words


def _is_reference(words: str) -> bool:
    """Whether the last word before a number announces one: "job no. 7", "dossiernummer 7"."""
    return bool(re.fullmatch(rf".*?\b(?:{reference_words()})", words))


@cache
def reference_words() -> str:
    """A pattern of what announces a number in any language; compounds end in one."""
    words = sorted(listed("pollution", "references"))
    return rf"{'|'.join(words)}|[^\W\d_]+(?:{'|'.join(sorted(listed('pollution', 'reference_endings')))})"


@cache
def _kinds() -> frozenset[str]:
    of_meaning = listed("meaning", "numeral_markers") | listed("meaning", "directions")
    return of_meaning.union(*(listed("pollution", key) for key in ("kinds", "units", "standards")))


def _are_years(family: Mapping[str, str]) -> bool:
    return all(YEAR.fullmatch(NUMBER.findall(text)[-1].rstrip(")]}> ")) for text in family)
