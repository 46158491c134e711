"""What is personal in texts goes: what may be is looked for, and taken out in SQL, columns over columns.

E-mail addresses, accounts, cards, phone and national numbers become their kind before any row is written, sorted or
grouped. What is made more than once of a text stands in a column of the level below: DuckDB would work out an
expression as often as it is named.
"""

from __future__ import annotations

from collections.abc import Iterable

import duckdb
import pyarrow as pa
import pyarrow.compute as compute

from essa import national_ids, personal, privacy
from essa.privacy import PSEUDONYM_LENGTH

ID, VALUE, LABEL = "id", "value", "label"  # what the door does to a text; of labels most stays
PLAIN_NUMBER = r"\s*[+-]?([0-9]{1,9}([.,][0-9]+)?|[0-9]+[.,][0-9]{1,6})\s*"
LONG_NUMBER = r"\s*[0-9]{10,19}([.,]0+)?\s*"
HIDDEN = (  # among other letters and digits, or written in those of another script
    personal.MAYBE_CARD,
    personal.MAYBE_ACCOUNT,
    personal.WIDE,
    f"[{personal.UNSEEN}]",
    r"^\s*-[0-9]{10}",  # what of a number below zero is kept
)
MAYBE_PHONE = r"\s*[+-]?[0-9]{10,19}\s*"
IN_POWERS_OF_TEN = r"\s*[+-]?[0-9][.,][0-9]{14,}[eE]\+?[0-9]{1,2}\s*"  # so a long number held as a fraction is written
NO_CENTS = r"^(\s*[+-]?[0-9]{10,19})[.,]0+\s*$"


def kept_sql(texts: str) -> str:
    """The SELECT of what is `kept` of each text that is `given`, by its `kind`.

    Each is there `bare`, without blanks at its ends, and `nameless`, without names of people; where it is not
    `is_suspect`, there are at most names to take out.
    """
    inner = texts
    for name, sql in (
        ("plain", "CASE WHEN is_suspect OR nameless <> bare THEN plain(nameless) END"),
        ("whole", _replaced("unglued(plain)", personal.BEFORE_IDS)),
        ("clean_id", _replaced("without_ids(whole)", personal.AFTER_IDS)),
        ("clean", _replaced("clean_id", (personal.IN_TEXT,))),
    ):
        inner = f"(SELECT *, {sql} AS {name} FROM {inner})"
    return f"""SELECT kind, given, CASE kind WHEN '{ID}' THEN kept_id(bare, nameless, plain, clean_id)
        WHEN '{VALUE}' THEN kept_value(bare, nameless, plain, clean)
        ELSE kept_label(nameless, plain, clean) END AS kept FROM {inner}"""


def may_be_personal(texts: pa.ChunkedArray, ids: national_ids.NationalIds) -> pa.ChunkedArray:
    """Whether each text may have to be redacted; where it says no, there is nothing in it.

    Arrow has the same RE2 as DuckDB, and makes a long pattern ready once where DuckDB does so several times.
    """
    kinds = (*(pattern for _, pattern, _ in (*personal.KINDS, personal.IN_TEXT)), *HIDDEN, ids.look)
    return compute.match_substring_regex(texts, "|".join(f"(?:{pattern})" for pattern in kinds))


def install(connection: duckdb.DuckDBPyConnection, secret: str, ids: national_ids.NationalIds | None = None) -> None:
    """Puts the door's macros into a database: `pseudonym`, `keyed`, and those that `kept_sql` speaks of.

    128 bits of the key go before a text, and no digest is shown whole, so nobody can extend one.
    """
    privacy.unlock(connection, secret)
    ids = ids or national_ids.looked_for()
    for name, make in (
        ("without_national_ids", ids.removed),
        ("without_glued", personal.unglued),
        ("shape", lambda text: privacy.time_shape(text, ids)),
    ):
        connection.create_function(name, make, ["VARCHAR"], "VARCHAR")  # few texts get so far
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
        "kept_label(x, plain, clean)": "CASE WHEN clean IS NULL OR clean = plain THEN x ELSE clean END",
        # a card that a sender's program held as a number that may have a fraction
        "whole(x)": f"regexp_replace(x, {_quoted(NO_CENTS)}, {_quoted(chr(92) + '1')})",
        # A value that is one long number may be a phone or card: it keeps its identity, not its digits.
        "kept_whole(x, kept)": f"""CASE WHEN regexp_full_match(x, {_quoted(f"{MAYBE_PHONE}|{IN_POWERS_OF_TEN}")})
            THEN '#' || {token} WHEN regexp_full_match(x, {_quoted(PLAIN_NUMBER)}) THEN x ELSE kept END""",
        "kept_value(given, x, plain, clean)": "kept_whole(whole(given), kept_label(x, plain, clean))",
        # A case must stay tellable from other cases, so an id that holds such a thing becomes a token as a whole.
        "kept_id(given, x, plain, clean)": f"""CASE WHEN x = given AND (clean IS NULL OR clean = plain
                OR (regexp_full_match(x, {_quoted(LONG_NUMBER)})
                    AND NOT (length(trim(whole(x))) > 12 AND passes_luhn(whole(x)))))
            THEN x ELSE pseudonym('case-', given) END""",
    }
    for signature, body in macros.items():
        connection.execute(f"CREATE OR REPLACE MACRO {signature} AS {body}")


def _replaced(expression: str, kinds: Iterable[tuple[str, str, str]]) -> str:
    for _, pattern, replacement in kinds:
        expression = f"regexp_replace({expression}, {_quoted(pattern)}, {_quoted(replacement)}, 'g')"
    return expression


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
