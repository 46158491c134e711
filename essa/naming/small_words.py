"""Pairs of labels that are one but for a small word that one of them leaves out: "Notify the tenant of repair", "Notify
tenant repair". The small word may decide, so that is never more than a question.
"""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Iterator, Sequence
from functools import cache

from essa.naming.exact import Group
from essa.naming.reading import prepare
from essa.naming.repair import Pair, Step
from essa.naming.words import LANGUAGES, listed, word_list

GROUPS_MAX = 8  # that differ in small words alone: more say where or how by them


def with_small_words(groups: Sequence[Group]) -> Iterator[Pair]:
    """Where each has a small word of its own only such as say nearly the same: "in", "into", but not "to", "from"."""
    alike: dict[tuple[str, ...], list[tuple[str, frozenset[str]]]] = defaultdict(list)
    for group in groups:
        words = prepare(group.name).words
        small = _small().intersection(words)
        rest = tuple(sorted(word for word in words if word not in small))
        if len(rest) > 1:
            alike[rest].append((group.name, small))
    for names in alike.values():
        for (one, these), (other, those) in itertools.permutations(names, 2) if len(names) <= GROUPS_MAX else ():
            if these < those:
                yield Pair(one, other, tuple(Step("left out", "", word) for word in sorted(those - these)))
            elif len(these - those) == len(those - these) == 1:
                (this,), (that,) = these - those, those - these
                if frozenset((this, that)) in _alike():
                    yield Pair(one, other, (Step("small alike", this, that),))


@cache
def _alike() -> frozenset[frozenset[str]]:
    lists = word_list("likeness")["small_alike"]
    return frozenset(frozenset(pair) for words in lists for pair in itertools.combinations(words, 2))


@cache
def _small() -> frozenset[str]:
    """No word that turns what is said, as "without" does."""
    found = listed("meaning", "prepositions") | listed("likeness", "articles") | listed("likeness", "auxiliaries")
    found = found.union(*(listed(language, key) for language in LANGUAGES for key in ("of", "by", "prepositions")))
    return found - listed("meaning", "negations")
