"""The looks that say which texts may hold something personal or untidy, and what is kept of those: each text once.

A file says the same over and over: of its texts few are unlike another, and what a look found holds wherever the text
stands. Nothing of this is written anywhere.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import duckdb
import pyarrow as pa
import pyarrow.compute as compute

from essa import escapes, redaction
from essa.national_ids import NationalIds
from essa.people import People

KEPT = "essa:kept:"  # before our name of a text, what is kept of it
TEXTS = "looked_at"  # how DuckDB knows the texts
TOGETHER_BYTES = 1 << 25  # of rows whose texts are looked at together, for a look takes long to make ready


@dataclass(frozen=True)
class Look:
    """Looks at texts through a connection that has the door's macros; of each at most `longest` marks are kept."""

    people: People
    ids: NationalIds
    longest: int
    door: duckdb.DuckDBPyConnection

    def kept(self, texts: Mapping[str, pa.Array]) -> dict[str, tuple[pa.Array, pa.Array]]:
        """By kind: of its texts, none of them twice, those that need care, and what is kept of each.

        A text with escapes is looked at a second time as it reads without, and stays as it is if nothing is in it then.
        """
        found = self._kept(texts)
        for kind, those in texts.items():
            escaped = those.filter(compute.match_substring_regex(those, escapes.ESCAPED))
            if len(escaped):
                found |= self._kept_undone(kind, escaped.to_pylist(), _pairs(found.get(kind)))
        return found

    def _kept_undone(
        self, kind: str, escaped: Sequence[str], held: dict[str, str | None]
    ) -> dict[str, tuple[pa.Array, pa.Array]]:
        """What is `held` of the texts of a kind, with what is kept of those escaped where something is found without.

        A log-in may hold what looks like an escape, `DOMAIN\\nina`, so they go first.
        """
        bare = escaped if kind == redaction.LABEL else map(self.people.without_log_ins, escaped)
        forms = {text: escapes.undone(one) for text, one in zip(escaped, bare, strict=True)}
        again = self._kept({kind: pa.array(list(dict.fromkeys(forms.values())), pa.string())})
        kept = _pairs(again.get(kind))
        held = held | {text: kept[form] for text, form in forms.items() if kept.get(form, form) != form[: self.longest]}
        return {kind: (pa.array(list(held), pa.string()), pa.array(list(held.values()), pa.string()))} if held else {}

    def _kept(self, texts: Mapping[str, pa.Array]) -> dict[str, tuple[pa.Array, pa.Array]]:
        """The same for the texts as they stand."""
        careful = self._needing_care(pa.chunked_array(list(texts.values()), pa.string()).unique().drop_null())
        if not len(careful):
            return {}
        rows = pa.concat_tables(self._nameless(careful, kind, those) for kind, those in texts.items())
        self.door.register(TEXTS, rows)
        sql = f"SELECT kind, given, left(kept, {self.longest}) AS kept FROM ({redaction.kept_sql(TEXTS)})"
        kept = self.door.sql(sql).to_arrow_table()
        of_kind = {kind: kept.filter(compute.equal(kept["kind"], kind)).combine_chunks() for kind in texts}
        return {
            kind: (those["given"].chunk(0), those["kept"].chunk(0)) for kind, those in of_kind.items() if len(those)
        }

    def _needing_care(self, texts: pa.Array) -> pa.Table:
        """Those that may have to be redacted, may hold a name, are too long or must be tidied.

        Each is looked at as redaction will have it.
        """
        plain = compute.replace_substring(texts, "\x1f", " ")
        bare = compute.utf8_trim_whitespace(plain)  # DuckDB's trim leaves tabs and line breaks
        self.door.register(TEXTS, pa.table({"given": texts, "text": plain, "bare": bare}))
        looked = self.door.sql(f"""
            SELECT given, text, bare, {self.people.look_sql("text")} AS is_named,
                bare <> given OR length(text) > {self.longest} AS is_untidy
            FROM {TEXTS}""").to_arrow_table()
        looked = looked.append_column("is_suspect", redaction.may_be_personal(looked["text"], self.ids))
        marks = (looked[name] for name in ("is_suspect", "is_named", "is_untidy"))
        return looked.filter(functools.reduce(compute.or_, marks))

    def _nameless(self, careful: pa.Table, kind: str, those: pa.Array) -> pa.Table:
        """Those of a kind that need care, without the names of people too."""
        found = careful.filter(compute.is_in(careful["given"], those))
        pairs = zip(found["bare"].to_pylist(), found["is_named"].to_pylist(), strict=True)
        is_label = kind == redaction.LABEL
        nameless = [self.people.removed(bare, is_label) if is_named else bare for bare, is_named in pairs]
        found = found.append_column("nameless", pa.array(nameless, pa.string()))
        return found.append_column("kind", pa.array([kind] * len(found), pa.string()))


@dataclass(frozen=True)
class Looked:
    """Rows with what is kept of their texts, and with the pseudonym of who did each.

    `texts` are the columns that are looked at, by our name and what the door does to them; `resource`, where there is
    one, names the worker.
    """

    texts: Mapping[str, tuple[str, str]]
    look: Look
    resource: str | None
    workers: pa.Table

    def through(self, rows: pa.RecordBatchReader) -> pa.RecordBatchReader:
        kept = [pa.field(KEPT + ours, pa.string()) for ours in self.texts]
        whose = [] if self.resource is None else list(self.workers.schema)[1:]
        schema = pa.schema([*rows.schema, *kept, *whose])

        def found() -> Iterator[pa.RecordBatch]:
            for batches in _gathered(rows):
                careful = self._careful(batches)
                for batch in batches:
                    passed = (
                        _passed(batch.column(theirs), *careful.get(ours, ()))
                        for ours, (_, theirs) in self.texts.items()
                    )
                    yield pa.RecordBatch.from_arrays([*batch.columns, *passed, *self._whose(batch)], schema=schema)

        return pa.RecordBatchReader.from_batches(schema, found())

    def _careful(self, batches: Sequence[pa.RecordBatch]) -> dict[str, tuple[pa.Array, pa.Array]]:
        """Of the columns that hold texts that need care, by our name, those of their kind and what is kept of them."""
        columns = dict.fromkeys(theirs for _, theirs in self.texts.values())
        there = {theirs: pa.chunked_array([batch.column(theirs) for batch in batches]).unique() for theirs in columns}
        of_kind: dict[str, list[pa.Array]] = {}
        for kind, theirs in self.texts.values():
            of_kind.setdefault(kind, []).append(there[theirs])
        kept = self.look.kept({kind: pa.chunked_array(those).unique() for kind, those in of_kind.items()})
        return {
            ours: kept[kind]
            for ours, (kind, theirs) in self.texts.items()
            if kind in kept and compute.any(compute.is_in(there[theirs], kept[kind][0])).as_py()
        }

    def _whose(self, batch: pa.RecordBatch) -> list[pa.Array]:
        """The pseudonyms; the file was read once for its names, and whoever was not there then came in between."""
        if self.resource is None:
            return []
        names, *others = self.workers.combine_chunks().columns
        given = batch.column(self.resource)
        at = compute.index_in(given, names)
        if at.null_count > given.null_count:
            raise pa.ArrowInvalid("the file changed while it was read")
        return [column.chunk(0).take(at) if column.num_chunks else pa.nulls(len(at), column.type) for column in others]


def _pairs(found: tuple[pa.Array, pa.Array] | None) -> dict[str, str | None]:
    given, kept = (one.to_pylist() for one in found) if found else ([], [])
    return dict(zip(given, kept, strict=True))


def _passed(column: pa.Array, careful: pa.Array | None = None, kept: pa.Array | None = None) -> pa.Array:
    """A column with what is kept of the texts that need care, be it nothing."""
    if careful is None:
        return column
    at = compute.index_in(column, careful)
    return compute.if_else(compute.is_valid(at), kept.take(at), column)


def _gathered(rows: Iterable[pa.RecordBatch]) -> Iterator[list[pa.RecordBatch]]:
    batches: list[pa.RecordBatch] = []
    size = 0
    for batch in rows:
        batches.append(batch)
        size += batch.nbytes
        if size >= TOGETHER_BYTES:
            yield batches
            batches, size = [], 0
    if batches:
        yield batches
