"""The door: names become keyed pseudonyms; e-mail, account, card, phone and national numbers become their kind.

Everything here runs inside the statement that reads a delivery, before any sort or group could spill an original.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import secrets
from collections.abc import Iterable, Mapping
from pathlib import Path

import duckdb

from essa import national_ids, personal
from essa.errors import UsageError

REDACTION_VERSION = "9"
PSEUDONYM_LENGTH = 12  # hex digits: 48 bits, one collision expected beyond ten million names

PLAIN_NUMBER = r"\s*[+-]?([0-9]{1,9}([.,][0-9]+)?|[0-9]+[.,][0-9]{1,6})\s*"
LONG_NUMBER = r"\s*[0-9]{10,19}([.,]0+)?\s*"
HIDDEN = (  # among other letters and digits, or written in those of another script
    ("card", personal.MAYBE_CARD, ""),
    ("account", personal.MAYBE_ACCOUNT, ""),
    ("wide", personal.WIDE, ""),
    ("unseen", f"[{personal.UNSEEN}]", ""),
)
BLANK_AT_END = ("blank", r"(?:^|\x1f) | (?:\x1f|$)", "")  # of one of several texts
# What of a time's letters stays while all others go, by the mark that stands for it meanwhile.
T_STAYS, Z_STAYS = "\x1d", "\x1e"
STAYS = {"\ue000": "[e-mail]", "\ue001": "[account]", "\ue002": "[card]", "\ue003": "[phone]",
         "\ue004": national_ids.SHOWN, T_STAYS: "T", Z_STAYS: "Z"}  # fmt: skip
MAYBE_PHONE = r"\s*[+-]?[0-9]{10,19}\s*"
IN_POWERS_OF_TEN = r"\s*[+-]?[0-9][.,][0-9]{14,}[eE]\+?[0-9]{1,2}\s*"  # so a long number held as a fraction is written
NO_CENTS = r"^(\s*[+-]?[0-9]{10,19})[.,]0+\s*$"


def redact(text: str, ids: national_ids.NationalIds | None = None) -> str:
    """`text` with personal numbers and addresses replaced by their kind; for messages and other small things."""
    return personal.redacted(text, (ids or national_ids.looked_for()).removed)


def time_shape(text: str) -> str:
    """A text that should have been a time as it may be shown: its letters, which may be a name, become `a`.

    A T between digits and a Z after the last one are a clock's, and stay; so does the kind of what was redacted.
    """
    shape = redact(text)
    for mark, kind in STAYS.items():
        shape = shape.replace(kind, mark) if kind.startswith("[") else shape
    for pattern, kept in ((r"([0-9])T([0-9])", rf"\1{T_STAYS}\2"), (r"([0-9])Z\s*\Z", rf"\1{Z_STAYS}")):
        shape = re.sub(pattern, kept, shape)
    shape = re.sub(r"[^\W\d_]", "a", shape)
    for mark, kept in STAYS.items():
        shape = shape.replace(mark, kept)
    return shape


def key(home: Path) -> str:
    """The secret behind pseudonyms: ESSA_KEY, or `HOME/key`, made on the first run and readable by its owner alone."""
    if given := os.environ.get("ESSA_KEY"):
        if len(given) < 16:
            raise UsageError("ESSA_KEY is shorter than 16 characters", do="give a longer secret, or unset it")
        return hashlib.sha256(given.encode()).hexdigest()
    path = home / "key"
    if not path.exists():
        home.mkdir(parents=True, exist_ok=True)
        _make_key(path)
    if path.stat().st_mode & 0o077:
        raise UsageError(f"{path} can be read by others", do=f"chmod 600 {path}")
    secret = path.read_text().strip()
    if len(secret) < 16:
        raise UsageError(
            f"{path} holds no key", do="restore it from a backup; a new key gives everyone a new pseudonym"
        )
    return secret


def _make_key(path: Path) -> None:
    """Whole or not at all; of two who make it at once, the first one's stands."""
    part = path.with_name(f"key.{os.getpid()}.part")
    try:
        with os.fdopen(os.open(part, os.O_CREAT | os.O_WRONLY, 0o600), "w") as file:
            file.write(secrets.token_hex(32))
        with contextlib.suppress(FileExistsError):
            os.link(part, path)
    finally:
        part.unlink(missing_ok=True)


def fingerprint(secret: str) -> str:
    """Tells whether two deliveries were read with the same key, without telling the key."""
    return hashlib.sha256(b"essa fingerprint" + secret.encode()).hexdigest()[:8]


def pseudonym(secret: str, name: str) -> str:
    """The pseudonym SQL gives a resource of that name."""
    return "r-" + hashlib.sha256((_prefix(secret) + name).encode()).hexdigest()[:PSEUDONYM_LENGTH]


def _prefix(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()[:32]


def unlock(connection: duckdb.DuckDBPyConnection, secret: str) -> None:
    """Lets a connection use the macros; the key is a variable of its session, so no statement's text holds it."""
    connection.execute("SET VARIABLE essa_key = ?", [_prefix(secret)])


def install(connection: duckdb.DuckDBPyConnection, secret: str, ids: national_ids.NationalIds | None = None) -> None:
    """Puts the door's macros into a database: `pseudonym`, `keyed`, and `redacted` for texts, values and ids.

    Several texts parted by chr(31) can be redacted as one, and `is_suspect` looks at such: whether one may have to be
    redacted or trimmed. Values are redacted to a list, from what was given and the same without names.

    128 bits of the key go before a text, and no digest is shown whole, so nobody can extend one.
    """
    unlock(connection, secret)
    ids = ids or national_ids.looked_for()
    connection.create_function("without_national_ids", ids.removed, ["VARCHAR"], "VARCHAR")  # few texts get so far
    token = f"left(sha256(getvariable('essa_key') || x), {PSEUDONYM_LENGTH})"
    in_id = (*personal.KINDS, *HIDDEN, ("national id", ids.look, ""))  # as one pattern they cost no more than before
    in_text = (*in_id, personal.IN_TEXT)
    macros = {
        **_checksums(),
        "plain(x)": f"""CASE WHEN regexp_matches(x, {_quoted(f"{personal.WIDE}|[{personal.UNSEEN}]")})
            THEN regexp_replace(translate(x, {_quoted("".join(personal.PLAIN))},
                {_quoted("".join(personal.PLAIN.values()))}), {_quoted(f"[{personal.UNSEEN}]")}, '', 'g') ELSE x END""",
        "without_ids(x)": f"CASE WHEN regexp_matches(x, {_quoted(ids.look)}) THEN without_national_ids(x) ELSE x END",
        "cleaned_id(x)": _replaced(
            f"list_transform([{_replaced('unglued(x)', personal.BEFORE_IDS)}], lambda bare: without_ids(bare))[1]",
            personal.AFTER_IDS,
        ),
        "cleaned(x)": _replaced("cleaned_id(x)", (personal.IN_TEXT,)),
        # what is wide stays so where it holds nothing personal
        "restored(x, plain, cleaned)": """CASE WHEN x = plain THEN cleaned ELSE array_to_string(list_transform(
            list_zip(string_split(x, chr(31)), string_split(plain, chr(31)), string_split(cleaned, chr(31))),
            lambda each: CASE WHEN each[2] = each[3] THEN each[1] ELSE each[3] END), chr(31)) END""",
        "keyed(feed, x)": "md5_number(concat(getvariable('essa_key'), feed, chr(31), x))::UUID",
        "pseudonym(prefix, x)": f"prefix || {token}",
        "is_suspect(x)": f"regexp_matches(x, {_any_of((*in_text, BLANK_AT_END))})",
        "redacted(x)": f"""CASE WHEN NOT regexp_matches(x, {_any_of(in_text)}) THEN x
            ELSE list_transform([cleaned(plain(x))], lambda clean: restored(x, plain(x), clean))[1] END""",
        "with_marks(x)": _nested("x", {kind: mark for mark, kind in STAYS.items() if kind.startswith("[")}),
        "without_marks(x)": _nested("x", STAYS),
        "time_shape(x)": rf"""without_marks(regexp_replace(
            regexp_replace(regexp_replace(with_marks(cleaned(plain(x))), '([0-9])T([0-9])', '\1{T_STAYS}\2', 'g'),
                '([0-9])Z\s*\z', '\1{Z_STAYS}'),
            '\p{{L}}', 'a', 'g'))""",
        # a card that a sender's program held as a number that may have a fraction
        "whole(x)": f"regexp_replace(x, {_quoted(NO_CENTS)}, {_quoted(chr(92) + '1')})",
        # A value that is one long number may be a phone or card: it keeps its identity, not its digits.
        "kept_value(x, cleaned)": f"""CASE WHEN regexp_full_match(x, {_quoted(f"{MAYBE_PHONE}|{IN_POWERS_OF_TEN}")})
            THEN '#' || {token} WHEN regexp_full_match(x, {_quoted(PLAIN_NUMBER)}) THEN x ELSE cleaned END""",
        "redacted_values(given, x)": """list_transform(list_zip(string_split(given, chr(31)),
            string_split(redacted(x), chr(31))), lambda pair: kept_value(whole(pair[1]), pair[2]))""",
        # A case must stay tellable from other cases, so an id that holds such a thing becomes a token as a whole.
        "redacted_id(x)": f"""CASE WHEN NOT regexp_matches(x, {_any_of(in_id)}) THEN x
            WHEN regexp_full_match(x, {_quoted(LONG_NUMBER)})
                AND NOT (length(trim(whole(x))) > 12 AND passes_luhn(whole(x))) THEN x
            WHEN cleaned_id(plain(x)) = plain(x) THEN x
            ELSE 'case-' || {token} END""",
    }
    for signature, body in macros.items():
        connection.execute(f"CREATE OR REPLACE MACRO {signature} AS {body}")


def _checksums() -> dict[str, str]:
    """Macros that take out the cards and accounts that other letters or digits touch, by their checksums."""
    heads = """list_filter(flatten(list_transform(list_distinct(regexp_extract_all(x, {head})),
        lambda start: list_transform(string_split(x, start)[2:],
            lambda rest: regexp_extract(start || rest, {whole})))), lambda part: part <> '')"""
    lengths = _quoted("".join(f"{country}{length}" for country, length in personal.ACCOUNT_LENGTH.items()))
    shapes = _quoted(f"{personal.CARD_SHAPE}|{personal.MAYBE_ACCOUNT}")
    accounts = heads.format(head=_quoted(personal.ACCOUNT_HEAD), whole=_quoted(f"^{personal.ACCOUNT}"))
    cards = heads.format(head=_quoted(personal.CARD_HEAD), whole=_quoted(f"^(?:{personal.CARD_IN_GROUPS})"))
    return {
        "passes_luhn(x)": """list_sum(list_transform(
            list_reverse(string_split(regexp_replace(x, '[^0-9]', '', 'g'), '')),
            lambda digit, place: CASE WHEN place % 2 = 1 THEN digit::INT
                ELSE (2 * digit::INT) // 10 + (2 * digit::INT) % 10 END)) % 10 = 0""",
        "is_card(x)": f"""passes_luhn(x)
            AND regexp_full_match(regexp_replace(x, '[^0-9]', '', 'g'), {_quoted(personal.CARD_NUMBER)})""",
        "passes_97(x)": """list_reduce(list_prepend(0, list_transform(string_split(x[5:] || x[:4], ''),
            lambda mark: CASE WHEN mark BETWEEN '0' AND '9' THEN mark::INT ELSE ascii(mark) - 55 END)),
            lambda rest, digit: (rest * CASE WHEN digit > 9 THEN 100 ELSE 10 END + digit) % 97) = 1""",
        "bare_account(x)": "regexp_replace(upper(x), '[^A-Z0-9]', '', 'g')",
        "is_account_of(x, size)": "length(x) >= size AND passes_97(x[:size])",
        "account_length(x)": f"TRY_CAST(({lengths})[strpos({lengths}, upper(x[:2])) + 2:][:2] AS INT)",
        "is_account(x)": "is_account_of(bare_account(x), account_length(x))",
        # the shortest beginning that has as many letters and digits as its country's accounts
        "account_in(x)": """x[:list_filter(range(15, length(x) + 1), lambda size:
            length(bare_account(x[:size])) = account_length(x))[1]]""",
        "without(x, found, kind)": "list_reduce(list_prepend(x, found), lambda text, part: replace(text, part, kind))",
        "without_cards(x)": f"""without(x, list_filter(
            list_concat(regexp_extract_all(x, {_quoted(personal.LONG_DIGITS)}), {cards}),
            lambda part: is_card(part)), '[card]')""",
        "without_accounts(x)": f"""without(x, list_transform(list_filter({accounts}, lambda part: is_account(part)),
            lambda part: account_in(part)), '[account]')""",
        # a list of one, so that the first step is worked out once and not wherever the second says x
        "unglued(x)": f"""CASE WHEN regexp_matches(x, {shapes})
            THEN list_transform([without_accounts(x)], lambda bare: without_cards(bare))[1] ELSE x END""",
    }


def _any_of(kinds: Iterable[tuple[str, str, str]]) -> str:
    return _quoted("|".join(f"(?:{pattern})" for _, pattern, _ in kinds))


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
