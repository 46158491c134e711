"""Which way each case goes and what is recorded on it: one array per question, all cases of a process at once."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from essa.sample.processes import ALPHA, BETA, CATEGORIES, GAMMA, OUTCOMES, POLICIES, TERMS

Drawn = dict[str, np.ndarray]
GAMMA_PACE = 1.5  # how much longer Gamma takes to check the same supplier's documents
OVERSEAS_PACE = 2.2  # how much longer an overseas supplier's documents take anybody


def pick(rng: np.random.Generator, eligible: np.ndarray, share: float) -> np.ndarray:
    """Exactly round(share x eligible) of the eligible, so that rare things are there at every size."""
    places = np.flatnonzero(eligible)
    chosen = np.zeros(len(eligible), bool)
    chosen[rng.permutation(places)[: round(share * len(places))]] = True
    return chosen


def _coded(rng: np.random.Generator, count: int, vocabulary: tuple[str, ...], shares: dict[str, float]) -> np.ndarray:
    codes = np.array([vocabulary.index(value) for value in shares], np.int8)
    return codes[rng.choice(len(codes), count, p=list(shares.values()))]


def _outcome(is_rare: np.ndarray, rare: str, usual: str) -> np.ndarray:
    return np.where(is_rare, OUTCOMES.index(rare), OUTCOMES.index(usual)).astype(np.int8)


def _everyone(provider: np.ndarray) -> np.ndarray:
    return np.ones(len(provider), bool)


def _draw_purchases(rng: np.random.Generator, provider: np.ndarray) -> Drawn:
    every = _everyone(provider)
    amount = np.round(np.exp(rng.normal(8.6, 1.1, len(provider))), 2)
    incomplete = pick(rng, every, 0.14)
    large = (amount > 10_000) ^ pick(rng, every, 0.015)
    rejected = pick(rng, large, 0.10) | pick(rng, ~large, 0.06)
    return {
        "amount": amount,
        "category": _coded(
            rng, len(provider), CATEGORIES, {"IT": 0.3, "Office": 0.3, "Services": 0.25, "Travel": 0.15}
        ),
        "policy": _coded(rng, len(provider), POLICIES, {"Standard": 0.6, "Plus": 0.3, "Premium": 0.1}),
        "incomplete": incomplete,
        "incomplete_again": pick(rng, incomplete, 0.15),
        "large": large,
        "small": ~large,
        "rejected": rejected,
        "approved": ~rejected,
        "verdict": _outcome(rejected, "Rejected", "Approved"),
        "coding": _outcome(pick(rng, ~rejected, 0.008), "Not OK", "OK"),
        "tracked": ~rejected & (rng.random(len(provider)) < 0.5),
    }


def _draw_payroll(rng: np.random.Generator, provider: np.ndarray) -> Drawn:
    count, every, is_gamma = len(provider), _everyone(provider), provider == GAMMA
    amount = np.round(np.exp(rng.normal(10.4, 0.35, count)), -1)
    slips = pick(rng, every, 0.02)
    sent_back = pick(rng, every, 0.11)
    searched, called = pick(rng, is_gamma, 0.45), pick(rng, is_gamma, 0.30)
    order = np.where(is_gamma[:, None], rng.random((count, 5)), np.arange(5) / 5)
    is_in_order = (order[:, 0] < order[:, 1]) & (order[:, 1] < order[:, 2])
    return {
        "amount": amount,
        "keyed_amount": amount + np.where(slips, rng.choice([-90, 90, 900, 1000], count), 0),
        "category": _coded(rng, count, CATEGORIES, {"Hire": 0.25, "Raise": 0.35, "Leave": 0.25, "Address": 0.15}),
        "sent_back": sent_back,
        "verdict": _outcome(sent_back, "Sent back", "Approved"),
        "second_verdict": _outcome(~every, "Sent back", "Approved"),
        "searched": searched,
        "called": called,
        "off_path": is_gamma & (searched | called | ~is_in_order),
        "free_order": order,
        "archived": rng.random(count) < 0.6,
    }


def _draw_complaints(rng: np.random.Generator, provider: np.ndarray) -> Drawn:
    count, every = len(provider), _everyone(provider)
    withdrawn = pick(rng, every, 0.08)
    stays = ~withdrawn
    papers = pick(rng, every, 0.40)
    is_strict = rng.random(count) < 0.5
    granted = stays & (rng.random(count) < np.where(is_strict, 0.15, 0.88))
    drawn = {
        "amount": np.round(np.exp(rng.normal(5.2, 0.9, count)), 2),
        "category": _coded(rng, count, CATEGORIES, {"Billing": 0.35, "Delivery": 0.3, "Quality": 0.2, "Service": 0.15}),
        "policy": _coded(rng, count, POLICIES, {"Standard": 0.5, "Plus": 0.35, "Premium": 0.15}),
        "withdrawn": withdrawn,
        "stays": stays,
        "papers": papers,
        "is_strict": is_strict,
        "granted": granted,
        "declined": stays & ~granted,
        "decision": _outcome(granted, "Granted", "Declined"),
        "remind_1": pick(rng, papers, 0.80),
        "consult_1": pick(rng, stays, 0.78),
    }
    for turn in (2, 3, 4):
        drawn[f"remind_{turn}"] = pick(rng, drawn[f"remind_{turn - 1}"], 0.55)
    for turn in (2, 3, 4, 5):
        drawn[f"consult_{turn}"] = pick(rng, drawn[f"consult_{turn - 1}"], 0.5)
    return drawn


def _draw_suppliers(rng: np.random.Generator, provider: np.ndarray) -> Drawn:
    count, every = len(provider), _everyone(provider)
    # Beta is sent the hard ones: it looks slow, and is not.
    overseas = pick(rng, provider == BETA, 0.6) | pick(rng, provider != BETA, 0.2)
    domestic = ~overseas & (rng.random(count) < 0.6)
    category = np.select(
        [overseas, domestic], [CATEGORIES.index("Overseas"), CATEGORIES.index("Domestic")], CATEGORIES.index("EU")
    )
    terms = _coded(rng, count, TERMS, {"30 days": 0.4, "60 days": 0.28, "Prepaid": 0.2, "Cash on delivery": 0.12})
    hit = pick(rng, every, 0.008)
    medium = ~hit & (rng.random(count) < 0.45)
    asks_guarantee = np.isin(terms, [TERMS.index("Prepaid"), TERMS.index("Cash on delivery")]) ^ pick(rng, every, 0.015)
    return {
        "category": category.astype(np.int8),
        "terms": terms,
        "effort": np.where(overseas, OVERSEAS_PACE, 1.0) * np.where(provider == GAMMA, GAMMA_PACE, 1.0),
        "screening": _outcome(hit, "Hit", "Clear"),
        "hit": hit,
        "clear": ~hit,
        "medium": medium,
        "risk": _outcome(medium, "Medium", "Low"),
        "guarantee": ~hit & asks_guarantee,
        "detour": ~hit & pick(rng, provider == BETA, 0.35),
        "double": ~hit & pick(rng, provider == ALPHA, 0.06),
    }


DRAWS: dict[str, Callable[[np.random.Generator, np.ndarray], Drawn]] = {
    "Purchase requests": _draw_purchases,
    "Payroll changes": _draw_payroll,
    "Customer complaints": _draw_complaints,
    "Supplier master data": _draw_suppliers,
}
