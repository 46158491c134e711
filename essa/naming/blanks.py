"""Labels of the same letters with a blank elsewhere, and where the blank makes other words: "Cast rate", "Castrate"."""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache

from essa.naming.helping import small_words
from essa.naming.lexicon import is_common, is_listed
from essa.naming.reading import prepare
from essa.naming.words import listed, plain, regular_forms, vocabulary

PART_LETTERS = 3  # of each half, at least


def alike_without_blanks(labels: Iterable[str]) -> dict[str, list[str]]:
    """Labels by their letters, where several have the same."""
    found = defaultdict(list)
    for label in labels:
        found[prepare(label).letters].append(label)
    return {letters: labels for letters, labels in found.items() if len(labels) > 1}


def with_other_blanks(label: str, alike: Mapping[str, Sequence[str]]) -> Iterator[str]:
    """Those of the same letters that a blank makes another step."""
    here = prepare(label)
    for other in alike.get(here.letters, ()):
        if prepare(other).apart != here.apart or are_unlike(label, other):
            yield other


def unlike_in_blanks(texts: Sequence[str], bare: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Of texts with the same letters those that a blank makes two, by what of each is a name."""
    if len({len(_parts(bare[text])) for text in texts}) > 1:
        yield from (pair for pair in itertools.combinations(texts, 2) if are_unlike(*(bare[text] for text in pair)))


def are_unlike(one: str, other: str) -> bool:
    """Whether a word of the one stands in the other as two that say something else."""
    these, those = _parts(one), _parts(other)
    return len(these) != len(those) and (_is_parted(these, those) or _is_parted(those, these))


def _is_parted(whole: Sequence[str], parts: Sequence[str]) -> bool:
    return any(one + other in whole and _are_others(one, other) for one, other in itertools.pairwise(parts))


def _parts(label: str) -> list[str]:
    """What blanks part; of words joined by a hyphen somebody says that they belong together."""
    return plain(label).casefold().replace("_", " ").split()


@lru_cache(maxsize=1 << 12)
def _are_others(one: str, other: str) -> bool:
    """Whether two words are others than the everyday word they make together: that is no compound of the lists or of
    words of theirs, or it is a verb. "Wheel chair" is a wheelchair and "check out" is to checkout.
    """
    whole = one + other
    if min(len(one), len(other)) < PART_LETTERS or whole in vocabulary() or not {one, other}.isdisjoint(_ends()):
        return False
    are_words = all(is_common(word, ("en",)) for word in (one, other, whole))
    are_listed = {one, other} <= vocabulary()
    is_verb = any(is_listed(word, ("en",)) for word, form in regular_forms(whole) if form == "past")
    return are_words and (is_verb or not are_listed)


def _ends() -> frozenset[str]:
    """What makes no words where it stands apart, or turns the one beside it."""
    return small_words() | listed("likeness", "prefixes") | listed("likeness", "suffixes")
