"""What is personal in the texts of a row goes, in SQL: columns over columns, each made once a row.

E-mail addresses, accounts, cards, phone and national numbers become their kind, inside the statement that reads a
delivery, before any sort or group could spill an original.

The texts of a row stand in one, parted by chr(31), so each pattern is compiled once a file and not once a text. A step
that names its text more than once takes it from a column of the level below: DuckDB would work out an expression as
often as it is named, and compiles what stands in a lambda anew for every two thousand rows.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import duckdb

from essa import national_ids, personal, privacy
from essa.privacy import PSEUDONYM_LENGTH, STAYS, T_STAYS, Z_STAYS

KEPT, CLEAN = '"essa:kept"', '"essa:clean"'
PLAIN_NUMBER = r"\s*[+-]?([0-9]{1,9}([.,][0-9]+)?|[0-9]+[.,][0-9]{1,6})\s*"
LONG_NUMBER = r"\s*[0-9]{10,19}([.,]0+)?\s*"
HIDDEN = (  # among other letters and digits, or written in those of another script
    personal.MAYBE_CARD,
    personal.MAYBE_ACCOUNT,
    personal.WIDE,
    f"[{personal.UNSEEN}]",
)
MAYBE_PHONE = r"\s*[+-]?[0-9]{10,19}\s*"
IN_POWERS_OF_TEN = r"\s*[+-]?[0-9][.,][0-9]{14,}[eE]\+?[0-9]{1,2}\s*"  # so a long number held as a fraction is written
NO_CENTS = r"^(\s*[+-]?[0-9]{10,19})[.,]0+\s*$"


@dataclass(frozen=True)
class InARow:
    """SQL texts, each several parted by chr(31): `given` as they are, `nameless` without names of people.

    Both are NULL where nothing is to be redacted. `doubtful` is `nameless` with other texts behind it, or NULL where
    a look showed that there are at most names to take out. First come `ids`, then `values`, then labels.
    """

    given: str
    nameless: str
    doubtful: str
    ids: int
    values: int


def levels(texts: InARow) -> tuple[dict[str, str], ...]:
    """Columns over columns, by name; on the last are two lists.

    `KEPT` holds what is kept of each text given, `CLEAN` the doubtful texts without what is personal.
    """
    given, nameless, plain, clean_id = '"essa:given"', '"essa:nameless"', '"essa:plain"', '"essa:clean_id"'
    step = [f'"essa:step{number}"' for number in range(4)]
    kinds = {
        f"[:{texts.ids}]": ("kept_id", clean_id),
        f"[{texts.ids + 1}:{texts.ids + texts.values}]": ("kept_value", CLEAN),
        f"[{texts.ids + texts.values + 1}:len({given})]": ("kept_text", CLEAN),
    }
    kept = ", ".join(
        f"list_transform(list_zip({given}, {nameless}, {plain}, {clean}){those},"
        f" lambda one: {macro}(one[1], one[2], one[3], one[4]))"
        for those, (macro, clean) in kinds.items()
    )
    return (
        {step[0]: texts.doubtful, given: _listed(texts.given), nameless: _listed(texts.nameless)},
        {step[1]: f"plain({step[0]})"},
        {step[2]: _if_any(step[1], _replaced(f"unglued({step[1]})", personal.BEFORE_IDS))},
        {step[3]: _if_any(step[2], _replaced(f"without_ids({step[2]})", personal.AFTER_IDS))},
        {
            plain: _listed(step[1]),
            clean_id: _listed(step[3]),
            CLEAN: _if_any(step[3], _listed(_replaced(step[3], (personal.IN_TEXT,)))),
        },
        {KEPT: _if_any(given, f"list_concat({kept})")},
    )


def _if_any(text: str, expression: str) -> str:
    """SQL works nothing out for two thousand rows of which none has such a text."""
    return f"CASE WHEN {text} IS NOT NULL THEN {expression} END"


def look_sql(text: str, ids: national_ids.NationalIds) -> str:
    """Whether an SQL text may have to be redacted; where it says no, there is nothing in it."""
    kinds = (*(pattern for _, pattern, _ in (*personal.KINDS, personal.IN_TEXT)), *HIDDEN, ids.look)
    return f"regexp_matches({text}, {_quoted('|'.join(f'(?:{pattern})' for pattern in kinds))})"


def _listed(texts: str) -> str:
    return f"string_split({texts}, chr(31))"


def install(connection: duckdb.DuckDBPyConnection, secret: str, ids: national_ids.NationalIds | None = None) -> None:
    """Puts the door's macros into a database: `pseudonym`, `keyed`, and those that `levels` speaks of.

    128 bits of the key go before a text, and no digest is shown whole, so nobody can extend one.
    """
    privacy.unlock(connection, secret)
    ids = ids or national_ids.looked_for()
    for name, remove in (("without_national_ids", ids.removed), ("without_glued", _without_glued)):
        connection.create_function(name, remove, ["VARCHAR"], "VARCHAR")  # few texts get so far
    token = f"left(sha256(getvariable('essa_key') || x), {PSEUDONYM_LENGTH})"
    shapes = _quoted(f"{personal.CARD_SHAPE}|{personal.MAYBE_ACCOUNT}")
    macros = {
        "passes_luhn(x)": """list_sum(list_transform(
            list_reverse(string_split(regexp_replace(x, '[^0-9]', '', 'g'), '')),
            lambda digit, place: CASE WHEN place % 2 = 1 THEN digit::INT
                ELSE (2 * digit::INT) // 10 + (2 * digit::INT) % 10 END)) % 10 = 0""",
        "unglued(x)": f"CASE WHEN regexp_matches(x, {shapes}) THEN without_glued(x) ELSE x END",
        "plain(x)": f"""CASE WHEN regexp_matches(x, {_quoted(f"{personal.WIDE}|[{personal.UNSEEN}]")})
            THEN regexp_replace(translate(x, {_quoted("".join(personal.PLAIN))},
                {_quoted("".join(personal.PLAIN.values()))}), {_quoted(f"[{personal.UNSEEN}]")}, '', 'g') ELSE x END""",
        "without_ids(x)": f"CASE WHEN regexp_matches(x, {_quoted(ids.look)}) THEN without_national_ids(x) ELSE x END",
        "keyed(feed, x)": "md5_number(concat(getvariable('essa_key'), feed, chr(31), x))::UUID",
        "pseudonym(prefix, x)": f"prefix || {token}",
        # what is wide stays so where it holds nothing personal
        "kept_text(given, x, plain, clean)": "CASE WHEN clean IS NULL OR clean = plain THEN x ELSE clean END",
        # a card that a sender's program held as a number that may have a fraction
        "whole(x)": f"regexp_replace(x, {_quoted(NO_CENTS)}, {_quoted(chr(92) + '1')})",
        # A value that is one long number may be a phone or card: it keeps its identity, not its digits.
        "kept_whole(x, kept)": f"""CASE WHEN regexp_full_match(x, {_quoted(f"{MAYBE_PHONE}|{IN_POWERS_OF_TEN}")})
            THEN '#' || {token} WHEN regexp_full_match(x, {_quoted(PLAIN_NUMBER)}) THEN x ELSE kept END""",
        "kept_value(given, x, plain, clean)": "kept_whole(whole(given), kept_text(given, x, plain, clean))",
        # A case must stay tellable from other cases, so an id that holds such a thing becomes a token as a whole.
        "kept_id(given, x, plain, clean)": f"""CASE WHEN x = given AND (clean IS NULL OR clean = plain
                OR (regexp_full_match(x, {_quoted(LONG_NUMBER)})
                    AND NOT (length(trim(whole(x))) > 12 AND passes_luhn(whole(x)))))
            THEN x ELSE pseudonym('case-', given) END""",
        "with_marks(x)": _nested("x", {kind: mark for mark, kind in STAYS.items() if kind.startswith("[")}),
        "without_marks(x)": _nested("x", STAYS),
        "shape(x)": rf"""without_marks(regexp_replace(
            regexp_replace(regexp_replace(with_marks(x), '([0-9])T([0-9])', '\1{T_STAYS}\2', 'g'),
                '([0-9])Z\s*\z', '\1{Z_STAYS}'),
            '\p{{L}}', 'a', 'g'))""",
    }
    for signature, body in macros.items():
        connection.execute(f"CREATE OR REPLACE MACRO {signature} AS {body}")


def _without_glued(texts: str) -> str:
    """Text by text, for what is one in this text may be the middle of a reference in that."""
    return "\x1f".join(map(personal.unglued, texts.split("\x1f")))


def _replaced(expression: str, kinds: Iterable[tuple[str, str, str]]) -> str:
    for _, pattern, replacement in kinds:
        expression = f"regexp_replace({expression}, {_quoted(pattern)}, {_quoted(replacement)}, 'g')"
    return expression


def _nested(expression: str, replacements: Mapping[str, str]) -> str:
    for old, new in replacements.items():
        expression = f"replace({expression}, {_quoted(old)}, {_quoted(new)})"
    return expression


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
