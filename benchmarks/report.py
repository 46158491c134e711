"""A size's figures as one table with its ratios, and how the seconds grow from size to size."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from typing import Any

from meter import Stage, together

SLOWEST = 5


def of_size(size: dict[str, Any]) -> str:
    """The stages of one size, then the sort and PM4Py where they were run, then the ratios."""
    sample, night = size["sample"], size["night"]
    lines = [
        f"{sample['event_count']:,} events in {sample['case_count']:,} cases, {sample['file_count']} files,"
        f" {sample['size_mb']:,.0f} MB ({size['deliveries']})",
        f"memory_limit {size['limit']}; load of the machine at the start {size['load_at_start']:.1f}",
        "",
        f"{'':36}{'wall s':>9}{'cpu s':>9}{'peak MB':>9}",
        _line(night["start_up"], "start-up, not counted"),
    ]
    for stage in night["stages"]:
        lines.append(_line(stage))
        if stage["stage"].startswith("mart ("):
            slowest = sorted(night["mart"], key=lambda one: -one["wall_s"])[:SLOWEST]
            lines += [_line(one, f"  {one['stage']}") for one in slowest]
    lines += [_line(night["night"]), "", *_others(size), "", *_ratios(size)]
    return "\n".join(lines)


def _line(stage: Stage, name: str | None = None) -> str:
    return f"{name or stage['stage']:36}{stage['wall_s']:9.2f}{stage['cpu_s']:9.2f}{stage['peak_mb']:9,.0f}"


def _others(size: dict[str, Any]) -> list[str]:
    lines = []
    for name, label in (("sort", "one wide sort"), ("pm4py", "PM4Py")):
        if name in size and size[name] is None:
            lines.append(f"{label}: did not finish")
        elif name in size:
            stages = size[name]["stages"]
            lines += [_line(together(stages, label))]
            lines += [_line(stage, f"  {stage['stage']}") for stage in stages if len(stages) > 1]
    return lines


def _ratios(size: dict[str, Any]) -> list[str]:
    night_s = size["night"]["night"]["wall_s"]
    checks_s = sum(check["wall_s"] for check in size["night"]["checks"])
    lines = [
        f"{'seconds per million events':36}{night_s / size['sample']['event_count'] * 1e6:9.2f}",
        f"{'checks / night':36}{checks_s / night_s:9.2f}",
    ]
    for name, label in (("sort", "night / one wide sort"), ("pm4py", "night / PM4Py")):
        if size.get(name):
            lines.append(f"{label:36}{night_s / _seconds(size, name):9.2f}")
    if size.get("pm4py"):
        until_s = size["night"]["until_rework"]["wall_s"]
        lines.append(f"{'night until rework / PM4Py':36}{until_s / _seconds(size, 'pm4py'):9.2f}")
        ours, theirs = size["night"]["found"], size["pm4py"]["found"]
        for name, label in (("event_count", "events"), ("pair_count", "pairs"), ("variant_count", "variants")):
            lines.append(f"{label + ', the night and PM4Py':33} {ours[name]:12,} {theirs[name]:12,}")
    return lines


def growth(sizes: Sequence[dict[str, Any]]) -> str:
    """The exponent between neighbouring sizes: 1 where twice the events take twice the seconds."""
    lines = []
    for smaller, larger in itertools.pairwise(sizes):
        before, after = (size["sample"]["event_count"] for size in (smaller, larger))
        for name, label in (("night", "night"), ("sort", "one wide sort"), ("pm4py", "PM4Py")):
            if smaller.get(name) and larger.get(name):
                exponent = growth_exponent(before, _seconds(smaller, name), after, _seconds(larger, name))
                lines.append(f"{label:14} {before:>11,} to {after:>11,} events: growth exponent {exponent:5.2f}")
    return "\n".join(lines)


def growth_exponent(events_before: int, before_s: float, events_after: int, after_s: float) -> float:
    return math.log(after_s / before_s) / math.log(events_after / events_before)


def _seconds(size: dict[str, Any], name: str) -> float:
    return sum(stage["wall_s"] for stage in size[name]["stages"])
