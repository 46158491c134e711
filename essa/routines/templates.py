"""Texts of places on a screen without what was worked on there: `Invoice 12 from Miller` is `invoice # from …`.

A window's title names a place and often a customer too. Words that differ among titles alike in the rest are places
where they tell what is done there or beside it (`Customer list`, `Customer search`), and values where they do not.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence

import numpy as np

GAP = "…"
RARE = 3  # events; a text seen less often may be a value
OWN_MIN, OWN_SHARE_MIN = (
    10,
    0.5,
)  # different names after a word, in number and of all there, for it to be the title's own
FILLERS_MIN = 3  # different words in one place of a title, to be what varies there
VALUES_MAX = 20  # titles of an application that have no word in common; more are values, if they tell nothing either
SURROUNDINGS_MAX = 60  # the commonest things done, by which a place is told; all others are one
CANDIDATES_MAX = 200  # of an application; the plainest are looked at first
OFTEN = 5  # times that a text and what is done are seen together, on average, to be no chance
SHUFFLES, UNLIKELY = (
    20,
    4.0,
)  # else what is done is dealt out anew so often, and must be told better by so many deviations
LONGEST = 12  # words of a title that are looked at; a longer one is a sentence

URL = re.compile(r"^(?:[a-z][a-z+.-]*://|www\.)")
CELL = re.compile(r"\$?\b([a-z]{1,3})\$?[0-9]+\b")
DIGITS = re.compile(r"[0-9]+")
CAPITAL = r"[^\W\d_a-zß-öø-ÿ][\w'\u2019.-]*"
# what the door took out, and the rest of a name beside it
TAKEN_OUT = re.compile(rf"(?:{CAPITAL}\s+)*\[(?:person|e-mail|account|card|phone)\](?:,?\s+{CAPITAL})*")

Column = tuple[np.ndarray, list[str]]  # of each kind, the number of its text; and those texts


def columns_of(kinds: Sequence[Sequence[str | None]]) -> list[Column]:
    """The columns of kinds, application first and action last, each text tidied."""
    applications = [kind[0] or "" for kind in kinds]
    return [_tidied(applications, [text or "" for text in texts]) for texts in zip(*kinds, strict=True)]


def _tidied(applications: Sequence[str], texts: Sequence[str]) -> Column:
    titles = set(zip(applications, texts, strict=True))
    heads = _heads(titles)

    def named(application: str, text: str) -> str:
        return tidy(text, lambda run: heads[application, _before(run)])

    told = {one: " ".join(named(*one).split()) for one in titles}
    return numbered([told[one] for one in zip(applications, texts, strict=True)])


def tidy(text: str, head_of: Callable[[re.Match[str]], tuple[str, ...]] = lambda run: ()) -> str:
    """A text without what changes from one time to the next: case, digits, a cell's row, what an address asks for.

    `head_of` says which words that begin a name, and what was taken out of it, are the title's own.
    """
    if "[" in text:
        text = TAKEN_OUT.sub(lambda run: " ".join([*head_of(run), GAP]), text)
    text = text.strip().lower()
    if URL.match(text):
        text = re.split(r"[?#]", URL.sub("", text), maxsplit=1)[0].rstrip("/")
    return DIGITS.sub("#", CELL.sub(r"\1", text))


def _before(run: re.Match[str]) -> str:
    return DIGITS.sub("#", run.string[: run.start()].lower())


def _heads(titles: set[tuple[str, str]]) -> dict[tuple[str, str], tuple[str, ...]]:
    """Of an application and what a title begins with, the words that come then and are no name: `Folder Karl [person]`.

    A name's own words are never so many: most of what stands there begins with the same, and goes on in many ways.
    """
    runs: dict[tuple[str, str], set[tuple[str, ...]]] = defaultdict(set)
    for application, text in titles:
        if "[" in text:
            for run in TAKEN_OUT.finditer(text):
                runs[application, _before(run)].add(tuple(run[0].split()))
    return {place: _head(those) for place, those in runs.items()}


def _head(runs: set[tuple[str, ...]]) -> tuple[str, ...]:
    head: tuple[str, ...] = ()
    while True:
        fitting = [run for run in runs if run[: len(head)] == head and not run[len(head)].startswith("[")]
        counts = Counter(run[len(head)] for run in fitting)
        word = max(counts, key=lambda one: (counts[one], one), default="")
        if counts[word] < max(OWN_MIN, OWN_SHARE_MIN * len(runs)):
            return head
        head = (*head, word)


def numbered(texts: Sequence[str]) -> Column:
    different = sorted(set(texts))
    number = {text: place for place, text in enumerate(different)}
    return np.array([number[text] for text in texts], dtype=np.int64), different


def without_values(columns: Sequence[Column], events: np.ndarray, starts: np.ndarray) -> list[Column]:
    """The columns of kinds, application first and action last, with what varies in the places between as gaps.

    Actions are few; where there are more, what was typed may stand in them.
    """
    last = len(columns) - 2  # the narrowest place
    around = [0, last, len(columns) - 1] if last > 1 else [0, len(columns) - 1]
    if len(columns[-1][1]) > VALUES_MAX:
        columns = [*columns[:-1], _of_action(columns, around, events, starts)]
    surrounding = _commonest(_together([columns[place] for place in around]), events)
    found = list(columns)
    for place in range(1, last + 1):
        is_told_by_own = place not in around
        found[place] = _of_place(columns, place, surrounding, is_told_by_own, events, starts)
    return found


def _together(columns: Sequence[Column]) -> np.ndarray:
    return np.unique(np.stack([codes for codes, _ in columns]), axis=1, return_inverse=True)[1].ravel()


def _commonest(codes: np.ndarray, events: np.ndarray) -> np.ndarray:
    """Of each kind a number for what is done: of the commonest their own from 1 on, of all others 0."""
    counts = np.bincount(codes[events], minlength=int(codes.max(initial=0)) + 1)
    order = np.lexsort((np.arange(len(counts)), -counts))[:SURROUNDINGS_MAX]
    number = np.zeros(len(counts), np.int64)
    number[order] = np.arange(1, len(order) + 1)
    return number[codes]


def _of_action(columns: Sequence[Column], around: Sequence[int], events: np.ndarray, starts: np.ndarray) -> Column:
    """What was done without what was typed, as told by what is done before and after; what is rare is left out."""
    beside = [columns[place] for place in around]
    codes, texts = _of_place(beside, len(beside) - 1, _commonest(_together(beside), events), False, events, starts)
    seen = np.bincount(codes[events], minlength=len(texts))
    plain = [text if count >= RARE else GAP for text, count in zip(texts, seen.tolist(), strict=True)]
    return numbered([plain[code] for code in codes.tolist()])


def _of_place(
    columns: Sequence[Column],
    place: int,
    surrounding: np.ndarray,
    is_told_by_own: bool,
    events: np.ndarray,
    starts: np.ndarray,
) -> Column:
    application, (codes, texts) = columns[0][0], columns[place]
    context = _together([one for number, one in enumerate(columns) if number != place])
    # one text may be in two applications, and is then judged in each
    own, first = np.unique(application * len(texts) + codes, return_inverse=True)
    held = _Held(own[first.ravel()], surrounding, is_told_by_own, events, starts)
    of_context: dict[int, set[int]] = defaultdict(set)
    for one, code in zip(context.tolist(), held.text.tolist(), strict=True):
        of_context[one].add(code)
    of_application: dict[int, list[set[int]]] = defaultdict(list)
    for one in of_context.values():
        of_application[min(one) // len(texts)].append(one)
    plain = {code: texts[code % len(texts)] for code in own.tolist()}
    for number in sorted(of_application):
        known = sorted({code for one in of_application[number] for code in one if plain[code]})
        plain |= _told({code: plain[code] for code in known}, of_application[number], held)
    return numbered([plain[code] for code in held.text.tolist()])


def _told(texts: dict[int, str], contexts: Sequence[set[int]], held: _Held) -> dict[int, str]:
    """The texts of one application, each with gaps where it has values."""
    left, told = dict(texts), {}
    for steady in _candidates(texts, contexts):
        pattern = re.compile(" ".join(r"(.+)" if word == GAP else re.escape(word) for word in steady))
        first = next((word for word in steady if word != GAP), "")
        fitting = {code: text for code, text in left.items() if first in text and pattern.fullmatch(text)}
        if len(fitting) >= FILLERS_MIN and held.tell_nothing(list(fitting)):
            told |= dict.fromkeys(fitting, " ".join(steady))
            left = {code: text for code, text in left.items() if code not in fitting}
    alone = [code for code, text in left.items() if text != GAP]
    if len(alone) > VALUES_MAX and held.tell_nothing(alone):
        told |= dict.fromkeys(alone, GAP)
    return told


def _candidates(texts: dict[int, str], contexts: Sequence[set[int]]) -> list[tuple[str, ...]]:
    """The words that titles seen at the same thing done have in common, with gaps between; those of fewest words first.

    A word is common to the titles that hold it: told by how many do, words that come and go fall out one after another.
    """
    words = {code: tuple(text.split()[:LONGEST]) for code, text in texts.items()}
    counts: Counter[tuple[str, ...]] = Counter()
    for one in contexts:
        several = [words[code] for code in sorted(one) if code in words]
        if len(several) < FILLERS_MIN:
            continue
        in_titles = Counter(word for title in several for word in set(title))
        for title in several:
            counts.update(set(_cut(title, in_titles)))
    often = [steady for steady, count in counts.items() if count >= FILLERS_MIN]
    return sorted(often, key=lambda it: (sum(word != GAP for word in it), -counts[it], it))[:CANDIDATES_MAX]


def _cut(title: tuple[str, ...], in_titles: Counter[str]) -> Iterator[tuple[str, ...]]:
    for least in {in_titles[word] for word in title}:
        if least < FILLERS_MIN:
            continue
        steady: list[str] = []
        for word in title:
            if in_titles[word] >= least and word != GAP:
                steady.append(word)
            elif steady[-1:] != [GAP]:
                steady.append(GAP)
        if GAP in steady:
            yield tuple(steady)


class _Held:
    """Where the texts of a place stand, and what is done there and beside it."""

    def __init__(
        self, text: np.ndarray, surrounding: np.ndarray, is_told_by_own: bool, events: np.ndarray, starts: np.ndarray
    ) -> None:
        self.text = text
        self.of_event, self.here = text[events], surrounding[events]
        self.is_told_by_own = is_told_by_own
        self.beside = [_beside(self.of_event, self.here, starts, step) for step in (-1, 1)]

    def tell_nothing(self, codes: list[int]) -> bool:
        """Whether by no measure it takes fewer bits to tell what is done where it is known which of the texts it is."""
        at = np.flatnonzero(np.isin(self.of_event, codes))
        which = np.searchsorted(np.sort(codes), self.of_event[at])
        views = [self.here, *self.beside] if self.is_told_by_own else self.beside
        return not any(_tells(which, view[at]) for view in views)


def _beside(text: np.ndarray, here: np.ndarray, starts: np.ndarray, step: int) -> np.ndarray:
    """What is done before or after each event; nothing of it where the text is the same, or there is no such event."""
    beside = np.zeros(len(here), np.int64)
    count = len(here)
    own, other = (slice(1, None), slice(0, count - 1)) if step < 0 else (slice(0, count - 1), slice(1, None))
    beside[own] = np.where(text[own] == text[other], 0, here[other] + 1)
    edges = starts[:-1] if step < 0 else starts[1:] - 1
    beside[edges[(edges >= 0) & (edges < count)]] = 0
    return beside


def _tells(which: np.ndarray, done: np.ndarray) -> bool:
    size = int(done.max(initial=0)) + 1
    saved, pair_count = _saved(which, done, size)
    more = pair_count - len(np.unique(done))
    if round(saved, 6) <= 0.5 * np.log2(len(which) + 1) * more + np.log2(len(np.unique(which))):
        return False
    if len(which) >= OFTEN * pair_count:
        return True
    # where hardly anything is seen twice, chance alone saves much
    draw = np.random.default_rng(0)
    by_chance = [_saved(which, draw.permutation(done), size)[0] for _ in range(SHUFFLES)]
    return saved > float(np.mean(by_chance)) + UNLIKELY * float(np.std(by_chance))


def _saved(which: np.ndarray, done: np.ndarray, size: int) -> tuple[float, int]:
    """Bits saved on what is done where it is known which of the texts it is, and how many pairs of both there are."""
    pairs, counts = np.unique(which * size + done, return_counts=True)
    texts, things = np.bincount(which), np.bincount(done)
    saved = counts * np.log2(counts * len(which) / (texts[pairs // size] * things[pairs % size]))
    return float(saved.sum()), len(pairs)
