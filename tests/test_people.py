"""The names in the resource column are kept out of notes and values too."""

from __future__ import annotations

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from essa import people, privacy

SECRET = "a secret of more than sixteen characters"
NAMES = ["Asha Rao", "Jean-Luc d'Arc", "José Peñá", "Li Wu", "SAP", "Clerk-1", "8997"]


def passed(text: str, names: list[str] = NAMES) -> str:
    return people.known(names, SECRET).removed(text)


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


def test_thousands_of_names_are_all_found() -> None:
    names = [f"Name{chr(97 + i % 26)}{chr(97 + i // 26 % 26)}{chr(97 + i // 676)} Person" for i in range(3_000)]
    for name in (names[0], names[1_500], names[-1]):
        assert passed(f"by {name}", names) == "by [person]"
        assert looks(f"by {name.upper()}", names)


def looks(text: str, names: list[str] = NAMES) -> bool:
    """Whether SQL finds the text worth a second look."""
    with duckdb.connect() as connection:
        found = connection.execute(f"SELECT {people.known(names, SECRET).look_sql('x')} FROM (SELECT ? AS x)", [text])
        return found.fetchall()[0][0]


@given(
    st.sampled_from([name for name in NAMES if name not in ("SAP", "Clerk-1", "8997")]),
    st.text(max_size=8),
    st.text(max_size=8),
)
def test_what_the_look_passes_over_holds_no_name(name: str, before: str, after: str) -> None:
    text = f"{before} {name} {after}"
    assert looks(text) or passed(text) == text
