"""What a tree may ask of the executions of one decision point: each attribute as numbers, as names, or as both."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from essa.rules import reading
from essa.rules.sample import HISTORY, SLICES, Coded, Input, Limits, Sample
from essa.rules.tree import Feature
from essa.rules.wording import name, number

CODES_MAX = 50  # different whole numbers that may be names of things instead of amounts; codes of a list
LISTED_SHARE = 0.9  # of the values that codes frequent enough to be learned must be: then they are a list


def data_features(sample: Sample) -> list[Feature]:
    """What the data says, by attribute; whole numbers of few kinds stand also as names."""
    return [feature for one in sample.inputs for feature in features_of(one, sample.known(one), sample.limits)]


def before_features(sample: Sample, data: Sequence[Feature]) -> list[Feature]:
    """The same as it stood when the step began; `data` is what was known of it."""
    found: list[Feature] = []
    for one in sample.inputs:
        if (before := sample.before(one)) is sample.known(one):
            found += [feature for feature in data if feature.attributes == (one.attribute,)]
        else:
            found += features_of(one, before, sample.limits)
    return found


def features_of(one: Input, recorded: Coded, limits: Limits) -> list[Feature]:
    said = name(one.attribute)
    if not recorded.kinds:
        return []
    if one.unit == reading.TEXT:
        return [categories(said, (one.attribute,), recorded, limits)]
    read = reading.values(recorded.kinds, one.read_as)
    found = [Feature(said, (one.attribute,), np.append(read, -np.inf), unit=one.unit).take(recorded.codes)]
    if one.unit != "number":
        return found
    present = np.unique(read[np.isfinite(read)])
    if 2 < len(present) <= CODES_MAX and (present == np.floor(present)).all():
        codes = np.append(np.searchsorted(present, read), -1)
        codes[: len(read)][read == -np.inf] = -1
        spelled = Coded(codes[recorded.codes], tuple(number(value) for value in present))
        found.append(categories(said, (one.attribute,), spelled, limits, is_quoted=False))
    return found


def to_learn(sample: Sample, features: Sequence[Feature]) -> list[Feature]:
    """The part learned on; how often a value occurs was counted in all cases, as later ones may list it as well."""
    kept = np.flatnonzero(sample.slices == SLICES.index("learn"))
    return [feature.take(kept) for feature in features]


def history_features(sample: Sample) -> list[Feature]:
    """What the flow itself tells: the step before, where it went from here last, how often it came, how far it is."""
    return [
        *(categories(HISTORY[column], (), sample.column(column), sample.limits) for column in ("previous", "last_way")),
        *(
            Feature(HISTORY[column], (), sample.table.column(column).to_numpy().astype(float))
            for column in ("visit_no", "position")
        ),
    ]


def categories(
    said: str, attributes: tuple[str, ...], recorded: Coded, limits: Limits, is_quoted: bool = True
) -> Feature:
    """Codes of the most frequent values, none among them, and one code for all others."""
    kept = frequent(recorded, limits)
    is_missing = not recorded.is_filled.all()
    listed: tuple[str | None, ...] = (*(recorded.kinds[place] for place in kept), *([None] if is_missing else []))
    code_of = np.full(len(recorded.kinds) + 1, len(listed))
    code_of[kept] = np.arange(len(kept))
    code_of[-1] = len(kept)
    return Feature(said, attributes, code_of[recorded.codes].astype(np.int64), listed, is_quoted)


def frequent(recorded: Coded, limits: Limits) -> list[int]:
    """The values a rule may name: few, or the codes of a list that has enough cases for each."""
    counts = np.bincount(recorded.codes[recorded.is_filled], minlength=len(recorded.kinds))
    order = [place for place in np.argsort(-counts, kind="stable").tolist() if counts[place] >= limits.support_min]
    is_list = len(order) <= CODES_MAX and counts[order].sum() >= LISTED_SHARE * counts.sum()
    return sorted(order if is_list else order[: limits.values_max])
