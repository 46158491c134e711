"""The names in the resource column are kept out of notes and values too."""

from __future__ import annotations

import duckdb
import pytest

from essa import privacy

SECRET = "a secret of more than sixteen characters"
NAMES = ["Asha Rao", "Jean-Luc d'Arc", "José Peñá", "SAP", "Clerk-1", "8997"]


def passed(text: str, macro: str = "redacted_value") -> str:
    with duckdb.connect() as connection:
        privacy.install(connection, SECRET)
        privacy.know_people(connection, NAMES)
        return connection.execute(f"SELECT {macro}(?)", [text]).fetchall()[0][0]


def test_a_value_that_is_a_resources_name_becomes_its_pseudonym() -> None:
    assert passed("Asha Rao") == privacy.pseudonym(SECRET, "Asha Rao")


@pytest.mark.parametrize("text", ["ask asha  rao now", "ask Rao, Asha now", "ask ASHA RAO now"])
def test_a_name_inside_a_note_is_taken_out_in_any_case_and_order(text: str) -> None:
    assert passed(text) == "ask [person] now"


def test_a_name_may_end_in_a_letter_that_is_not_english() -> None:
    assert passed("for José Peñá.") == "for [person]."


@pytest.mark.parametrize("text", ["Marsha Raoson", "booked in SAP", "Clerk-1", "8997", "12.50"])
def test_what_is_no_name_of_a_person_stays(text: str) -> None:
    assert passed(text) == text


def test_labels_keep_the_words_of_a_role() -> None:
    assert passed("Settle with Asha Rao", "redacted") == "Settle with Asha Rao"


def test_thousands_of_names_are_all_found() -> None:
    names = [f"Name{chr(97 + i % 26)}{chr(97 + i // 26 % 26)}{chr(97 + i // 676)} Person" for i in range(3_000)]
    with duckdb.connect() as connection:
        privacy.install(connection, SECRET)
        privacy.know_people(connection, names)
        for name in (names[0], names[1_500], names[-1]):
            found = connection.execute("SELECT redacted_value(?)", [f"by {name}"]).fetchall()
            assert found == [("by [person]",)]
