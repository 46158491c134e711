"""What can go wrong, as a reader should see it.

EssaError                    a short report: what broke, then named lines
├── UsageError               the feeds file or the arguments are wrong; nothing was started (exit 2)
├── FeedError                one feed's deliveries cannot be believed; that feed is blocked, its neighbours go on
│   ├── ColumnsMissing       a file lacks columns that the feed names
│   └── Unanswered           a server said nothing, or broke off; a moment later it may answer
├── ContractBroken           a table does not hold what its contract promises; the night ends, nothing is published
├── TookTooLong              a step of the night went on past its limit; nothing is published
└── HomeBusy                 another run holds this home
"""

from __future__ import annotations

import contextlib
import errno
import os
import re
import tempfile
import traceback
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Self

MOST_TOLD = 10  # a screen; a hundred files are mostly wrong in one way
FILE_NAME = re.compile(r"^\S+\.[A-Za-z]{2,8}(?= )")  # as a report begins


class EssaError(Exception):
    """A short report: what broke in one line, then lines such as `because`, `kept`, `do`.

    Details keep their order; a detail that is None is left out.
    """

    exit_code = 1

    def __init__(self, what: str, **details: str | None) -> None:
        self.what = what
        self.details = {name: text for name, text in details.items() if text is not None}
        super().__init__(what)

    def __str__(self) -> str:
        lines = [self.what]
        for name, text in self.details.items():
            first, *rest = str(text).splitlines() or [""]
            lines.append(f"  {name:<9} {first}")
            lines += [f"  {'':<10}{line}" for line in rest]
        return "\n".join(lines)

    def in_one_line(self) -> str:
        """The whole report as a sentence, for a cell of a table."""
        told = [self.what, *(f"{name}: {text}" for name, text in self.details.items())]
        return "; ".join(" ".join(part.split()) for part in told)

    def told(self, say: Callable[[str], str]) -> Self:
        """The same report, each of its texts as `say` has it."""
        self.what, self.details = say(self.what), {name: say(text) for name, text in self.details.items()}
        return self

    def __reduce__(self) -> tuple:
        return (_rebuild, (type(self), self.what, self.details))


def _rebuild(kind: type[EssaError], what: str, details: dict[str, str]) -> EssaError:
    return kind(what, **details)


def together(what: str, troubles: Sequence[EssaError]) -> EssaError:
    """Several troubles of one kind as one report, each under its number; a single one stays as it is.

    What differs by the file's name alone, with which it begins, is told once.
    """
    if len(troubles) == 1:
        return troubles[0]
    alike: dict[tuple, list[EssaError]] = {}
    for trouble in troubles:
        alike.setdefault((FILE_NAME.sub("", trouble.what), *trouble.details.items()), []).append(trouble)
    shown = list(alike.values())
    told = {str(number): _of_alike(those) for number, those in enumerate(shown[:MOST_TOLD], 1)}
    if len(shown) > MOST_TOLD:
        told["and"] = f"{sum(map(len, shown[MOST_TOLD:])):,} more"
    return (UsageError if isinstance(troubles[0], UsageError) else FeedError)(what, **told)


def _of_alike(troubles: Sequence[EssaError]) -> str:
    first, *others = troubles
    return str(EssaError(first.what + (f", and {len(others):,} more alike" if others else ""), **first.details))


FAULT_FILE = Path("warehouse", "fault.log")


INTERRUPTED = "Query interrupted"  # what DuckDB says when a signal ends a statement, and nothing else tells which


def of_ours(error: BaseException, home: Path) -> EssaError:
    """A fault nobody thought of, on one screen; how it came about, which may quote the log, in a private file."""
    if isinstance(error, RuntimeError) and str(error) == INTERRUPTED:
        return EssaError("the run was ended from outside, as by a time limit", do="run it again")
    place = home / FAULT_FILE
    with contextlib.suppress(OSError):
        place.unlink(missing_ok=True)
        with open(os.open(place, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w", encoding="utf-8") as file:
            traceback.print_exception(error, file=file)
    where = traceback.extract_tb(error.__traceback__)[-1:]
    at = f" at {Path(where[0].filename).name}, line {where[0].lineno}" if where else ""
    do = f"report it with {place}, which may hold lines of the log: look before you send it"
    return EssaError(f"a fault of essa: {type(error).__name__}{at}", do=do)


NO_ROOM = {errno.ENOSPC: "No space left on device", errno.EDQUOT: "Disk quota exceeded", errno.EFBIG: "File too large"}
LEAST_ROOM = 1 << 20  # bytes; with less, no table and no server's log can be written
DAMAGED = ("Corrupt database file", "not a valid DuckDB database file", "Could not read enough bytes from file")
NOT_OURS = {errno.EROFS: "Read-only file system", errno.EACCES: "Permission denied"}  # as DuckDB says them


def is_lock(error: BaseException) -> bool:
    """Whether DuckDB says that another process holds a file."""
    return "set lock on file" in str(error)


def is_damage(error: BaseException) -> bool:
    """Whether DuckDB says that a file of its own is damaged: no database, or a block that is not what was written."""
    return any(said in str(error) for said in DAMAGED)


def of_the_disk(error: BaseException, home: Path) -> EssaError | None:
    """What keeps a home from being written, or None where that is not the trouble."""
    if isinstance(error, EssaError) or not _is_of(error, home):
        return None
    if _is_one_of(error, NO_ROOM):
        return _full(home)
    if _is_one_of(error, NOT_OURS):
        return EssaError(f"{home} cannot be written", do="see that it is yours and its disk not read-only")
    return None


def of_a_full_disk(home: Path) -> EssaError | None:
    """What keeps a home from being written where its disk takes nothing more; a server there may not tell so itself."""
    try:
        with tempfile.TemporaryFile(dir=home) as file:
            file.write(bytes(LEAST_ROOM))
            file.flush()
    except OSError as error:
        return _full(home) if error.errno in NO_ROOM else None
    return None


def of_a_place(error: OSError) -> EssaError | None:
    """What keeps a place that a person named from being used, or None where the error names none."""
    if not isinstance(error.filename, str) or error.strerror is None:
        return None
    do = "name a place that you may use, or see that its disk has room"
    return EssaError(f"{error.filename}: {error.strerror[:1].lower()}{error.strerror[1:]}", do=do)


def _full(home: Path) -> EssaError:
    return EssaError(f"the disk of {home} is full", do="make room there, and run the night again")


def _is_of(error: BaseException, home: Path) -> bool:
    """A failing write to another place is another trouble; DuckDB names the file in what it says."""
    named = getattr(error, "filename", None)
    if isinstance(named, str):
        return Path(named).resolve().is_relative_to(home.resolve())
    return any(str(place) in str(error) for place in (home, home.resolve()))  # a run may know it by another name


def _is_one_of(error: BaseException, kinds: dict[int, str]) -> bool:
    return getattr(error, "errno", None) in kinds or any(said in str(error) for said in kinds.values())


class UsageError(EssaError):
    exit_code = 2


class FeedError(EssaError):
    pass


class ColumnsMissing(FeedError):
    """`columns` are the sender's names that a file lacks; what is wrong beside them can still be looked for."""

    columns: tuple[str, ...] = ()

    def lacking(self, columns: Sequence[str]) -> ColumnsMissing:
        self.columns = tuple(columns)
        return self

    def that_others_have(self) -> ColumnsMissing:
        """The same of a file beside others that lack none: the sender changed them, and no one feed reads both."""
        self.details["or"] = (
            "if the sender changed its columns: name the new ones, and take the older files out of their folder,"
            " for what counted of them stays; or give the new files a feed of their own, of one provider and process"
        )
        return self


class Unanswered(FeedError):
    pass


class ContractBroken(EssaError):
    pass


class TookTooLong(EssaError):
    pass


class HomeBusy(EssaError):
    pass
