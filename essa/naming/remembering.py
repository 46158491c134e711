"""What earlier nights made of the labels of a process, without what an analyst said then and says no more."""

from __future__ import annotations

import itertools
import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import NamedTuple

from essa.naming.exact import Pair, Unions, are_unlike_in_who_acts
from essa.naming.helping import negations, number_words
from essa.naming.names_file import Said, finder
from essa.naming.reading import Prepared, clean, normalize, prepare, tokens_of
from essa.naming.slips import are_opposites, stem
from essa.naming.words import LANGUAGES, Words, listed, verb_forms, word_list

BELOW_NOTHING = re.compile(r"\u2212\[([^]]*)\]")
MEASURES = {"foot", "inch"}
UNGUARDED = ("own", "pollution", "moved blank")  # what was taken off, or only looks like another number


class Named(NamedTuple):
    """One label, the activity it means, and why."""

    label: str
    activity: str
    rule: str  # own, same letters, same words, moved blank, pollution, analyst, known, or what the words differ in
    score: float = 1.0  # 0 to 1; exact rules are sure
    edits: int = 0
    log_odds: float | None = None
    hub: str | None = None  # the label it was attached to, where it was not the same anyway
    runner_up: str | None = None
    previous_activity: str | None = None  # what it meant until now, where that changed


def as_delivered(said: Said, texts: Collection[str], known: Collection[str]) -> Said:
    """The same of the labels as they are delivered, or were; names that differ in small letters alone are one."""
    if not (said.same or said.different or said.call):
        return said
    tonight, before = finder(texts), finder([text for text in known if text not in texts])

    def found(label: str) -> str:
        text = tonight(label)
        return text if text in texts else before(label)

    first: dict[str, str] = {}
    call = {found(label): first.setdefault(clean(name).casefold(), name) for label, name in said.call.items()}
    same = [*said.same, *([name, label] for label, name in said.call.items() if found(name) in texts)]
    together = tuple([found(label) for label in labels] for labels in same)
    apart = tuple([found(one), found(other)] for one, other in said.different if found(one) != found(other))
    return said.model_copy(update={"same": together, "different": apart, "call": call})


def called(said: Said) -> dict[str, str]:
    return {clean(label): name for label, name in said.call.items()}


def told_together(said: Said) -> Iterator[Pair]:
    for labels in said.same:
        for other in labels[1:]:
            yield clean(labels[0]), clean(other)
    first: dict[str, str] = {}
    for label, name in sorted(said.call.items()):
        yield clean(name), clean(label)
        yield first.setdefault(name, clean(label)), clean(label)


def told_apart(said: Said) -> list[Pair]:
    names = sorted((clean(label), name) for label, name in said.call.items())
    apart = [(one, other) for one, name in names for other, other_name in names if name < other_name]
    return [*((clean(one), clean(other)) for one, other in said.different), *apart]


def among(pairs: Iterable[Pair], here: Collection[str]) -> Iterator[Pair]:
    """The same among texts of tonight: one that is not delivered still puts those together that were put to it."""
    pairs = list(pairs)
    absent = Unions(text for pair in pairs for text in pair if text not in here)
    for one, other in pairs:
        if one not in here and other not in here:
            absent.join(one, other)
    stands_for: dict[str, str] = {}
    for one, other in pairs:
        if one in here and other in here:
            yield one, other
        elif one in here:
            yield one, stands_for.setdefault(absent.top(other), one)
        elif other in here:
            yield stands_for.setdefault(absent.top(one), other), other


def apart_among(said: Said, here: Collection[str]) -> list[Pair]:
    """What an analyst told apart, among texts of tonight: of one that is not delivered those that are one with it."""
    apart, together = told_apart(said), list(told_together(said))
    if all(text in here for pair in apart for text in pair):
        return apart
    unions = Unions(text for pair in (*apart, *together) for text in pair)
    for one, other in together:
        unions.join(one, other)
    members: dict[str, list[str]] = defaultdict(list)
    for text in unions.above:
        if text in here:
            members[unions.top(text)].append(text)
    sides = ([[text] if text in here else members[unions.top(text)] for text in pair] for pair in apart)
    return [pair for these, those in sides for pair in itertools.product(these, those)]


def still_held(known: Mapping[str, Named], said: Said) -> dict[str, Named]:
    """The memory that counts: an activity that rests on a word taken back is thought through from the start."""
    withdrawn = {row.activity for label, row in known.items() if row.rule == "analyst"}
    if withdrawn:
        withdrawn -= _still_said(known, said)
    return {label: row for label, row in known.items() if row.activity not in withdrawn}


def _still_said(known: Mapping[str, Named], said: Said) -> set[str]:
    """Activities of which every label that an analyst once spoke of is spoken of in the same way."""
    together = list(told_together(said))
    unions = Unions({text for pair in together for text in pair})
    for pair in together:
        unions.join(*pair)
    apart = {text for pair in told_apart(said) for text in pair}
    names = called(said)
    members: dict[str, set[str]] = defaultdict(set)
    for text in unions.above:
        members[unions.top(text)].add(text)
    activity_of = {clean(label): row.activity for label, row in known.items()}
    through_slips = {
        (row.hub, row.activity) for label, row in known.items() if row.hub and names.get(clean(label)) == row.activity
    }
    held, dropped = set(), set()
    for label, row in known.items():
        if row.rule != "analyst":
            continue
        text = clean(label)
        others = members[unions.top(text)] - {text} if text in unions.above else set()
        is_said = names.get(text) == row.activity or (row.activity == label and text in apart)
        is_said |= (text, row.activity) in through_slips
        is_said |= any(row.activity in (other, activity_of.get(other)) for other in others)
        (held if is_said else dropped).add(row.activity)
    return held - dropped


def refused(known: Mapping[str, Named], words: Words) -> set[str]:
    """Labels that the lists of names.yaml tell apart from what earlier nights took them for."""
    found = set()
    for label, row in known.items() if words.added else ():
        one, other = clean(label), clean(row.hub or row.activity)
        these, those = set(prepare(one).words), set(prepare(other).words)
        are_two = are_unlike_in_who_acts(one, other, words.people)
        are_two |= bool(row.edits) and not words.added.isdisjoint(these - those)
        are_two |= any(
            are_opposites(this, that, words) and not words.added.isdisjoint((this, that, stem(this), stem(that)))
            for this in these - those
            for that in those - these
        )
        if are_two:
            found.add(label)
    return found


def guarded(known: Mapping[str, Named], words: Words) -> set[str]:
    """Labels that an earlier version took for what today's guards keep apart from them; not where an analyst spoke."""
    spoken = {row.activity for row in known.values() if row.rule == "analyst"}
    texts = set(map(clean, known))
    guards = _guards(words) if known else frozenset()
    told: dict[str, tuple[str, ...]] = {}
    found = set()
    for label, row in known.items():
        if row.activity in spoken or row.rule in UNGUARDED:
            continue
        text = clean(label)
        for other in {clean(other) for other in (row.hub, row.activity) if other and other != label} & texts:
            for one in (text, other):
                if one not in told:
                    told[one] = tuple(token for token in _tokens(one) if token in guards or not token.isalpha())
            if told[text] != told[other] and _are_guarded(text, other, words):
                found.add(label)
    return found


def _tokens(text: str) -> list[str]:
    return [token.casefold() for token in tokens_of(normalize(text))]


def _guards(words: Words) -> frozenset[str]:
    """Every word that a guard may look at, in all its forms: labels that have the same ones need no closer look."""
    small = (listed("meaning", "negations"), listed("meaning", "numeral_markers"), word_list("meaning")["numerals"])
    foreign = (one for language in ("", *LANGUAGES) for one in (negations(language), number_words(language)))
    opposites = frozenset().union(*words.opposites)
    forms = (form for language in LANGUAGES for form, (base, _) in verb_forms(language).items() if base in opposites)
    found = opposites.union(MEASURES, *small, *foreign, forms)
    return (
        found
        | {f"{word}s" for word in found}
        | {f"{word}es" for word in found}
        | {f"{word[:-1]}ies" for word in found if word.endswith("y")}
    )


def _are_guarded(one: str, other: str, words: Words) -> bool:
    """Whether other numbers, a "not" alone or opposites stand between two labels; a number taken off is none other."""
    this, that = prepare(one), prepare(other)
    if this.numbers != that.numbers or "\u2212" in this.letters + that.letters:
        numbers, others = _numbers(this), _numbers(that)
        if numbers - others and others - numbers:
            return True
    these, those = set(this.words) - set(that.words), set(that.words) - set(this.words)
    if these | those and this.is_negated != that.is_negated:
        helping = itertools.chain(*word_list("meaning")["contractions"].values())
        if {*helping, *negations(this.language), *negations(that.language)} >= these | those:
            return True
    if these | those and (these | those == MEASURES or not any(word.isalnum() for word in these | those)):
        return True  # "A" and "A-", six feet and six inches
    return any(are_opposites(word, meant, words) for word in these for meant in those)


def _numbers(said: Prepared) -> Counter[str]:
    """With their signs: 5 and -5 are two."""
    below = Counter(BELOW_NOTHING.findall(said.letters))
    return Counter(said.numbers) - below + Counter({f"-{number}": count for number, count in below.items()})


def known_together(known: Mapping[str, Named], said: Said) -> Iterator[Pair]:
    """Labels of one activity; one that had been attached stands by itself where another of them is called otherwise."""
    first: dict[str, str] = {}
    names = called(said)
    spoken: dict[str, set[str]] = defaultdict(set)
    for label, row in known.items() if names else ():
        if clean(label) in names:
            spoken[row.activity].add(names[clean(label)])
    how_many = Counter(row.activity for row in known.values())
    for label in sorted(label for label, row in known.items() if how_many[row.activity] > 1):
        activity = known[label].activity
        if known[label].hub is not None and clean(label) in names and len(spoken[activity]) > 1:
            continue
        yield first.setdefault(activity, clean(label)), clean(label)


def held_apart(said: Said, counts: Mapping[str, int], group_of: Mapping[str, str]) -> set[str]:
    """Of each two labels that an analyst told apart and that are delivered, the rarer."""
    found = set()
    for one, other in ((clean(one), clean(other)) for one, other in said.different):
        if one in group_of and other in group_of:
            found.add(min(one, other, key=lambda text: (counts.get(text, 0), text)))
    return found


def words_of(said: Said) -> Collection[str]:
    """Every text an analyst puts together with another or calls something."""
    return {clean(one) for labels in said.same for one in labels} | {clean(one) for one in said.call}
