"""Tonight's DuckDB file and what earlier nights left behind; the one module that runs SQL files.

`HOME/warehouse/night.duckdb` is built anew each night and thrown away at the next; `HOME/warehouse/memory.duckdb` keeps
what must outlive a night. While a run holds the memory, a second one is refused.
"""

from __future__ import annotations

import contextlib
import itertools
import shutil
import threading
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from essa import contract, currencies, decisions, memory, privacy, redaction
from essa.errors import EssaError, HomeBusy, of_the_disk
from essa.reading.opened import quoted_text
from essa.settings import Settings

Rows = Sequence[dict[str, Any]] | pa.Table
SQL = Path(__file__).parent.parent / "sql"
LAYERS = ("raw", "core", "mart", "ops")
REMEMBERED = (
    "raw.delivery", "ops.run", "ops.feed", "ops.expectation", "ops.candidate_memory", "ops.candidate_work",
    "ops.routine_work", "ops.live_week", "ops.refusal", "ops.label_memory", "ops.label_verdict",
)  # fmt: skip


class Warehouse:
    """One night's tables. Tasks pass table names around; whoever needs rows asks here."""

    def __init__(self, home: Path, settings: Settings, night: date, delivered_by: date | None = None) -> None:
        self.home, self.settings, self.night = home, settings, night
        self.delivered_by = delivered_by  # files changed later are left for later nights
        self.folder = home / "warehouse"
        self.folder.mkdir(parents=True, exist_ok=True)
        with contextlib.suppress(PermissionError):  # who may write there need not own it
            self.folder.chmod(0o700)
        self.secret = privacy.key(home)
        self.verdicts: list[dict[str, Any]] = []
        self.met: dict[str, Any] = {}  # who was met in each feed's new files, and all their names; in memory alone
        self.names: set[str] = set()
        self.remarks: dict[str, str] = {}  # what is to be said of a feed though it is read
        self.meeting = threading.Lock()
        self.connection = self._open()
        self._create_layers()

    def _open(self) -> duckdb.DuckDBPyConnection:
        spill, kept = self.folder / "spill", memory.place_of(self.home)
        connection = duckdb.connect(config={"threads": self.settings.threads})
        try:
            connection.execute(f"ATTACH {quoted_text(kept)} AS past")
        except duckdb.Error as error:
            raise memory.unopened(self.home, error) from None
        (self.folder / memory.STARTED).touch()
        shutil.rmtree(spill, ignore_errors=True)
        spill.mkdir(mode=0o700)
        for pattern in ("night.duckdb*", "deliveries/*/*.part", "deliveries/*/*.whole"):
            for left_over in self.folder.glob(pattern):
                left_over.unlink()
        connection.execute(f"SET memory_limit = '{self.settings.memory_limit}'; SET enable_progress_bar = false")
        connection.execute(f"SET temp_directory = {quoted_text(spill)}; SET TimeZone = 'UTC'")
        night = quoted_text(self.folder / "night.duckdb")  # of one that was killed nothing is wanted: no log
        connection.execute(f"ATTACH {night} AS night (RECOVERY_MODE no_wal_writes); USE night")
        redaction.install(connection, self.secret, self.settings.ids_looked_for())  # once: as dear as a small file
        return connection

    def _create_layers(self) -> None:
        for layer in LAYERS:
            self.connection.execute(f"CREATE SCHEMA IF NOT EXISTS {layer}; CREATE SCHEMA IF NOT EXISTS past.{layer}")
        self.connection.execute("""CREATE SCHEMA IF NOT EXISTS past.pending; CREATE TYPE handling_method_t
            AS ENUM ('measured', 'shared', 'worker_gap', 'unfinished', 'not_assessable')""")

    def close(self) -> None:
        with contextlib.suppress(duckdb.Error):  # a night that the disk had no room for is thrown away all the same
            self.connection.execute("CHECKPOINT past; USE memory")
            self.connection.execute("PRAGMA disable_checkpoint_on_shutdown; DETACH night")  # nobody opens it again
        self.connection.close()
        shutil.rmtree(self.folder / "spill", ignore_errors=True)

    def reader(self) -> duckdb.DuckDBPyConnection:
        """A second connection for one thread, that may use the door's macros."""
        connection = self.connection.cursor()
        connection.execute("USE night; SET TimeZone = 'UTC'")
        privacy.unlock(connection, self.secret)
        return connection

    def rows(self, sql: str, parameters: Sequence[Any] = ()) -> list[dict[str, Any]]:
        """The rows of a small result, by column name."""
        found = self.connection.execute(sql, list(parameters))
        names = [column[0] for column in found.description]
        return [dict(zip(names, row, strict=True)) for row in found.fetchall()]

    def value(self, sql: str, parameters: Sequence[Any] = ()) -> Any:
        """The one value of a result of one row."""
        return self.connection.execute(sql, list(parameters)).fetchall()[0][0]

    def build(self, table: str, require: Callable[[str], None] = lambda table: None, select: str | None = None) -> int:
        """Fills a table from its SQL file, or from `select`, into what its contract declares; its row count.

        `require` sees the filled table before it stands, and undoes it by raising. A view holds no rows: 0.
        """
        promise = contract.load(table)
        select = select or (SQL / f"{table.replace('.', '/')}.sql").read_text(encoding="utf-8")
        if promise.kind == "view":
            return self._define_view(promise, select)
        count = 0
        with self._transaction():
            self._create(promise, select)
            for among in self._buckets() if "bucket_low" in select else [""]:
                self.connection.execute(among)
                count += self._run(table, _poured(promise, select)).fetchall()[0][0]
            require(table)
        return count

    def _define_view(self, promise: contract.Contract, select: str) -> int:
        listed = ", ".join(f'"{name}"' for name in promise.columns)
        self._run(promise.table, f"CREATE OR REPLACE VIEW {promise.table} AS SELECT {listed} FROM (\n{select}\n)")
        return 0

    def fill(self, table: str, rows: Rows, require: Callable[[str], None] = lambda table: None) -> int:
        """Fills a table from Python rows, whole or not at all; its row count. `require` is as of `build`."""
        promise = contract.load(table)
        with self._transaction():
            self._create(promise)
            if len(rows):
                self._insert(promise, rows)
            require(table)
        return len(rows)

    def _insert(self, promise: contract.Contract, rows: Rows) -> None:
        """By way of Arrow: a statement a row takes half a millisecond each."""
        held = rows
        if not isinstance(rows, pa.Table):
            held = pa.table({name: pa.array([row.get(name) for row in rows]) for name in promise.columns})
        cast = ", ".join(f'"{name}"::{column.type} AS "{name}"' for name, column in promise.columns.items())
        self.connection.register("filled_rows", held)
        self.connection.execute(f"INSERT INTO {promise.table} BY NAME SELECT {cast} FROM filled_rows")
        self.connection.unregister("filled_rows")

    def add_tonight(self, table: str, rows: Sequence[dict[str, Any]] | None = None) -> None:
        """Puts tonight's rows into a table of many nights, in place of what an earlier run of the night put there."""
        promise = contract.load(table)
        with self._transaction():
            self.connection.execute(f"DELETE FROM {table} WHERE night = ?", [self.night])
            if rows is None:
                select = (SQL / f"{table.replace('.', '/')}.sql").read_text(encoding="utf-8")
                self._run(table, _poured(promise, select))
            elif rows:
                self._insert(promise, rows)

    def _create(self, promise: contract.Contract, select: str | None = None) -> None:
        is_open = any(column.type.upper() == "STRUCT" for column in promise.columns.values())
        structs = self._types(promise, select) if select and is_open else {}
        self.connection.execute(f"DROP TABLE IF EXISTS {promise.table}")
        self.connection.execute(contract.ddl(promise, structs))

    def _types(self, promise: contract.Contract, select: str) -> dict[str, str]:
        """What the columns of a SELECT are; only it knows the fields of a STRUCT."""
        self.connection.execute("SET VARIABLE bucket_low = 0::UBIGINT; SET VARIABLE bucket_high = 0::UBIGINT")
        return {row[0]: row[1] for row in self._run(promise.table, f"DESCRIBE {select}").fetchall()}

    def _run(self, table: str, sql: str) -> duckdb.DuckDBPyConnection:
        try:
            return self.connection.execute(sql)
        except duckdb.OutOfMemoryException:
            raise EssaError(
                f"{table}: not enough memory at {self.settings.memory_limit}",
                do="raise memory_limit, or lower events_per_bucket, in HOME/settings.yaml",
            ) from None
        except duckdb.Error as error:
            # DuckDB quotes the value it could not read, and the value may be personal
            short = EssaError(f"{table}: {privacy.redact(str(error).splitlines()[0])}")
            raise of_the_disk(error, self.home) or short from None

    def _buckets(self) -> list[str]:
        """Statements that set one range of the case key each, holding about `events_per_bucket` events."""
        count = max(1, -(-self.value("SELECT count(*) FROM core.event") // self.settings.events_per_bucket))
        edges = [2**64 * i // count for i in range(count + 1)]
        return [
            f"SET VARIABLE bucket_low = {low}::UBIGINT; SET VARIABLE bucket_high = {high - 1}::UBIGINT"
            for low, high in itertools.pairwise(edges)
        ]

    def make_enum(self, name: str, select: str) -> None:
        """A closed vocabulary; one with nothing in it yet holds the empty text, as DuckDB wants one value."""
        found = self.connection.execute(f"SELECT DISTINCT value FROM ({select}) AS t(value) ORDER BY value").fetchall()
        values = [row[0] for row in found if row[0] is not None] or [""]
        self.connection.execute(f"CREATE TYPE {name} AS ENUM ({', '.join(map(contract.literal, values))})")

    @contextlib.contextmanager
    def _transaction(self) -> Iterator[None]:
        self.connection.execute("BEGIN")
        try:
            yield
        except BaseException:
            with contextlib.suppress(duckdb.Error):
                self.connection.execute("ROLLBACK")
            raise
        self.connection.execute("COMMIT")

    # The night and the memory

    def open_night(self, run_id: str) -> None:
        """`ops.tonight`, one row that SQL reads its parameters from, and what earlier nights left."""
        values = {
            "run_id": run_id,
            "night": self.night,
            "latest_event_at": datetime.combine(self.night, time()) + timedelta(days=1 + self.settings.future_days),
            "earliest_event_at": datetime(self.settings.earliest_event_year, 1, 1),
            **self.settings.model_dump(),
        }
        columns = ", ".join(f"? AS {name}" for name in values)
        self.connection.execute(f"CREATE OR REPLACE TABLE ops.tonight AS SELECT {columns}", list(values.values()))
        with memory.read_whole(self.home):
            self.remember()  # a night that was published and killed before it could
            for table in REMEMBERED:
                self._create(contract.load(table))
            memory.recall(self.connection, REMEMBERED, self.night)
        today = max(self.night, datetime.now(UTC).date())  # an earlier night may be run anew after what was decided
        self.fill("ops.decision", decisions.read(self.home, self.secret, today, self.settings.ids_looked_for()))
        self.fill("ops.currency", currencies.read(self.home, today))

    def intend(self, part: Path, target: Path, beside: Sequence[tuple[Path, Path]]) -> None:
        """Writes down what tonight leaves to later nights, to hold once `part` is published as `target`.

        `beside` are the folders that then go to their places too, each with that place.
        """
        with self._transaction():
            memory.intend(self.connection, REMEMBERED, part, target, beside)

    def remember(self) -> None:
        """Replaces what the memory holds by what was intended, all or none, if that was published."""
        with self._transaction():
            memory.complete(self.connection, self.home / "published")


def _poured(promise: contract.Contract, select: str) -> str:
    """Fills a table from a SELECT, refused where that yields a column less or more than the contract knows."""
    each = ", ".join(f'"{name}" AS "{name}"' for name in promise.columns)
    return f"INSERT INTO {promise.table} BY NAME SELECT * REPLACE ({each}) FROM (\n{select}\n)"


_open: dict[Path, Warehouse] = {}
_lock = threading.Lock()


def begin(home: Path, settings: Settings, night: date, delivered_by: date | None = None) -> Warehouse:
    """Opens a home's warehouse for this process; every task of the run then finds it by `at(home)`.

    With `delivered_by`, files that were changed later do not count yet.
    """
    with _lock:
        place = home.resolve()
        if place in _open:
            raise HomeBusy(f"{home} is in use by another run of this process", do="wait for it to end")
        _open[place] = Warehouse(home, settings, night, delivered_by)
        return _open[place]


def at(home: Path) -> Warehouse:
    return _open[home.resolve()]


def end(home: Path) -> None:
    with _lock:
        if found := _open.pop(home.resolve(), None):
            found.close()
