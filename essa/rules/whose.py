"""What the name of an attribute and its values say: that they are of those who work, or of a place or thing.

A log-in that the door does not know looks like any code. Its column may say whose it is; else `mart.rule_input` asks
who types it in.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import cache

from essa.naming.actors import may_act
from essa.naming.words import LANGUAGES, listed, plain, vocabulary
from essa.people import is_like

WORKER, NOBODY = "worker", "nobody"
SHORTEST_WORD = 3  # letters, of a word that is no one's initials
SEAM = re.compile(r"(?<=[a-z])(?=[A-Z])")


def of(column: str, is_text: bool, values: Iterable[str], roles: Sequence[str]) -> str | None:
    """`values` are those that come often; `roles` are patterns of what the feeds file calls nobody's name."""
    words, values = _words(column), list(values)
    numbered = listed("roles", "numbers")
    bare = [word for word in words if word not in numbered] or words
    head = bare[-1] if bare else ""
    if head in _units() or (values and all(_is_nobody(one, roles) for one in values)):
        return NOBODY
    if len(words) > 1 and words[-1] in listed("roles", "done_by"):
        return WORKER if is_text else None
    return WORKER if head in listed("roles", "workers") and (is_text or len(bare) < len(words)) else None


def _is_nobody(value: str, roles: Sequence[str]) -> bool:
    """Whether it says what it is in a word that no one is called by."""
    return is_like(value, roles) or any(_says(word) for word in _words(value))


@cache
def _says(word: str) -> bool:
    roles = listed("roles", "roles")
    if word in _units() or word in listed("meaning", "negations"):
        return True
    is_long = len(word) >= SHORTEST_WORD and word not in listed("business", "letters")
    return is_long and word not in roles and not may_act(word) and any(word in one for one in _vocabularies())


@cache
def _units() -> frozenset[str]:
    """Words for a part of an organisation, in the languages of the words."""
    return listed("pollution", "organisation").union(*(listed(language, "organisation") for language in LANGUAGES))


@cache
def _vocabularies() -> tuple[frozenset[str], ...]:
    return (vocabulary(), *map(vocabulary, LANGUAGES))


def _words(text: str) -> list[str]:
    return re.findall(r"[^\W\d_]+", plain(SEAM.sub(" ", text)).lower())
