"""The names in the resource column are kept out of notes and values too."""

from __future__ import annotations

from datetime import date
from functools import cache
from pathlib import Path

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from essa import known_names, people, privacy, spelling

DATABASE = duckdb.connect()
SECRET = "a secret of more than sixteen characters"
PERSONS = [
    "Asha Rao", "Jean-Luc d'Arc", "José Peñá", "Li Wu", "Éva Ek", "anna.lima", "Jean-Pierre", "Kovacs, Pal",
    "Ravi Nair (TL)", "DOMAIN\\Mona Lund", "Siobhan O\u2019Brien", "Ana Maria de la Cruz", "Ju\u0308rgen Müller",
    "अनिल कुमार",
]  # fmt: skip
NAMES = [*PERSONS, "SAP", "Clerk-1", "8997"]


def passed(text: str, names: list[str] = NAMES) -> str:
    return known(tuple(names)).removed(text)


@cache
def known(names: tuple[str, ...]) -> people.People:
    return people.known(names, SECRET)


@cache
def look_of(names: tuple[str, ...]) -> str:
    return known(names).look_sql("x")


def test_a_value_that_is_a_resources_name_becomes_its_pseudonym() -> None:
    assert passed("Asha Rao") == privacy.pseudonym(SECRET, "Asha Rao")


@pytest.mark.parametrize("text", ["ask asha  rao now", "ask Rao, Asha now", "ask ASHA RAO now"])
def test_a_name_inside_a_note_is_taken_out_in_any_case_and_order(text: str) -> None:
    assert passed(text) == "ask [person] now"


def test_a_name_may_end_in_a_letter_that_is_not_english() -> None:
    assert passed("for José Peñá.") == "for [person]."


@pytest.mark.parametrize(
    "text",
    [
        "ask Éva Ek", "ask anna.lima", "ask Anna Lima", "ask Jean Pierre", "ask Kovacs, Pal", "ask Pal Kovacs",
        "ask Ravi Nair", "ask Nair/Ravi", "ask ravi_nair", "ask RaviNair", "ask Mona Lund", "ask Siobhan O'Brien",
        "ask Ana Cruz", "ask Ana Maria de la Cruz", "ask Jürgen Müller", "ask अनिल कुमार",
    ],
)  # fmt: skip
def test_a_name_is_found_however_it_is_joined_and_shortened(text: str) -> None:
    assert passed(text) == "ask [person]"
    assert looks(text)


SPELT = [
    "Brünhilde Ångström", "O'Shaughnessy Fiona", "Quillan Brzezowska", "Dr. Otmar Pflugbeil", "Frau Groß, Inge",
    "José Núñez-Ibarrola", "İpek Y\u0131ld\u0131z", "AYTEN IŞIK", "Åse Kjærgård",
]  # fmt: skip


@pytest.mark.parametrize(
    "text",
    [
        "ask Bruenhilde Angstroem", "ask Brunhilde Angstrom", "ask BRÜNHILDE ÅNGSTRÖM", "ask Ångström",
        "ask Fiona O\u2019Shaughnessy", "ask OShaughnessy, Fiona", "ask Fiona O'Shaughnessy",
        "ask Qui\u200bllan Brzezowska", "ask Quillan\u00a0Brzezowska", "ask Brzez\u00adowska",
        "ask Otmar Pflugbeil", "ask Pflugbeil", "ask Inge Gross",
        "ask JOSE NUNEZ IBARROLA", "ask Jose\u0301 Núñez\u2011Ibarrola", "ask İPEK YILDIZ", "ask Ipek Yildiz",
        "ask Ayten Iş\u0131k", "ask Aase Kjaergaard", "ask Åse Kjærgård",
    ],
)  # fmt: skip
def test_a_name_is_found_however_it_is_spelt(text: str) -> None:
    assert passed(text, SPELT) == "ask [person]"
    assert looks(text, SPELT)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("ask j.kolbermoor", "ask [person]"), ("J_KOLBERMOOR, now", "[person], now"), ("by t.kahn.", "by [person]."),
        ("r.rao", "r.rao"), ("x.kolbermoor", "x.kolbermoor"), ("form N.Order", "form N.Order"),
        ("jkolbermoor", "[person]"), ("(JKolbermoor)", "([person])"), ("xkolbermoor", "xkolbermoor"),
        ("tkahn", "tkahn"), ("change", "change"), ("aj.kolbermoor", "aj.kolbermoor"), ("t.kahnweiler", "t.kahnweiler"),
    ],
)  # fmt: skip
def test_a_log_in_of_an_initial_and_a_surname_is_found(text: str, shown: str) -> None:
    names = ["Jorinde Kolbermoor", "Theodora Kahn", "Rita Rao", "Nina Order", "Claire Hange"]
    whole = f"see {text}"
    assert passed(whole, names) == f"see {shown}"
    assert looks(whole, names) or shown == text


@given(st.text(st.characters(max_codepoint=127)))
def test_a_text_without_accents_has_the_same_words_beside_one_with_them(text: str) -> None:
    assert spelling.words_of(text) == spelling.words_of(f"{text} \u00e9")[:-1]
    assert spelling.words_as_written(text) == spelling.words_as_written(f"{text} \u00e9")[:-1]
    bare, places = spelling.folded(f"{text}\u00e9")
    assert spelling.folded(text) == (bare[:-1], places[:-1])


def test_what_stands_around_a_name_keeps_its_accents() -> None:
    assert passed("für Ångström, früh; café\u200b zu", SPELT) == "für [person], früh; café\u200b zu"
    assert passed("Dr. Otmar Pflugbeil", SPELT) == passed("otmar pflugbeil", SPELT)
    assert passed("Dr. Otmar Pflugbeil", SPELT) == privacy.pseudonym(SECRET, "Dr. Otmar Pflugbeil")
    assert passed("asked the Dr. and the Prof", [*SPELT, "Inge Brandt Prof"]) == "asked the Dr. and the Prof"


LOG_INS = [
    "10140.0",
    "48213977",
    "X12345",
    "zkwantes7",
    "m.xantho@corp.example",
    "10138",
    "9917",
    "Q7",
    "Siebel",
    "CORP\\k_lund",
]


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("user X12345 did", "user [person] did"), ("(x12345)", "([person])"), ("asked zkwantes7 twice", None),
        ("ZKWANTES7, now", "[person], now"), ("m.xantho said", "[person] said"), ("by K_LUND", "by [person]"),
        ("mail M.Xantho@corp.example ok", "mail [person] ok"), ("no. 10138 called", "no. [person] called"),
        ("10138", "10138"), ("10140.0", "10140.0"), ("10140", "10140"), ("by 10140", "by [person]"),
        ("no. 48213977", "no. [person]"),
        ("paid 9917", "paid 9917"), ("form Q7", "form Q7"), ("X123456", "X123456"),
        ("AX12345", "AX12345"), ("X12345_2", "X12345_2"),
    ],
)  # fmt: skip
def test_a_log_in_or_staff_number_is_found_as_a_whole(text: str, shown: str | None) -> None:
    assert passed(text, LOG_INS) == (shown or "asked [person] twice")
    assert looks(text, LOG_INS) or passed(text, LOG_INS) == text


def test_a_value_that_is_a_log_in_becomes_its_pseudonym_and_a_label_keeps_it() -> None:
    names = people.known(LOG_INS, SECRET)
    assert names.removed("x12345") == privacy.pseudonym(SECRET, "X12345")
    assert names.removed("48213977") == privacy.pseudonym(SECRET, "48213977")
    assert names.removed("m.xantho") == privacy.pseudonym(SECRET, "m.xantho@corp.example")
    assert names.removed("Check X12345", is_label=True) == "Check X12345"


@pytest.mark.parametrize("role", ["Purchasing Agent", "Financial Manager", "Back Office", "Afdeling Inkoop"])
def test_a_role_in_the_resource_column_is_nobodys_name(role: str) -> None:
    assert passed(f"Settle dispute with {role}", [role]) == f"Settle dispute with {role}"


@pytest.mark.parametrize("text", ["Marsha Raoson", "booked in SAP", "Clerk-1", "8997", "12.50"])
def test_what_is_no_name_of_a_person_stays(text: str) -> None:
    assert passed(text) == text


SINGLE = ["Meyer", "jsmith", "Clerk", "Approve", "Price", "SAP", "CRM", "Kovacs, Pal", "Jean-Luc d'Arc", "Johnny Cash"]


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("asked Meyer", "asked [person]"), ("MEYER on leave", "[person] on leave"),
        ("(Meyer's desk)", "([person]'s desk)"),
        ("asked Kovacs", "asked [person]"), ("from jsmith, 3 pm", "from [person], 3 pm"), ("JSMITH", None),
        ("asked Strohmeyer", "asked Strohmeyer"), ("the meyer gate", "the meyer gate"), ("ask Clerk", "ask Clerk"),
        ("Approve it", "Approve it"), ("Price of SAP in CRM", "Price of SAP in CRM"), ("Cash, Pal", "Cash, Pal"),
        ("Luc", "Luc"),
    ],
)  # fmt: skip
def test_a_surname_or_a_name_of_one_word_is_found_where_it_is_written_as_one(text: str, shown: str | None) -> None:
    assert passed(text, SINGLE) == (shown or privacy.pseudonym(SECRET, "jsmith"))
    assert looks(text, SINGLE) or passed(text, SINGLE) == text


@pytest.mark.parametrize("label", ["Send to Siebel", "Siebel", "Approve", "Clerk check", "Call Meyer", "Mark as Paid"])
def test_a_label_loses_no_word_to_a_name_of_one_word(label: str) -> None:
    names = people.known(["Siebel", "Approve", "Clerk", "Meyer", "Mark", "Mark Paid"], SECRET)
    assert names.removed(label, is_label=True) == label


def test_thousands_of_names_are_all_found() -> None:
    names = [f"Name{chr(97 + i % 26)}{chr(97 + i // 26 % 26)}{chr(97 + i // 676)} Person" for i in range(3_000)]
    for name in (names[0], names[1_500], names[-1]):
        assert passed(f"by {name}", names) == "by [person]"
        assert looks(f"by {name.upper()}", names)


def looks(text: str, names: list[str] = NAMES) -> bool:
    """Whether SQL finds the text worth a second look."""
    return DATABASE.execute(f"SELECT {look_of(tuple(names))} FROM (SELECT ? AS x)", [text]).fetchall()[0][0]


@given(
    st.sampled_from([*PERSONS, *SPELT, *LOG_INS]),
    st.text(max_size=8),
    st.text(max_size=8),
)
def test_what_the_look_passes_over_holds_no_name(name: str, before: str, after: str) -> None:
    text = f"{before} {name} {after}"
    names = [*NAMES, *SPELT, *LOG_INS]
    assert looks(text, names) or passed(text, names) == text


def test_names_are_nowhere_in_what_is_kept_whichever_column_and_file_of_the_feed_they_stand_in(
    tmp_path: Path, night_of
) -> None:
    one = tmp_path / "in" / "one.csv"
    one.parent.mkdir()
    head = "Ref,Step,End,Agent,System,Note\n"
    one.write_text(
        head
        + "C-1,Call Zarquon Beeble,2026-01-05 09:00:00,Trilby Vogonsk,SAP,fine\n"
        + "Zarquon Beeble-7,Check,2026-01-05 10:00:00,jo.smithers,Vogonsk's PC of Trilby Vogonsk,ask Jo Smithers\n"
        + "C-2,Send to Credit Desk,2026-01-05 11:00:00,Credit Desk,SAP,by Credit Desk\n"
    )
    (one.parent / "two.csv").write_text(
        head + "C-3,Check,2026-01-05 12:00:00,Zarquon Beeble,SAP,ask Vogonsk\x1fTrilby\n"
    )
    columns = {"case_id": "Ref", "activity": "Step", "ended_at": "End", "resource": "Agent", "system": "System"}
    feed = {
        "provider": "A", "process": "P", "files": "*.csv", "timezone": "UTC", "columns": columns,
        "attributes": ["Note"], "roles": ["Credit *"],
    }  # fmt: skip
    with night_of(one.parent, {"a": feed}, until="pulled") as tonight:
        rows = tonight.rows("SELECT COLUMNS(*)::VARCHAR FROM raw.event ORDER BY ALL")
        said = str(rows).casefold()
        assert len(rows) == 4
        assert [name for name in ("zarquon", "beeble", "smithers", "trilby") if name in said] == []
        assert {row["activity"] for row in rows} == {"Call [person]", "Check", "Send to Credit Desk"}
        assert tonight.value("SELECT count(DISTINCT case_id) FROM raw.event") == 4


def test_the_mark_that_parts_texts_is_a_blank_in_a_text_whatever_else_its_row_holds(tmp_path: Path, night_of) -> None:
    one = tmp_path / "in" / "one.csv"
    one.parent.mkdir()
    one.write_text(
        "Ref,Step,End,Agent,Note\n"
        + "C-1,Check\x1fit,2026-01-05 09:00:00,Trilby Vogonsk,fine\n"
        + "C-2,Check\x1fit\x1f,2026-01-05 10:00:00,Trilby Vogonsk,ask a@b.example\n"
        + "C-3,Check,2026-01-05 11:00:00,Trilby Vogonsk,4539 1488\x1f0343 6467\n"
    )
    with night_of(one.parent, {"a": feed("one.csv")}, until="pulled") as tonight:
        rows = tonight.rows("SELECT activity, attributes.Note AS note FROM raw.event ORDER BY case_id")
    assert [row["activity"] for row in rows] == ["Check it", "Check it", "Check"]
    assert [row["note"] for row in rows] == ["fine", "ask [e-mail]", "[card]"]


def feed(pattern: str, **others: object) -> dict:
    columns = {"case_id": "Ref", "activity": "Step", "ended_at": "End", "resource": "Agent"}
    return {"provider": "A", "process": "P", "files": pattern, "timezone": "UTC", "columns": columns,
            "attributes": ["Note"], **others}  # fmt: skip


def deliver(folder: Path, name: str, agent: str, note: str, count: int = 1) -> None:
    rows = [f'C-{name}-{row},Check,2026-01-05 09:00:00,{agent},"{note}"\n' for row in range(count)]
    (folder / name).write_text("Ref,Step,End,Agent,Note\n" + "".join(rows))


def notes(tonight) -> set[str]:
    return {row["note"] for row in tonight.rows("SELECT attributes['Note'] AS note FROM raw.event")}


def test_who_works_for_one_provider_is_named_in_no_note_of_another(folder: Path, night_of) -> None:
    deliver(folder, "a.csv", "Jo Lund", "asked Zarquon Beeble and Smithers")
    deliver(folder, "b.csv", "Zarquon Beeble", "{'by': Jo Lund, 'list': [Jo Lund]}")
    deliver(folder, "c.csv", "Smithers", "fine")
    with night_of(folder, {one: feed(f"{one}.csv") for one in "abc"}, until="pulled") as tonight:
        assert notes(tonight) == {
            "asked [person] and [person]", "{'by': [person], 'list': [[person]]}", "fine"
        }  # fmt: skip


def test_who_worked_on_an_earlier_night_is_known_again_though_no_name_was_kept(folder: Path, night_of) -> None:
    deliver(folder, "a.csv", "Zarquon Beeble", "fine")
    with night_of(folder, {"a": feed("a.csv")}, until="pulled"):
        pass
    kept = (folder.parent / "home/warehouse/names").read_text().casefold()
    assert kept and "zarquon" not in kept and "beeble" not in kept
    deliver(folder, "zarquon_beeble.csv", "Jo Lund", "asked BEEBLE, Zarquon. Or Beeble; not Zarquonia")
    deliver(folder, "c.csv", "EMP48213", "asked z.beeble by mail")
    with night_of(folder, {"a": feed("*.csv")}, until="pulled") as tonight:
        assert notes(tonight) == {"fine", "asked [person]. Or [person]; not Zarquonia", "asked [person] by mail"}
        files = [row["source_file"] for row in tonight.rows("SELECT source_file FROM raw.delivery ORDER BY ALL")]
        assert len(files) == 3 and not any("zarquon" in file for file in files)


def test_who_worked_on_an_earlier_night_is_known_again_in_another_spelling(folder: Path, night_of) -> None:
    deliver(folder, "a.csv", "Brünhilde O'Zarquon", "fine")
    with night_of(folder, {"a": feed("a.csv")}, until="pulled"):
        pass
    deliver(folder, "b.csv", "Jo Lund", "asked Bruenhilde OZarquon. O\u2019Zarquon and then Brunhilde O'Za\u00adrquon")
    with night_of(folder, {"a": feed("*.csv")}, until="pulled") as tonight:
        assert notes(tonight) == {"fine", "asked [person]. [person] and then [person]"}


def test_a_name_behind_an_escape_is_found_on_its_first_night_and_on_later_ones(folder: Path, night_of) -> None:
    deliver(folder, "a.csv", "Brünhilde Beeble", r"checked\nbrünhilde beeble, Br\u00fcnhilde&nbsp;Beeble")
    deliver(folder, "n.csv", r"LAMP\nina4", r"LAMP\nina4 took C:\new, 4111&nbsp;1111&nbsp;1111&nbsp;1111")
    with night_of(folder, {"a": feed("*.csv")}, until="pulled") as tonight:
        assert notes(tonight) == {"checked [person], [person]", r"[person] took C: ew, [card]"}
    deliver(folder, "b.csv", "Jo Lund", r"asked\nbrünhilde beeble, br&uuml;nhilde%20beeble; C:\new")
    with night_of(folder, {"a": feed("b.csv")}, until="pulled") as tonight:
        assert notes(tonight) >= {"asked [person], [person]; C: ew"}


def test_a_staff_number_is_not_remembered_and_harms_no_later_night(tmp_path: Path) -> None:
    known_names.remember(tmp_path, SECRET, people.called(["10138", "Jo Lund"], SECRET))
    assert "10138" not in (tmp_path / known_names.FILE).read_text()
    assert [one.words for one in known_names.recognised(tmp_path, SECRET, ["jo", "lund"])] == [("jo", "lund")]


EARLIER = [
    "10140.0", "Anneliese Hoffmeister", "Bartholomew Kingsnorth", "Søren Kjærgaard", "Müller-Lüdenscheidt, Ottokar",
    "María José García-Solís", "Anna Maria Lindqvist", "Paul Strohm", "EMP48213", "EMP-77", "48213977", "4821397",
    "10138", "xq7714", "lindqvist_m", "azimbrowski", "CORP\\k_lund2", "u.1234", "Bo Ok",
]  # fmt: skip


def met_again(folder: Path, text: str) -> str:
    known_names.remember(folder, SECRET, people.called(EARLIER, SECRET))
    words = known_names.met(folder, SECRET, spelling.words_and_log_ins_of(text))
    return people.people_called(known_names.recognised(folder, SECRET, words)).removed(text)


@pytest.mark.parametrize(
    "form",
    [
        "a.hoffmeister", "A_HOFFMEISTER", "ahoffmeister", "AnnelieseHoffmeister", "HoffmeisterAnneliese",
        "BartholomewKingsnorth", "bartholomew_kingsnorth", "s.kjaergaard", "o.mueller-luedenscheidt",
        "m.garcia-solis", "AnnaMaria.Lindqvist", "lindqvist, annamaria", "AnnaLindqvist", "a.lindqvist", "p.strohm",
        "EMP48213", "emp48213", "emp-77", "48213977", "4821397", "XQ7714", "lindqvist_m", "Azimbrowski", "azimbrowski",
        "corp\\k_lund2", "K_Lund2", "u.1234",
    ],
)  # fmt: skip
def test_of_who_worked_on_an_earlier_night_the_log_in_alone_is_known_again(tmp_path: Path, form: str) -> None:
    assert met_again(tmp_path, f"ask {form}, now") == "ask [person], now"
    assert met_again(tmp_path, form) in {
        "[person]", *(privacy.pseudonym(SECRET, name) for name in EARLIER)
    }  # fmt: skip


@pytest.mark.parametrize(
    "text",
    [
        "no. 10138",
        "10140.0",
        "b.hoffmeister",
        "xq77",
        "EMP 48213",
        "emp 77",
        "AnnelieseH",
        "u 1234",
        "the book",
        "bok",
    ],
)
def test_what_is_no_log_in_of_who_worked_on_an_earlier_night_stays(tmp_path: Path, text: str) -> None:
    assert met_again(tmp_path, f"see {text}, now") == f"see {text}, now"


def test_another_homes_key_knows_nobody_again(tmp_path: Path) -> None:
    known_names.remember(tmp_path, SECRET, people.called(["Zarquon Beeble"], SECRET))
    assert known_names.recognised(tmp_path, SECRET + "x", ["zarquon", "beeble"]) == []
    assert known_names.recognised(tmp_path, SECRET, ["zarquon"]) == []
    assert known_names.recognised(tmp_path, SECRET, ["x", "zarquon", "beeble"])[0].words == ("zarquon", "beeble")


def test_a_file_called_after_somebody_met_later_is_still_the_same_file(folder: Path, night_of, published) -> None:
    deliver(folder, "jo_lund.csv", "Zarquon Beeble", "fine", count=5)
    with night_of(folder, {"a": feed("*.csv")}, until="pulled") as tonight:
        assert [row["source_file"] for row in tonight.rows("FROM raw.delivery")] == ["jo_lund.csv"]
        published(tonight)
    deliver(folder, "second.csv", "Jo Lund", "fine", count=5)
    with night_of(folder, {"a": feed("*.csv")}, until="pulled", on=date(2026, 11, 22)) as tonight:
        rows = tonight.rows("SELECT source_file, status FROM raw.delivery ORDER BY ALL")
        assert [row["status"] for row in rows] == ["unchanged", "new"]
        assert rows[0]["source_file"].startswith("[person].csv ")
        published(tonight)
    with night_of(folder, {"a": feed("*.csv")}, until="pulled", on=date(2026, 11, 23)) as tonight:
        assert [row["status"] for row in tonight.rows("FROM raw.delivery")] == ["unchanged", "unchanged"]
        assert "lund" not in str(tonight.rows("FROM raw.delivery"))


def test_a_report_of_a_file_that_lacks_a_column_names_nobody_who_works_in_it(folder: Path, night_of) -> None:
    (folder / "a.csv").write_text("Ref,Step,Agent,Note,Zarquon Beeble said\nC-1,Check,Zarquon Beeble,fine,\n")
    deliver(folder, "b.csv", "Jo Lund", "fine")
    with night_of(folder, {"a": feed("a.csv"), "b": feed("b.csv")}, until="pulled") as tonight:
        told = tonight.rows("FROM raw.pull_trouble")[0]["trouble"]
        assert "[person] said" in told and "zarquon" not in told.casefold()


def test_a_report_names_nobody_who_works_there(folder: Path, night_of) -> None:
    deliver(folder, "a.csv", "Jo Lund", "fine")
    (folder / "jo_lund.csv").write_text("Ref,Step,End,Agent,Jo Lund said\n")
    with night_of(folder, {"a": feed("*.csv"), "b": feed("a.csv")}, until="pulled") as tonight:
        told = tonight.rows("FROM raw.pull_trouble")[0]["trouble"]
        assert "[person].csv" in told and "lund" not in told.casefold()
