"""The door: names become keyed pseudonyms, and e-mail, bank account, card and phone numbers become their kind.

Everything here runs inside the statement that reads a delivery, before any sort or group could spill an original.
"""

from __future__ import annotations

import hashlib
import os
import re
import secrets
from pathlib import Path

import duckdb

from essa.errors import UsageError

REDACTION_VERSION = "4"
PSEUDONYM_LENGTH = 12  # hex digits: 48 bits, one collision expected beyond ten million names

# RE2 has no look-behind, so a pattern that must not start inside a word or number takes what stands before it as
# group 1. Spaces and hyphens of typesetters part the groups of a number like any other.
START = r"(^[.,:]?|[^A-Za-z0-9.,:-]|[^0-9][.,:])"
THIN = "\u00a0\u2009\u202f"
HYPHENS = "\u2011\u2013-"
GAP = f"[ .{THIN}{HYPHENS}]"
WIDE_GAP = f"[ ./{THIN}{HYPHENS}]"
IN_ADDRESS = r"[^\s\x1f@<>(),;:\"\[\]" + THIN + "]+"

# kind, pattern, replacement; tried in this order.
KINDS = (
    ("e-mail", f"{IN_ADDRESS}@{IN_ADDRESS}", r"[e-mail]"),
    (
        "account",
        rf"(^|[^A-Za-z0-9])[A-Z]{{2}}[0-9]{{2}}(?:[ {THIN}-]?[A-Z0-9]{{4}}){{2,7}}(?:[ {THIN}-]?[A-Z0-9]{{1,4}})?\b",
        r"\1[account]",
    ),
    ("card", rf"{START}(?:[0-9][ {THIN}{HYPHENS}]?){{12,18}}[0-9]\b", r"\1[card]"),
    ("phone", rf"(^|[^A-Za-z0-9])\+[1-9](?:[ .()/{THIN}{HYPHENS}]{{0,3}}[0-9]){{7,13}}\b", r"\1[phone]"),
    (
        "phone",
        rf"{START}(?:"
        rf"00[1-9](?:[ .()/{THIN}{HYPHENS}]{{0,3}}[0-9]){{7,13}}"  # international
        rf"|(?:1{GAP}?)?\(0?[0-9]{{2,5}}\){GAP}?[0-9]{{3,4}}{GAP}?[0-9]{{3,4}}"  # (area) number
        rf"|0[0-9]{{1,4}}{WIDE_GAP}{{1,3}}[0-9]{{3,4}}{GAP}?[0-9]{{3,5}}"  # area with its leading zero
        rf"|0[0-9](?:{GAP}[0-9]{{2}}){{4}}|0[1-9][0-9]{{1,3}}(?:{WIDE_GAP}{{1,3}}[0-9]{{2,4}}){{2,4}}"
        rf"|(?:1{GAP})?[0-9]{{3}}{GAP}[0-9]{{3}}{GAP}[0-9]{{3,4}}|[0-9]{{5}} [0-9]{{5,6}}"  # grouped
        rf"|[0-9]{{2}} [0-9]{{3}} [0-9]{{2}} [0-9]{{2}}"
        r")(?: ?(?:x|ext\.?) ?[0-9]{1,5})?\b",
        r"\1[phone]",
    ),
)
IN_TEXT = ("phone", rf"{START}[0-9]{{10,12}}\b", r"\1[phone]")  # bare digits; in an id they are the id
# Cards and bank accounts that other letters or digits touch: a shape that may be one, and a checksum that says so.
GLUED_CARD = (
    rf"[2-6][0-9]{{3}}(?:[ {THIN}{HYPHENS}][0-9]{{4}}){{3}}|3[47][0-9]{{2}}[ {THIN}{HYPHENS}][0-9]{{6}}"
    rf"[ {THIN}{HYPHENS}][0-9]{{5}}|[0-9]{{14,}}"
)
CARD_NUMBER = (  # as the issuers number them: Visa, Mastercard, American Express and Diners, JCB, the others
    r"4[0-9]{15}(?:[0-9]{3})?|(?:5[1-5][0-9]{2}|222[1-9]|22[3-9][0-9]|2[3-6][0-9]{2}|27[01][0-9]|2720)[0-9]{12}"
    r"|3[47][0-9]{13}|3(?:0[0-5]|[689][0-9])[0-9]{11}|35[0-9]{14}|(?:6011|62[0-9]{2}|64[4-9][0-9]|65[0-9]{2})[0-9]{12}"
)
CARD_SHAPE = (
    rf"[2-6][0-9]{{3}}[ {THIN}{HYPHENS}][0-9]{{4,6}}[ {THIN}{HYPHENS}]"
    r"|(?:4[0-9]|5[1-5]|2[2-7]|35|6[0245])[0-9]{14}|3[47][0-9]{13}|3[0689][0-9]{12}"
)
# What every line is looked through for: a pattern of more branches takes RE2 many times as long.
MAYBE_CARD = rf"[0-9]{{14}}|[0-9]{{4}}[ {THIN}{HYPHENS}][0-9]{{4,6}}[ {THIN}{HYPHENS}][0-9]{{4}}"
ACCOUNT_LENGTHS = {
    15: "NO", 16: "BE", 18: "DK FI FO GL NL", 19: "MK SI", 20: "AT BA EE KZ LT LU XK", 21: "CH HR LI LV",
    22: "BG BH CR DE GB GE IE ME RS VA", 23: "AE GI IL IQ TL", 24: "AD CZ ES MD PK RO SA SE SK TN VG",
    25: "LY PT ST", 26: "IS TR", 27: "BI FR GR IT MC MR SM", 28: "AL AZ BY CY DO GT HU LB PL SV",
    29: "BR EG PS QA UA", 30: "JO KW MU", 31: "MT SC", 32: "LC", 33: "RU",
}  # fmt: skip
ACCOUNT_LENGTH = {country: length for length, countries in ACCOUNT_LENGTHS.items() for country in countries.split()}
COUNTRY = f"(?:{'|'.join(sorted(ACCOUNT_LENGTH))})"
GLUED_ACCOUNT = (
    rf"{COUNTRY}[0-9]{{2}}(?:[ {THIN}-][A-Z0-9]{{4}}){{2,7}}(?:[ {THIN}-][A-Z0-9]{{1,4}})?"
    rf"|{COUNTRY}[0-9]{{2}}[A-Z0-9]{{11,30}}"
)
MAYBE_ACCOUNT = rf"{COUNTRY}[0-9]{{2}}(?:[A-Z0-9]{{11}}|[ {THIN}-][A-Z0-9]{{4}}[ {THIN}-][A-Z0-9]{{4}})"
PLAIN_NUMBER = r"\s*[+-]?([0-9]{1,9}([.,][0-9]+)?|[0-9]+[.,][0-9]{1,6})\s*"
LONG_NUMBER = r"\s*[0-9]{10,19}\s*"
BLANK_AT_END = ("blank", r"(?:^|\x1f) | (?:\x1f|$)", "")  # of one of several texts
T_STAYS, Z_STAYS = "\x1d", "\x1e"  # stand for a clock's letters while all others go
MAYBE_PHONE = r"\s*\+?[0-9]{10,19}\s*"


def redact(text: str) -> str:
    """`text` with personal numbers and addresses replaced by their kind; for messages and other small things."""
    text = re.sub(GLUED_ACCOUNT, lambda found: "[account]" if _is_account(found[0]) else found[0], text)
    text = re.sub(GLUED_CARD, lambda found: "[card]" if _is_card(found[0]) else found[0], text)
    for _, pattern, replacement in (*KINDS, IN_TEXT):
        text = re.sub(pattern, replacement, text)
    return text


def _is_card(text: str) -> bool:
    digits = re.sub("[^0-9]", "", text)
    doubled = [sum(divmod(int(digit) * (1 + place % 2), 10)) for place, digit in enumerate(reversed(digits))]
    return re.fullmatch(CARD_NUMBER, digits) is not None and sum(doubled) % 10 == 0


def _is_account(text: str) -> bool:
    held = re.sub("[^A-Z0-9]", "", text)
    number = held[: ACCOUNT_LENGTH[held[:2]]]
    is_whole = len(number) == ACCOUNT_LENGTH[held[:2]]
    return is_whole and int("".join(str(int(mark, 36)) for mark in number[4:] + number[:4])) % 97 == 1


def time_shape(text: str) -> str:
    """A text that should have been a time as it may be shown: its letters, which may be a name, become `a`.

    A T between digits and a Z after the last one are a clock's, and stay.
    """
    shape = redact(text)
    for pattern, kept in ((r"([0-9])T([0-9])", rf"\1{T_STAYS}\2"), (r"([0-9])Z\s*\Z", rf"\1{Z_STAYS}")):
        shape = re.sub(pattern, kept, shape)
    return re.sub(r"[^\W\d_]", "a", shape).replace(T_STAYS, "T").replace(Z_STAYS, "Z")


def key(home: Path) -> str:
    """The secret behind pseudonyms: ESSA_KEY, or `HOME/key`, made on the first run and readable by its owner alone."""
    if given := os.environ.get("ESSA_KEY"):
        if len(given) < 16:
            raise UsageError("ESSA_KEY is shorter than 16 characters", do="give a longer secret, or unset it")
        return hashlib.sha256(given.encode()).hexdigest()
    path = home / "key"
    if not path.exists():
        home.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_CREAT | os.O_WRONLY | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(secrets.token_hex(32))
    if path.stat().st_mode & 0o077:
        raise UsageError(f"{path} can be read by others", do=f"chmod 600 {path}")
    secret = path.read_text().strip()
    if len(secret) < 16:
        raise UsageError(
            f"{path} holds no key", do="restore it from a backup; a new key gives everyone a new pseudonym"
        )
    return secret


def fingerprint(secret: str) -> str:
    """Tells whether two deliveries were read with the same key, without telling the key."""
    return hashlib.sha256(b"essa fingerprint" + secret.encode()).hexdigest()[:8]


def pseudonym(secret: str, name: str) -> str:
    """The pseudonym SQL gives a resource of that name."""
    return "r-" + hashlib.sha256((_prefix(secret) + name).encode()).hexdigest()[:PSEUDONYM_LENGTH]


def _prefix(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()[:32]


def install(connection: duckdb.DuckDBPyConnection, secret: str) -> None:
    """Puts the door's macros on a connection: `pseudonym`, `keyed`, and `redacted` for texts, values and ids.

    Several texts parted by chr(31) can be redacted as one, and `is_suspect` looks at such: whether one may have to be
    redacted or trimmed. Values are redacted to a list, from what was given and the same without names.

    The key is a session variable, so no statement's text holds it. 128 bits of it go before the text, and no digest is
    shown whole, so nobody can extend one.
    """
    connection.execute("SET VARIABLE essa_key = ?", [_prefix(secret)])
    token = f"left(sha256(getvariable('essa_key') || x), {PSEUDONYM_LENGTH})"
    glued = (("card", MAYBE_CARD, ""), ("account", MAYBE_ACCOUNT, ""))
    holds_in_id, holds = _any_of((*KINDS, *glued)), _any_of((*KINDS, IN_TEXT, *glued))
    untidy = _any_of((*KINDS, IN_TEXT, *glued, BLANK_AT_END))
    cleaned_id = "unglued(x)"
    for kind in KINDS:
        cleaned_id = _replaced(cleaned_id, kind)
    cleaned = _replaced(cleaned_id, IN_TEXT)
    macros = {
        "passes_luhn(x)": """list_sum(list_transform(
            list_reverse(string_split(regexp_replace(x, '[^0-9]', '', 'g'), '')),
            lambda digit, place: CASE WHEN place % 2 = 1 THEN digit::INT
                ELSE (2 * digit::INT) // 10 + (2 * digit::INT) % 10 END)) % 10 = 0""",
        "is_card(x)": f"""passes_luhn(x)
            AND regexp_full_match(regexp_replace(x, '[^0-9]', '', 'g'), {_quoted(CARD_NUMBER)})""",
        "passes_97(x)": """list_reduce(list_prepend(0, list_transform(string_split(x[5:] || x[:4], ''),
            lambda mark: CASE WHEN mark BETWEEN '0' AND '9' THEN mark::INT ELSE ascii(mark) - 55 END)),
            lambda rest, digit: (rest * CASE WHEN digit > 9 THEN 100 ELSE 10 END + digit) % 97) = 1""",
        "is_account_of(x, size)": "length(x) >= size AND passes_97(x[:size])",
        "is_account(x)": f"""is_account_of(regexp_replace(x, '[^A-Z0-9]', '', 'g'),
            MAP {ACCOUNT_LENGTH}[x[:2]])""",
        "without(x, found, kind)": "list_reduce(list_prepend(x, found), lambda text, part: replace(text, part, kind))",
        "without_cards(x)": f"""without(x, list_filter(regexp_extract_all(x, {_quoted(GLUED_CARD)}),
            lambda part: is_card(part)), '[card]')""",
        "without_accounts(x)": f"""without(x, list_filter(regexp_extract_all(x, {_quoted(GLUED_ACCOUNT)}),
            lambda part: is_account(part)), '[account]')""",
        "unglued(x)": f"""CASE WHEN regexp_matches(x, {_quoted(f"{CARD_SHAPE}|{MAYBE_ACCOUNT}")})
            THEN without_cards(without_accounts(x)) ELSE x END""",
        "keyed(feed, x)": "md5_number(concat(getvariable('essa_key'), feed, chr(31), x))::UUID",
        "pseudonym(prefix, x)": f"prefix || {token}",
        "is_suspect(x)": f"regexp_matches(x, {untidy})",
        "redacted(x)": f"CASE WHEN regexp_matches(x, {holds}) THEN {cleaned} ELSE x END",
        "time_shape(x)": rf"""replace(replace(regexp_replace(
            regexp_replace(regexp_replace({cleaned}, '([0-9])T([0-9])', '\1{T_STAYS}\2', 'g'),
                '([0-9])Z\s*\z', '\1{Z_STAYS}'),
            '\p{{L}}', 'a', 'g'), '{T_STAYS}', 'T'), '{Z_STAYS}', 'Z')""",
        # A value that is one long number may be a phone or card: it keeps its identity, not its digits.
        "kept_value(x, cleaned)": f"""CASE WHEN regexp_full_match(x, {_quoted(PLAIN_NUMBER)}) THEN x
            WHEN regexp_full_match(x, {_quoted(MAYBE_PHONE)}) THEN '#' || {token}
            ELSE cleaned END""",
        "redacted_values(given, x)": """list_transform(list_zip(string_split(given, chr(31)),
            string_split(redacted(x), chr(31))), lambda pair: kept_value(pair[1], pair[2]))""",
        # A case must stay tellable from other cases, so an id that holds such a thing becomes a token as a whole.
        "redacted_id(x)": f"""CASE WHEN NOT regexp_matches(x, {holds_in_id}) THEN x
            WHEN regexp_full_match(x, {_quoted(LONG_NUMBER)}) AND NOT (length(trim(x)) > 12 AND passes_luhn(x)) THEN x
            WHEN {cleaned_id} = x THEN x
            ELSE 'case-' || {token} END""",
    }
    for signature, body in macros.items():
        connection.execute(f"CREATE OR REPLACE TEMP MACRO {signature} AS {body}")


def _any_of(kinds: tuple[tuple[str, str, str], ...]) -> str:
    return _quoted("|".join(f"(?:{pattern})" for _, pattern, _ in kinds))


def _replaced(expression: str, kind: tuple[str, str, str]) -> str:
    return f"regexp_replace({expression}, {_quoted(kind[1])}, {_quoted(kind[2])}, 'g')"


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
