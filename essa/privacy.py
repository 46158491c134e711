"""The door's key and the pseudonyms it makes of names, and what a message says in place of what is personal."""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import secrets
from pathlib import Path

import duckdb

from essa import national_ids, personal
from essa.errors import UsageError

REDACTION_VERSION = "17"  # raised where a file would be kept otherwise, its times too, so that each is read anew
LOGGED_IN = re.compile(r"(^|[/\s`'])[^/\s:@]*:[^/\s@]*@")  # `bob:secret@` of sftp://bob:secret@host
PSEUDONYM_LENGTH = 12  # hex digits: 48 bits, one collision expected beyond ten million names

# What of a time's letters stays while all others go, by the mark that stands for it meanwhile.
T_STAYS, Z_STAYS = "\x1d", "\x1e"
STAYS = {"\ue000": "[e-mail]", "\ue001": "[account]", "\ue002": "[card]", "\ue003": "[phone]",
         "\ue004": national_ids.SHOWN, T_STAYS: "T", Z_STAYS: "Z"}  # fmt: skip


TAIL = 100  # marks of a cut text, which may be the half of a number or address
LONGEST = 4_000  # marks of a text that a message or a note may have; a sender's header may be a megabyte of one word


def redact(text: str, ids: national_ids.NationalIds | None = None) -> str:
    """`text` with personal numbers and addresses replaced by their kind; for messages and other small things."""
    if len(text) > LONGEST:
        return redact(text[:LONGEST], ids)[:-TAIL] + " ..."
    return personal.redacted(text, (ids or national_ids.looked_for()).removed)


def told(text: str) -> str:
    """What a person wrote, as a message may repeat it: without who logs in to a server, and redacted."""
    return redact(LOGGED_IN.sub(r"\1", text))


def time_shape(text: str, ids: national_ids.NationalIds | None = None) -> str:
    """A text that should have been a time as it may be shown: its letters, which may be a name, become `a`.

    A T between digits and a Z after the last one are a clock's, and stay; so does the kind of what was redacted.
    """
    shape = redact(text, ids)
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
    if path.is_file() and path.stat().st_mode & 0o077:
        raise UsageError(f"{path} can be read by others", do=f"chmod 600 {path}")
    try:
        secret = path.read_text(encoding="utf-8").strip()
    except (UnicodeDecodeError, IsADirectoryError):
        secret = ""
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
