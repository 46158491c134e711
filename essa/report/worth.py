"""What a candidate is worth, in words: who keeps the saving, what is left after costs, and what that assumes."""

from __future__ import annotations

from typing import Any

from essa import in_words
from essa.report.asked import Row

KEEPS = {
    "fte": "The client, under an fte contract, once capacity is released.",
    "per_transaction": "The provider, under a per_transaction contract, until the price is reopened.",
    "outcome": "Neither yet, under an outcome contract, until the measure moves.",
    "none": "Not known: its feeds state no contract.",
}


def read(one: Row, settings: dict[str, Any]) -> Row:
    """Sentences by name; empty where nothing is claimed."""
    return {
        "refused": _refused(one, settings),
        "keeps": _keeps(one),
        "after_costs": _after_costs(one),
        "pays_back": _pays_back(one),
        "delays": delays(one) if one["is_claimed"] else "",
        "costs_more": costs_more(one),
        "assumes": _assumes(one, settings),
    }


def _refused(one: Row, settings: dict[str, Any]) -> str:
    """Of a rejected candidate, which claims nothing any more, the work it claimed, and when it comes back."""
    hours = one.get("refused_h_per_year")
    if one["status"] != "rejected" or not hours:
        return ""
    growth = settings.get("return_growth_min", 0)
    return (
        f"{in_words.hours(hours)} h of work a year when it was rejected, before what of them can be realised; "
        f"it comes back where they grow by {in_words.setting(growth)}"
    )


def _keeps(one: Row) -> str:
    """Who keeps what is saved, by the contract most of the hours are under, and each one's part in money."""
    if not one["is_claimed"] or not one["saving_h_per_year"]:
        return ""
    parts = []
    for who in ("client", "provider"):
        low, base, high = (one[f"{who}_saving_per_year{case}"] for case in ("_low", "", "_high"))
        if base:
            amounts = f"{in_words.money(low, one['currency'])} to {in_words.money(high, one['currency'])}"
            parts.append(f"{who.capitalize()}: {in_words.money(base, one['currency'])} a year ({amounts}).")
    mostly = _largest_part(one)
    said = KEEPS[one["deciding_clause"]]
    told = [f"{mostly}{said[0].lower() if mostly else said[0]}{said[1:]}", *parts]
    if one["priced_share"] == 0 and one["deciding_clause"] == "per_transaction":
        told.append("It is paid by the piece and none of its hours has a cost per hour, so no money is counted.")
    elif parts and one["priced_share"] < 0.9995:
        part = in_words.share(one["priced_share"])
        told.append(f"{part} of the hours are paid by the hour or the piece and have a cost per hour; only they count.")
    return " ".join(told)


def _largest_part(one: Row) -> str:
    """What to say before the deciding clause where the saved hours are under contracts of several kinds."""
    saved: dict[str, float] = {}
    for row in one["contracts"]:
        saved[row["contract_kind"]] = saved.get(row["contract_kind"], 0) + row["saved_s"]
    if len(saved) < 2:
        return ""
    part = saved.get(one["deciding_clause"], 0) / sum(saved.values())
    return f"{'Most of it' if part >= 0.505 else 'The largest part'} ({in_words.share(part)}): "


def _after_costs(one: Row) -> str:
    if not one["is_claimed"] or one["net_h_per_year"] is None:
        return ""
    low, usual, high = (in_words.hours(one[f"net_h_per_year{end}"]) for end in ("_low", "", "_high"))
    more = "; it costs more than it saves, and ranks after all that pays" if costs_more(one) else ""
    return f"{usual} h a year ({low} to {high}){more}"


def _pays_back(one: Row) -> str:
    """After how long, from the soonest to the latest, and which assumption would turn that."""
    if not one["is_claimed"]:
        return ""
    usual, soonest, latest = (one[f"payback_months{end}"] for end in ("", "_low", "_high"))
    told = []
    if usual is not None:
        told.append(f"after {in_words.months(usual)} ({_span(soonest, latest)}).")
    elif soonest is not None:
        told.append(f"not as assumed; at best after {in_words.months(soonest)}.")
    return " ".join([*told, *filter(None, [one["sensitivity"]])])


def _span(soonest: float | None, latest: float | None) -> str:
    if latest is None:
        return f"at best {in_words.months(soonest)}, at worst never"
    return f"{in_words.months(soonest).removesuffix(' months')} to {in_words.months(latest).removesuffix(' months')}"


def costs_more(one: Row) -> str:
    """What stands beside the title of one that ranks last for its costs."""
    return "costs more than it saves" if one["rank"] and (one["net_h_per_year"] or 0) < 0 else ""


def delays(one: Row) -> str:
    """What a candidate that saves no work is about."""
    if one["saving_h_per_year"] or not one["delay_h_per_year"]:
        return ""
    late = f", {in_words.hours(one['late_h_per_year'])} of them past due" if one["late_h_per_year"] else ""
    return f"cases wait {in_words.hours(one['delay_h_per_year'])} h a year for it{late}"


def _assumes(one: Row, settings: dict[str, Any]) -> list[str]:
    if not one["is_claimed"]:
        return []
    told = []
    realised = one.get("realised_share")
    if realised is not None:
        low, high = settings.get("realised_low", 1), settings.get("realised_high", 1)
        back = settings.get("exception_share") if one["lever"] == "automate" else None
        realised = round(realised / (1 - (back or 0)), 9) if back != 1 else 0
        told.append(
            f"Up to {in_words.setting(realised)} of the hours found can be realised"
            + (f", less {in_words.setting(back)} that comes back to people" if back else "")
            + f"; the low case takes {low:g} and the high case {high:g} times that, at most all"
            + (", and twice as much coming back in the low case, none in the high one." if back else ".")
        )
    if one["build_h"] is not None:
        runs = f" and {in_words.hours(one['run_h_per_year'])} a year to look after" if one["run_h_per_year"] else ""
        told.append(f"It takes {in_words.hours(one['build_h'])} hours to build{runs}.")
    return told
