"""Which activity each label of a process means: one name for all spellings that are surely the same step.

What is no part of a name (dates, ticket numbers, a team) is taken off; then labels are the same if they have the same
letters and numbers, or the same words with the action before or behind its object ("Send invoice", "Invoice sent").
Anything less sure stays apart.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass

from essa.label_words import clean, listed, normalize, prepare

HOLE = "\0"  # stands where something was taken off
ADDRESS = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+|\[(?:e-mail|account|card|phone)\]")
CLOCK = r"\d\d?:\d\d:\d\d(?:[.,]\d+)?"
DAY = r"(?:(?:19|20)\d\d-\d\d-\d\d|\d\d?(?P<dash>[./-])\d\d?(?P=dash)(?:19|20)\d\d)"
MOMENT = re.compile(
    rf"(?<![\w.]){DAY}(?:[T ]+(?:{CLOCK}|\d\d?:\d\d))?(?:Z|[+-]\d\d:?\d\d)?(?!\w)|(?<![\w:]){CLOCK}(?![\w:])"
    r"|\b[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}\b|#\d{5,}\b"
)
LONG_NUMBER = re.compile(r"(?<![\w.,-])\d{6,}(?!\w|[.,]\d)")
REFERENCE = re.compile(r"(?<![A-Za-z0-9-])([A-Z]{2,5})-?\d{5,}(?![A-Za-z0-9-])")
CODE = re.compile(
    r"(?<![A-Za-z0-9-])[A-Z]{1,5}-\d{2,}(?![A-Za-z0-9-])|#\d{3,4}\b|(?<![\w.,-])\d{5}(?![\w-]|[.,]\d)"
    r"|(?<![\w:])\d\d?:\d\d(?![\w:])"
)
CHUNK = re.compile(r"(?<![A-Za-z0-9])(?=\d*[A-Za-z])(?=(?:[A-Za-z]*\d){2})[A-Za-z0-9]{5,}(?![A-Za-z0-9])")
TEAM = re.compile(r"^(.*\S)(?:\s[-\u2013\u2014]\s|_|:\s|\s*[(\[])([A-Za-z]+)[ .]*(?:\d{1,4}|[A-Z])\s*[)\]]?$")
RARE_EVENT_COUNT = 2  # a ticket's number comes with one case, a form's number with many
CODE_COUNT = 10  # different codes after the same words: more than a set of forms would have
RANDOM_CHUNK_COUNT = 3
MOVED_BLANK_RATIO = 10  # as often must the right spelling occur as "EVENT1 3 END"


@dataclass(frozen=True)
class Named:
    """One label, the activity it means, and the rule that says so."""

    label: str
    activity: str
    rule: str  # own, same letters, same words, moved blank, pollution
    score: float  # 0 to 1; exact rules are sure


def name_activities(label_counts: Mapping[str, int], own_values: Collection[str] = ()) -> list[Named]:
    """One row per label of one process, sorted by label.

    `label_counts`: events per label; `own_values`: case ids, which may hang on a label's end. The activity is the most
    frequent spelling of its group that needed nothing taken off. Naming the activities again changes nothing.
    """
    counts: Counter[str] = Counter()
    for label, count in label_counts.items():
        counts[clean(label)] += count
    bare = _without_pollution(counts, own_values)
    groups = _with_moved_blanks(_groups(counts, bare))
    activity_of = {text: group.name for group in groups for text in group.texts}
    named = []
    for label in sorted(label_counts):
        text = clean(label)
        named.append(Named(label, activity_of[text], _rule(text, bare[text], activity_of[text]), score=1.0))
    return named


def _rule(text: str, bare: str, activity: str) -> str:
    if text == activity:
        return "own"
    if text != bare:
        return "pollution"
    this, that = prepare(text), prepare(activity)
    if this.numbers != that.numbers:
        return "moved blank"
    return "same letters" if (this.letters, this.apart) == (that.letters, that.apart) else "same words"


def _groups(bare: Mapping[str, str], counts: Mapping[str, int]) -> dict[str, list[str]]:
    """Texts that share letters or meaning, directly or through a third, under the name of each group."""
    above = {text: text for text in bare}
    leader: dict[object, str] = {}
    for text in sorted(bare):
        prepared = prepare(bare[text])
        for key in ((prepared.letters, prepared.apart), prepared.meaning):
            if key is not None:
                one, other = sorted((_top(above, text), _top(above, leader.setdefault(key, text))))
                above[other] = one
    members = defaultdict(list)
    for text in above:
        members[_top(above, text)].append(text)
    return {_best_name(group, bare, counts): group for group in members.values()}


def _top(above: dict[str, str], text: str) -> str:
    while above[text] != text:
        above[text] = text = above[above[text]]
    return text


def _best_name(group: list[str], bare: Mapping[str, str], counts: Mapping[str, int]) -> str:
    written: Counter[str] = Counter()
    for text in group:
        written[bare[text]] += counts[text]
    as_sent = {text: counts[text] for text in group if bare[text] == text}
    return min((as_sent or written).items(), key=lambda item: (-item[1], item[0]))[0]


def _with_moved_blanks(
    groups: dict[str, list[str]], bare: Mapping[str, str], counts: Mapping[str, int]
) -> dict[str, list[str]]:
    """A rare "EVENT1 3 END" goes to a frequent "EVENT 13 END": one blank elsewhere, so that a number falls apart."""
    alike: dict[tuple[str, int], list[tuple[int, str]]] = defaultdict(list)
    for name, group in groups.items():
        if prepare(name).numbers:
            text = normalize(name).casefold()
            alike[text.replace(" ", ""), text.count(" ")].append((-sum(counts[each] for each in group), name))
    for candidates in alike.values():
        (hub_count, hub), *others = sorted(candidates)
        for count, name in others:
            is_split = len(prepare(name).numbers) != len(prepare(hub).numbers)
            if is_split and count * MOVED_BLANK_RATIO >= hub_count:
                group = groups.pop(hub) + groups.pop(name)
                return _with_moved_blanks(groups | {_best_name(group, bare, counts): group}, bare, counts)
    return groups


def _without_pollution(counts: Mapping[str, int], own_values: Collection[str]) -> dict[str, str]:
    """Each text and what of it is the step's name, found anew until nothing more comes off."""
    own = {value.casefold() for value in own_values if _identifies(value)}
    bare = {text: text for text in counts}
    while True:
        texts: Counter[str] = Counter()
        for text, rest in bare.items():
            texts[rest] += counts[text]
        known = {text.casefold() for text in texts}
        shorter = {text: _without_certain(text, known, own) for text in texts}
        if all(text == rest for text, rest in shorter.items()):
            shorter |= _without_codes(texts) | _without_chunks(texts, known) | _without_team(texts, known)
        if all(text == rest for text, rest in shorter.items()):
            return bare
        bare = {text: shorter[rest] for text, rest in bare.items()}


def _identifies(value: str) -> bool:
    """Whether a case id could be nothing else: "17" and "A1" may be a level or a form."""
    digit_count = sum(character.isdigit() for character in value)
    return digit_count >= (5 if value.isdigit() else 3)


def _without_certain(text: str, known: Collection[str], own: Collection[str]) -> str:
    holed = MOMENT.sub(HOLE, ADDRESS.sub(HOLE, text).replace("_", " "))
    holed = LONG_NUMBER.sub(lambda number: number[0] if _is_meant(number) else HOLE, holed)
    without_prefix = _tidy(REFERENCE.sub(HOLE, holed), text)
    ...
