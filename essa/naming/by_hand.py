"""Verdicts without those that take one real word for a slip of another where nobody is seen to type labels by hand.

Whoever types a label writes it in many wrong ways, and of so many slips a few are words by chance ("ring drinks").
Where a label has no other slips it was chosen from a list, and a word a letter away names another thing ("Buy bead",
"Buy bread").
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from essa.naming.exact import Group
from essa.naming.helping import small_words
from essa.naming.judging import Verdict
from essa.naming.lexicon import is_listed
from essa.naming.repair import Pair, Step
from essa.naming.signs import LETTERS_DIFFER
from essa.naming.slips import is_of_the_hand
from essa.naming.words import word_list

SLIP_COUNT_MIN = 8  # ways a label is misspelt that are no words
SLIP_RATIO_MIN = 5  # events of those for each of one that is a word: of ten slips hardly two make a word
SHORT_WORD_LETTERS = 3
BELIEVED = ("auto", "place", "context", "alone")


def without_mere_words(
    verdicts: Sequence[Verdict], pairs: Iterable[Pair], groups: Mapping[str, Group], counts: Mapping[str, int]
) -> list[Verdict]:
    """The same, with a question in place of each that is not seen; `groups` and `counts` are by text."""
    doubtful = {verdict.hub for verdict in verdicts if _is_doubtful(verdict)}
    slips = _slips(verdicts, pairs, groups, counts, doubtful) if doubtful else {}
    found = []
    for verdict in verdicts:
        here = slips.get(verdict.hub, {})
        count = groups[verdict.rare].event_count if verdict.hub in doubtful else 0
        is_seen = len(here) >= SLIP_COUNT_MIN and sum(here.values()) >= SLIP_RATIO_MIN * count
        found.append(verdict if is_seen or not _is_doubtful(verdict) else verdict._replace(need="review"))
    return found


def _slips(
    verdicts: Iterable[Verdict],
    pairs: Iterable[Pair],
    groups: Mapping[str, Group],
    counts: Mapping[str, int],
    hubs: set[str],
) -> dict[str, dict[str, int]]:
    """How each of these labels is misspelt, and in how many events; also what earlier nights took for its slips."""
    found: dict[str, dict[str, int]] = defaultdict(dict)
    for one in verdicts:
        is_mere_slip = one.need in BELIEVED and _are_slips(one.steps) and not _is_doubtful(one)
        if one.hub in hubs and is_mere_slip:
            found[one.hub][one.rare] = groups[one.rare].event_count
    for pair in pairs:
        group = groups[pair.one]
        if group is groups[pair.other] and group.name in hubs and _are_slips(pair.steps):
            found[group.name][pair.one] = counts[pair.one]
    return found


def _are_slips(steps: Iterable[Step]) -> bool:
    return all(step.rule in LETTERS_DIFFER for step in steps)


def _is_doubtful(verdict: Verdict) -> bool:
    if verdict.need == "place":
        return any("d" in step.signs and _is_heard(step.was) for step in verdict.steps)
    return verdict.need == "context" and any(_is_of_two_words(step) for step in verdict.steps)


def _is_heard(word: str) -> bool:
    """Whether it may be a word though hardly anybody writes it ("ewes", "anis"): shorter ones name nothing."""
    return len(word) >= SHORT_WORD_LETTERS and is_listed(word, ("en",))


def _is_of_two_words(step: Step) -> bool:
    """Whether each may be meant: of two often confused one that the hand makes of the other is mostly a slip."""
    if step.rule != "confused":
        return step.rule == "everyday word"
    are_two = step.was in word_list("likeness")["confused"].get(step.means, ())
    are_two |= not is_of_the_hand(step.was, step.means)  # "sole" and "soul", but not "costumer" and "customer"
    return are_two and small_words().isdisjoint((step.was, step.means))
