"""Pairs of groups that may be one step: one label reads like the other once some of its words are put right.

Every repair is looked up among what the other labels say, so that no two labels need comparing with each other: a label
with a strange word is mended with each word it may stand for, and whoever says exactly that is its pair.
"""

from __future__ import annotations

import itertools
import re
from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Sequence
from functools import partial
from typing import NamedTuple

from essa.naming.blanks import alike_without_blanks, with_other_blanks
from essa.naming.exact import Group, are_unlike_in_who_acts
from essa.naming.forms import are_forms, root
from essa.naming.marks import Habits, habits_of, unlike_words
from essa.naming.reading import QUALIFIER, prepare, tokens_of
from essa.naming.readings import Index, Reading, index_of, letter_number, readings_of, runs_of, word_number
from essa.naming.slips import Likeness, are_l_twins, stem
from essa.naming.spelt import american
from essa.naming.tokens import likenesses, synonyms_of_kind
from essa.naming.words import Words, listed, word_list

REPAIRS_MAX = 3  # words put right in one label
ATTEMPTS_MAX = 96  # combinations tried for one reading
NUMBERS_MAX = 3  # labels that differ in a number alone and may each have lost it
QUESTIONS = ("numeral", "real word", "everyday word", "confused", "unlisted", "kin")  # two of them say nothing
UNEDITED = ("form", "order", "blank")  # all letters of all words may be right
DOTTED = re.compile(r"([^\W\d_]+)\.(?!\w)")


class Step(NamedTuple):
    """One thing in which two labels differ, and the rule that explains it."""

    rule: str
    was: str
    means: str
    edits: int = 0
    signs: str = ""  # what the two labels besides tell of it, a letter each; see `essa.naming.signs`


class Pair(NamedTuple):
    """`one` says what `other` says once the steps are taken."""

    one: str
    other: str
    steps: tuple[Step, ...]
    letter_count: int = 0  # of `one`


class Option(NamedTuple):
    """What a word may stand for, and by how much the sums of its label change with it."""

    likeness: Likeness
    word_number: int
    letter_number: int


Attempt = tuple[tuple[int, Option], ...]  # places of words and what they are taken for


def pairs(groups: Sequence[Group], words: Words) -> list[Pair]:
    """Every pair of groups that some repair makes equal, each with the repairs that are the fewest."""
    readings = {group.name: readings_of(group, words) for group in groups}
    index = index_of(readings)
    here = {word for these in readings.values() for one in these for word in one.words}
    dotted = {word.casefold() for group in groups for text in group.bare for word in DOTTED.findall(text)}
    found = likenesses(here, dotted, runs_of(readings, here, words), words)
    like = {word: [_option(likeness) for likeness in these] for word, these in found.items()}
    orders = _orders(readings)
    alike = alike_without_blanks(group.name for group in groups)
    with_numbers = _with_numbers(readings)
    habits = habits_of(text for group in groups for text in group.bare)
    best: dict[tuple[str, str], Pair] = {}
    for group in groups:
        for pair in itertools.chain(
            _mended(group, readings[group.name], like, index),
            _other_words(group, readings[group.name], index, words),
            _other_marks(group, readings[group.name], index, habits),
            _other_order(group, readings[group.name], orders),
            _other_blanks(group, alike),
            _without_qualifier(group, index, words),
            _without_number(group, readings[group.name], with_numbers),
        ):
            key = (pair.one, pair.other)
            are_two = words.people and are_unlike_in_who_acts(*key, words.people)
            if are_two and not any(step.rule in UNEDITED for step in pair.steps):
                continue
            if pair.one != pair.other and (key not in best or _weight(pair) < _weight(best[key])):
                best[key] = pair
    return [best[key] for key in sorted(best)]


def _weight(pair: Pair) -> tuple:
    """Lower explains more: few edits that make known words, and inside them rather than at an end."""
    strange = sum(step.rule in (*QUESTIONS, *UNEDITED, "unlisted slip", "struck") for step in pair.steps)
    edges = sum(step.rule == "edge" for step in pair.steps)
    return strange, len(pair.steps), edges, sum(step.edits for step in pair.steps), pair.steps


def _mended(group: Group, readings: list[Reading], like: dict[str, list[Option]], index: Index) -> Iterator[Pair]:
    name, of_words, of_letters = group.name, index.word_sums.get, index.letter_sums.get
    for one in readings:
        options = _options(one.words, like)
        by_word, by_letter = sum(map(word_number, one.words)), sum(map(letter_number, one.words))
        for attempt in itertools.islice(_attempts(options), ATTEMPTS_MAX):
            word_sum, letter_sum = by_word, by_letter
            for _, (_, of_word, of_letter) in attempt:
                word_sum += of_word
                letter_sum += of_letter
            may_mean, may_spell = of_words(word_sum, name) != name, of_letters(letter_sum, name) != name
            if may_mean or may_spell:  # somebody else
                yield from _said_so(group, one, attempt, partial(index.find_so_far, may_mean, may_spell))


def _said_so(group: Group, one: Reading, attempt: Attempt, find: Callable[..., Collection[str]]) -> Iterator[Pair]:
    """The groups that say what an attempt at mending makes of a reading."""
    taken = {place: option.likeness for place, option in attempt}
    words = [
        part for place, word in enumerate(one.words) for part in (taken[place].means if place in taken else (word,))
    ]
    mended = tuple([word for word in words if word not in listed("meaning", "stop")])
    for other in find(mended, one.is_of, one.language) if mended else ():
        steps = tuple(Step(like.rule, like.word, " ".join(like.means), like.edits) for like in taken.values())
        yield Pair(group.name, other, steps)


def _option(likeness: Likeness) -> Option:
    return Option(
        likeness,
        sum(map(word_number, likeness.means)) - word_number(likeness.word),
        sum(map(letter_number, likeness.means)) - letter_number(likeness.word),
    )


def _options(words: tuple[str, ...], like: dict[str, list[Option]]) -> list[list[Option]]:
    """What each of these words may stand for; "no" before a number is no "no"."""
    found = [like.get(word, []) for word in words]
    for place, (word, after) in enumerate(itertools.pairwise(words)):
        if after[0].isdigit():
            marker = word_list("abbreviations")["before_number"].get(word, ())
            found[place] = [*found[place], *(_option(Likeness(word, (meant,), "abbreviation")) for meant in marker)]
    return found


def _attempts(options: list[list[Option]]) -> Iterator[Attempt]:
    """One word put right, then two, then three; of those at most one that is a mere question."""
    places = [place for place, found in enumerate(options) if found]
    for place in places:
        for option in options[place]:
            yield ((place, option),)
    slips = [[option for option in found if option.likeness.rule not in QUESTIONS] for found in options]
    for size in range(2, min(REPAIRS_MAX, len(places)) + 1):
        for chosen in itertools.combinations(places, size):
            for means in itertools.product(*(slips[place] for place in chosen)):
                yield tuple(zip(chosen, means, strict=True))
    for one, other in itertools.permutations(places, 2):
        for doubtful in options[one]:
            for slip in slips[other] if doubtful.likeness.rule in QUESTIONS else ():
                yield ((one, doubtful), (other, slip))


def _other_words(group: Group, readings: list[Reading], index: Index, words: Words) -> Iterator[Pair]:
    """The same said with a synonym from the lists, or two."""
    for one in readings:
        if not one.meaning or not one.meaning[0] or one.language:
            continue
        action, objects = one.meaning
        others = synonyms_of_kind("verbs", action, words)
        actions = [(action, ())] + [(verb, (Step("synonym", action, verb),)) for verb in others]
        nouns = [
            (Step("synonym", word, noun), (*objects[:place], noun, *objects[place + 1 :]))
            for place, word in enumerate(objects)
            for noun in synonyms_of_kind("nouns", word, words)
        ]
        for act, steps in actions:
            if steps:
                for other in index.by_meaning.get((act, objects), ()):
                    yield Pair(group.name, other, steps)
            for step, changed in nouns:
                for other in index.by_meaning.get((act, changed), ()):
                    yield Pair(group.name, other, (*steps, step))


def _orders(readings: dict[str, list[Reading]]) -> dict[str, list[str]]:
    """For each group those that hold the same words, whatever their order and forms; itself is among them."""
    found = defaultdict(list)
    for name, these in readings.items():
        for one in these[:1]:
            found[tuple(sorted(map(_root_of(one), one.words)))].append(name)
    return {name: names for names in found.values() if len(names) > 1 for name in names}


def _root_of(one: Reading) -> Callable[[str], str]:
    return partial(stem, any_language=True) if one.language else root  # endings are told in English


def _other_marks(group: Group, readings: list[Reading], index: Index, habits: Habits) -> Iterator[Pair]:
    for one in () if group.name.isascii() else readings[:1]:
        for other in index.find(one.words, one.is_of, one.language):
            for this, that in unlike_words(group.name, other, habits)[:1]:
                yield Pair(group.name, other, (Step("marks", this, that),))
                yield Pair(other, group.name, (Step("marks", that, this),))


def _rule_of_forms(one: str, other: str) -> str:
    """ "Authorisation" and "authorization" are one form, as are "labeling" and "labelling"."""
    return "spelling" if american(one) == american(other) or are_l_twins(one, other) else "form"


def _other_blanks(group: Group, alike: dict[str, list[str]]) -> Iterator[Pair]:
    """ "Re-sign contract" beside "Resign contract": a blank or hyphen is all that stands between them."""
    for other in with_other_blanks(group.name, alike):
        yield Pair(group.name, other, (Step("blank", "", ""),))


def _other_order(group: Group, readings: list[Reading], orders: dict[str, list[str]]) -> Iterator[Pair]:
    for other in orders.get(group.name, ()):
        if steps := _in_form_or_order(readings[0].words, prepare(other).words, _root_of(readings[0])):
            yield Pair(group.name, other, steps)


def _in_form_or_order(
    words: tuple[str, ...], others: tuple[str, ...], rooted: Callable[[str], str]
) -> tuple[Step, ...]:
    """Two labels of the same words: another form of one ("Cancelled debit", "Cancel debit"), another order, or both."""
    forms = list(zip(sorted(words, key=rooted), sorted(others, key=rooted), strict=False))
    differing = [(was, means) for was, means in forms if was != means]
    if not all(are_forms(was, means) or _are_foreign_forms(was, means, rooted) for was, means in differing):
        return ()
    forms = [Step(_rule_of_forms(was, means), was, means) for was, means in differing[:REPAIRS_MAX]]
    is_moved = list(map(rooted, words)) != list(map(rooted, others))
    return (*forms, Step("order", "", "")) if is_moved else tuple(forms) or (Step("marks", "", ""),)


def _are_foreign_forms(was: str, means: str, rooted: Callable[[str], str]) -> bool:
    return rooted is not root and rooted(was) == rooted(means)


def _with_numbers(readings: dict[str, list[Reading]]) -> dict[tuple[str, ...], list[tuple[str, str]]]:
    """Groups that hold one number, and it, by their words with that number left out."""
    found = defaultdict(list)
    for name, these in readings.items():
        for one in these[:1]:
            numbers = [word for word in one.words if word[0].isdigit()]
            if len(numbers) == 1 and len(one.words) > 1:
                found[tuple(word for word in one.words if word not in numbers)].append((name, numbers[0]))
    return found


def _without_number(
    group: Group, readings: list[Reading], with_numbers: dict[tuple[str, ...], list[tuple[str, str]]]
) -> Iterator[Pair]:
    """ "EVENT  END" beside "EVENT 13 END": a number may have been lost, where the log has few to choose from."""
    for one in readings[:1]:
        others = with_numbers.get(one.words, ())
        for name, number in others if len(others) <= NUMBERS_MAX else ():
            yield Pair(group.name, name, (Step("lost number", "", number),))


def _without_qualifier(group: Group, index: Index, words: Words) -> Iterator[Pair]:
    """ "Set up record (PayPro)", "Post - Site Leeds": no list knows what the last part names; the rest is a label."""
    for text in group.bare[:1]:
        segment = QUALIFIER.search(text)
        if not segment or not segment[1][0].isupper():
            continue
        said = tokens_of(segment[1])
        tail = [word for word in said if word.casefold() not in words.organisation] or said
        if len(tail) > 2 or any(not word.isalpha() or word.casefold() in words.known for word in tail):
            continue
        base = prepare(text[: segment.start()])
        for other in index.find(base.words, base.is_of, base.language) if base.words else ():
            yield Pair(group.name, other, (Step("qualifier", segment[1].strip(), ""),))
