"""The command line: one night now, a look at the feeds, the sample, the candidates, the page, an analyst's word."""

from __future__ import annotations

import contextlib
import os
import sys
import traceback
import warnings
import webbrowser
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from essa import decisions, in_words, publication, settings_file
from essa import feeds as feeds_file
from essa.errors import EssaError, UsageError, of_a_place
from essa.settings import Settings

app = typer.Typer(
    help="What to eliminate, simplify, standardize and only then automate, from the task logs of outsourced work.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


class Aside(Console):
    """What is said beside the result; it falls silent when nobody listens any more, and the night goes on."""

    def on_broken_pipe(self) -> None:
        self.quiet = True


out, err = Console(), Aside(stderr=True)
Home = Annotated[Path, typer.Option(help="Where the warehouse, the key and what is published live.")]
STOPPED = 130  # what a shell and Typer make of Ctrl-C
Json = Annotated[bool, typer.Option("--json", help="As JSON, for a script.")]
Feeds = Annotated[Path | None, typer.Option(help="The feeds file; HOME/feeds.yaml unless said.")]


@app.command()
def run(
    feeds: Feeds = None,
    home: Home = Path("data"),
    night: Annotated[str | None, typer.Option(help="YYYY-MM-DD; today in UTC unless said.")] = None,
) -> None:
    """One night, now: pull, check, mine, rank, publish."""
    when = _day(night, "--night") if night else datetime.now(UTC).date()
    place = feeds or home / "feeds.yaml"
    settings = _understood(place, home)
    from flows import terminal

    terminal.run_night(when, home, place, settings, out, err)


@app.command()
def backfill(
    first: Annotated[str, typer.Argument(help="The first night, YYYY-MM-DD.")],
    last: Annotated[str, typer.Argument(help="The last night, YYYY-MM-DD.")],
    every: Annotated[int, typer.Option(min=1, help="Days from one night to the next; the last is always run.")] = 1,
    feeds: Feeds = None,
    home: Home = Path("data"),
) -> None:
    """Nights that were missed, or lie before the first: oldest first, each on the files that were there by then.

    Nights up to the last one published are left out, so a backfill that was stopped goes on where it ended.
    """
    place = feeds or home / "feeds.yaml"
    _understood(place, home)
    from flows import terminal

    terminal.run_nights(_day(first, "FIRST"), _day(last, "LAST"), every, home, place, out, err)


@app.command()
def rekey(
    forget_gone: Annotated[bool, typer.Option(help="Also forget what files held that are gone.")] = False,
    feeds: Feeds = None,
    home: Home = Path("data"),
) -> None:
    """A new key for pseudonyms: the next night reads every file again, and everyone gets a new pseudonym."""
    place = feeds or home / "feeds.yaml"
    _understood(place, home)
    from essa import rotation

    gone = rotation.rotate(home, feeds_file.read(place), forget_gone)
    out.print(
        f"{home / 'key'} is new" + (f"; {in_words.many(gone, 'delivery', 'deliveries')} forgotten" if gone else "")
    )
    out.print("what is published bears the old pseudonyms until the next night, which reads every file again:")
    out.print("leave the files where they are until then; one that goes meanwhile is lost", highlight=False)


@app.command()
def up(
    home: Home = Path("data"),
    feeds: Feeds = None,
    port: Annotated[int, typer.Option(min=1, max=65535, help="The next free one where it is taken.")] = 4200,
) -> None:
    """Prefect server, its UI, the nightly schedule and a worker, on loopback, until Ctrl-C."""
    place = feeds or home / "feeds.yaml"
    _understood(place, home)
    from flows import up as servers

    servers.up(home, place, port, out)


@app.command()
def check(feeds: Feeds = None, home: Home = Path("data")) -> None:
    """Opens every feed, reads a few rows, shows how each column was understood; changes nothing."""
    from flows import terminal

    terminal.show_feeds(feeds or home / "feeds.yaml", home, out)


@app.command()
def sample(
    directory: Annotated[Path, typer.Argument(help="Where to write it.")],
    cases: Annotated[
        int,
        typer.Option(
            min=100, help="Cases over all processes, about nine events each; of far fewer, some are not found."
        ),
    ] = 4_000,
    seed: Annotated[int, typer.Option(help="The same seed gives the same bytes.")] = 7,
) -> None:
    """Writes a made-up but believable three-provider back office, its feeds.yaml and the planted truth."""
    from essa.sample.office import write_sample

    made = write_sample(directory, cases, seed)
    out.print(f"{made.event_count:,} events in {made.case_count:,} cases: {directory}", highlight=False)
    out.print(f"next: essa run{publication.home_option(directory)}", highlight=False, soft_wrap=True)


@app.command()
def top(
    count: Annotated[int, typer.Option("-n", min=1, help="How many.")] = 20,
    process: Annotated[str | None, typer.Option(help="Only this process.")] = None,
    provider: Annotated[str | None, typer.Option(help="Only what this provider does.")] = None,
    lever: Annotated[str | None, typer.Option(help="eliminate, simplify, standardize or automate.")] = None,
    questions: Annotated[bool, typer.Option("--questions", help="What waits for an answer.")] = False,
    as_json: Json = False,
    home: Home = Path("data"),
) -> None:
    """The ranked candidates, or the questions that wait for an answer."""
    from flows import candidates

    candidates.show_top(home, count, out, as_json, questions, process=process, provider=provider, lever=lever)


@app.command()
def show(
    candidate: Annotated[str, typer.Argument(help="Its id, as essa top shows it.")],
    as_json: Json = False,
    home: Home = Path("data"),
) -> None:
    """One candidate: why, by which rules, what it saves and to whom, what it assumes, its evidence."""
    from flows import candidates

    candidates.show(home, candidate, as_json, out)


@app.command()
def report(
    is_opened: Annotated[bool, typer.Option("--open", help="Open it in the browser.")] = False,
    home: Home = Path("data"),
) -> None:
    """Where the report page is; one that is missing or tells of another night is written first."""
    from essa.report import page

    place = page.path(home) if page.is_current(home) else page.write(home)
    typer.echo(place)
    if is_opened:
        webbrowser.open(place.resolve().as_uri())


@app.command()
def export(
    directory: Annotated[Path, typer.Argument(help="Where to write candidates.csv and candidates.xlsx.")] = Path("."),
    home: Home = Path("data"),
) -> None:
    """Candidates as CSV and XLSX, for Excel; no cell of theirs is taken for a formula."""
    from essa.report import export as exported

    for place in exported.write(home, directory):
        typer.echo(place)


@app.command()
def verify(home: Home = Path("data")) -> None:
    """Re-runs the evidence of every published candidate."""
    count, broken = publication.verify(home)
    for candidate_id in broken:
        out.print(f"{candidate_id} no longer holds", highlight=False)
    out.print(f"{count - len(broken)} of {count} candidates hold", highlight=False)
    if broken:
        raise typer.Exit(1)


@app.command()
def decide(
    candidate: Annotated[str, typer.Argument(help="Its id, as essa top shows it.")],
    status: Annotated[list[str], typer.Argument(metavar="STATUS", help=in_words.spoken(", ".join(decisions.STATUSES)))],
    note: Annotated[str | None, typer.Option(help="Why; a rejected one needs it.")] = None,
    by: Annotated[str | None, typer.Option(help="Who says so; shown as a pseudonym.")] = None,
    live_on: Annotated[str | None, typer.Option(help="YYYY-MM-DD, for a candidate that went live.")] = None,
    home: Home = Path("data"),
) -> None:
    """An analyst's word on a candidate; the next night honours it."""
    with publication.open_published(home) as connection:
        # what is live may be found no more, and is to be retired all the same
        known = connection.execute(
            """SELECT candidate_id, is_question AND status <> 'live' FROM mart.candidate
            UNION ALL SELECT candidate_id, false FROM ops.decision"""
        ).fetchall()
    if candidate not in dict(known):
        raise publication.unknown(candidate, home)
    today = datetime.now(UTC).date()
    word = " ".join(status)
    day = _day(live_on, "--live-on") if live_on else None
    decisions.decide(home, candidate, word, note, by, today, day, (candidate, True) in known)
    out.print(f"{candidate}: {in_words.spoken(word)}, from the next night on", highlight=False)


def _understood(place: Path, home: Path) -> Settings:
    """The settings; UsageError with the mistakes of the feeds file or the home's, before anything heavy is loaded."""
    if feeds_file.understand(place)[1]:
        from flows import terminal

        terminal.show_feeds(place, home, Aside(quiet=True))
    from essa.naming import names_file

    names_file.read(home / "names.yaml")
    return settings_file.read(home / "settings.yaml")


def _day(text: str, option: str) -> date:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise UsageError(f"{option} {text} is not a date", do="write it as YYYY-MM-DD") from None
    if not 1990 <= day.year <= 2200:
        raise UsageError(f"{option} {text} is no night of ours", do="write a year between 1990 and 2200")
    return day


def main() -> None:
    """The `essa` command; every expected trouble ends in a short report and the exit code its kind has."""
    os.environ.setdefault("DO_NOT_TRACK", "1")
    if not sys.warnoptions:
        warnings.simplefilter("ignore")  # advice from libraries to programmers; whoever asks for it with -W gets it
    code = _run()
    with contextlib.suppress(BrokenPipeError):
        sys.stdout.flush()
        sys.stderr.flush()
    # A regular exit joins idle threads for seconds and prints what libraries did not free
    os._exit(code)


def _run() -> int:
    try:
        try:
            app()
        except OSError as error:
            raise of_a_place(error) or error from None
    except EssaError as error:
        err.print(str(error), style=None, highlight=False, markup=False, soft_wrap=True)
        return error.exit_code
    except SystemExit as end:
        if end.code == STOPPED:
            err.print("stopped; the last publication stands", highlight=False)
        return end.code if isinstance(end.code, int) else int(end.code is not None)
    except BaseException:
        traceback.print_exc()
        return 1
    return 0
