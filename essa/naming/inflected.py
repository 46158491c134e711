"""Pairs of labels whose words begin alike, one by one, as forms of the same words do: "Skicka avräkning", "Avräkning
skickad".

Of a language without a list of verbs nothing tells forms from other words, so they are never one for that: a question
where the log shows one in the place of the other.
"""

from __future__ import annotations

import itertools
import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from functools import cache, lru_cache

from essa.naming import lexicon
from essa.naming.exact import Group
from essa.naming.reading import prepare, singular
from essa.naming.repair import Pair, Step
from essa.naming.slips import alike_ends
from essa.naming.words import Words, listed

STEM_LETTERS = 4  # that two forms share at least
STEM_SHARE_MIN = 0.6  # of the shorter word
ENDING_LETTERS_MAX = 6
GROUPS_MAX = 12  # whose words begin alike: more are numbered or coined by rule


def inflected(groups: Sequence[Group], words: Words) -> Iterator[Pair]:
    """Both ways, since either may be the rarer."""
    alike: dict[tuple[str, ...], list[str]] = defaultdict(list)
    for group in groups:
        said = _said(group.name)
        if len(said) > 1:
            alike[tuple(sorted(_without_ge(word)[:STEM_LETTERS] for word in said))].append(group.name)
    for names in alike.values():
        for one, other in itertools.permutations(names, 2) if len(names) <= GROUPS_MAX else ():
            if steps := _steps(one, other, words):
                yield Pair(one, other, steps)


def _steps(one: str, other: str, words: Words) -> tuple[Step, ...]:
    """The words that differ, each beside its other form; nothing where any two are more than forms of one."""
    these, those = (sorted(_said(name), key=_without_ge) for name in (one, other))
    differing = [
        (was, means) for was, means in zip(these, those, strict=True) if singular(was) != singular(means)
    ]  # "botellas" may stand there as "botella": the other word decides which language is read
    are_forms = all(_may_be_forms(_without_ge(was), _without_ge(means)) for was, means in differing)
    if not are_forms or not any(_is_foreign(word, words) for both in differing for word in both):
        return ()
    return tuple(Step("inflected", was, means) for was, means in differing)


def _said(name: str) -> list[str]:
    return [word for word in prepare(name).words if word not in listed("likeness", "articles")]


@lru_cache(maxsize=1 << 16)
def _without_ge(word: str) -> str:
    """ "Geklärt" and "durchgeführt" as they are without the syllable of the past, in German and Dutch."""
    return _ge().sub(r"\1", word)


@cache
def _ge() -> re.Pattern[str]:
    fronts = sorted(
        listed("german", "prefixes") | listed("dutch", "prefixes") - {"ge"}, key=lambda one: (-len(one), one)
    )
    return re.compile(rf"^({'|'.join(fronts)})?ge(?=\w{{{STEM_LETTERS}}})")


def _may_be_forms(one: str, other: str) -> bool:
    shared, _ = alike_ends(one, other)
    if one == other + other[-1] or other == one + one[-1]:
        return False  # "readines": a letter is missing
    shorter, longer = sorted((len(one), len(other)))
    return shared >= max(STEM_LETTERS, STEM_SHARE_MIN * shorter) and longer - shared <= ENDING_LETTERS_MAX


def _is_foreign(word: str, words: Words) -> bool:
    return word.isalpha() and not words.is_right(word) and not lexicon.is_word(word, ("en",))
