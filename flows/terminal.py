"""What the terminal shows: a night's stages as they pass, one screen at its end, and tables that read at 80 columns."""

from __future__ import annotations

import contextlib
import logging
import os
import signal
import threading
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date
from importlib import import_module
from pathlib import Path
from typing import Any

import duckdb
from rich.console import Console
from rich.table import Table

from essa import delivery, glance, in_words, known_names, meeting, people, privacy, publication, settings_file, spelling
from essa import feeds as feeds_file
from essa.errors import EssaError, FeedError, UsageError, of_a_full_disk, of_ours, of_the_disk, together
from essa.expectations_on_duckdb import import_great_expectations
from essa.feeds import Feed
from essa.fetching import arrivals
from essa.reading.opened import told_apart
from essa.settings import Settings
from flows import end_screen, serve
from flows.candidates import print_table
from flows.missed import nights_of
from flows.plain_text import bare
from tasks.log import log, passing


class Stages(logging.Handler):
    """Shows each step as it is done, with the seconds since the last: a moving line on a terminal, plain lines else."""

    def __init__(self, console: Console) -> None:
        super().__init__(logging.INFO)
        self.console, self.last = console, time.monotonic()
        self.status = console.status("starting") if console.is_terminal else None

    def emit(self, record: logging.LogRecord) -> None:
        if record.name == passing.name:
            if self.status is not None:
                self.status.update(f"[dim]{record.getMessage().replace('[', '(')}")
            return
        now = time.monotonic()
        line = f"{now - self.last:6.1f} s  {record.getMessage()}"
        self.last = now
        self.console.print(line, highlight=False, markup=False, soft_wrap=True)

    def __enter__(self) -> Stages:
        if self.status is not None:
            self.status.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self.status is not None:
            self.status.stop()


def run_night(night: date, home: Path, feeds: Path, settings: Settings, out: Console, err: Console) -> None:
    """Runs one night here and ends with one screen; EssaError where nothing was published."""
    _run("nightly", {"home": home, "feeds": feeds, "night": night, "settings": settings}, settings, err)
    end_screen.show(home, night, out)


def run_nights(first: date, last: date, every: int, home: Path, feeds: Path, out: Console, err: Console) -> None:
    """Runs the nights of a range that were not published yet; EssaError where one of them was not."""
    if not nights_of(first, last, every, publication.last_night(home)):
        out.print(f"no night to run: all up to {last} are published", highlight=False)
        return
    given = {"home": home, "feeds": feeds, "first": first, "last": last, "every": every}
    _run("backfill", given, settings_file.read(home / "settings.yaml"), err)
    if night := publication.last_night(home):
        end_screen.show(home, night, out)


def _run(flow: str, given: dict[str, Any], settings: Settings, err: Console) -> None:
    home: Path = given["home"]
    with Stages(err) as stages, _interruptible() as is_interrupted:
        log.addHandler(stages)
        passing.addHandler(stages)
        try:
            with serve.server(home) as wait_for_server:
                # whoever reads the run elsewhere knows nothing of the folder it was begun in
                _run_flow(flow, given | {"home": home.resolve()}, wait_for_server)
        except EssaError as trouble:
            raise _with_what_stands(trouble, home) from None
        except duckdb.OutOfMemoryException:
            do = f"raise memory_limit in {home}/settings.yaml"
            short = EssaError(f"not enough memory at {settings.memory_limit}", do=do)
            raise _with_what_stands(short, home) from None
        except Exception as error:
            if is_interrupted():
                raise KeyboardInterrupt from None
            raise _with_what_stands(_in_short(error, home), home) from None
        finally:
            log.removeHandler(stages)
            passing.removeHandler(stages)


def _in_short(error: Exception, home: Path) -> EssaError:
    """What an end that nobody told of comes from; of a full disk Prefect's server says that it failed, and no more."""
    if short := of_the_disk(error, home) or of_a_full_disk(home):
        return short
    if type(error).__module__.startswith("httpx"):
        return EssaError("Prefect's server stopped answering", do="run the night again when it does")
    return of_ours(error, home)


def _run_flow(flow: str, given: dict[str, Any], wait_for_server: Callable[[], None]) -> None:
    run = getattr(import_module(f"flows.{flow}"), flow)
    threading.Thread(target=import_great_expectations, daemon=True).start()  # seconds, while the server starts
    wait_for_server()
    logging.raiseExceptions = False  # a line that no server takes is no trouble of the night's
    try:
        run(**given)
    finally:
        _hand_over()


@contextlib.contextmanager
def _interruptible() -> Iterator[Callable[[], bool]]:
    """Whether Ctrl-C was pressed, which a statement inside DuckDB tells as an error of its own; twice ends at once."""
    presses: list[int] = []

    def note(number: int, _: object) -> None:
        presses.append(number)
        if len(presses) > 1:
            os._exit(130)
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGINT, note)
    try:
        yield lambda: bool(presses)
    finally:
        signal.signal(signal.SIGINT, before)


def _hand_over() -> None:
    """Waits until Prefect's server has every log line and event of the run; what is still queued dies with us."""
    from prefect.events.worker import EventsWorker
    from prefect.logging.handlers import APILogWorker

    for worker in (EventsWorker, APILogWorker):
        worker.drain_all(timeout=10)


def _with_what_stands(trouble: EssaError, home: Path) -> EssaError:
    with contextlib.suppress(EssaError):
        last = publication.last_night(home)
        trouble.details["kept"] = f"the last publication stands: {last}" if last else "nothing was published yet"
    return trouble


def show_feeds(path: Path, home: Path, out: Console) -> None:
    """How each column of each feed was understood; EssaError with every mistake of the feeds file and of the files.

    No name is shown that a night would leave out of what it keeps.
    """
    known, trouble = feeds_file.understand(path)
    with serve.blocks(known, home), arrivals.to_look_at(known, settings_file.read(home / "settings.yaml")) as found:
        _show_near(*found, trouble, home, out)


def _show_near(
    known: Sequence[Feed], unreached: Mapping[str, FeedError], trouble: UsageError | None, home: Path, out: Console
) -> None:
    names = meeting.who_works(known)
    told: dict[str, str] = {"feeds file": trouble.details["found"]} if trouble else {}
    count = 0
    for feed in known:
        alike, wrong = _looked_at(feed, unreached)
        those = _people(feed, names, home, [*_shown_of(alike), *map(str, wrong)])
        for paths, understood in [] if f"feeds.{feed.name}." in str(trouble) else alike:
            out.print(_heading(feed, paths, those), highlight=False, markup=False, soft_wrap=True)
            print_table(_understood(feed, understood, those), out)
            if understood.unread:
                out.print(_unread(understood, those), highlight=False, markup=False)
            out.print()
        if wrong:
            told[feed.name] = those.blanked(str(together(f"{len(wrong)} of its files are not as the feed says", wrong)))
            count += len(wrong)
    if trouble:
        more = f"; {in_words.many(count, 'thing is', 'things are')} in the files of its feeds too" if count else ""
        raise UsageError(f"the feeds file is to be mended before a night can begin, {trouble.what}{more}", **told)
    if told:
        raise FeedError(
            f"{in_words.many(count, 'thing is', 'things are')} to be mended before a night counts all of it", **told
        )


def _shown_of(alike: Sequence[tuple[list[Path], glance.Understanding]]) -> Iterator[str]:
    """What may be shown of files that are read alike."""
    for paths, understood in alike:
        yield paths[-1].name
        yield from understood.unread
        yield from (next((text for text in given if text.strip()), "") for given in understood.samples.values())


def _people(feed: Feed, names: Collection[str], home: Path, texts: Iterable[str]) -> people.People:
    """Those of all feeds, and those of earlier nights who are named in these texts."""
    secret, folder = "", home / "warehouse"
    remembered: list[people.Name] = []
    if known_names.are_any(folder) and ("ESSA_KEY" in os.environ or (home / "key").exists()):
        secret = privacy.key(home)
        words = {word for text in texts for word in spelling.words_and_log_ins_of(text)}
        remembered = known_names.recognised(folder, secret, words)
    tonight = people.called(people.those_of(names, feed.robots, feed.roles), secret)
    return people.people_called([*tonight, *(one for one in remembered if not one.is_one_of(feed.robots, feed.roles))])


def _looked_at(
    feed: Feed, unreached: Mapping[str, FeedError]
) -> tuple[list[tuple[list[Path], glance.Understanding]], list[EssaError]]:
    if feed.name in unreached:
        return [], [unreached[feed.name]]
    try:
        return glance.look(delivery.files(feed), feed)
    except FeedError as trouble:
        return [], [trouble]


def _heading(feed: Feed, paths: list[Path], those: people.People) -> str:
    more = f" and {len(paths) - 1:,} more read alike" if len(paths) > 1 else ""
    return f"{feed.name}: {feed.provider}, {feed.file_format}, {those.blanked(privacy.redact(paths[-1].name))}{more}"


def _understood(feed: Feed, understood: glance.Understanding, those: people.People) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 1))
    for name in ("ours", "theirs", "type", "read as", "for example"):
        table.add_column(name, overflow="fold")
    for ours, theirs, how in _readings(feed, understood):
        kind = understood.types[theirs].lower()
        called = SEEN_AS.get(ours, ours) if feed.screens else ours
        table.add_row(called, bare(theirs), kind, how, bare(understood.example(ours, theirs, those)))
    if feed.screens and feed.screens.value:
        table.add_row("value", bare(feed.screens.value), "", "not read: what was typed stays outside", "")
    return table


def _unread(understood: glance.Understanding, those: people.People) -> str:
    """The columns no line of the feed names; a header that is no header may name people."""
    names = [privacy.redact(those.blanked(name)) for name in understood.unread[:UNREAD_SHOWN]]
    more = len(understood.unread) - len(names)
    return f"not read: {in_words.listed(names)}" + (f" and {more:,} more" if more else "")


def _readings(feed: Feed, understood: glance.Understanding) -> Iterator[tuple[str, str, str]]:
    """Our name, theirs and the reading of each column that the feed names."""
    if not isinstance(feed.process, str):
        yield "process", feed.process.column, "text, redacted"
    for ours, theirs in feed.columns.model_dump().items():
        is_found = feed.screens is not None and ours == "case_id"  # cases of a log of screens are found, not read
        if theirs is not None and not is_found:
            how = understood.times[ours].in_words if ours in understood.times else HOW.get(ours, "text, redacted")
            yield ours, theirs, how
    if feed.event_id:
        yield "event_id", feed.event_id, "what makes a row one event; kept as a keyed hash"
    wanted = feed.wanted_columns()
    called = told_apart(wanted, wanted)
    places = {feed.screens.window: "window", feed.screens.element: "element"} if feed.screens else {}
    for name in feed.attributes:
        if name in places:
            yield places[name], name, "where it was done; values in it are left out"
            continue
        how = "attribute of the case" if name in feed.known_at_start else "attribute"
        yield "attribute", name, how if called[name] == name else f'{how}; called "{called[name]}" in rules, as ' + TWIN


TWIN = "another column of this feed has its name but for upper and lower case"
UNREAD_SHOWN = 30  # columns; some tables have hundreds
# what a log of screens calls them
SEEN_AS = {"activity": "action", "ended_at": "occurred_at", "resource": "user", "system": "application"}
HOW = {"case_id": "text; a token where it holds a personal number", "resource": "a keyed pseudonym"}
