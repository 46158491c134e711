"""Step lists to begin with: what recurs among the pieces of a log without cases, cut in several simple ways."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Iterator

import numpy as np

from essa.routines.profiles import Log, Profile, like

REACHES = (5, 3)  # events apart at most for two labels to go together
LABELS_MAX = 3_000  # above this the table of pairs outgrows its use
STARTS, FREQUENT = 3, 12  # labels cut before: the commonest first ones of sessions, the commonest of all
ALIKE_MIN = 0.55
SEEDS_MAX = 60
PIECES_MAX = 40  # alike, of which the one most like the others stands for all
VARIANTS_MAX = 1_000  # the commonest, which are compared with one another
FIRST = 0xE000  # letters for labels: those that stand for nothing else
LONGEST = 60  # events; a longer piece is a cut missed


def cuts(log: Log) -> Iterator[np.ndarray]:
    """Of each way of cutting, whether a piece begins at each event."""
    begins = np.zeros(len(log.codes), bool)
    begins[log.starts[:-1][log.starts[:-1] < len(log.codes)]] = True
    if log.label_count <= LABELS_MAX:
        for reach in REACHES:
            yield begins | _weak_ties(log, reach)
        yield begins | _openers(log)[log.codes]
    before = [*_most(log, log.codes[begins], STARTS), *_most(log, log.codes, FREQUENT)]
    for label in dict.fromkeys(before):
        yield begins | (log.codes == label)
    if log.label_count > LABELS_MAX and not before:  # nothing recurs, and there is no other way to cut
        yield begins


def _most(log: Log, codes: np.ndarray, count: int) -> list[int]:
    counts = np.bincount(codes, minlength=log.label_count)
    order = np.lexsort((np.arange(log.label_count), -counts))[:count]
    return [int(label) for label in order if counts[label] > 1]


def _weak_ties(log: Log, reach: int) -> np.ndarray:
    """Whether what stands before an event and what stands after go together least there, and seldom enough."""
    together = _mutual(log, reach)
    near = 3 if reach == 5 else 2
    codes, n = log.codes, len(log.codes)
    tie, weight = np.zeros(n), np.zeros(n)
    for back in range(1, near + 1):
        for ahead in range(near):
            at = np.arange(back, n - ahead)
            tie[at] += together[codes[at - back], codes[at + ahead]] / (back + ahead)
            weight[at] += 1 / (back + ahead)
    tie = np.round(tie / np.maximum(weight, 1e-9), 9)
    is_least = np.zeros(n, bool)
    is_least[1:-1] = (tie[1:-1] <= tie[:-2]) & (tie[1:-1] < tie[2:])
    return is_least & (tie < _parting(tie))


def _openers(log: Log) -> np.ndarray:
    """Of each label, whether it opens something: anything may come before it, and little after."""
    size = log.label_count
    same = log.sequence_of_event[1:] == log.sequence_of_event[:-1]
    pairs = np.bincount(log.codes[:-1][same].astype(np.int64) * size + log.codes[1:][same], minlength=size * size)
    follows = pairs.reshape(size, size)
    opening = np.round(_spread(follows.T) - _spread(follows), 9)
    return opening > _parting(opening)


def _spread(counts: np.ndarray) -> np.ndarray:
    """Bits to tell which it is, of each row."""
    share = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    return -(share * np.log2(np.where(share > 0, share, 1))).sum(axis=1)


def _mutual(log: Log, reach: int) -> np.ndarray:
    """How much oftener one label stands shortly before another than by chance, -1 to 1."""
    size = log.label_count
    pairs = np.zeros(size * size, np.int64)
    for lag in range(1, reach + 1):
        same = log.sequence_of_event[lag:] == log.sequence_of_event[:-lag]
        keys = log.codes[:-lag].astype(np.int64) * size + log.codes[lag:]
        pairs += np.bincount(keys[same], minlength=size * size) * (60 // lag)
    joint = (pairs.reshape(size, size) + 1e-6) / max(pairs.sum(), 1)
    before, after = joint.sum(axis=1, keepdims=True), joint.sum(axis=0, keepdims=True)
    return np.log(joint / (before * after)) / -np.log(joint)


def _parting(values: np.ndarray) -> float:
    """The value that parts few low ones from the others best (Otsu)."""
    counts, edges = np.histogram(values, bins=64)
    middle = (edges[:-1] + edges[1:]) / 2
    low, low_sum = np.cumsum(counts), np.cumsum(counts * middle)
    high, high_sum = low[-1] - low, low_sum[-1] - low_sum
    spread = low * high * (low_sum / np.maximum(low, 1) - high_sum / np.maximum(high, 1)) ** 2
    return float(edges[int(np.argmax(np.round(spread, 6))) + 1])


def gathered(log: Log, begins: np.ndarray) -> list[Profile]:
    """The step lists that recur among the pieces of a cut: of those alike one, the commonest first."""
    pieces, letters = _pieces(log, begins)
    groups: list[list[tuple[str, int]]] = []
    for steps, count in pieces:
        group = next((one for one in groups if like(one[0][0], steps) >= ALIKE_MIN), None)
        if group is not None:
            group.append((steps, count))
        elif len(groups) < 4 * SEEDS_MAX:
            groups.append([(steps, count)])
    groups.sort(key=lambda group: (-sum(count for _, count in group), group[0][0]))
    sizes = [sum(count for _, count in group) for group in groups]
    return [
        Profile.guess((letters[ord(step) - FIRST] for step in _middle(group)), size / sum(sizes))
        for group, size in zip(groups[:SEEDS_MAX], sizes, strict=False)
    ]


def _pieces(log: Log, begins: np.ndarray) -> tuple[list[tuple[str, int]], list[int]]:
    """Each different piece with a letter for a step, and how often it is; and the label of each letter."""
    places = np.flatnonzero(begins)
    ends = np.append(places[1:], len(log.codes))
    # only labels that are there have a letter: a log may have more of them than there are letters
    labels, letter = np.unique(log.codes, return_inverse=True)
    text = "".join(map(chr, (letter.ravel() + FIRST).tolist()))
    counts: Counter[str] = Counter()
    for low, high in zip(places.tolist(), ends.tolist(), strict=True):
        counts["".join(step for step, _ in itertools.groupby(text[low : min(high, low + LONGEST)]))] += 1
    found = [(steps, count) for steps, count in counts.items() if len(steps) >= 2]
    return sorted(found, key=lambda one: (-one[1], one[0]))[:VARIANTS_MAX], labels.tolist()


def _middle(group: list[tuple[str, int]]) -> str:
    """The commonest where it is clearly so, else the one most like the others."""
    if group[0][1] >= 0.3 * sum(count for _, count in group):
        return group[0][0]
    few = group[:PIECES_MAX]
    return max(few, key=lambda one: (round(sum(count * like(one[0], other) for other, count in few), 6), one[0]))[0]
