"""One night: what the providers delivered in, a ranked and checked file out."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

from prefect import flow
from prefect.runtime import flow_run
from prefect.task_runners import ThreadPoolTaskRunner

from essa import feeds as feeds_file
from essa import order, settings_file
from essa.naming import names_file
from essa.settings import Settings
from tasks.build import build, gather_names
from tasks.fan import workers
from tasks.open_run import open_home, open_run
from tasks.publish import publish
from tasks.pull import pull_feeds, settle_feeds
from tasks.tell import tell
from tasks.write_page import write_page


def _tonight() -> date:
    return datetime.now(UTC).date()


def _name() -> str:
    """A run is called after its night, also where the night is left to the clock."""
    return str(flow_run.parameters.get("night") or _tonight())


@flow(name="nightly", flow_run_name=_name, task_runner=ThreadPoolTaskRunner(max_workers=2), persist_result=False)
def nightly(
    night: date | None = None,
    home: Path = Path("data"),
    feeds: Path | None = None,
    settings: Settings | None = None,
    delivered_by: date | None = None,
) -> None:
    """Find what is worth eliminating, simplifying, standardizing, automating.

    Args:
        night: The date the night is called after; today in UTC unless said.
        home: Where the warehouse, the key and what is published live.
        feeds: The feeds file; feeds.yaml in the home unless said.
        settings: What differs from the defaults; settings.yaml in the home unless said.
        delivered_by: Leaves files that were changed after this day to later nights.
    """
    night = night or _tonight()
    feeds = feeds or home / "feeds.yaml"
    settings = settings or settings_file.read(home / "settings.yaml")
    known = feeds_file.read(feeds)
    said = names_file.read(home / "names.yaml")
    with open_home(home, settings, night, delivered_by), workers(home, settings):
        open_run(home, known, night)
        settle_feeds(pull_feeds(known, feeds.resolve().parent, home), home)
        gather_names(said, home)
        for stage in order.STAGES:
            build(stage, home)
        publish(home)
        write_page(
            home, return_state=True
        )  # the file is out; a page that fails is a failed task run, not a failed night
        tell(home)
