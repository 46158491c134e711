"""What looks like a secret in a feeds file, and what must not be asked of a database: ValueError with what to write."""

from __future__ import annotations

import re
from urllib.parse import SplitResult, unquote, unquote_plus, urlsplit

FILLED_IN = re.compile(r"\$\{?\w")
SECRET_WORDS = frozenset((
    "sig", "signature", "token", "key", "pass", "passwd", "password", "passphrase", "pwd", "secret", "credential",
    "credentials", "auth", "authorization", "code", "sas", "jwt", "access", "bearer", "apikey", "k",
))  # fmt: skip
SECRET_ENDS = ("token", "secret", "password", "passwd", "signature", "apikey", "accesskey", "credential")
HARMLESS_NAMES = re.compile(r"(?i)\w+[_-]code|(?:sort|primary|foreign|partition)[_-]?key")  # country_code, sort_key
SECRET_IN_SQL = re.compile(r"(?i)\b(?:passw(?:or)?d|pwd)\s*=\s*\S|://[^/\s:@]*:[^/\s@]+@")
COMPARED_SECRET = re.compile(  # in SQL; `key` and `code` alone are columns to filter by
    r"(?i)(?:api_?key|access_?key|token|secret|passw(?:or)?d|pwd|credentials?)[\"`\]]?\s*(?:=|\bLIKE\b)\s*(?:e|n)?'[^']"
)
# As their makers write them: a JSON web token, keys of GitHub, Amazon, Slack and Google
ISSUED = re.compile(
    r"\beyJ[\w-]{12,}|\bgh[pousr]_[A-Za-z0-9]{20,}|\b(?:AKIA|ASIA)[A-Z0-9]{16}\b|\bxox[abps]-[\w-]{10,}"
    r"|\bAIza[\w-]{30,}|-----BEGIN"
)
# Comments of a query, its texts in every database's way of writing them, and names in quotes
COMMENT = r"--[^\n]*|/\*[\s\S]*?\*/"
TEXT = re.compile(r"(?i)(?:\b(?:e|n|u&|_?utf8(?:mb4)?))?'(?:[^'\\]|''|\\[\s\S])*'|\$(?P<tag>\w*)\$[\s\S]*?\$(?P=tag)\$")
QUOTED_NAME = re.compile(r'"(?:[^"]|"")*"|`[^`]*`')
SKIPPED = re.compile(
    f"(?P<text>{TEXT.pattern.removeprefix('(?i)')})|(?P<comment>{COMMENT})|{QUOTED_NAME.pattern}", re.I
)
WRITES = re.compile(
    r"(?i)\bINTO\b|(?:\bAS\s+(?:NOT\s+)?(?:MATERIALIZED\s*)?\(|\))\s*(?:INSERT|UPDATE|DELETE|MERGE|REPLACE)\b(?!\s*\()"
)


def without_secret(text: str, instead: str) -> SplitResult:
    """The parts of a URL; ValueError where it is none, or says what should stand in the environment."""
    if FILLED_IN.search(text):
        raise ValueError(f"nothing is filled in here; {instead}")
    try:
        parts = urlsplit(text)
        _ = parts.port
    except ValueError:
        raise ValueError("is not a URL") from None
    if parts.password is not None or re.search("[:;]", unquote(parts.netloc.rpartition("@")[0])):
        raise ValueError(f"a password has no place in this file; {instead}")
    path, _, parameters = parts.path.partition(";")
    for mark, held in (("?", parts.query), (";", parameters), ("#", parts.fragment)):
        if _has_secret(held, is_page=mark == "#"):
            raise ValueError(f"what follows the {mark} looks like a secret, which has no place in this file; {instead}")
    if ISSUED.search(unquote(path)) or ISSUED.search(parts.netloc):
        raise ValueError(f"a part of it looks like a token, which has no place in this file; {instead}")
    if parts.username is not None and parts.scheme.lower() in ("http", "https", "s3", "gs", "az"):
        raise ValueError(f"what stands before the @ may be a secret, which has no place in this file; {instead}")
    return parts


def _has_secret(held: str, is_page: bool) -> bool:
    """Whether what follows a mark in a URL names a secret, or has one for a value, however often it is encoded."""
    for part in re.split(r"[&;]", held):
        name, is_value, value = (unquote_plus(unquote_plus(one)) for one in part.partition("="))
        if (is_value or not is_page) and names_secret(name):
            return True
        if ISSUED.search(name) or ISSUED.search(value) or SECRET_IN_SQL.search(value):
            return True
    return False


def names_secret(name: str) -> bool:
    """Whether a name is a secret's: `X-Amz-Signature`, `accessToken`, `k`; not `keyword` or `country_code`."""
    words = re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+", name.strip())
    if HARMLESS_NAMES.fullmatch(name.strip()):
        return False
    return any(word.lower() in SECRET_WORDS for word in words) or name.strip().lower().endswith(SECRET_ENDS)


def check_issued(text: str, instead: str) -> None:
    """ValueError where a text that is no secret by its name looks like one all the same."""
    if ISSUED.search(text):
        raise ValueError(f"looks like a key or a token, which has no place in this file; {instead}")


def check_query(text: str) -> str:
    """A query that only reads, and says no secret."""
    if "/*!" in text:
        raise ValueError("holds `/*!`, which MySQL carries out; leave it out")
    bare = SKIPPED.sub(lambda one: " " if one["comment"] else "''" if one["text"] else "x", text)
    bare = bare.strip().rstrip(";").rstrip()
    if not re.match(r"(?i)(SELECT|WITH)\b", bare) or ";" in bare:
        raise ValueError("must be one SELECT")
    if found := WRITES.search(bare):
        raise ValueError(f"holds `{found[0].lstrip(') ').strip()}`, which writes; must be one SELECT that only reads")
    said = [_decoded(found[0]) for found in TEXT.finditer(re.sub(r"'\s*\|\|\s*[eEnN]?'", "", text))]
    said += [found[0] for found in QUOTED_NAME.finditer(text)]  # a text to MySQL
    if COMPARED_SECRET.search(text) or any(SECRET_IN_SQL.search(one) or ISSUED.search(one) for one in said):
        raise ValueError(
            "a text in it looks like a password, which has no place in this file; keep it in the database,"
            " as a view or a user mapping"
        )
    return text


def _decoded(literal: str) -> str:
    r"""What a text of SQL says: `\167`, `\x77`, `\u0077` and U&'\0077' are a letter each."""
    octal = re.sub(r"\\([0-7]{3})", lambda found: chr(int(found[1], 8) % 0x110000), literal)
    return re.sub(r"\\(?:x([0-9a-fA-F]{2})|[uU+]?([0-9a-fA-F]{4,8}))", _letter, octal)


def _letter(found: re.Match) -> str:
    number = int(found[1] or found[2], 16)
    return chr(number) if number < 0x110000 else ""
