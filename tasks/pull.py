"""Reads each feed's new deliveries, a task run each, and settles which feeds are believed."""

from __future__ import annotations

from pathlib import Path

import duckdb
from prefect import task, unmapped

from essa import meeting, pulling, summary, time_limit, warehouse
from essa import night as nights
from essa.errors import EssaError, FeedError, Unanswered
from essa.feeds import Feed
from essa.pulling import Pulled
from tasks import announce, progress, secrets
from tasks.log import log, passing


def _is_worth_retrying(task: object, task_run: object, state: object) -> bool:
    """A wrong column stays wrong; a share that did not answer may answer in a moment."""
    try:
        state.result()  # type: ignore[attr-defined]
    except Unanswered:
        return True
    except FeedError:
        return False
    except Exception:
        return True
    return False


@task(
    name="Pull a feed",
    task_run_name="Pull {feed.name}",
    retries=2,
    retry_delay_seconds=[2, 10],
    retry_condition_fn=_is_worth_retrying,
    cache_policy=None,
)
def pull_feed(feed: Feed, base: Path, home: Path) -> Pulled:
    """Reads what one provider delivered since the last night."""
    passing.info("Pull %s", feed.name)
    pulled = pulling.pull(feed, base, warehouse.at(home))
    log.info("%s", pulled.in_words())
    return pulled


@task(name="See who works in the new files", task_run_name="See who works in the new files", cache_policy=None)
def meet_people(feeds: tuple[Feed, ...], base: Path, home: Path) -> None:
    """Gathers the names of all feeds before one of them is read."""
    meeting.meet_all(feeds, base, warehouse.at(home))


def pull_feeds(feeds: tuple[Feed, ...], base: Path, home: Path) -> list[Pulled]:
    """All feeds side by side; one that cannot be read is a failed task run, and its neighbours go on."""
    with secrets.known(feeds):
        meet_people(feeds, base, home)
        futures = pull_feed.map(list(feeds), unmapped(base), unmapped(home))
        return [_outcome(feed, future) for feed, future in zip(feeds, futures, strict=True)]


def _outcome(feed: Feed, future: object) -> Pulled:
    try:
        return future.result()  # type: ignore[attr-defined]
    except FeedError as trouble:
        return _blocked(feed, trouble)
    except OSError as fault:
        what = f"{feed.name}: its files could not be reached ({type(fault).__name__})"
        return _blocked(feed, FeedError(what, do="see that its folder is there and may be read, and run again"))
    except Exception as fault:
        # memory, the disk and Prefect's own troubles are the whole night's; what another fault says may quote the log
        is_of_all = isinstance(fault, duckdb.OutOfMemoryException | EssaError)
        if is_of_all or type(fault).__module__.startswith(("prefect", "httpx")):
            raise
        what = f"{feed.name}: reading it failed with {type(fault).__name__}, which is a fault of essa"
        return _blocked(feed, FeedError(what, do="report it with the feed's lines; its neighbours go on without it"))


def _blocked(feed: Feed, trouble: FeedError) -> Pulled:
    log.warning("%s is blocked\n%s", feed.name, trouble)
    return Pulled(feed.name, trouble=trouble)


@task(name="Settle what is believed", task_run_name="Settle what is believed", cache_policy=None)
def settle_feeds(pulled: list[Pulled], home: Path) -> None:
    """Refuses bad lines, counts each row once, and blocks a feed that cannot be believed."""
    passing.info("Settle what is believed")
    tonight = warehouse.at(home)
    with time_limit.of_step("Settle what is believed", tonight):
        nights.believe(tonight, pulled)
    log.info("%s", summary.belief_in_words(tonight))
    announce.feeds(tonight)
    progress.passed(home, "Settle what is believed")
