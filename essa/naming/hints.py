"""Rare labels that stand where one frequent label stands and never meet it in a case: questions, for words do not say.

Siblings such as paying and settling stand in one place too, so nothing is ever merged for that, and what words do tell
apart, as approving and rejecting, is not asked.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping

from rapidfuzz.distance import OSA

from essa.naming import lexicon
from essa.naming.context import Context
from essa.naming.deciding import Decision
from essa.naming.proposing import Proposal
from essa.naming.reading import prepare
from essa.naming.repair import Step
from essa.naming.slips import are_opposites, are_two_words, slip, stem
from essa.naming.tokens import synonyms
from essa.naming.weighing import PLACE_SHARE_MIN
from essa.naming.words import LANGUAGES, Words, regular_forms, vocabulary

LOG_ODDS_MIN = 6.0
EVENT_COUNT_MIN = 5  # fewer events may stand anywhere by chance
RATIO_MIN = 3  # of two that are both frequent each is a step
HINTS_MAX = 20  # of a process, the most frequent: more nobody reads
LOOKED_AT = 1_000  # groups of a process, the most frequent
Pair = tuple[str, str]  # rare, hub


def places_of(rows: Iterable[Mapping]) -> dict[str, Context]:
    """What stands before and behind every group of each process, from its places."""
    around: dict[str, dict] = defaultdict(lambda: defaultdict(Counter))
    anywhere: dict[str, dict] = defaultdict(lambda: defaultdict(Counter))
    for row in rows:
        for channel, neighbour in (("before", row["previous_group"]), ("after", row["next_group"])):
            around[row["process"]][row["label_group"], channel][neighbour] += row["event_count"]
            anywhere[row["process"]][channel][neighbour] += row["event_count"]
    return {process: Context(around[process], anywhere[process], {}, {}, {}) for process in sorted(around)}


def candidates(proposal: Proposal, places: Context, words: Words) -> list[Pair]:
    """Rare groups and the one group each that holds their place, of those no rule of words puts together or apart."""
    count_of = {group.name: group.event_count for group in proposal.groups}
    judged = {frozenset((one.rare, one.hub)) for one in proposal.verdicts} | proposal.apart
    holders = _holders(places)
    found = []
    for rare in sorted(count_of, key=lambda name: (-count_of[name], name))[:LOOKED_AT]:
        if count_of[rare] < EVENT_COUNT_MIN:
            continue
        near = (holders[one] for one in _places(rare, places) if one in holders)
        hubs = {hub for these in near for hub in these if count_of[hub] >= RATIO_MIN * count_of[rare]}
        likely = [hub for hub in sorted(hubs) if _speaks_for(rare, hub, places)]
        if len(likely) == 1 and frozenset((rare, likely[0])) not in judged:
            found.append((rare, likely[0]))
    steps = refused(proposal, found)
    words = words.speaking(LANGUAGES) if found else words
    return [pair for pair in found if _may_be_one(*pair, words, pair in steps)][: 3 * HINTS_MAX]


def refused(proposal: Proposal, pairs: Iterable[Pair]) -> dict[Pair, tuple[Step, ...]]:
    """What those differ in that letters would put together, were the one rare enough beside the other."""
    wanted = {frozenset(pair): pair for pair in pairs}
    group_of = proposal.group_of
    found: dict[Pair, tuple[Step, ...]] = {}
    for one in proposal.read.pairs if wanted else ():
        pair = wanted.get(frozenset((group_of[one.one], group_of[one.other])))
        if pair and (pair not in found or (len(one.steps), one.steps) < (len(found[pair]), found[pair])):
            found[pair] = one.steps
    return found


def hints(pairs: Iterable[Pair], context: Context | None, decision: Decision) -> list[tuple[str, str, float]]:
    """Those of which the log says the same when asked about them: rare, hub, log-odds."""
    found = []
    for rare, hub in pairs if context else ():
        is_open = rare not in decision.hubs and hub not in decision.hubs
        if is_open and not context.shared_share(rare, hub) and _speaks_for(rare, hub, context):
            found.append((rare, hub, context.log_odds(rare, hub)))
    return found[:HINTS_MAX]


def _places(group: str, places: Context) -> list[tuple[str, str]]:
    return [(channel, one) for channel in ("before", "after") for one in places.neighbours.get((group, channel), ())]


def _holders(places: Context) -> dict[tuple[str, str], list[str]]:
    """For each neighbour the two groups that stand beside it most often."""
    beside: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    for (group, channel), counts in places.neighbours.items():
        for neighbour, count in counts.items():
            beside[channel, neighbour][group] += count
    return {one: sorted(counts, key=lambda name: (-counts[name], name))[:2] for one, counts in beside.items()}


def _speaks_for(rare: str, hub: str, context: Context) -> bool:
    return context.log_odds(rare, hub) >= LOG_ODDS_MIN and context.place_share(rare, hub) >= PLACE_SHARE_MIN


def _may_be_one(rare: str, hub: str, words: Words, is_refused: bool) -> bool:
    """Not where numbers, a negation or opposites tell them apart, or one word for another of which each is known."""
    one, other = prepare(rare), prepare(hub)
    if one.numbers != other.numbers or one.is_negated != other.is_negated:
        return False
    these, those = _unlike(one.words, other.words), _unlike(other.words, one.words)
    if _are_letters_alone(these, those):
        return False
    if any(_are_told_apart(this, that, words) for this in these for that in those):
        return False
    if is_refused and not words.added.isdisjoint((*these, *those)):
        return False  # an analyst says that the word is right as it stands
    if is_refused or not len(these) == len(those) == 1:
        return True
    return not synonyms(these[0], words).isdisjoint((those[0], stem(those[0]))) or not _are_known(these[0], those[0])


def _are_told_apart(this: str, that: str, words: Words) -> bool:
    if are_opposites(this, that, words) or are_two_words(this, that, words):
        return True
    return _is_slip_of_opposite(this, that, words) or _is_slip_of_opposite(that, this, words)


def _is_slip_of_opposite(strange: str, other: str, words: Words) -> bool:
    """Whether a word is nearly the opposite of another: "Aprove" beside "Reject"."""
    if words.is_right(strange):
        return False
    sides = {other, stem(other, any_language=True)}
    opposites = {word for pair in words.opposites if not sides.isdisjoint(pair) for word in pair - sides}
    forms = opposites | {form for word in opposites for form, _ in regular_forms(word)}
    return any(slip(strange, form, OSA.distance(strange, form), words) for form in forms)


def _are_letters_alone(these: list[str], those: list[str]) -> bool:
    """Whether single letters tell two labels apart as numbers do: "Form A", "Form B" and "Form"."""
    letters, others = ([word for word in words if len(word) == 1] for words in (these, those))
    return bool(letters and others) or (these + those != [] and letters + others == these + those)


def _unlike(words: Iterable[str], others: Iterable[str]) -> list[str]:
    """Those that the other label has in no form."""
    stems = {stem(word, any_language=True) for word in others}
    return [word for word in words if stem(word, any_language=True) not in stems]


def _are_known(one: str, other: str) -> bool:
    """Whether both are words of one and the same language."""
    is_listed = any({one, other} <= vocabulary(language) for language in ("", *LANGUAGES))
    return is_listed or any(
        lexicon.is_word(one, (language,)) and lexicon.is_word(other, (language,)) for language in lexicon.COMMON_DIGITS
    )
