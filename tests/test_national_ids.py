"""Numbers that countries give people are taken out of texts; those of documents stay, and a company adds its own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from essa import checksums, national_ids, privacy, redaction, settings_file
from essa.errors import UsageError
from essa.national_ids import NationalId, NationalIds
from essa.settings import Settings

SECRET = "a secret of more than sixteen characters"


@pytest.fixture(scope="module")
def door() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        redaction.install(connection, SECRET)
        yield connection


# Numbers that the countries' own papers give as examples, or that were made by their rule.
STANDING_ALONE = {
    "BSN": "1112.22.333", "DNI": "12345678Z", "NIE": "X1234567L", "NIR": "1 85 05 2A 006 084 35",
    "Steuer-ID": "86 095 742 719", "Rentenversicherungsnummer": "65 170839 J 003", "Codice fiscale": "RSSMRA85T10A562S",
    "Rijksregisternummer": "85.07.30-033.28", "AHV": "756.9217.0769.85", "PPS": "1234567FA", "HETU": "131052-308T",
    "Personnummer": "811228-9874",
    "Fødselsnummer": "010190 00083", "Aadhaar": "2345 6789 0124", "CPF": "111.444.777-35", "CUIL": "20-12345678-6",
    "RUT": "12.345.678-5", "NRIC": "S1234567D", "HKID": "A123456(3)", "Resident identity number": "11010519491231002X",
    "SSN": "123-45-6789", "NINO": "AB 12 34 56 C", "PAN": "ABCPE1234F", "CURP": "GOMC850101HDFRRS09",
    "MyKad": "850730-14-5678",
}  # fmt: skip
BEHIND_A_WORD = {
    "BSN": "BSN: 123456782", "SSN": "Social Security no. 123456789", "NINO": "ni number ab123456",
    "PESEL": "PESEL 44051401359", "Steuer-ID": "Steuer-ID 86095742719", "Aadhaar": "aadhaar=234567890124",
    "CPF": "cpf 11144477735", "RUT": "RUT 12345678-5", "Personnummer": "personnummer 850730-1236",
    "CPR": "CPR-nr 070761-4285", "Fødselsnummer": "Fødselsnummer 01019000083",
    "Rodné číslo": "Rodné číslo 850730/1234", "NIF": "NIF 123456789", "SIN": "social insurance number 046 454 286",
    "DNI": "dni 12345678z", "NIE": "NIE: x1234567l", "PAN": "pan abcpe1234f", "NRIC": "nric is s1234567d",
    "TFN": "TFN 123 456 782", "SSS": "SSS 34-1234567-8", "PhilHealth": "PhilHealth no 12-345678901-2",
}  # fmt: skip


def test_a_swedish_year_may_have_four_digits(door, past_the_door):
    given = ["811228-9874", "19811228-9874", "19811228-9875", "21811228-9874"]
    assert past_the_door(door, "label", given) == ["[national id]", "[national id]", *given[2:]]


def test_every_shipped_way_of_writing_is_shown_and_is_what_a_company_may_write():
    assert set(STANDING_ALONE) == {one.name for one in national_ids.shipped() if not one.after}
    assert set(BEHIND_A_WORD) == {one.name for one in national_ids.shipped() if one.after}
    for one in national_ids.shipped():
        assert NationalId.model_validate(one.model_dump()) == one


@pytest.mark.parametrize("frame", ["{}", "refund to {} today", "({})", "ok,{};", "a\n{}\nb", "id {}."])
def test_each_is_taken_out_wherever_it_stands(door, past_the_door, frame):
    texts = [frame.format(text) for text in (*STANDING_ALONE.values(), *BEHIND_A_WORD.values())]
    shown = past_the_door(door, "label", texts)
    assert [text for text, clean in zip(texts, shown, strict=True) if national_ids.SHOWN not in clean] == []
    assert [clean for clean in shown if sum(mark.isdigit() for mark in clean) > 0] == []
    assert [privacy.redact(text) for text in texts] == shown


@pytest.mark.parametrize("name", [name for name in STANDING_ALONE if any(
    one.checksum for one in national_ids.shipped() if one.name == name and not one.after)])  # fmt: skip
def test_with_a_digit_off_it_is_no_number_of_a_person(name):
    """The check of each tells one digit that is off, whichever it is."""
    one = next(one for one in national_ids.shipped() if one.name == name and not one.after)
    text = STANDING_ALONE[name]
    digits = [place for place, mark in enumerate(text) if mark.isdigit()]
    off = [text[:place] + str((int(text[place]) + 1) % 10) + text[place + 1 :] for place in digits]
    passing = [other for other in off if checksums.holds(one.checksum or "", other)]
    assert passing == [], passing


ORDINARY = (
    "INV/12345678Z", "PO-123-45-6789", "260105-0017", "20260105-0017", "123456789", "1234567", "12345678",
    "2026.01.05", "05.01.2026", "1.234.567,89", "12.345.678", "12345678.90", "A1234567", "RE-2026-001234", "12:30:45",
    "10.0.0.1", "1112.22.334", "12345678A", "756.9217.0769.84", "2345 6789 0125", "ticket INC0012345", "rev 12-34-5678",
    "DE-12345", "ABCDE1234F", "BSNL plan 9", "the run 20260105", "1123-45-6789", "123-45-67890", "123-45-6789-01",
    "000-12-3456", "666-12-3456", "BG 12 34 56 C", "lot 12345678ZX", "12.345.678-6", "S1234567A", "A123456(4)",
)  # fmt: skip


@pytest.mark.parametrize("kind", ["label", "id", "value"])
def test_numbers_of_documents_amounts_and_dates_stay(door, past_the_door, kind):
    shown = past_the_door(door, kind, list(ORDINARY))
    assert [(text, it) for text, it in zip(ORDINARY, shown, strict=True) if text != it] == []


SAID_OTHERWISE = {  # unseen marks, and a verb between the word and the number
    "SSN 123\u200b-45-6789": "SSN [national id]", "ssn 1234\u00ad56789": "ssn [national id]",
    "social security number is 123456789": "social security number is [national id]",
    "his BSN was: 123456782": "his BSN was: [national id]", "4111\u200b1111\u200b11111111": "[card]",
    "a soft\u00adhyphen": "a soft\u00adhyphen",
}  # fmt: skip


def test_no_unseen_mark_and_no_verb_hides_one(door, past_the_door):
    texts = list(SAID_OTHERWISE)
    assert past_the_door(door, "label", texts) == list(SAID_OTHERWISE.values())
    assert [privacy.redact(text) for text in texts] == list(SAID_OTHERWISE.values())
    looked = redaction.may_be_personal(pa.chunked_array([texts[:-1]]), national_ids.looked_for())
    assert looked.to_pylist() == [True] * len(texts[:-1])
    assert past_the_door(door, "id", texts[:1])[0].startswith("case-")


def test_a_case_called_by_one_becomes_a_token(door, past_the_door):
    found = past_the_door(door, "id", ["12345678Z", "X1234567L"])
    assert all(one.startswith("case-") for one in found) and found[0] != found[1]


NUMBERS = st.one_of(*(
    st.builds("{} {}".format, st.sampled_from(one.after or ("",)), st.from_regex(one.pattern, fullmatch=True))
    for one in national_ids.shipped()
))  # fmt: skip


@settings(max_examples=10)
@given(texts=st.lists(NUMBERS, min_size=10, max_size=40))
def test_whatever_would_be_taken_out_is_looked_at(door, texts):
    """The one look at a row says yes to all that the slower way would change: it hides nothing from it."""
    ids = national_ids.looked_for()
    seen = "SELECT x FROM unnest(?::VARCHAR[]) AS t(x) WHERE regexp_matches(x, ?)"
    seen_texts = {row[0] for row in door.execute(seen, [texts, ids.look]).fetchall()}
    assert [text for text in texts if text not in seen_texts and ids.removed(text) != text] == []


# A company's own


def own(**said: object) -> NationalIds:
    return NationalIds([NationalId.model_validate({"name": "Staff number", **said})])


@pytest.mark.parametrize(
    ("said", "text", "shown"),
    [
        ({"pattern": "E[0-9]{6}"}, "by E123456, E1234567 and XE123456", "by {}, E1234567 and XE123456"),
        ({"pattern": "[0-9]{5}", "after": ["staff no"]}, "Staff-No. 12345, order 12345", "Staff-No. {}, order 12345"),
        ({"pattern": "P[0-9]{8}", "checksum": "luhn"}, "P12345674 P12345675", "P12345674 P12345675"),
        ({"pattern": "[0-9]{8}", "checksum": "luhn"}, "12345674 12345675", "{} 12345675"),
        ({"pattern": "[A-Z]{2} [0-9]{3}-[0-9]"}, "AB\u00a0123\u20114", "{}"),
    ],
)  # fmt: skip
def test_a_company_adds_its_own(said, text, shown):
    assert own(**said).removed(text) == shown.replace("{}", national_ids.SHOWN)


def test_what_is_wrong_with_a_companys_own_is_said_at_once(tmp_path: Path):
    path = tmp_path / "settings.yaml"
    path.write_text(
        r"""
national_ids:
  - {name: a, pattern: 'E[0-9'}
  - {name: b, pattern: '[0-9]+'}
  - {name: c, pattern: '(E)[0-9]{6}'}
  - {name: d, pattern: '(?<=E)[0-9]{6}'}
  - {name: e, pattern: 'E?'}
  - {name: '', pattern: 'E[0-9]{6}', checksum: lun, country: nl, patern: x}
  - {pattern: 'E[0-9]{6}'}
  - {name: h, pattern: '[0-9]{8}'}
  - {name: i, pattern: '[0-9]{1,9}', checksum: luhn}
  - {name: j, pattern: '^E[0-9]{6}$'}
  - {name: k, pattern: '[A-Z0-9]{1,12}', after: [id]}
  - {name: l, pattern: '[$^]E[^$][0-9]{6}\$'}
  - {name: m, pattern: '(?:[A-Z]+[0-9]?)+-[0-9]{6}X', after: [staff]}
  - {name: n, pattern: '(?:[A-Z]{1,3}){1,20}X', after: [staff]}
  - {name: o, pattern: '[A-Z]{1,3}(?: ?[0-9]){8}'}
national_ids_left_out: [DNII]
"""
    )
    with pytest.raises(UsageError, match="17 mistakes") as refused:
        settings_file.read(path)
    for line in (
        "national_ids.1.pattern: is no pattern that RE2 knows: ",
        "national_ids.2.pattern: fits `1`, which is no number of a person; narrow it, or add `after:` or `checksum:`",
        "national_ids.3.pattern: holds a group that catches; write (?:...) in place of (...)",
        "national_ids.4.pattern: is no pattern that RE2 knows: ",
        "national_ids.5.pattern: fits an empty text; say what must stand there",
        "national_ids.6.name: must not be empty",
        "national_ids.6.checksum: unknown; did you mean `luhn`?",
        "national_ids.6.country: must be two capital letters, like NL",
        "national_ids.6.patern: unknown; did you mean `pattern`?",
        "national_ids.7.name: missing",
        "national_ids.8.pattern: fits `12345678`, which is no number of a person",
        "national_ids.9.pattern: fits 1 character, where the check digits of many a number agree by chance",
        "national_ids.10.pattern: holds `^`, where a text begins or ends; leave it out",
        "national_ids.11.pattern: fits `1`, which is no number of a person; narrow it",
        "national_ids.13.pattern: sets no end to how often something comes; say it, as in {1,9} in place of + or *",
        "national_ids.14.pattern: may be tried in more than 5,000 ways, which takes too long",
        "national_ids_left_out.1: unknown; did you mean `DNI`?",
    ):
        assert line in str(refused.value)


def test_a_night_looks_for_a_companys_own_and_leaves_out_what_it_says(folder, night_of):
    own = NationalId(name="Staff number", pattern="E[0-9]{6}")
    (folder / "by E123456.csv").write_text(
        "Ref,Step,End,Note\nc1,Check,2026-01-05 09:00:00,by E123456\nE654321,Check,2026-01-06 09:00:00,12345678Z\n"
    )
    columns = {"case_id": "Ref", "activity": "Step", "ended_at": "End"}
    feed = {"provider": "P", "process": "X", "timezone": "UTC", "files": "*.csv", "columns": columns,
            "attributes": ["Note"]}  # fmt: skip
    with night_of(folder, {"x": feed}, "pulled", national_ids=(own,), national_ids_left_out=("DNI",)) as tonight:
        lines = tonight.rows("SELECT case_id, attributes.Note AS note FROM raw.event ORDER BY source_line")
        files = tonight.rows("SELECT source_file FROM raw.delivery")
    assert [line["note"] for line in lines] == [f"by {national_ids.SHOWN}", "12345678Z"]
    assert lines[0]["case_id"] == "c1" and lines[1]["case_id"].startswith("case-")
    assert "E123456" not in files[0]["source_file"] and national_ids.SHOWN in files[0]["source_file"]


def test_another_list_is_another_reading():
    plain, other = Settings(), Settings(national_ids_left_out=("DNI",))
    assert plain.ids_looked_for().fingerprint() != other.ids_looked_for().fingerprint()


def test_the_page_for_the_officer_names_every_one_that_is_looked_for():
    page = (Path(__file__).parent.parent / "docs" / "privacy.md").read_text(encoding="utf-8")
    assert [one.name for one in national_ids.shipped() if one.name not in page] == []
    assert [one.country for one in national_ids.shipped() if f"{one.country}" not in page] == []
