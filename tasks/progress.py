"""How far a night is, as a bar in the Prefect UI."""

from __future__ import annotations

from pathlib import Path
from uuid import UUID

from prefect.artifacts import create_progress_artifact, update_progress_artifact

from essa.order import STAGES
from tasks.log import log

STEPS = ("Settle what is believed", "Gather names", *(stage.name for stage in STAGES), "Publish")
_bars: dict[Path, UUID] = {}


def begin(home: Path) -> None:
    _tell(home, 0, "The night is open")


def passed(home: Path, step: str) -> None:
    """The share of the night's steps that are done; they do not take alike long."""
    done = STEPS.index(step) + 1
    following = STEPS[done] if done < len(STEPS) else None
    _tell(home, done / len(STEPS), f"Now: {following.lower()}" if following else "Published")


def _tell(home: Path, share: float, said: str) -> None:
    try:
        if share == 0:
            _bars[home] = create_progress_artifact(progress=0.0, key="progress", description=said)
        else:
            update_progress_artifact(_bars[home], progress=round(100 * share, 1), description=said)
    except Exception:  # a server that shows no bar is no trouble of the night
        log.debug("no bar: %s", said)
