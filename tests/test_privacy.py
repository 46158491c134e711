"""No name, address or number that belongs to a person passes the door; what must stay tellable apart stays so."""

from __future__ import annotations

import gzip
import itertools
import json
import os
import re
import stat
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from essa import national_ids, personal, privacy, redaction
from essa.errors import UsageError

SECRET = "a secret of more than sixteen characters"
NAME = "Annegret Quillfeather"
EMAILS = ("jürgen.müller@bürofirma.de", "kim+tasks@mail.example.co.uk", "O'Neil_7@example.com")
PHONES = (
    "+49 171 2345678", "+491712345678", "0049 171 2345678", "+1 (555) 123-4567", "(555) 123-4567", "555-123-4567",
    "1-800-555-0199", "06 12 34 56 78", "020 7946 0958", "07700 900123", "98765 43210", "0171/2345678",
    "089 / 1234567", "+44\u00a020\u00a07946\u00a00958",
)  # fmt: skip
CARDS = ("4111 1111 1111 1111", "4111111111111111", "5500-0000-0000-0004", "378282246310005")
ACCOUNTS = ("DE89 3704 0044 0532 0130 00", "GB82WEST12345698765432", "NO93 8601 1117 947")
PERSONAL = (*EMAILS, *PHONES, *CARDS, *ACCOUNTS)
COLUMNS = {"case_id": "Ref", "activity": "Step", "ended_at": "End", "resource": "Agent", "system": "App",
           "team": "Team", "outcome": "Result", "started_at": "Start", "due_at": "Due"}  # fmt: skip


@pytest.fixture(scope="module")
def door() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        redaction.install(connection, SECRET)
        yield connection


@pytest.fixture(scope="module")
def said(door: duckdb.DuckDBPyConnection, past_the_door: Callable[..., list[str]]) -> Callable[[str, str], str]:
    """What is kept of a text of a kind."""
    return lambda kind, text: past_the_door(door, kind, [text])[0]


@pytest.mark.parametrize("text", ["x" * (1 << 20), "x%40" * (1 << 18), "1" * (1 << 20), "DE12" * (1 << 18)])
def test_a_message_of_a_megabyte_is_cut_and_redacted_in_seconds(text):
    started_s = time.monotonic()
    assert len(privacy.redact(text)) <= privacy.LONGEST
    assert time.monotonic() - started_s < 20


@pytest.mark.parametrize("kind", ["label", "value", "id"])
@pytest.mark.parametrize("frame", ["{}", "call {} now", "Tel.: {}", "tel:{};", "[{}]", "ok,{}", "a\n{}\nb"])
def test_no_part_of_a_personal_number_or_address_passes(door, past_the_door, kind, frame):
    shown = past_the_door(door, kind, [frame.format(text) for text in PERSONAL])
    left = {text: it for text, it in zip(PERSONAL, shown, strict=True) if is_told(text, it, kind, frame)}
    assert left == {}


def is_told(text: str, shown: str, kind: str, frame: str) -> bool:
    if kind == "id" and frame == "{}" and text.isdigit() and len(text) < 13:
        return False  # bare digits are what the case is called
    parts = [part for part in text.replace("@", " ").split() if len(part) > 3] or [text]
    return any(part in shown for part in parts)


GLUED = (
    ("card4111111111111111x", "card[card]x"), ("IBANDE89370400440532013000", "IBAN[account]"),
    ("REF4242 4242 4242 4242x", "REF[card]x"), ("a4242.4242.4242.4242b", "a[card]b"),  # groups alike
    ("4111\n1111\n1111\n1111", "[card]"), ("4111;1111;1111;1111", "[card]"), ("4111*1111*1111*1111", "[card]"),
    ("4111\\1111\\1111\\1111", "[card]"), ("ref_378282246310005_", "ref_[card]_"),
    ("no4111-1111-1111-1111end", "no[card]end"),
    ("4111111111111111x5500000000000004", "[card]x[card]"), ("xDE89 3704 0044 0532 0130 00y", "x[account]y"),
    ("kGB82WEST12345698765432.", "k[account]."), ("SAP-4111111111111111", "SAP-[card]"),
)  # fmt: skip


@pytest.mark.parametrize(("text", "shown"), GLUED)
def test_cards_and_accounts_that_touch_other_text_are_told_by_their_checksum(said, text, shown):
    assert said("label", text) == said("value", text) == privacy.redact(text) == shown
    assert said("id", text).startswith("case-")


# Every way of writing them that is stated: in any case, in groups of four or none, in wide letters, glued to others


def checked_card(start: str, rest: int, size: int) -> str:
    body = start + f"{rest:020}"[-(size - 1 - len(start)) :]
    return next(body + str(last) for last in range(10) if personal.is_card(body + str(last)))


def checked_account(country: str, held: str) -> str:
    body = (held + "0" * 30)[: LENGTHS[country] - 4]
    return next(f"{country}{n:02}{body}" for n in range(2, 99) if personal.is_account(f"{country}{n:02}{body}"))


def in_groups(text: str, gap: str, sizes: tuple[int, ...] = (4,) * 9) -> str:
    ends = [sum(sizes[:count]) for count in range(len(sizes) + 1)]
    return gap.join(part for start, end in itertools.pairwise(ends) if (part := text[start:end]))


def widened(text: str) -> str:
    return "".join(chr(ord(mark) + 0xFEE0) if "!" <= mark <= "~" else mark for mark in text)


LENGTHS = personal.ACCOUNT_LENGTH
ARABIC = str.maketrans({str(digit): chr(0x660 + digit) for digit in range(10)})
GAPS = st.sampled_from(["", " ", "-", ".", "/", "  ", " - ", "\u00a0"])
DIGITS = st.integers(0, 10**20 - 1)
AROUND = st.tuples(st.sampled_from(["", "x", "no", "card ", "ref:", "12 may 2023, ", "(", "é"]),
                   st.sampled_from(["", "y", " ok", ".", ")", "\n"]))  # fmt: skip
LETTERS = st.sampled_from([str.upper, str.lower, str.title, widened])
WRITTEN_CARDS = st.one_of(
    st.builds(lambda start, rest, gap: in_groups(checked_card(start, rest, 16), gap),
              st.sampled_from(["4", "51", "55", "2221", "2720", "6011", "62", "65", "35"]), DIGITS, GAPS),
    st.builds(lambda start, rest, gap: in_groups(checked_card(start, rest, 15), gap, (4, 6, 5)),
              st.sampled_from(["34", "37"]), DIGITS, GAPS),
    st.builds(lambda start, rest, gap: in_groups(checked_card(start, rest, 14), gap, (4, 6, 4)),
              st.sampled_from(["300", "36", "38"]), DIGITS, GAPS),
)  # fmt: skip
WRITTEN_ACCOUNTS = st.builds(
    lambda country, held, gap: in_groups(checked_account(country, held), gap),
    st.sampled_from(sorted(LENGTHS)),
    st.text("0123456789ABCXYZ", min_size=30, max_size=30) | st.text("0123456789", min_size=30, max_size=30),
    st.sampled_from(["", " ", "-", ".", "/", "  "]),
)
NUMBERS = WRITTEN_CARDS | WRITTEN_ACCOUNTS
HIDDEN = st.lists(
    st.builds(lambda number, case, around: case(number).join(around), NUMBERS, LETTERS, AROUND), min_size=1, max_size=30
)


@settings(max_examples=40)
@given(texts=HIDDEN)
def test_any_valid_card_or_account_is_replaced_however_it_is_written_and_glued(door, past_the_door, texts):
    shown = said_of_all(door, past_the_door, texts)
    assert {text: clean for text, clean in shown.items() if is_left(clean)} == {}
    assert {text: clean for text, clean in shown.items() if clean != privacy.redact(text)} == {}


def is_left(clean: str) -> bool:
    digits = clean.translate(str.maketrans(personal.PLAIN)).replace("2023", "")
    return re.search("[0-9]{4}", digits) is not None or re.search(r"\[(card|account)\]", clean) is None


REFERENCES = st.lists(
    st.builds(
        lambda parts, gap: gap.join(parts),
        st.tuples(
            st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ", min_size=2, max_size=4) | st.sampled_from(["po", "Req", "invoice"]),
            st.integers(1990, 2040).map(str),
            st.integers(0, 99_999_999).map("{:07}".format),
        ),
        st.sampled_from(["-", "/", "_", ""]),
    ).filter(lambda text: not re.match("(?i)(tel|fon|fax|mob)", text)),
    min_size=1, max_size=30,
)  # fmt: skip


@settings(max_examples=40)
@given(texts=REFERENCES)
def test_no_number_of_a_document_is_replaced(door, past_the_door, texts):
    assert {text: clean for text, clean in said_of_all(door, past_the_door, texts).items() if clean != text} == {}
    assert [text for text in texts if privacy.redact(text) != text] == []


def said_of_all(
    door: duckdb.DuckDBPyConnection, past_the_door: Callable[..., list[str]], texts: list[str]
) -> dict[str, str]:
    """What is kept of each."""
    return dict(zip(texts, past_the_door(door, "label", texts), strict=True))


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Tel+4930123456", "Tel[phone]"), ("x0049 30 123456", "x[phone]"), ("Mobil0171 2345678", "Mobil[phone]"),
        ("fax0301234567", "fax[phone]"), (widened("tel+4930123456"), "tel[phone]"),
        ("0171 2345678".translate(ARABIC), "[phone]"), ("ann\uff20example.com", "[e-mail]"),
        ("ann[at]example[dot]com", "[e-mail]"), ("ann (at) mail.example (dot) com", "[e-mail]"),
    ],
)  # fmt: skip
def test_phone_numbers_glued_to_a_word_for_phone_are_told(said, text, shown):
    assert said("label", text) == privacy.redact(text) == shown


@pytest.mark.parametrize(
    "text",
    ["請求書" + widened("12345") + "を確認", "PO0012345678", "SO2023000123456", "case0049301234567", widened("Nr.12")],
)
@pytest.mark.parametrize("kind", ["label", "value", "id"])
def test_wide_letters_and_document_numbers_stay_as_they_are(said, kind, text):
    assert said(kind, text) == text
    assert privacy.redact(text) == text


@pytest.mark.parametrize(
    "text",
    ["INV4111111111111112", "INV2026010512345678", "x4111111111111111000y", "IBANDE88370400440532013000",
     "DE1234", "LOTSE1234567890123456789", "case4012-3456-7890-1234b"],
)  # fmt: skip
@pytest.mark.parametrize("kind", ["label", "value", "id"])
def test_references_of_that_shape_without_the_checksum_pass_untouched(said, kind, text):
    assert said(kind, text) == text
    assert privacy.redact(text) == text


@pytest.mark.parametrize("text", PERSONAL)
def test_messages_are_redacted_as_columns_are(said, text):
    assert privacy.redact(f"seen: {text}.") == said("label", f"seen: {text}.")
    assert text not in privacy.redact(f"seen: {text}.")


@pytest.mark.parametrize(
    "text",
    ["2026-01-05 09:00:00", "2026-01-05T09:00:00.123+05:30", "05/01/2026 09:00", "12.5", "1234567.89", "-3",
     "PO-2026-00017",
     "Post invoice 4711", "9:00-18:00", "1.234.567,89", "192.168.10.12", "v2.10.3", "3 @ 4.50", "INV20260105123456",
     "c9a1e0de-6b1c-4c5e-9d9a-0242ac120002"],
)  # fmt: skip
@pytest.mark.parametrize("kind", ["label", "value", "id"])
def test_times_amounts_and_references_pass_untouched(said, kind, text):
    assert said(kind, text) == text


def test_a_phone_number_as_a_value_keeps_its_identity_and_loses_its_digits(said):
    one, other = said("value", "491712345678"), said("value", "491712345679")
    assert one != other and one.startswith("#") and "4917" not in one
    assert said("value", " 491712345678") != "491712345678"


@pytest.mark.parametrize("text", ["4539148803436467.0", "447700900461.0", "447700900461.00", "4539148803436467,00"])
def test_a_long_number_held_with_a_fraction_is_the_whole_number(said, text):
    bare = re.split("[.,]", text)[0]
    assert said("value", text) == said("value", bare)
    assert bare not in said("value", text)
    assert (said("id", text) == text) == (said("id", bare) == bare)


@pytest.mark.parametrize("kind", ["DOUBLE", "DECIMAL(24, 2)", "FLOAT"])
@pytest.mark.parametrize("number", [4539148803436467, 447700900461, 4539148803436467128])
def test_a_number_that_a_column_of_fractions_holds_loses_its_digits(door, said, kind, number):
    x = f"{number}::{kind}::VARCHAR"
    text = door.execute(f"SELECT {x}").fetchall()[0][0]
    looked = redaction.may_be_personal(pa.chunked_array([[text]]), national_ids.looked_for())
    shown = said("value", text)
    assert (looked.to_pylist() == [True] and shown.startswith("#")) or kind == "FLOAT"  # which holds seven digits of it
    assert said("value", "12.5") == "12.5"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("p.swallow%40hexmail.example", "[e-mail]"), ("to p.swallow @ hexmail.example.", "to [e-mail]."),
        ("p.swallow [at] hexmail.example", "[e-mail]"), ("p.swallow(AT)hexmail.example now", "[e-mail] now"),
        ("account 55779911", "account [account]"), ("acct no. 12-34-56 55779911 ok", "acct no. [account] ok"),
        ("p.swallow&#64;hexmail.example", "[e-mail]"), ("p.swallow%2540hexmail.example", "[e-mail]"),
        ("4111\t1111\t1111\t1111", "[card]"), ("4111,1111,1111,1111", "[card]"),
        ("4111\u20071111\u20071111\u20061111", "[card]"), ("4111|1111|1111|1111", "[card]"),
        ("DE89\t3704\t0044\t0532\t0130\t00", "[account]"), ("4111 1111 1111 1112,5", "[card],5"),
        ("Konto 0532013000 BLZ 37040044", "Konto [account] BLZ [account]"), ("A/C 123456789012", "A/C [account]"),
        ("sort code 20-32-06 account 55779911", "sort code [account] account [account]"),
        ("routing 021000021", "routing [account]"), ("{'account': '55779911'}", "{'account': '[account]'}"),
        ("call 5550187", "call [phone]"), ("tel 555-0187", "tel [phone]"), ("Phone: 5550187.", "Phone: [phone]."),
        ("account 12345", "account 12345"), ("accounting 1234567", "accounting 1234567"),
        ("account of 2026-01-05", "account of 2026-01-05"), ("account 2026-01-05", "account 2026-01-05"),
        ("3 @ 4.50", "3 @ 4.50"), ("recall 5550187", "recall 5550187"),
    ],
)  # fmt: skip
def test_a_disguised_address_and_a_number_after_its_word_are_of_that_kind(said, text, shown):
    assert said("label", text) == said("value", text) == privacy.redact(text) == shown


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("{p.swallow@hexmail.example=Jo}", "{[e-mail]=Jo}"), ("{'a': p@x.example}", "{'a': [e-mail]}"),
        ("{'a': {b=p@x.example}, 'n': 447700900461}", "{'a': {b=[e-mail]}, 'n': [phone]}"),
    ],
)  # fmt: skip
def test_the_braces_of_a_value_in_parts_stay(said, text, shown):
    assert said("value", text) == privacy.redact(text) == shown


def test_case_ids_that_hold_personal_numbers_stay_apart(door, past_the_door):
    ids = set(past_the_door(door, "id", [f"case of {text}" for text in PERSONAL]))
    assert len(ids) == len(PERSONAL)


@given(st.text(max_size=80))
def test_redacting_twice_is_redacting_once(text):
    once = privacy.redact(text)
    assert privacy.redact(once) == once


@given(text=st.text(min_size=1, max_size=40))
def test_python_and_sql_give_one_pseudonym(door, text):
    given_by_sql = door.execute("SELECT pseudonym('r-', ?::VARCHAR)", [text]).fetchall()[0][0]
    assert given_by_sql == privacy.pseudonym(SECRET, text)
    assert given_by_sql != privacy.pseudonym(SECRET + "x", text)


# The key


def test_the_key_is_made_once_and_is_its_owners_alone(tmp_path):
    home = tmp_path / "home"
    secret = privacy.key(home)
    assert stat.S_IMODE((home / "key").stat().st_mode) == 0o600
    assert privacy.key(home) == secret and len(secret) >= 32


def test_a_key_others_can_read_is_refused(tmp_path):
    privacy.key(tmp_path)
    (tmp_path / "key").chmod(0o640)
    with pytest.raises(UsageError, match="can be read by others"):
        privacy.key(tmp_path)


@pytest.mark.parametrize(
    "spoil", [lambda key: key.touch(0o600), lambda key: key.mkdir(), lambda key: key.write_bytes(b"\xff" * 64)]
)
def test_a_key_file_that_holds_none_is_refused_and_not_replaced(tmp_path, spoil):
    spoil(tmp_path / "key")
    (tmp_path / "key").chmod(0o700 if (tmp_path / "key").is_dir() else 0o600)
    with pytest.raises(UsageError, match="holds no key"):
        privacy.key(tmp_path)


def test_the_key_from_the_environment_stands_before_the_file_and_is_never_written(tmp_path, monkeypatch):
    monkeypatch.setenv("ESSA_KEY", SECRET)
    assert privacy.key(tmp_path) == privacy.key(tmp_path / "other")
    assert not (tmp_path / "key").exists()
    monkeypatch.setenv("ESSA_KEY", "short")
    with pytest.raises(UsageError, match="shorter than 16"):
        privacy.key(tmp_path)


def test_a_unit_separator_in_a_text_is_a_blank_and_hides_nothing(folder, night_of):
    remarks = ["4111\x1f1111\x1f1111\x1f1111", "tel\x1f0171 2345678 ", "a\x1fb", "\x1fc", "plain"]
    (folder / "a.csv").write_text("Ref,Step,End,Remark\n" + "".join(f"c,A,2026-01-05,{it}\n" for it in remarks))
    feed = {"provider": "P", "process": "X", "timezone": "UTC", "files": "a.csv", "attributes": ["Remark"],
            "columns": {"case_id": "Ref", "activity": "Step", "ended_at": "End"}}  # fmt: skip
    with night_of(folder, {"a": feed}, until="pulled") as warehouse:
        rows = warehouse.rows("SELECT attributes.Remark AS it FROM raw.event ORDER BY source_line")
    assert [row["it"] for row in rows] == ["[card]", "tel [phone]", "a b", "c", "plain"]


def test_what_an_escape_hides_is_found_and_a_text_with_other_escapes_stays(folder, night_of):
    hidden = [{"q": "call\n0171 2345678"}, {"s": "SSN\n078-05-1120"}, r"4111\u00a01111\u00a01111\u00a01111",
              "ring&nbsp;%2B44 20 7946 0958"]  # fmt: skip
    open_to_all = ["100%25 sure \N{EM DASH} R&amp;D", r"C:\new\table", {"a": "one\ntwo"}]
    lines = [{"Ref": it, "Step": it, "End": "2026-01-05", "Remark": it} for it in (*hidden, *open_to_all)]
    (folder / "a.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    feed = {"provider": "P", "process": "X", "timezone": "UTC", "files": "a.jsonl", "attributes": ["Remark"],
            "columns": {"case_id": "Ref", "activity": "Step", "ended_at": "End"}}  # fmt: skip
    with night_of(folder, {"a": feed}, until="pulled") as warehouse:
        rows = warehouse.rows("SELECT case_id, activity, attributes.Remark AS it FROM raw.event ORDER BY source_line")
    clean = ['{"q":"call [phone]"}', '{"s":"SSN [national id]"}', "[card]", "ring\u00a0[phone]"]
    stays = [open_to_all[0], open_to_all[1], r'{"a":"one\ntwo"}']
    assert [row["it"] for row in rows] == [row["activity"] for row in rows] == [*clean, *stays]
    assert all(row["case_id"].startswith("case-") for row in rows[:4])
    assert len({row["case_id"] for row in rows}) == 7 and [row["case_id"] for row in rows[4:]] == stays


def test_what_is_kept_of_a_text_does_not_hang_on_the_others_of_its_row(folder, night_of):
    texts = ["-1234567890", "\u00a0ok\u00a0", "ok"]
    rows = [f"c,A,2026-01-05,{text},{beside}\n" for text in texts for beside in ("plain", "x@y.example")]
    (folder / "a.csv").write_text("Ref,Step,End,Remark,Note\n" + "".join(rows))
    feed = {"provider": "P", "process": "X", "timezone": "UTC", "files": "a.csv", "attributes": ["Remark", "Note"],
            "columns": {"case_id": "Ref", "activity": "Step", "ended_at": "End"}}  # fmt: skip
    with night_of(folder, {"a": feed}, until="pulled") as warehouse:
        kept = [
            row["it"] for row in warehouse.rows("SELECT attributes.Remark AS it FROM raw.event ORDER BY source_line")
        ]
    assert kept[0::2] == kept[1::2]
    assert kept[0].startswith("#") and kept[2:] == ["ok"] * 4


# The whole home, byte by byte

PLANTED = (*(text for text in PERSONAL if not (text.isdigit() and len(text) < 13)), NAME)


def planted_rows() -> list[dict[str, str]]:
    """Every planted thing once in every column, among rows that are sound."""
    sound = {"Ref": "c1", "Step": "Check", "Start": "2026-01-05 09:00:00", "End": "2026-01-05 09:10:00", "Due": "",
             "Agent": NAME, "App": "SAP", "Team": "T1", "Result": "ok", "Remark": "none",
             "Kind": "complete"}  # fmt: skip
    rows = [{**sound, "Ref": f"c{i % 97}", "Agent": f"{NAME} {i % 7}", "Remark": f"r{i}"} for i in range(6_000)]
    for text in PERSONAL:
        rows += [{**sound, column: f"note {text}"} for column in sound if column not in ("Agent", "Kind")]
        rows += [{**sound, "Agent": text}, {**sound, "Remark": "x" * 993 + " " + text}]
    rows += [{**sound, column: NAME} for column in ("Start", "End", "Due")]
    return rows


def written(folder: Path) -> dict[str, dict]:
    rows = planted_rows()
    names = [name for name in rows[0] if name != "Kind"]
    lines = [";".join('"' + row[name].replace('"', '""') + '"' for name in names) for row in rows]
    broken = [f"{text};only;three" for text in (*PERSONAL, NAME)]
    (folder / "a.csv").write_text("\n".join([";".join(names), *lines, *broken]) + "\n", encoding="utf-8")
    with gzip.open(folder / "b.jsonl.gz", "wt", encoding="utf-8") as file:
        file.writelines(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
        file.writelines(f'{{"Ref": "{text}", "Agent": "{NAME}"\n' for text in PERSONAL)
    pq.write_table(pa.Table.from_pylist(rows), folder / "c.parquet")
    (folder / "d.csv").write_text(f"{NAME};{EMAILS[1]};Check\n{PHONES[0]};{NAME};Check\n", encoding="utf-8")
    (folder / "e.csv").write_text(
        f"Ref;Step;End;Agent\nc1;Check;{NAME};{NAME}\nc2;Check;{EMAILS[0]};x\n", encoding="utf-8"
    )
    (folder / "f.csv").write_text(f'Ref;Step;End;Agent\nc1;"Check;{NAME}\n{CARDS[0]}"x;2026-01-05;{NAME}\n')
    pq.write_table(pa.table({"Ref": [NAME], "Step": [PHONES[0]], EMAILS[1]: [EMAILS[0]]}), folder / "g.parquet")
    feed = {"provider": "P", "process": "X", "timezone": "UTC", "columns": COLUMNS, "attributes": ["Remark"]}
    few = {**feed, "columns": {"case_id": "Ref", "activity": "Step", "ended_at": "End", "resource": "Agent"}}
    few.pop("attributes")
    states = {**COLUMNS, "occurred_at": "End", "lifecycle": "Remark", "instance_id": "Ref"}
    states = {ours: theirs for ours, theirs in states.items() if ours not in ("started_at", "ended_at")}
    return {
        "a": {**feed, "files": "a.csv"},
        "b": {**feed, "files": "b.jsonl.gz", "process": {"column": "Result"}},
        "c": {**feed, "files": "c.parquet"},
        "c_states": {**feed, "files": "c.parquet", "columns": states, "attributes": []},
        "d": {**few, "files": "d.csv"},
        "e": {**few, "files": "e.csv"},
        "f": {**few, "files": "f.csv"},
        "g": {**few, "files": "g.parquet"},
    }


def test_after_a_night_the_originals_are_nowhere_in_the_home(folder, night_of, published):
    feeds = written(folder)
    limits = {"memory_limit": "100MB", "rejected_share_max": 1.0}
    found: dict[str, list[str]] = {}
    with night_of(folder, feeds, **limits) as warehouse:
        published(warehouse)
        blocked = warehouse.rows("SELECT feed FROM ops.feed WHERE status = 'blocked' ORDER BY feed")
        assert [row["feed"] for row in blocked] == ["d", "e", "f", "g"]
        found |= seen_in(folder.parent / "home")  # with the write-ahead log and the spill as they are in mid-run
        found |= seen_in_tables(warehouse)
    found |= seen_in(folder.parent / "home")
    assert found == {}


def seen_in(home: Path) -> dict[str, list[str]]:
    """The planted things in any file's bytes, and in Parquet's values, which are compressed."""
    found = {}
    for path in sorted(path for path in home.rglob("*") if path.is_file()):
        held = path.read_bytes()
        if path.suffix == ".parquet":
            held += json.dumps(pq.read_table(path).to_pylist(), default=str, ensure_ascii=False).encode()
        if told := told_in(held):
            found[path.name] = told
    return found


def seen_in_tables(warehouse) -> dict[str, list[str]]:
    found = {}
    for row in warehouse.rows("SELECT schema_name || '.' || table_name AS name FROM duckdb_tables()"
                              " UNION ALL SELECT 'raw.event'"):  # fmt: skip
        held = str(warehouse.connection.execute(f"FROM {row['name']}").fetchall()).encode()
        if told := told_in(held):
            found[row["name"]] = told
    return found


def told_in(held: bytes) -> list[str]:
    return [text for text in PLANTED if text.encode() in held]


def test_one_key_gives_one_person_one_pseudonym_in_every_feed_and_home(tmp_path, night_of, monkeypatch):
    monkeypatch.setenv("ESSA_KEY", SECRET)
    seen = []
    for place in ("one", "two"):
        folder = tmp_path / place / "landing"
        folder.mkdir(parents=True)
        (folder / "a.csv").write_text(
            "Ref,Step,End,Agent\nc1,A,2026-01-05 09:00:00,Ann\nc1,B,2026-01-05 10:00:00,Ann\n"
        )
        columns = {"case_id": "Ref", "activity": "Step", "ended_at": "End", "resource": "Agent"}
        feed = {"provider": "P", "process": "X", "timezone": "UTC", "files": "a.csv", "columns": columns}
        with night_of(folder, {"x": feed, "y": feed}, until="pulled") as warehouse:
            seen += [row["resource"] for row in warehouse.rows("SELECT resource FROM raw.event")]
    assert len(seen) == 8 and len(set(seen)) == 1
    assert seen[0] == privacy.pseudonym(privacy.key(Path(os.devnull)), "Ann")
