"""A night may be killed at any moment: what was published opens, and the next night is as if nothing had been."""

from __future__ import annotations

import random
import signal
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.slow
SECOND = "2026-02-02"
# More where files that outlive a night are written; a night thrown away is the same wherever it ended
DRAWN = {"open": 6, "pull": 9, "name": 3, "core": 2, "mart": 2, "describe": 1, "publish": 3, "remember": 3, "close": 1}
by_seed = random.Random(20260202)
MOMENTS = [
    # at its share of the stage, half of them in the midst of what happens then
    (stage, by_seed.random(), by_seed.choice([0.0, by_seed.uniform(0.0, 0.003)]))
    for stage, count in DRAWN.items()
    for _ in range(count)
]


@pytest.fixture(scope="module")
def gone_through() -> set[str]:
    """What homes held from which a night was run to its end and published what it should."""
    return set()


@pytest.mark.parametrize(
    ("stage", "share", "within_s"), MOMENTS, ids=[f"{stage} {share:.2f}" for stage, share, _ in MOMENTS]
)
def test_a_night_killed_at_a_moment_costs_nothing(
    stage: str,
    share: float,
    within_s: float,
    ask: Callable[..., dict[str, Any]],
    office: tuple[Path, Path],
    home_of: Callable[[], Path],
    standing: Mapping[str, Any],
    undisturbed: list[dict[str, Any]],
    told_by: Callable[[Path], dict[str, Any]],
    gone_through: set[str],
) -> None:
    home, feeds = home_of(), office[1]
    killed = ask(home, feeds, SECOND, at=moment(undisturbed[0]["ended"], stage, share), within_s=within_s)
    assert killed == {"code": -signal.SIGKILL}
    once, again = (one["tables"] for one in undisturbed)
    left = told_by(home)
    is_out = left["ops.run"] == once["ops.run"]
    beside = {name for name in left if "/" in name}  # follows what is published, if need be at the next start
    assert without(left, beside) == without(once if is_out else standing, {name for name in once if "/" in name})
    next_run = ask(home, feeds, SECOND, unless_found=sorted(gone_through))
    assert (next_run["code"], next_run["trouble"]) == (0, None)
    if not next_run["is_known"]:  # the same home makes the same night
        assert told_by(home) == (again if is_out else once)
        assert not list((home / "published").glob("*.part*"))
        gone_through.add(next_run["found"])


def moment(ended: Mapping[str, int], stage: str, share: float) -> int:
    """The moment at a share of a stage, whose last one is that at which the stage ended."""
    stages = list(ended)
    before = ended[stages[stages.index(stage) - 1]] if stage != stages[0] else 0
    return before + 1 + int(share * (ended[stage] - before))


def without(tables: Mapping[str, Any], names: set[str]) -> dict[str, Any]:
    return {name: rows for name, rows in tables.items() if name not in names}
