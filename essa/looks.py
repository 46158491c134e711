"""The looks that say which rows may hold something personal or untidy: at each text that is there, and not at each row.

A file says the same over and over: of its texts few are unlike another, and what a look found holds wherever the text
stands. Rows leave in another order than they came, those that need care last of each group; their lines tell where
they stood. Nothing of this is written anywhere.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as compute

from essa import redaction, scratch
from essa.national_ids import NationalIds
from essa.people import People

SUSPECT, CARE = "essa:suspect", "essa:care"
NAMED, NAMED_IN_LABELS = "essa:named:others", "essa:named:labels"
TEXTS = "looked_at"  # how DuckDB knows the texts
TOGETHER_BYTES = 1 << 25  # of rows whose texts are looked at together, for a look takes long to make ready
Look = Callable[[pa.Array], tuple[pa.Array, Sequence[np.ndarray]]]


def at(people: People, ids: NationalIds) -> Look:
    """Of texts, none of them twice: those that may have to be redacted, may hold a name or must be tidied; which.

    Each is looked at as redaction will have it, where chr(31) parts the texts of a row and in one is a blank.
    """
    found = {"place": "place", "suspect": redaction.look_sql("text", ids), "named": people.look_sql("text"),
             "untidy": "text <> given OR text LIKE ' %' OR text LIKE '% '"}  # fmt: skip
    sql = f"""SELECT {", ".join(f"{sql} AS {name}" for name, sql in found.items())}
        FROM (SELECT place, text AS given, replace(text, chr(31), ' ') AS text FROM {TEXTS})"""

    def look(texts: pa.Array) -> tuple[pa.Array, Sequence[np.ndarray]]:
        there = pa.table({"text": texts, "place": pa.array(np.arange(len(texts)))})
        with scratch.connection() as connection:
            connection.register(TEXTS, there)
            place, *marks = connection.execute(sql).fetchnumpy().values()
        hit = np.logical_or.reduce(marks)
        return texts.take(pa.array(place[hit])), [mark[hit] for mark in marks]

    return look


@dataclass(frozen=True)
class Looked:
    """Rows with what the looks found in them, and with the pseudonym of who did each.

    `others` and `labels` are the columns that are looked at; `resource`, where there is one, names the worker.
    """

    others: Sequence[str]
    labels: Sequence[str]
    look: Look
    longest: int
    resource: str | None
    workers: pa.Table

    def through(self, rows: pa.RecordBatchReader) -> pa.RecordBatchReader:
        flags = [pa.field(name, pa.bool_()) for name in (SUSPECT, NAMED, NAMED_IN_LABELS, CARE)]
        whose = [] if self.resource is None else list(self.workers.schema)[1:]
        schema = pa.schema([*rows.schema, *flags, *whose])

        def found() -> Iterator[pa.RecordBatch]:
            for batches in _gathered(rows):
                careful = []
                for batch, marks in zip(batches, self._marks(batches), strict=True):
                    columns = [*batch.columns, *map(pa.array, marks), *self._whose(batch)]
                    seen, care = pa.RecordBatch.from_arrays(columns, schema=schema), columns[batch.num_columns + 3]
                    yield seen.filter(compute.invert(care))
                    careful.append(seen.filter(care))
                yield from pa.Table.from_batches(careful).combine_chunks().to_batches()  # SQL takes care at once

        return pa.RecordBatchReader.from_batches(schema, found())

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

    def _marks(self, batches: Sequence[pa.RecordBatch]) -> Iterator[tuple[np.ndarray, ...]]:
        columns = list(dict.fromkeys((*self.others, *self.labels)))
        there = {name: pa.chunked_array([batch.column(name) for batch in batches]).unique() for name in columns}
        hits, found = self.look(pa.chunked_array(list(there.values()), pa.string()).unique().drop_null())
        marks = [np.append(mark, False) for mark in found]
        hit = {name for name in columns if len(hits) and compute.any(compute.is_in(there[name], hits)).as_py()}
        for batch in batches:
            suspect, named, named_in_labels, untidy = (np.zeros(batch.num_rows, bool) for _ in range(4))
            size = np.full(batch.num_rows, -1)
            for name in columns:
                size += compute.fill_null(compute.add(compute.binary_length(batch.column(name)), 1), 0).to_numpy()
                if name in hit:
                    at = compute.fill_null(compute.index_in(batch.column(name), hits), len(hits)).to_numpy()
                    suspect |= marks[0][at]
                    untidy |= marks[2][at]
                    if name in self.others:
                        named |= marks[1][at]
                    if name in self.labels:
                        named_in_labels |= marks[1][at]
            untidy |= size > self.longest
            yield suspect, named, named_in_labels, suspect | named | named_in_labels | untidy


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
