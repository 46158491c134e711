"""Names keep from night to night, an analyst's word wins, and what is left open is asked."""

from __future__ import annotations

import csv
import itertools
import re
from dataclasses import replace
from datetime import date, timedelta
from functools import partial
from pathlib import Path

import pytest
import yaml
from hypothesis import example, given, settings
from hypothesis import strategies as st

from essa import contract, naming, settings_file
from essa.errors import UsageError
from essa.naming import hints, lexicon, names_file, numbered, review
from essa.naming.context import Context
from essa.naming.deciding import Decision, decide, name_activities
from essa.naming.home import Home
from essa.naming.homonyms import homonyms
from essa.naming.judging import Verdict
from essa.naming.names_file import NamesFile, Said
from essa.naming.proposing import Asked, propose
from essa.naming.remembering import Named
from essa.naming.repair import Step
from essa.naming.spelt import american
from essa.naming.words import plain, words
from essa.night import name_activities as name_activities_of_night
from essa.night import run_id


def pairs(name: str, is_same: bool) -> list[tuple[str, str]]:
    with (Path(__file__).parent / f"{name}_pairs.csv").open(encoding="utf-8", newline="") as file:
        return [(row["a"], row["b"]) for row in csv.DictReader(file) if (row["same"] == "1") == is_same]


DIFFERENT = pairs("hard", False) + pairs("label", False)
WORDS = words()


def named(counts: dict[str, int], context: Context | None = None, **asked: object) -> Decision:
    return decide(propose(Asked(counts, **asked), WORDS), context)


def activities(decision: Decision) -> dict[str, str]:
    return {one.label: one.activity for one in decision.named}


def around(rare: str, hub: str, rare_beside: dict, hub_beside: dict, anywhere: dict, shared: int = 0) -> Context:
    """A context of one channel."""
    return Context(
        {(rare, "before"): rare_beside, (hub, "before"): hub_beside},
        {"before": anywhere},
        {rare: sum(rare_beside.values()), hub: sum(hub_beside.values())},
        {},
        {(rare, hub): shared},
    )


# What the words say


@pytest.mark.parametrize("counts", [(5, 2), (1, 1), (40, 30), (1000, 900), (900, 5), (5, 900)], ids=str)
def test_two_steps_are_never_one_however_alike(counts):
    joined = [
        pair
        for pair in DIFFERENT
        if len({found.activity for found in name_activities(dict(zip(pair, counts, strict=True)))}) != 2
    ]
    assert joined == []


@pytest.mark.parametrize(("count", "other_count"), [(5, 2), (900, 5), (5, 900)])
@pytest.mark.parametrize(("name", "share"), [("hard", 0.05), ("label", 0.15)])
def test_nearly_all_pairs_of_one_step_are_found_from_the_words_alone(name, share, count, other_count):
    alike = pairs(name, True)
    missed = [
        pair
        for pair in alike
        if len(set(activities(named(dict(zip(pair, (count, other_count), strict=True)))).values())) == 2
    ]
    assert len(missed) <= share * len(alike), missed


@pytest.mark.parametrize(
    ("counts", "apart"),
    [
        ({"Check eligibility": 900, "Check eligibilty": 3}, False),
        ({"Check quorum": 900, "Check quarum": 3}, True),  # a word hardly anybody writes: its neighbours are not known
        ({"Check quorum": 900, "Check qourum": 3}, False),  # but there the hand slipped
        ({"Enter zorblat": 900, "Enter zorblta": 3}, True),  # no list knows either
        ({"Enter zorblat": 900, "Void zorblat": 90, "Post zorblat": 90, "Enter zorblta": 3}, False),  # the log does
        ({"Pick bulb": 900, "Pick buld": 300}, True),
        ({"Scan IgG": 900, "Scan IgM": 3}, True),
    ],
)
def test_a_slip_is_rare_beside_the_word_it_is_a_slip_of(counts, apart):
    assert (len(set(activities(named(counts)).values())) == 2) is apart


def test_a_short_form_of_two_words_is_nobodys():
    counts = {"Close inventory": 50, "Close investigation": 40, "Close inv.": 3}
    decision = named(counts)
    assert activities(decision)["Close inv."] == "Close inv."
    assert {doubt.trouble for doubt in decision.doubts} == {"several hubs"}


def test_every_attachment_says_why():
    (found,) = [one for one in named({"Approve claim": 50, "Aprove claim": 2}).named if one.label == "Aprove claim"]
    assert (found.rule, found.edits, found.hub, found.log_odds) == ("slip", 1, "Approve claim", None)
    assert 0.5 < found.score < 1


# What the log says to it


def test_the_log_decides_what_letters_leave_open():
    counts = {"Bring drinks": 400, "Bring drinka": 6, "Pay": 400}
    like = around("Bring drinka", "Bring drinks", {"Order": 6}, {"Order": 400}, {"Order": 406, "Pay": 900})
    unlike = around("Bring drinka", "Bring drinks", {"Pay": 6}, {"Order": 400}, {"Order": 400, "Pay": 906})
    assert activities(named(counts, like))["Bring drinka"] == "Bring drinks"
    assert activities(named(counts, unlike))["Bring drinka"] == "Bring drinka"
    assert activities(named(counts, None))["Bring drinka"] == "Bring drinka"


def test_what_stands_in_the_same_cases_is_two_steps():
    counts = {"Post payment": 400, "Post paymnt": 20}
    both = around("Post paymnt", "Post payment", {"x": 20}, {"x": 400}, {"x": 420, "y": 9}, shared=15)
    decision = named(counts, both)
    assert activities(decision)["Post paymnt"] == "Post paymnt"
    assert [doubt.trouble for doubt in decision.doubts] == ["same cases"]


def test_context_alone_never_makes_two_steps_one():
    counts = {"Approve claim": 400, "Reject claim": 40}
    same = around("Reject claim", "Approve claim", {"x": 40}, {"x": 400}, {"x": 440, "y": 4000})
    assert len(set(activities(named(counts, same)).values())) == 2


def test_a_synonym_needs_its_list_and_the_log_together():
    counts = {"File invoice": 400, "Archive invoice": 40}
    same = around("Archive invoice", "File invoice", {"x": 40}, {"x": 400}, {"x": 440, "y": 4000})
    assert activities(named(counts, same))["Archive invoice"] == "File invoice"
    assert activities(named(counts, None))["Archive invoice"] == "Archive invoice"


# The memory


def test_a_known_spelling_keeps_its_activity_when_another_becomes_more_frequent():
    before = {one.label: one for one in named({"Check order": 9, "check order": 5, "Chekc order": 1}).named}
    decision = named({"Check order": 9, "check order": 50, "Chekc order": 90}, known=before)
    assert set(activities(decision).values()) == {"Check order"}
    assert all(one.previous_activity is None for one in decision.named)


def test_a_name_learned_stays_when_its_right_spelling_is_gone():
    before = {one.label: one for one in named({"Approve claim": 9, "Aprove claim": 1}).named}
    (found,) = named({"Aprove claim": 1}, known=before).named
    assert (found.activity, found.rule, found.hub) == ("Approve claim", "slip", "Approve claim")


def test_all_slips_keep_the_name_they_learned_when_its_right_spelling_is_gone():
    known = {one.label: one for one in named({"Tune piano": 900, "Tune pinao": 1, "Tuune piano": 2}).named}
    after = named({"Tune pinao": 1, "Tuune piano": 2}, known=known)
    assert set(activities(after).values()) == {"Tune piano"}
    assert not any(one.previous_activity for one in after.named)


def test_a_name_learned_stays_when_other_labels_tell_another_language():
    counts = {"Haut kammen": 40, "Haut kämmen": 5, "Feed category": 5, "Weigh 5 µg": 5}
    before = named({**counts, "Haut kamen": 2})
    after = named(counts, known={one.label: one for one in before.named})
    assert activities(before)["Haut kämmen"] == activities(after)["Haut kämmen"] == "Haut kammen"


def test_a_known_name_moves_only_on_clear_evidence_and_says_so():
    before = {one.label: one for one in named({"Aprove claim": 1, "Bring drinka": 3}).named}
    counts = {"Aprove claim": 1, "Approve claim": 90, "Bring drinka": 3, "Bring drinks": 90}
    decision = named(counts, known=before)
    assert {one.label: one.previous_activity for one in decision.named} == {
        "Approve claim": None, "Aprove claim": "Aprove claim", "Bring drinka": None, "Bring drinks": None,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("label", "hub"),
    [
        ("Set valve to -5", "Set valve to 5"), ("Level 1² check", "Level 12 check"), ("Run test 3", "Run test 2"),
        ("Do not ship order", "Ship order"), ("Reject claim", "Approve claim"), ("Give .5 mg", "Give 5 mg"),
        ("Grade A-", "Grade A"), ("Cut 6\u2032 post", "Cut 6\u2033 post"),
    ],
)  # fmt: skip
def test_what_an_earlier_version_took_for_one_against_a_guard_is_parted_and_asked(label, hub):
    before = {hub: Named(hub, hub, "own"), label: Named(label, hub, "same letters")}
    proposal = propose(Asked({hub: 90, label: 9}, known=before), WORDS)
    decision = decide(proposal, None)
    (row,) = [row for row in review.rows("P", proposal, decision) if row["kind"] == "changed"]
    assert activities(decision) == {label: label, hub: hub}
    assert "tells them apart" in row["reason"] and row["if_same"].startswith(f'- ["{hub}", "{label}"]')
    told = Said(same=([hub, label],))
    assert set(activities(named({hub: 90, label: 9}, known=before, said=told)).values()) == {hub}


@pytest.mark.parametrize(
    ("label", "hub", "rule"),
    [
        ("Close ticket 48213", "Close ticket", "known"), ("Seocnd review", "2nd review", "slip"),
        ("Do nto ship order", "Do not ship order", "small word"), ("Step -5", "Step 5", "analyst"),
        ("EVENT1 3 END", "EVENT 13 END", "moved blank"), ("L1 triage", "Level 1 triage", "abbreviation"),
    ],
)  # fmt: skip
def test_memory_holds_where_no_guard_stands_between_or_an_analyst_said_so(label, hub, rule):
    said = Said(same=([hub, label],)) if rule == "analyst" else Said()
    before = {hub: Named(hub, hub, "own"), label: Named(label, hub, rule)}
    assert activities(named({hub: 90, label: 60}, known=before, said=said))[label] == hub


# The analyst's word


def test_an_analysts_word_wins_over_letters():
    said = Said(same=(["Approve claim", "OK clm"],), different=(["Invoice sent", "Send invoice"],))
    found = activities(named({"Approve claim": 9, "OK clm": 2, "Invoice sent": 5, "Send invoice": 7}, said=said))
    assert found["OK clm"] == "Approve claim"
    assert found["Invoice sent"] != found["Send invoice"]


@pytest.mark.parametrize(
    ("said", "counts", "activity_count"),
    [
        ({"same": (["Tuning", "Stimmen", "Accorder"],)}, {"Stimmen": 30, "Accorder": 20}, 1),
        ({"same": (["Stimmen", "Tuning"], ["Tuning", "Accorder"])}, {"Stimmen": 30, "Accorder": 20}, 1),
        (
            {"same": (["Cap comb", "Uncap frmae"],), "different": (["Cap comb", "Uncap frame"],)},
            {"Uncap frame": 900, "Uncap frmae": 4},
            2,
        ),
    ],
)
def test_a_label_that_is_not_delivered_holds_together_and_apart_what_an_analyst_put_to_it(said, counts, activity_count):
    assert len(set(activities(named(counts, said=Said(**said))).values())) == activity_count


def test_what_an_analyst_puts_to_a_slip_rests_on_that_word_and_goes_with_it():
    counts = {"Uncap frame": 5, "Uncap frmae": 900, "Uncap rfmae": 2}
    told = named(counts, said=Said(same=(["Uncap frmae", "Uncap rfmae"],)))
    (why,) = [one for one in told.named if one.label == "Uncap rfmae"]
    assert (why.activity, why.rule) == ("Uncap frame", "analyst")
    back = named(counts, known={one.label: one for one in told.named})
    assert activities(back) == activities(named(counts))


def test_an_analyst_names_a_step_with_all_its_spellings():
    said = Said(call={"Approve claim": "Claim approval (final)"})
    found = named({"Approve claim": 9, "approve  CLAIM": 1, "Aprove claim": 1}, said=said)
    assert set(activities(found).values()) == {"Claim approval (final)"}


def test_an_analysts_different_holds_against_an_earlier_night():
    before = {one.label: one for one in named({"Approve claim": 9, "Aprove claim": 1}).named}
    said = Said(different=(["Aprove claim", "Approve claim"],))
    decision = named({"Approve claim": 9, "Aprove claim": 1}, known=before, said=said)
    assert activities(decision)["Aprove claim"] == "Aprove claim"
    assert {one.previous_activity for one in decision.named} == {None, "Approve claim"}


def test_the_word_lists_of_an_analyst_are_used():
    said = NamesFile.model_validate(
        {"words": {"abbreviations": {"mtr": "meter"}, "business": ["quarum"], "organisation": ["lane"]}}
    )
    lists = said.word_lists()

    def count(counts: dict[str, int]) -> int:
        return len({one.activity for one in decide(propose(Asked(counts), lists), None).named})

    assert count({"Read meter": 90, "Read mtr": 40}) == 1
    assert count({"Check quorum": 900, "Check quarum": 3}) == 2
    assert count({"Weigh parcel": 90, "Weigh parcel - Lane 4": 3}) == 1


def write(folder: Path, text: str) -> Path:
    path = folder / "names.yaml"
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("same:\n- [a, b]\n- [b, c]\ndifferent:\n- [c, a]\n", ("line 2", "line 3", "line 5")),
        ("call: {a: X, b: Y}\nsame: [[a, b]]\n", ("line 1", "line 1", "line 2")),
        ("call:\n  a: b\n  b: a\n", ("line 2", "line 3")),
        ("call:\n  a: b\n  b: c\n", ("line 2", "line 3")),
        ("call:\n  a: b\n  c: a\n  b: c\n", ("line 2", "line 4")),
        ("same: &x [[a, b]]\nprocesses:\n  P:\n    different: *x\n", ("line 1", "line 4")),
        ("same: [[a, b], [b, c]]\ndifferent: [[a, c]]\n", ("line 1", "line 1", "line 2")),
        ("words:\n  abbreviations: {in: [inner, out]}\n  opposites:\n  - [Out, in]\n", ("line 2", "line 4")),
        ("different:\n- [a, c]\nsame:\n- [b, c]\n- [a, b]\n", ("line 2", "line 4", "line 5")),
        ("different:\n- [a, b]\nprocesses:\n  Claims:\n    same:\n    - [b, a]\n", ("line 2", "line 6")),
        ("call:\n  a: X\n  b: X\ndifferent: [[a, b]]\n", ("line 2", "line 3", "line 4")),
        ("call:\n  Block-card: Cancel_card\n  Cancel-Card: block_card\n", ("line 2", "line 3")),
        ("call:\n  Block card: Cancel card\n  Card cancelled: Card blocked\n", ("line 2", "line 3")),
        ("same: [[Block-card, cancel card]]\ndifferent: [[block_card, Cancel-Card]]\n", ("line 1", "line 2")),
        ("call:\n  Block-card: X\n  block card: Y\nsame: [[Block-card, block card]]\n", ("line 2", "line 3", "line 4")),
    ],
)
def test_lines_that_cannot_both_hold_are_shown(tmp_path, text, lines):
    with pytest.raises(UsageError) as refused:
        names_file.read(write(tmp_path, text))
    assert re.findall(r"line \d+(?=: )", str(refused.value)) == list(lines)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("smae: [[a, b]]\n", "did you mean `same`?"),
        ("words: {abreviations: {}}\n", "did you mean `abbreviations`?"),
        ("processes: {P: {cal: {a: b}}}\n", "did you mean `call`?"),
        ("different: [[a, a]]\n", "cannot differ from itself"),
        ("same: [[a]]\n", "same.0"),
        ("same: [a\n", "not YAML"),
    ],
)
def test_a_mistake_in_the_file_is_named(tmp_path, text, said):
    with pytest.raises(UsageError) as refused:
        names_file.read(write(tmp_path, text))
    assert said in str(refused.value) and refused.value.exit_code == 2


@pytest.mark.parametrize("read", [names_file.read, settings_file.read])
def test_a_folder_where_a_file_is_read_is_said(tmp_path, read):
    with pytest.raises(UsageError, match="is a directory"):
        read(tmp_path)


def test_what_all_processes_are_told_and_one_is_told_goes_together(tmp_path):
    read = names_file.read(write(tmp_path, "same: [[a, b]]\nprocesses: {P: {different: [[a, c]]}}\n"))
    assert (read.of("P").different, read.of("Q").different, read.of("P").same) == ((["a", "c"],), (), (["a", "b"],))


# Properties

LABELS = st.sampled_from(
    """Approve claim|Aprove claim|approve claim|Claim approval|Reject claim|Approve claims|Send invoice|Invoice sent
    |Send invioce|Resend invoice|Enter inv. data|Enter invoice data|Enter invoice date|Match to PO|Match to PR
    |Match to purchase order|L1 triage|Level 1 triage|Level 2 triage|Pay by wire|Pay by check|Pay by cheque
    |Prüfung abgelehnt|Prüfung abgelehtn|Close ticket #48213|Close ticket""".replace("\n    ", "").split("|")
)
LOGS = st.dictionaries(LABELS, st.integers(1, 2000), min_size=1, max_size=14)


@settings(max_examples=60)
@given(LOGS, st.randoms(use_true_random=False))
def test_shuffling_changes_nothing(counts, random):
    shuffled = list(counts.items())
    random.shuffle(shuffled)
    assert named(dict(shuffled)) == named(counts)


@settings(max_examples=60)
@given(LOGS, LOGS)
def test_more_cases_rename_nothing_that_was_attached(counts, more):
    before = {one.label: one for one in named(counts).named}
    grown = {label: counts.get(label, 0) + more.get(label, 0) for label in counts | more}
    after = {one.label: one for one in named(grown, known=before).named}
    for label, one in before.items():
        if after[label].activity != one.activity:
            assert after[label].previous_activity == one.activity


SLIPS = """Apply tariff|Apply tarifa|Check tariff code|Check tarif code|Confirm booking|Confirm bokking
    |Inspect consignment|Inspect consigment|Verify affidavit|Verify affidavat|Call customer|Call costumer
    |Bring food|Bring fopd|Weigh deer|Weigh beer""".replace("\n    ", "").split("|")


@settings(max_examples=60)
@example(dict.fromkeys(SLIPS, 5) | dict.fromkeys(SLIPS[::2], 900), 2)
@given(st.dictionaries(st.sampled_from(SLIPS), st.integers(1, 2000), min_size=2, max_size=8), st.integers(2, 30))
def test_as_many_times_more_cases_part_nothing(counts, times):
    before = activities(named(counts))
    after = activities(named({label: times * count for label, count in counts.items()}))
    assert all(after[label] == after[one] for label, one in before.items())


def test_what_is_said_of_two_labels_alone_is_said_of_them_among_others():
    alone = {"Check tariff code": 900, "Check tarif code": 5}
    others = {"Apply tariff": 900, "Lodge customs declaration": 900, "Inspect cargo": 900, "Release goods": 900}
    for counts in (alone, alone | others):
        proposal = propose(Asked(counts), WORDS)
        (row,) = review.rows("P", proposal, decide(proposal, None))
        assert (row["label"], row["rule"]) == ("Check tarif code", "edge")


@settings(max_examples=60)
@example({"Prüfung abgelehnt": 1, "Prüfung abgelehtn": 1, **{f"{verb} claim": 1 for verb in ("Aprove", "approve", "Pay",
          "Approve", "Close", "Open", "Reject", "Review", "Send", "Check", "File")}})  # fmt: skip
@example({"Check tariff code": 900, "Chekc tariff code": 3, "Check tarif code": 5})
@given(LOGS | st.dictionaries(st.sampled_from(SLIPS), st.integers(1, 2000), min_size=2, max_size=8))
def test_a_night_on_unchanged_labels_finds_and_asks_the_same(counts):
    first = propose(Asked(counts), WORDS)
    before = decide(first, None)
    second = propose(Asked(counts, known={one.label: one for one in before.named}), WORDS)
    after = decide(second, None)
    assert after.named == before.named
    assert review.rows("P", second, after) == review.rows("P", first, before)


@settings(max_examples=40)
@given(LOGS)
def test_pairs_kept_from_an_earlier_night_say_what_they_said(counts):
    proposal = propose(Asked(counts), WORDS)
    again = propose(Asked(counts, kept=proposal.read.kept), WORDS)
    assert not again.read.is_new and again.read.kept == proposal.read.kept
    assert again.verdicts == proposal.verdicts and again.groups == proposal.groups
    known = {one.label: one for one in decide(proposal, None).named}
    assert named(counts, known=known, kept=proposal.read.kept) == named(counts, known=known)
    assert decide(again, None) == decide(proposal, None)


# The night

STEPS = ["Receive claim", "Approve claim", "Pay claim"]


def feed(
    folder: Path, process: str = "Claims", typed: dict[int, str] | None = None, case_count: int = 60
) -> dict[str, dict]:
    """Cases of three steps; `typed` gives other spellings of the second by case."""
    lines = ["case,step,end"]
    for case in range(case_count):
        for place, step in enumerate(STEPS):
            label = (typed or {}).get(case, step) if place == 1 else step
            lines.append(f"c{case},{label},2026-03-01 {8 + place:02d}:{case % 60:02d}:00")
    (folder / "log.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    columns = {"case_id": "case", "activity": "step", "ended_at": "end"}
    return {"f": {"provider": "Alpha", "process": process, "files": "log.csv", "timezone": "UTC", "columns": columns}}


TYPED = {3: "Aprove claim", 4: "Approve claim (Nexus)", 5: "APPROVE CLAIM", 6: "Approve claim c6"}


def labels(warehouse) -> dict[str, str]:
    rows = warehouse.rows("SELECT label, activity FROM core.activity_label ORDER BY label")
    return {row["label"]: row["activity"] for row in rows}


@pytest.fixture
def keep(published):
    def build_and_publish(warehouse) -> None:
        warehouse.build("ops.label_memory")
        published(warehouse)

    return build_and_publish


def test_a_night_asks_the_log_and_leaves_a_queue(folder, night_of):
    with night_of(folder, feed(folder, typed=TYPED), until="events") as warehouse:
        found = labels(warehouse)
        (asked,) = warehouse.rows("SELECT * FROM core.label_review")
        (why,) = warehouse.rows("SELECT * FROM core.activity_label WHERE label = 'Aprove claim'")
    assert found["Aprove claim"] == found["APPROVE CLAIM"] == "Approve claim"
    assert found["Approve claim (Nexus)"] == "Approve claim (Nexus)"
    assert (asked["rank"], asked["kind"], asked["label"]) == (1, "close", "Approve claim (Nexus)")
    assert asked["if_same"] == '- ["Approve claim", "Approve claim (Nexus)"]  # under processes: "Claims": same:'
    assert why["log_odds"] > 0 and why["hub"] == "Approve claim" and why["rule"] == "slip"


def test_a_word_in_names_yaml_changes_the_next_night_and_nothing_else(folder, night_of, keep):
    feeds = feed(folder, typed=TYPED)
    with night_of(folder, feeds, until="events") as warehouse:
        before, home, on = labels(warehouse), warehouse.home, warehouse.night
        keep(warehouse)
    write(home, 'processes:\n  Claims:\n    same:\n    - ["Approve claim (Nexus)", "Approve claim"]\n')
    with night_of(folder, feeds, until="events", on=on + timedelta(days=1)) as warehouse:
        after = labels(warehouse)
        queue = warehouse.rows("SELECT kind, label, other FROM core.label_review")
    assert after == before | {"Approve claim (Nexus)": "Approve claim"}
    assert queue == [{"kind": "changed", "label": "Approve claim (Nexus)", "other": "Approve claim"}]


def test_a_night_on_unchanged_data_leaves_names_and_queue_as_they_were(folder, night_of, keep):
    feeds = feed(folder, typed=TYPED | {9: "Aprove claims", 10: "Approve claim (Hollow)", 11: "Approve clam"})
    found = []
    for night in range(2):
        with night_of(folder, feeds, until="events", on=date(2026, 11, 20) + timedelta(days=night)) as warehouse:
            tables = "core.activity_label", "core.label_review", "core.label_neighbour"
            found.append([warehouse.rows(f"SELECT * FROM {table} ORDER BY ALL") for table in tables])
            keep(warehouse)
    assert found[0] == found[1] and len(found[0][1]) > 2


def test_names_keep_when_the_log_turns_round(folder, night_of, keep):
    with night_of(folder, feed(folder, typed=TYPED), until="events") as warehouse:
        home, on = warehouse.home, warehouse.night
        before = labels(warehouse)
        keep(warehouse)
    assert home.exists()
    turned = feed(folder, typed=dict.fromkeys(range(55), "Aprove claim"))
    with night_of(folder, turned, until="events", on=on + timedelta(days=1)) as warehouse:
        after = labels(warehouse)
    assert all(before[label] == after[label] for label in before.keys() & after.keys())


def test_another_name_of_the_process_changes_no_activity_and_draws_the_same_sample(folder, night_of):
    found, drawn = [], []
    for process in ("Claims", "Another"):
        feeds = feed(folder, process, TYPED, case_count=700)
        with night_of(folder, feeds, until="events", names_sample_events=1000) as warehouse:
            found.append(labels(warehouse))
            drawn.append(
                [
                    warehouse.rows(f"SELECT * EXCLUDE (process) FROM {table} ORDER BY ALL")
                    for table in ("core.label_place", "core.label_event")
                ]
            )
    assert found[0] == found[1]
    assert drawn[0] == drawn[1]
    assert 0 < sum(row["event_count"] for row in drawn[0][0]) < 3 * 700


@pytest.mark.real_data
@pytest.mark.parametrize("kind", ["polluted", "distorted"])
def test_a_night_on_a_log_made_dirty_repairs_it(kind, datasets, folder, night_of):
    path = datasets / "label_repair" / f"pub_{kind}.parquet"
    columns = {"case_id": "Case", "activity": "Activity", "ended_at": "Timestamp"}
    feeds = {"pub": {"provider": "Pub", "process": "Pub", "files": str(path), "timezone": "UTC", "columns": columns}}
    with night_of(folder, feeds, until="events", on=date(2026, 11, 21)) as warehouse:
        (share,) = warehouse.rows(
            f"""WITH meant AS (
                SELECT Activity AS label, canonical, count(*) AS weight FROM '{path}' WHERE canonical <> '' GROUP BY ALL
            )
            SELECT sum(weight) FILTER (label <> canonical AND activity = canonical)
                    / sum(weight) FILTER (label <> canonical) AS repair,
                count(*) FILTER (label = canonical AND activity <> canonical) AS harmed_count
            FROM meant JOIN core.activity_label USING (label)"""
        )
    assert share["harmed_count"] == 0
    assert share["repair"] >= 0.98


def test_both_published_tables_tell_what_they_hold():
    assert contract.load("core.label_review").is_published and contract.load("core.activity_label").is_published


@pytest.mark.parametrize(
    ("hub", "rare"),
    [("Test HIV", "Test HCV"), ("Set up VPN", "Set up VPS"), ("Pay GBP", "Pay GIP"), ("Ship UK", "Ship UA")],
)
def test_acronyms_a_letter_apart_stay_apart_however_rare_one_is(hub, rare):
    assert activities(named({hub: 900, rare: 5})) == {hub: hub, rare: rare}


@pytest.mark.parametrize("is_known", [False, True])
@pytest.mark.parametrize(
    ("said", "right", "slip"),
    [
        (Said(call={"Aprove claim": "Special"}), "Special", "Special"),
        (Said(call={"approve  claim": "Special"}), "Special", "Special"),
        (Said(call={"Aprove claim": "Special", "approve  claim": "Usual"}), "Usual", "Special"),
        (Said(call={"Aprove claim": "Special", "Approve claim": "Approve claim"}), "Approve claim", "Special"),
        (
            Said(call={"Aprove claim": "Special"}, different=(["Aprove claim", "Approve claim"],)),
            "Approve claim",
            "Special",
        ),
    ],
)
def test_a_step_is_called_as_an_analyst_calls_any_label_of_it_and_a_slip_apart_only_where_both_are_named(
    said, right, slip, is_known
):
    counts = {"Approve claim": 2000, "Aprove claim": 30, "approve  claim": 4, "Reject claim": 90}
    known = {one.label: one for one in named(counts).named} if is_known else {}
    assert set(activities(named(counts)).values()) == {"Approve claim", "Reject claim"}
    expected = {
        "Approve claim": right, "approve  claim": right, "Aprove claim": slip, "Reject claim": "Reject claim",
    }  # fmt: skip
    decision = named(counts, said=said, known=known)
    assert activities(decision) == expected
    again = {one.label: one for one in decision.named}
    assert by_label(named(counts, said=said, known=again)) == by_label(decision)
    assert activities(named(counts, known=again)) == activities(named(counts))


def test_a_name_given_to_a_slip_stays_with_its_step_when_the_slip_grows():
    said = Said(call={"Aprove claim": "Special"})
    known = {one.label: one for one in named({"Approve claim": 900, "Aprove claim": 3}, said=said).named}
    assert set(activities(named({"Approve claim": 900, "Aprove claim": 800}, said=said, known=known)).values()) == {
        "Special"
    }


# What is taken back, outgrown or said of nobody


def by_label(decision: Decision) -> dict[str, tuple[str, str]]:
    return {one.label: (one.activity, one.rule) for one in decision.named}


@pytest.mark.parametrize(
    "said",
    [
        Said(same=(["Foo bar", "Qux zap"],)),
        Said(call={"Foo bar": "Zed"}),
        Said(call={"Foo bar": "Qux zap"}),
        Said(call={"Qux zap": "Zed", "Foo bar": "Zed"}),
    ],
)
def test_a_word_taken_back_is_forgotten_the_next_night(said):
    counts = {"Foo bar": 10, "Qux zap": 20, "qux zap": 3}
    known = {one.label: one for one in named(counts, said=said).named}
    assert activities(named(counts, said=said, known=known)) == {label: one.activity for label, one in known.items()}
    assert activities(named(counts, known=known)) == activities(named(counts))


@pytest.mark.parametrize(("one", "other"), [("Resume check", "R\u00e9sum\u00e9 check"), ("Resign", "Re sign")])
def test_a_word_on_labels_of_the_same_letters_is_the_analysts_and_forgotten_when_taken_back(one, other):
    counts, said = {one: 30, other: 30}, Said(same=([one, other],))
    before = {label.label: label for label in named(counts).named}
    told = {label.label: label for label in named(counts, said=said, known=before).named}
    assert sorted(label.rule for label in told.values()) == ["analyst", "own"]
    proposal = propose(Asked(counts, known=told), WORDS)
    after = decide(proposal, None)
    assert activities(after) == {one: one, other: other}
    assert {row["kind"] for row in review.rows("P", proposal, after)} == {"close", "changed"}


def test_a_different_taken_back_lets_a_slip_be_one_again():
    counts = {"Approve claim": 900, "Aprove claim": 3}
    said = Said(different=(["Aprove claim", "Approve claim"],))
    apart = named(counts, said=said)
    assert by_label(apart)["Aprove claim"] == ("Aprove claim", "analyst")
    known = {one.label: one for one in apart.named}
    assert by_label(named(counts, said=said, known=known)) == by_label(apart)
    assert activities(named(counts, known=known))["Aprove claim"] == "Approve claim"


def test_an_analysts_different_holds_against_a_number_taken_off():
    counts = {"Open permit": 100, "Open permit 2026/01188": 2, "Open permit 2026/01189": 2}
    assert set(activities(named(counts)).values()) == {"Open permit"}
    said = Said(different=(["Open permit 2026/01188", "Open permit 2026/01189"],))
    assert activities(named(counts, said=said)) == {text: text for text in counts}


def test_strengths_and_sizes_that_come_often_are_steps_of_their_own():
    counts = {"Store tyre": 100, "Store tyre 205/55": 40, "Store tyre 225/45": 30, "Check rule 2015/847": 20}
    assert activities(named(counts)) == {text: text for text in counts}


def test_a_word_that_stays_said_keeps_its_name_when_another_spelling_grows():
    said = Said(same=(["Foo bar", "Qux zap"],))
    known = {one.label: one for one in named({"Foo bar": 10, "Qux zap": 20}, said=said).named}
    found = named({"Foo bar": 90, "Qux zap": 20}, said=said, known=known)
    assert set(activities(found).values()) == {"Qux zap"}


def test_a_slip_that_outgrows_what_it_was_a_slip_of_is_asked_about():
    before = {"Approve claim": 900, "Aprove claim": 3}
    known = {one.label: one for one in named(before).named}
    proposal = propose(Asked({"Approve claim": 3, "Aprove claim": 900}, known=known), WORDS)
    (row,) = review.rows("P", proposal, decide(proposal, None))
    assert (row["kind"], row["label"], row["other"]) == ("outgrown", "Aprove claim", "Approve claim")


def test_a_slip_has_outgrown_nothing_where_the_right_spelling_was_not_delivered():
    known = {one.label: one for one in named({"Approve claim": 900, "Aprove claim": 3}).named}
    proposal = propose(Asked({"Aprove claim": 5, "Reject claim": 3}, known=known), WORDS)
    assert review.rows("P", proposal, decide(proposal, None)) == []


@pytest.mark.parametrize("right_count", [2, 5, 900])
def test_where_a_slip_came_first_the_word_it_is_a_slip_of_names_both_when_it_comes(right_count):
    first = {one.label: one for one in named({"Aprove claim": 5}).named}
    counts = {"Aprove claim": 5, "Approve claim": right_count}
    proposal = propose(Asked(counts, known=first), WORDS)
    decision = decide(proposal, None)
    assert set(activities(decision).values()) == {"Approve claim"}
    (row,) = review.rows("P", proposal, decision)
    assert (row["kind"], row["label"], row["other"]) == ("changed", "Aprove claim", "Approve claim")
    again = named(counts, known={one.label: one for one in decision.named})
    assert set(activities(again).values()) == {"Approve claim"}
    kept = named(counts, known=first, said=Said(call={"Aprove claim": "Aprove claim"}))
    assert activities(kept)["Aprove claim"] == "Aprove claim"


@pytest.mark.parametrize("polluted", ["Approve claim - Dep2", "Approve claim (88YAjxg)"])
def test_a_name_with_what_is_no_part_of_it_goes_when_the_bare_label_comes(polluted):
    first = {one.label: one for one in named({polluted: 2}).named}
    assert first[polluted].activity == polluted
    counts = {polluted: 2, "Approve claim": 90}
    proposal = propose(Asked(counts, known=first), WORDS)
    decision = decide(proposal, None)
    assert set(activities(decision).values()) == {"Approve claim"}
    (row,) = review.rows("P", proposal, decision)
    assert (row["kind"], row["label"], row["other"]) == ("changed", polluted, "Approve claim")
    assert named(counts, known={one.label: one for one in decision.named}).named[1].previous_activity is None
    kept = named(counts, known=first, said=Said(call={polluted: polluted}))
    assert set(activities(kept).values()) == {polluted}


def test_the_line_of_an_outgrown_slip_names_the_step_after_it_and_ends_the_question():
    before = {"Approve claim": 900, "Aprove claim": 3}
    known = {one.label: one for one in named(before).named}
    counts = {"Approve claim": 3, "Aprove claim": 900}
    proposal = propose(Asked(counts, known=known), WORDS)
    (row,) = review.rows("P", proposal, decide(proposal, None))
    assert row["if_same"] == '"Approve claim": "Aprove claim"  # under processes: "P": call:'
    answered = propose(Asked(counts, known=known, said=Said(call={"Approve claim": "Aprove claim"})), WORDS)
    decision = decide(answered, None)
    assert set(activities(decision).values()) == {"Aprove claim"}
    assert {row["if_same"] for row in review.rows("P", answered, decision)} == {None}


def test_a_change_says_whose_word_it_is_and_asks_nothing_that_was_answered():
    counts = {"Approve claim": 900, "OK clm": 40}
    own = {one.label: one for one in named(counts).named}
    said = Said(same=(["OK clm", "Approve claim"],))
    told = propose(Asked(counts, known=own, said=said), WORDS)
    decision = decide(told, None)
    (row,) = review.rows("P", told, decision)
    assert "names.yaml says so. Nothing need be pasted" in row["reason"]
    assert (row["if_same"], row["if_different"]) == (None, None)
    back = propose(Asked(counts, known={one.label: one for one in decision.named}), WORDS)
    (row,) = review.rows("P", back, decide(back, None))
    assert "was taken back" in row["reason"] and row["if_same"] is None


def test_a_question_names_labels_as_they_were_delivered():
    counts = {
        "Check quorum": 900,
        "Check  quarum": 3,
        "Approve claim c17": 9,
        "Approve claim c18": 8,
        "Aprove klaim": 1,
    }
    proposal = propose(Asked(counts, own_values=["c17", "c18"]), WORDS)
    queue = review.rows("P", proposal, decide(proposal, None))
    assert queue and {row[side] for row in queue for side in ("label", "other")} <= counts.keys()


def test_a_change_offers_the_pair_it_is_about_or_no_line():
    counts = {"Approve claim": 900, "Aprove claim": 3}
    first = {one.label: one for one in named({"Aprove claim": 3}).named}
    proposal = propose(Asked(counts, known=first), WORDS)
    (joined,) = review.rows("P", proposal, decide(proposal, None))
    assert joined["if_different"] == '- ["Aprove claim", "Approve claim"]  # under processes: "P": different:'
    called = {one.label: one for one in named(counts, said=Said(call={"Aprove claim": "Zed"})).named}
    proposal = propose(Asked(counts, known=called), WORDS)
    renamed = review.rows("P", proposal, decide(proposal, None))
    assert [(row["label"], row["other"], row["if_same"], row["if_different"]) for row in renamed] == [
        (label, "Zed", None, None) for label in counts
    ]


def test_of_two_as_frequent_the_misspelt_one_is_never_the_name():
    assert set(activities(named({"Aprove claim": 5, "Approve claim": 5})).values()) == {"Approve claim"}
    assert set(activities(named({"Accept contarct": 5, "Accept contract": 5})).values()) == {"Accept contract"}


@pytest.mark.parametrize(
    ("one", "other", "asked"),
    [("Step -5", "Step 5", 1), ("Run level \u22122", "Run level 2", 1), ("Cool to -5", "Cool to 5", 0),
     ("Step -5", "Step 6", 0)],
)  # fmt: skip
@pytest.mark.parametrize("counts", [(90, 90), (900, 3), (3, 900)])
def test_a_dash_before_the_number_of_a_step_is_asked_about_and_before_a_temperature_a_minus(one, other, asked, counts):
    proposal = propose(Asked({one: counts[0], other: counts[1]}), WORDS)
    decision = decide(proposal, None)
    assert len(set(activities(decision).values())) == 2
    rows = review.rows("P", proposal, decision)
    assert [row["rule"] for row in rows] == ["sign"] * asked
    assert all("a dash before a number" in row["reason"] for row in rows)


def test_a_lost_number_is_asked_about_and_never_made_up():
    proposal = propose(Asked({"EVENT 13 END": 900, "EVENT  END": 3}), WORDS)
    decision = decide(proposal, None)
    assert len(set(activities(decision).values())) == 2
    assert [row["rule"] for row in review.rows("P", proposal, decision)] == ["lost number"]


def test_a_place_that_others_share_speaks_for_nobody():
    counts = {"Bring drinks": 400, "Bring drinka": 6, "Bring food": 900}
    shared = around("Bring drinka", "Bring drinks", {"Order": 6}, {"Order": 400}, {"Order": 1306, "Pay": 9000})
    assert activities(named(counts, shared))["Bring drinka"] == "Bring drinka"


@pytest.mark.parametrize("head", ["FUNSYS: {}", "[WOCO] {}"])
def test_the_name_of_a_system_before_several_labels_goes_where_the_log_says_so_and_is_asked_about_otherwise(head):
    steps = ["Order urn", "Wash hair", "Dress body"]
    counts = {step: 150 for step in steps} | {head.format(step): 50 for step in steps}
    beside = {(label, "before"): {label[-4:]: count} for label, count in counts.items()}
    context = Context(beside, {"before": {step[-4:]: 200 for step in steps}}, counts, {}, {})
    assert set(activities(named(counts, context)).values()) == set(steps)
    proposal = propose(Asked(counts), WORDS)
    assert len(review.rows("P", proposal, decide(proposal, None))) == 3


@pytest.mark.parametrize(("shared", "step_count", "is_one"), [(0, 5, True), (1, 5, False), (0, 4, False)])
def test_the_name_of_a_system_before_all_steps_of_its_cases_goes_where_no_case_holds_a_step_with_and_without_it(
    shared, step_count, is_one
):
    steps = ["Order urn", "Wash hair", "Dress body", "Book chapel", "Print notice"][:step_count]
    pairs = {f"FUNSYS_{step}": step for step in steps}
    counts = dict.fromkeys(steps, 150) | dict.fromkeys(pairs, 50)
    beside = {(label, "before"): {before: counts[label]} for before, label in itertools.pairwise([*pairs, *steps])}
    anywhere = {before: counts[label] for before, label in itertools.pairwise([*pairs, *steps])}
    context = Context(beside, {"before": anywhere}, counts, {}, dict.fromkeys(pairs.items(), shared))
    assert (set(activities(named(counts, context)).values()) == set(steps)) is is_one


@pytest.mark.parametrize(
    ("head", "is_asked"),
    [("SAP: {}", True), ("WMS_{}", True), ("VIP - {}", True), ("Update_{}", False),
     ("KILN2000 - {}", True), ("SAP_ERP: {}", True), ("[JDE-E1] {}", True), ("D365: {}", True), ("Draft: {}", False),
     ("Level2 - {}", False), ("Step3: {}", False), ("Team4 - {}", False), ("Lvl2: {}", False), ("FY24: {}", False),
     ("Covid19 - {}", False), ("Pre-check: {}", False)],
)  # fmt: skip
def test_the_name_of_a_system_with_a_number_or_of_known_words_is_asked_about_however_many_labels(head, is_asked):
    steps = ["Order urn", "Wash hair", "Dress body"]
    verdicts = propose(Asked({step: 150 for step in steps} | {head.format(step): 50 for step in steps}), WORDS).verdicts
    assert [one.need for one in verdicts if one.rule == "system"] == ["review"] * 3 * is_asked


@pytest.mark.parametrize(
    ("one", "other", "is_asked"),
    [("Step 3: Order urn", "Order urn", True), ("Stap 3 - Urn bestellen", "Urn bestellen", True),
     ("Level 3: Order urn", "Order urn", False), ("Enter order in book", "Enter order into book", True),
     ("Move urn to hall", "Move urn from hall", False), ("Castrate of lambs", "Cast rate of lambs", True)],
)  # fmt: skip
def test_a_number_among_steps_a_small_word_of_like_meaning_and_a_blank_are_asked_about(one, other, is_asked):
    for count, other_count in ((5, 5), (900, 5), (5, 900)):
        proposal = propose(Asked({one: count, other: other_count}), WORDS)
        asked = review.rows("P", proposal, decide(proposal, None))
        assert ([{row["label"], row["other"]} for row in asked] == [{one, other}]) is is_asked
        assert len({group.name for group in proposal.groups}) == 2


def test_a_short_form_that_is_a_word_needs_several_labels():
    counts = {"Book bus": 12, "Book business": 588}
    place = around("Book bus", "Book business", {"Open": 12}, {"Open": 588}, {"Open": 600, "Book": 1200})
    assert len(set(activities(named(counts, place)).values())) == 2


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("same: [[Take order, Tk ord]]\ndifferent: [[tk  ORD, Take order]]\n", "line 2"),
        ("call: {Take order: X, take order: Y}\n", "line 1"),
        ("different: [[a, b, c]]\n", "different.0: must be two labels"),
        ("same: [a, b]\n", "for example [Approve claim, Claim OK]"),
        ("same: 5\n", "for example [Approve claim, Claim OK]"),
        ("same: " + "[" * 3_000, "brackets within brackets"),
        (
            "same:\n" + "".join(f"  - [la {n}, la {n + 1}]\n" for n in range(99)) + "different: [[la 0, la 99]]\n",
            "lines that lead from",
        ),
        ("words: {abbreviations: {mtr: 3}}\n", "words.abbreviations.mtr: must be a text or a list of texts"),
        ("- a\n", "the file: must be a block"),
        ("same:\n", "line 1: same: - nothing stands under `same`"),
        ("processes:\n  P:\n", "line 2: P: - nothing stands under `P`"),
        ("call:\n  yes: Take order\n", "line 2: yes: Take order - YAML reads `yes` as no text; put it in quotes"),
        ("same: [[Take order, Take  order]]\n", "in the list of `Take order` a label stands twice"),
        ("words: {opposites: [[inward, Inward]]}\n", "`inward` is no opposite of itself"),
        ("words: {people: [drones], things: [Drone]}\n", "`drone` stands under people and things"),
        ('call: {Take order: "Take\\norder"}\n', "must be one line without control characters"),
        ("call: {Take order: ann@example.org}\n", "holds an e-mail address"),
        ("call: {Take order: Call +49 170 1234567}\n", "holds a phone number"),
        ("call: {Take order: Take order of 12345678Z}\n", "holds a national id"),
        ("same: [['  ', Take order]]\n", "same.0.0: a label of blanks alone"),
        ("call: {Take order: '  '}\n", "a label of blanks alone"),
        ("same: &a [*a]\n", "same.0.0: must be a text"),
    ],
)
def test_what_is_wrong_is_said_in_words_of_the_file(tmp_path, text, said):
    with pytest.raises(UsageError) as refused:
        names_file.read(write(tmp_path, text))
    assert said in str(refused.value)
    assert "constrained" not in str(refused.value) and "validation" not in str(refused.value)


def test_the_words_the_readme_shows_are_accepted_and_a_number_behind_a_told_word_goes_however_few_there_are(tmp_path):
    readme = (Path(__file__).parents[1] / "README.md").read_text(encoding="utf-8")
    shown = next(text for text in re.findall(r"```yaml\n(.*?)```", readme, re.DOTALL) if "before_reference" in text)
    told = names_file.read(write(tmp_path, shown)).word_lists()
    (example,) = re.findall(r'before_reference:.*# "(.*?)"', shown)
    numbered = ["Send letter rolnummer 7", "Send letter - rolnummer: 8/26", "SEND_LETTER_ROLNUMMER_12"]
    kept = ["Send letter (level 2)", "Send letter (rolnummer)", "Rolnummer 2nd check", "Rolnummer 5 days late"]
    labels = ["Send letter", example, *numbered, *kept]
    decision = decide(propose(Asked(dict.fromkeys(labels, 60)), told), None)
    assert activities(decision) == dict.fromkeys(labels, "Send letter") | {label: label for label in kept}
    assert activities(decide(propose(Asked({example: 1}), told), None)) == {example: "Send letter"}


def test_what_is_said_of_no_label_or_process_there_is_comes_back():
    said = NamesFile.model_validate(
        {"same": [["Approve claim", "Aprove clam"]], "processes": {"Claim": {}, "Claims": {"call": {"Pay": "Paid"}}}}
    )
    assert said.unheard({"Claims": ["Approve claim", "Aprove claim"]}) == [
        "processes.Claim: unknown; did you mean `Claims`?",
        "processes.Claims: no line says `Pay`",
        "no line says `Aprove clam`; did you mean `Aprove claim`?",
    ]


def test_no_step_is_called_after_who_works_there(folder, night_of):
    lines = ["case,step,end,who"]
    lines += [
        f"c{case},{step},2026-03-01 08:00:0{place},Ines Okafor" for case in range(3) for place, step in enumerate(STEPS)
    ]
    feeds = feed(folder)
    (folder / "log.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    feeds["f"]["columns"]["resource"] = "who"
    call = {"Approve claim": "Approve as Ines Okafor does", "Pay claim": "Pay as the desk does"}
    with night_of(folder, feeds, until="pulled") as warehouse:
        said = NamesFile(processes={"Claims": Said(call=call)}, same=(["Pay claim", "Pay, by Okafor, Ines"],))
        _, unheard = name_activities_of_night(warehouse, said)
        found = labels(warehouse)
    assert found == {step: step for step in STEPS} | {"Pay claim": "Pay as the desk does"}
    assert unheard == [
        "processes.Claims.call.Approve claim: it names who works there and is not used; say what is done",
        "no line says `Pay, by [person]`",
    ]


def test_another_word_in_names_yaml_is_another_run(folder, night_of):
    with night_of(folder, feed(folder), until="events") as warehouse:
        before = run_id(warehouse)
        write(warehouse.home, "same: [[Approve claim, Pay claim]]\n")
        assert run_id(warehouse) != before


ONE_LETTER = [
    ("Fire kiln to cone six", "Fire kiln to cone sxi"), ("Calibrate theodolite", "Calibrate theodolit"),
    ("Press merlot", "Press merlo"), ("Fit implant", "Fit inplant"), ("Dry kelp", "Dry help"), ("Roll fwd", "Roll bwd"),
    ("Hesap a\u00e7", "Hesap a\u015f"), ("Wys\u0142a\u0107 list", "Wys\u0142a\u0107 li\u015b\u0107"),
    ("Collect dues", "Collect duos"), ("Trim jib", "Trim job"),
]  # fmt: skip


@pytest.mark.parametrize(("one", "other"), ONE_LETTER)
@pytest.mark.parametrize("counts", [(900, 5), (5, 900)])
def test_what_may_be_a_slip_and_is_not_taken_for_one_is_asked_about(one, other, counts):
    proposal = propose(Asked(dict(zip((one, other), counts, strict=True))), WORDS)
    decision = decide(proposal, None)
    is_asked = len(review.rows("P", proposal, decision)) == 1
    assert is_asked or len(set(activities(decision).values())) == 1


@pytest.mark.parametrize(("one", "other"), ONE_LETTER[4:])
@pytest.mark.parametrize("counts", [(900, 5), (5, 900), (2000, 1)])
def test_short_words_short_forms_and_foreign_letters_are_no_slips_without_the_log(one, other, counts):
    assert len(set(activities(named(dict(zip((one, other), counts, strict=True)))).values())) == 2


@pytest.mark.parametrize(
    ("hub", "rare"),
    [
        ("Submit bid", "Submit tid"),
        ("Assign job", "Assign jqb"),
        ("Collect tax", "Collect txx"),
        ("Map bed", "Map bdd"),
    ],
)
@pytest.mark.parametrize("counts", [(900, 5), (2_000, 1), (40_000, 3)])
def test_a_short_word_that_no_list_holds_is_no_slip_by_a_letter_even_where_the_log_shows_it_in_one_place(
    hub, rare, counts
):
    count, rare_count = counts
    place = around(rare, hub, {"Pay": rare_count}, {"Pay": count}, {"Pay": count + rare_count, "Open": 90_000})
    proposal = propose(Asked({hub: count, rare: rare_count, "Pay": 90_000}), WORDS)
    decision = decide(proposal, place)
    assert len(set(activities(decision).values())) == 3
    assert [row["label"] for row in review.rows("P", proposal, decision)] == [rare]


@pytest.mark.parametrize(("rare", "is_one"), [("Deliver carf", True), ("Deliver cad", False), ("Deliver bard", False)])
def test_few_letters_that_are_no_word_are_believed_where_the_log_shows_one_in_the_place_of_the_other(rare, is_one):
    counts = {"Deliver card": 900, rare: 2, "Pay": 900}
    place = around(rare, "Deliver card", {"Pay": 2}, {"Pay": 900}, {"Pay": 902, "Open": 900})
    assert (activities(named(counts, place))[rare] == "Deliver card") == is_one
    elsewhere = around(rare, "Deliver card", {"Open": 2}, {"Pay": 900}, {"Pay": 900, "Open": 902})
    assert activities(named(counts, elsewhere))[rare] == rare


@pytest.mark.parametrize(
    ("counts", "activity_count"),
    [
        ({"Verifier": 5, "V\u00e9rifier": 900}, 1),
        ({"P\u00eacher": 90, "P\u00e9cher": 5}, 2),
        ({"P\u00eacher": 90, "P\u00e9cher": 5, "Pecher": 7}, 2),  # without marks it is the usual one
        ({"T\u00e2che not\u00e9e": 5, "Tache not\u00e9e": 900}, 2),
        ({"A\u00f1o cerrar": 5, "Ano cerrar": 900}, 2),
        ({"Pr\u00fcfung": 5, "Pruefung": 9, "Pru\u0308fung": 2}, 1),
        ({"Bogsera pr\u00e5m": 90, "Bogsera pram": 5}, 2),  # "pram" is a word as it stands
        ({"F\u00f6rt\u00f6j": 5, "Fortoj": 5}, 2),
        ({"Mesurer c\u00f4t\u00e9": 60, "Mesurercote": 5}, 2),  # nor does another blank hide it
    ],
)
def test_words_that_differ_in_their_marks_are_asked_about_and_words_without_any_are_not(counts, activity_count):
    proposal = propose(Asked(counts), WORDS)
    decision = decide(proposal, None)
    assert len(set(activities(decision).values())) == activity_count
    assert [row["rule"] for row in review.rows("P", proposal, decision)] == ["marks"] * (activity_count - 1)


SPANISH = """Abrir solicitud|Inspeccionar vivienda|Firmar contrato|Entregar llaves|Cobrar alquiler|Devolver fianza
Publicar anuncio|Visitar piso|Calcular renta|Cerrar expediente""".replace("\n", "|").split("|")
DUTCH = """Huurder inschrijven|Woning bezichtigen|Contract opstellen|Sleutels overdragen|Onderhoud plannen
Klacht behandelen|Huur innen|Dossier sluiten|Brief versturen|Betaling controleren""".replace("\n", "|").split("|")
SWEDISH = """Lossa last|Kontrollera papper|Betala avgift|Skicka faktura|Lasta fartyg|\u00d6ppna lucka
V\u00e4ga container|H\u00e4mta gods""".replace("\n", "|").split("|")


@pytest.mark.parametrize(
    ("others", "one", "other", "is_one"),
    [
        (SPANISH, "Revisi\u00f3n t\u00e9cnica", "Revision tecnica", True),  # an English word, in a log of none
        (SPANISH, "Cierre a\u00f1o", "Cierre ano", False),
        (SWEDISH, "Bogsera pr\u00e5m", "Bogsera pram", False),
    ],
)
def test_a_word_without_its_marks_is_looked_up_in_the_language_of_the_log(others, one, other, is_one):
    found = activities(named({label: 50 for label in others} | {one: 5, other: 5}))
    assert (found[one], found[other]) == (one, one if is_one else other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Register death certificate", "Register death cert."),
        ("Approve purchase order", "Approve PO"),
        ("V\u00e9rifier", "Verifier"),
        ("And approve", "& approve"),
        ("Count stock", "Count\nstock"),
        ("Send invoice", "Invoice sent"),
        ("Reconcile bank statement", "Bank statement reconciliation"),
        ("Rechnung senden", "Rechnung gesendet"),
        ("Create purchase order", "CPO - Create purchase order"),
    ],
)
def test_of_labels_as_frequent_the_one_in_full_and_then_the_one_that_says_what_to_do_is_the_name(one, other):
    found = named({one: 5, other: 5}).named
    assert {label.activity for label in found} == {one}
    assert [label.rule == "own" for label in sorted(found, key=lambda label: label.label != one)] == [True, False]


def test_a_name_once_given_is_kept_though_another_label_says_what_to_do():
    known = {row.label: row for row in named({"Invoice sent": 6, "Send invoice": 5}).named}
    assert set(activities(named({"Invoice sent": 6, "Send invoice": 6}, known=known)).values()) == {"Invoice sent"}


def test_a_log_that_loses_marks_all_along_has_lost_them_in_words_that_stand_without_any_as_well():
    words = [
        "F\u00e5ngst",
        "Fr\u00e5gan",
        "R\u00e5varor",
        "\u00c5terbud",
        "Tr\u00e5lare",
        "G\u00e5rdsplan",
        "L\u00e5ngivare",
        "M\u00e5nad",
    ]
    lost = {label: 9 for word in words for label in (word, plain(word))}
    pair = {"Bogsera pr\u00e5m": 90, "Bogsera pram": 5}
    assert activities(named(pair | lost))["Bogsera pram"] == "Bogsera pr\u00e5m"
    assert len(set(activities(named(pair | lost)).values())) == 1 + len(words)
    few = {label: 9 for label in (*words[:7], *map(plain, words[:7]))}
    assert activities(named(pair | few))["Bogsera pram"] == "Bogsera pram"
    others = ["Br\u00e5ttom", "H\u00e5llbar", "L\u00e5ngsam", "V\u00e5ghals", "H\u00e5rdtork", "St\u00e5lplatta"]
    others += ["B\u00e5tshake", "P\u00e5fyllning", "G\u00e5vobrev", "H\u00e5rdvara", "T\u00e5gresa", "R\u00e5dgivare"]
    kept = dict.fromkeys(others, 9)
    assert activities(named(pair | lost | kept))["Bogsera pram"] == "Bogsera pram"


@pytest.mark.parametrize("count", [5, 900])
@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Contatar secret\u00e1ria", "Contatar secretaria"),  # no list of five languages knows it with its mark
        ("Flyt b\u00f8r", "Flyt bor"),
        ("Opret k\u00f8b", "Opret koeb"),
        ("S\u0131n\u0131r kontrol", "Sinir kontrol"),
        ("Zatwierd\u017a p\u0142atno\u015b\u0107", "Zatwierdz platnosc"),
    ],
)
def test_marks_that_may_be_lost_are_asked_about_in_languages_of_which_there_is_no_list(one, other, count):
    proposal = propose(Asked({one: count, other: 5}), WORDS)
    decision = decide(proposal, None)
    assert len(set(activities(decision).values())) == 2
    assert [row["rule"] for row in review.rows("P", proposal, decision)] == ["marks"]


def test_letters_of_a_word_of_a_language_no_list_holds_are_a_question_however_rare_one_is():
    like = around("Accepter relai", "Accepter d\u00e9lai", {"Pay": 5}, {"Pay": 900}, {"Pay": 905, "Open": 9000})
    counts = {"Accepter relai": 5, "Accepter d\u00e9lai": 900, "V\u00e9rifier dossier": 900, "Envoyer relance": 900}
    assert len(set(activities(named(counts, like)).values())) == 4


FORMS_OF_OTHER_LANGUAGES = [
    ("R\u00fcckfrage kl\u00e4ren", "R\u00fcckfrage gekl\u00e4rt"),
    ("Cl\u00f4turer dossier", "Dossier cl\u00f4tur\u00e9"),
    ("Skicka avr\u00e4kning", "Avr\u00e4kning skickad"),
    ("Valider le dossier", "Dossier valid\u00e9"),
    ("Bestellung disponieren", "Bestellung disponiert"),
    ("Afgeven sleutel", "Sleutel afgegeven"),
    ("Dak leggen", "Dak gelegd"),
    ("Baum schneiden", "Baum geschnitten"),
    ("Ouvrir compte", "Compte ouvert"),
    ("Romper sello", "Sello roto"),
    ("Abrir processo", "Processo aberto"),
    ("Lading wegen", "Lading gewogen"),
    ("Rechnung pr\u00fcfen", "Rechnungspr\u00fcfung"),
    ("Factuur controleren", "Factuurcontrole"),
]


@pytest.mark.parametrize(("one", "other"), [("Send quote", "Send quotation"), ("Consult guest", "Guest consultation")])
def test_an_act_and_what_it_is_called_are_a_question_where_the_log_shows_one_place(one, other):
    like = around(one, other, {"Pay": 90}, {"Pay": 900}, {"Pay": 990, "Open": 9000})
    proposal = propose(Asked({one: 90, other: 900}), WORDS)
    for context, rules in ((like, ["derived"]), (None, [])):
        decision = decide(proposal, context)
        assert len(set(activities(decision).values())) == 2
        assert [row["rule"] for row in review.rows("P", proposal, decision)] == rules


@pytest.mark.parametrize(("one", "other"), FORMS_OF_OTHER_LANGUAGES)
@pytest.mark.parametrize("count", [5, 900])
def test_words_that_begin_alike_are_a_question_where_the_log_shows_one_place_and_no_list_tells_forms(one, other, count):
    counts = {one: count, other: 5}
    rare, hub = sorted(counts, key=lambda label: (counts[label], label != max(counts)))
    like = around(rare, hub, {"Pay": 5}, {"Pay": count}, {"Pay": count + 5, "Open": 9000})
    meeting = around(rare, hub, {"Pay": 5}, {"Pay": count}, {"Pay": count + 5, "Open": 9000}, shared=4)
    proposal = propose(Asked(counts), WORDS)
    for context, rules in ((like, ["inflected"]), (meeting, []), (None, [])):
        decision = decide(proposal, context)
        assert len(set(activities(decision).values())) == 2
        assert [row["rule"] for row in review.rows("P", proposal, decision)] == rules


def test_a_label_of_the_file_means_the_only_delivered_one_that_differs_in_case_alone():
    counts = {"Approve claim": 900, "Okay it": 8, "Aprove claim": 3}
    together = Said(same=(["approve claim", "OKAY IT"],))
    assert activities(named(counts, said=together))["Okay it"] == "Approve claim"
    apart = Said(different=(["APPROVE CLAIM", "aprove claim"],))
    assert activities(named(counts, said=apart))["Aprove claim"] == "Aprove claim"
    assert NamesFile(same=([["approve claim", "okay it"]])).unheard({"P": counts}) == []
    both = {"Okay it": 8, "OKAY IT": 2, "Pay": 5}
    apart = Said(different=(["Okay it", "OKAY IT"],))
    assert len(set(activities(named(both, said=apart)).values())) == 3  # each is one of its own
    assert NamesFile(same=([["okay it", "Pay"]])).unheard({"P": both}) == [
        "no line says `okay it`; did you mean `Okay it`?"
    ]


def test_names_that_differ_in_case_alone_are_one_name():
    counts = {"Alpha x": 9, "Beta y": 8, "Gamma z": 7}
    said = Said(call={"Alpha x": "Final approval", "Beta y": "final approval"}, same=(["Beta y", "Gamma z"],))
    assert set(activities(named(counts, said=said)).values()) == {"Final approval"}
    said = Said(call={"Beta y": "alpha x"})
    assert activities(named(counts, said=said)) == {"Alpha x": "alpha x", "Beta y": "alpha x", "Gamma z": "Gamma z"}


# Words of a language


@pytest.mark.parametrize(
    ("language", "known"),
    [
        ("en", "invoice quorum sulfite zealous aardvark"),
        ("de", "rechnung foerderung versanden patientin zuzug"),
        ("es", "factura reclamacion comparador abad zurdo"),
        ("fr", "facture reclamation saisine abaisser zonage"),
        ("nl", "factuur bezwaarschrift opschorten aanvraag zwaar"),
    ],
)
def test_words_of_each_language_are_found_with_and_without_their_marks(language, known):
    assert [word for word in known.split() if not lexicon.is_word(word, (language,))] == []
    assert not lexicon.is_word("qwrtzx", (language,)) and not lexicon.is_common("aardvark", (language,))


def test_a_slip_that_happens_to_be_a_foreign_word_makes_a_log_no_other_language():
    english = ["approve", "claim", "order", "invoice", "payment", "review", "customer", "deliver"]
    assert lexicon.spoken([*(word + "x" for word in english * 3), "stadt"]) == ("en",)
    assert lexicon.spoken(["versenden", "rechnung", "stadt"]) == ("en", "de")


# One label for two steps


def place(before: str, label: str, after: str, count: int) -> dict[str, object]:
    return {
        "process": "P", "label_group": label, "label": label, "previous_group": before, "next_group": after,
        "event_count": count,
    }  # fmt: skip


def test_a_label_between_two_pairs_of_steps_that_share_nothing_may_be_two():
    rows = [place("^", "Check", "Pay", 90), place("Ship", "Check", "Close", 60), place("^", "Check", "Close", 1)]
    assert homonyms(rows) == {"P": {"Check": [("^", "Pay", 90, None), ("Ship", "Close", 60, None)]}}
    assert homonyms([*rows, place("Ship", "Check", "Pay", 40)]) == {}  # what may follow either is one step
    assert homonyms([place("^", "Check", "Pay", 900), place("Ship", "Check", "Close", 60)]) == {}


def test_a_label_of_two_places_is_asked_about_without_a_line():
    proposal = propose(Asked({"Check": 150}), WORDS)
    places = homonyms([place("^", "Check", "Pay", 90), place("Ship", "Check", "Close", 60)])["P"]
    (row,) = review.of_homonyms("P", proposal, decide(proposal, None), places)
    assert (row["kind"], row["if_same"], row["label"]) == ("homonym", None, "Check")
    assert row["reason"].startswith('It stands between "^" and "Pay", and also between "Ship" and "Close"')


def test_two_labels_of_one_step_that_stand_in_two_places_can_be_parted_or_told_to_be_one():
    counts = {"Send invoice": 90, "Invoice sent": 60}
    two = [
        place("^", "Send invoice", "Pay", 90),
        place("Ship", "Send invoice", "Close", 60) | {"label": "Invoice sent"},
    ]
    places = homonyms(two)["P"]
    proposal = propose(Asked(counts), WORDS)
    (row,) = review.of_homonyms("P", proposal, decide(proposal, None), places)
    assert (row["kind"], row["label"], row["other"], row["event_count"]) == ("close", *list(counts)[::-1], 60)
    assert row["if_different"].startswith('- ["Invoice sent", "Send invoice"]')
    told = propose(Asked(counts, said=Said(same=(list(counts),))), WORDS)
    assert review.of_homonyms("P", told, decide(told, None), places) == []
    mixed = homonyms([*two, place("Ship", "Send invoice", "Close", 50)])["P"]
    (row,) = review.of_homonyms("P", proposal, decide(proposal, None), mixed)
    assert (row["kind"], row["if_different"]) == ("homonym", None)


def desk(folder: Path, **typed: str) -> dict[str, dict]:
    """Two hundred orders and as many complaints, each with a step called Review; `typed` are first steps by case."""
    lines = ["case,step,end"]
    for case in range(400):
        steps = ["Receive order", "Review", "Price goods", "Ship parcel"]
        if case % 2:
            steps = ["Open complaint", "Call customer", "Review", "Refund buyer"]
        for place, step in enumerate(steps):
            step = typed.get(f"c{case}", step) if place == 0 else step
            lines.append(f"c{case},{step},2026-03-{1 + case // 60:02d} {8 + place:02d}:{case % 60:02d}:00")
    (folder / "log.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    columns = {"case_id": "case", "activity": "step", "ended_at": "end"}
    return {"f": {"provider": "Alpha", "process": "Desk", "files": "log.csv", "timezone": "UTC", "columns": columns}}


def test_one_name_for_two_steps_is_asked_about_whether_or_not_another_label_is_in_doubt(folder, night_of):
    found = []
    for typed in ({}, {"c6": "Recieve order"}):
        with night_of(folder, desk(folder, **typed), until="events") as warehouse:
            found.append(warehouse.rows("SELECT * EXCLUDE (rank) FROM core.label_review WHERE kind = 'homonym'"))
    assert found[0] == found[1]
    assert [row["label"] for row in found[0]] == ["Review"]


def test_a_rare_label_in_the_place_of_another_is_asked_about_and_never_merged(folder, night_of):
    typed = dict.fromkeys((f"c{case}" for case in range(1, 24, 2)), "Log it")
    with night_of(folder, desk(folder, **typed), until="events") as warehouse:
        queue = warehouse.rows("SELECT * FROM core.label_review WHERE kind = 'hint'")
        assert labels(warehouse)["Log it"] == "Log it"
    assert [(row["label"], row["other"], row["event_count"]) for row in queue] == [("Log it", "Open complaint", 12)]
    assert queue[0]["log_odds"] >= 6 and queue[0]["if_same"].startswith('- ["Open complaint", "Log it"]')


def test_a_label_in_the_place_of_two_is_asked_about_no_more_than_one_that_meets_the_other():
    counts = {"Log it": 12, "Take order": 400, "Note order": 400, "Pay": 900}
    places = hints.places_of(
        [place("^", label, "Pay", count) for label, count in counts.items() if label != "Pay"]
        + [place("Take order", "Pay", "$", 900)]
    )["P"]
    assert hints.candidates(propose(Asked(counts), WORDS), places, WORDS) == []
    del counts["Note order"]
    places = hints.places_of(
        [place("^", one, "Pay", counts[one]) for one in ("Log it", "Take order")]
        + [place("Take order", "Pay", "$", 900)]
    )["P"]
    proposal = propose(Asked(counts), WORDS)
    (found,) = hints.candidates(proposal, places, WORDS)
    assert found == ("Log it", "Take order")
    decision = decide(proposal, places)
    assert len(hints.hints([found], places, decision)) == 1
    meeting = replace(places, case_counts={"Log it": 12}, shared_counts={found: 1})
    assert hints.hints([found], meeting, decision) == []


@pytest.mark.parametrize(
    ("rare", "hub", "said"),
    [
        ("Cancelled direct debit", "Cancel direct debit", 'the form of a word ("cancelled" for "cancel")'),
        ("Interview candidate", "Interviewed candidates", 'the form of a word ("interview" for "interviewed")'),
        ("File archive paper", "Archive paper file", "the order of the words;"),
        ("Debit cancelled file", "File cancel debit", '("cancelled" for "cancel") and the order of the words'),
        ("Re-sign contract", "Resign contract", "a blank or hyphen inside a word"),
        ("No table", "Notable", "a blank or hyphen inside a word"),
        ("Create WO", "Create work order", 'initials ("WO" for "work order")'),
    ],
)
def test_a_question_says_in_what_two_labels_differ(rare, hub, said):
    proposal = propose(Asked({rare: 5, hub: 900}), WORDS)
    (row,) = review.rows("P", proposal, decide(proposal, None))
    assert (row["kind"], row["label"], row["other"]) == ("close", rare, hub)
    assert said in row["reason"]


@pytest.mark.parametrize("tail", [" - Site Leeds", " (Leeds office)", " [Team Thames Leeds]"])
def test_a_place_behind_a_word_for_one_is_asked_about_and_a_kind_behind_it_is_not(tail):
    proposal = propose(Asked({f"Book chapel{tail}": 5, "Book chapel": 900}), WORDS)
    (row,) = review.rows("P", proposal, decide(proposal, None))
    assert "no list and too few labels tell whether that says who or what" in row["reason"] and "Leeds" in row["reason"]
    assert named({"Book chapel - Site Safety": 5, "Book chapel": 900}).doubts == []


def test_of_initials_in_one_label_the_log_is_not_said_to_speak_against_them():
    counts = {"Create WO": 20, "Create work order": 400, "Pay": 900}
    like = around("Create WO", "Create work order", {"Order": 20}, {"Order": 400}, {"Order": 420, "Pay": 900})
    proposal = propose(Asked(counts), WORDS)
    (row,) = review.rows("P", proposal, decide(proposal, like))
    assert "the log shows one in the place of the other" in row["reason"]


def test_a_hint_is_silenced_by_an_analysts_word_and_asked_where_the_rare_label_is_a_third():
    counts = {"OK clm": 300, "Approve claim": 900, "Pay": 1200}
    places = hints.places_of(
        [place("^", one, "Pay", counts[one]) for one in ("OK clm", "Approve claim")]
        + [place("Approve claim", "Pay", "$", 1200)]
    )["P"]
    assert hints.candidates(propose(Asked(counts), WORDS), places, WORDS) == [("OK clm", "Approve claim")]
    said = Said(different=(["OK clm", "Approve claim"],))
    assert hints.candidates(propose(Asked(counts, said=said), WORDS), places, WORDS) == []


@pytest.mark.parametrize(
    ("rare", "hub"),
    [
        ("Aprove anual leave", "Approve annual leave"),
        ("Print shiping lable", "Print shipping label"),
        ("Check suplier bank detials", "Check supplier bank details"),
        ("Prepare mthly report", "Prepare monthly report"),
        ("Review qtrly figures", "Review quarterly figures"),
        ("Shiped order", "Shipped order"),
    ],
)
@pytest.mark.parametrize("counts", [(5, 900), (5, 30), (2, 9)])
def test_two_slips_or_one_that_is_a_foreign_word_are_believed_as_one_is(rare, hub, counts):
    assert set(activities(named(dict(zip((rare, hub), counts, strict=True)))).values()) == {hub}


@pytest.mark.parametrize(
    ("rare", "hub", "changes"),
    [
        ("Draft leter and terns", "Draft letter and terms", ('"leter" for "letter"', '"terns" for "terms"')),
        ("Send paymnt fort", "Send payment form", ('"paymnt" for "payment"', '"fort" for "form"')),
    ],
)
def test_of_two_changes_of_which_one_is_in_doubt_both_are_asked_about(rare, hub, changes):
    proposal = propose(Asked({rare: 5, hub: 900}), WORDS)
    (row,) = review.rows("P", proposal, decide(proposal, None))
    assert row["kind"] == "close"
    assert all(change in row["reason"] for change in changes)


CONFUSED = [
    ("Answer costumer email", "Answer customer email"),
    ("Send from", "Send form"),
]


@pytest.mark.parametrize(("rare", "hub"), CONFUSED)
def test_words_that_are_often_confused_are_one_only_where_the_log_says_so(rare, hub):
    counts = {rare: 5, hub: 900}
    (row,) = review.rows("P", propose(Asked(counts), WORDS), named(counts))
    assert "often confused" in row["reason"]
    like = around(rare, hub, {"Order": 5}, {"Order": 900}, {"Order": 905, "Pay": 9000})
    unlike = around(rare, hub, {"Pay": 5}, {"Order": 900}, {"Order": 900, "Pay": 9005})
    assert set(activities(named(counts, like)).values()) == {hub}
    assert set(activities(named(counts, unlike)).values()) == {rare, hub}


OBJECTS = [("Pack boot", "Pack boat"), ("Wrap doll", "Wrap roll"), ("Cite statue", "Cite statute")]
SLIPS = [("Brig drinks", "Bring drinks"), ("Pay bil", "Pay bill"), ("Send invoive", "Send invoice")]


@pytest.mark.parametrize(("rare", "hub"), OBJECTS)
def test_a_thing_a_letter_from_another_is_asked_about_whatever_the_log_says(rare, hub):
    counts, like = {rare: 5, hub: 900}, around(rare, hub, {"Pay": 5}, {"Pay": 900}, {"Pay": 905, "Open": 9000})
    proposal = propose(Asked(counts), WORDS)
    decision = decide(proposal, like)
    assert set(activities(decision).values()) == {rare, hub}
    assert [row["label"] for row in review.rows("P", proposal, decision)] == [rare]


BY_HAND = ["Brring drinks", "Brnig drinks", "Bringg drinks", "Brinng drinks", "Bting drinks", "Bring driinks"]
BY_HAND += ["Bring dirnks", "Bring drinls", "Bring drimks", "Bring drniks"]


def test_an_everyday_word_is_a_slip_only_of_a_label_that_is_typed_by_hand_and_where_no_other_holds_it():
    like = around("Brig drinks", "Bring drinks", {"Pay": 5}, {"Pay": 900}, {"Pay": 905, "Open": 9000})
    counts = {"Brig drinks": 5, "Bring drinks": 900}
    typed = counts | dict.fromkeys(BY_HAND, 3)
    assert activities(named(counts, like))["Brig drinks"] == "Brig drinks"
    assert activities(named(typed | dict.fromkeys(BY_HAND, 2), like))["Brig drinks"] == "Brig drinks"
    assert activities(named(typed, like))["Brig drinks"] == "Bring drinks"
    assert activities(named(typed | {"Moor brig": 40}, like))["Brig drinks"] == "Brig drinks"
    for besides, name in (({"Moor brig": 4}, "Brig drinks"), ({"Brig food": 4, "Bring food": 400}, "Bring drinks")):
        home = Home({"P": typed, "Q": besides})
        found = named(typed, like, is_word_elsewhere=partial(home.holds, besides="P"))
        assert activities(found)["Brig drinks"] == name
    known = {row.label: row for row in named({"Bring drinks": 900} | dict.fromkeys(BY_HAND, 3)).named}
    assert activities(named(typed, like, known=known))["Brig drinks"] == "Bring drinks"


@pytest.mark.parametrize(
    ("rare", "hub"), [("Buy bead", "Buy bread"), ("Insure order", "Ensure order"), ("Soles received", "Souls received")]
)
def test_two_words_that_may_both_be_meant_are_asked_about_where_nobody_types(rare, hub):
    counts, like = {rare: 5, hub: 900}, around(rare, hub, {"Pay": 5}, {"Pay": 900}, {"Pay": 905, "Open": 9000})
    proposal = propose(Asked(counts), WORDS)
    decision = decide(proposal, like)
    assert set(activities(decision).values()) == {rare, hub}
    assert [row["label"] for row in review.rows("P", proposal, decision)] == [rare]


@pytest.mark.parametrize(("rare", "hub"), [*SLIPS, *OBJECTS, ("Send from", "Send form"), ("Check rec", "Check record")])
def test_a_word_an_analyst_calls_right_is_a_slip_by_no_rule(rare, hub):
    (word,) = set(rare.casefold().split()) - set(hub.casefold().split())
    like = around(rare, hub, {"Pay": 5}, {"Pay": 900}, {"Pay": 905, "Open": 9000})
    for business in ([word], [word + "s"]):
        lists = NamesFile(words={"business": business}).word_lists()
        proposal = propose(Asked({rare: 5, hub: 900}), lists)
        assert set(activities(decide(proposal, like)).values()) == {rare, hub}


def test_a_word_that_a_dot_ends_may_be_short_for_a_longer_one_and_is_asked_about():
    proposal = propose(Asked({"Bill consult.": 5, "Bill consultation": 900}), WORDS)
    (row,) = review.rows("P", proposal, decide(proposal, None))
    assert (row["label"], row["rule"]) == ("Bill consult.", "abbreviation")
    proposal = propose(Asked({"Bill consult": 5, "Bill consultation": 900}), WORDS)
    assert review.rows("P", proposal, decide(proposal, None)) == []


@pytest.mark.parametrize("counts", [(5, 5), (900, 5), (5, 900)])
@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Notificar al inquilino", "Notificar inquilino"),
        ("Meet with celebrant", "Meet celebrant"),
        ("Visit by family", "Family visit"),
        ("Entregar llaves", "Llaves entregadas"),
    ],
)
def test_a_small_word_left_out_is_asked_about_however_often_each_is_written(one, other, counts):
    proposal = propose(Asked(dict(zip((one, other), counts, strict=True))), WORDS)
    (row,) = review.rows("P", proposal, decide(proposal, None))
    assert {row["label"], row["other"]} == {one, other}


def test_a_small_word_that_turns_what_is_said_is_no_question():
    counts = {"Pay with card": 5, "Pay without card": 5, "Move to depot": 5, "Move from depot": 5}
    assert propose(Asked(counts), WORDS).verdicts == ()


def test_a_short_word_that_stands_alone_tells_no_language():
    like = around("Ge dosa", "Ge dos", {"Pay": 5}, {"Pay": 900}, {"Pay": 905, "Open": 9000})
    assert len(set(activities(named({"Ge dosa": 5, "Ge dos": 900}, like)).values())) == 2


def test_a_short_form_an_analyst_adds_is_believed_though_it_is_a_word_and_whatever_the_log_says():
    counts = {"Assign number": 15, "Assign no.": 25}
    unlike = around("Assign number", "Assign no.", {"Pay": 15}, {"Open": 25}, {"Pay": 9000, "Open": 9000})
    assert len(set(activities(named(counts, unlike)).values())) == 2
    lists = NamesFile(words={"abbreviations": {"no": "number"}}).word_lists()
    assert len(set(activities(decide(propose(Asked(counts), lists), unlike)).values())) == 1


def test_of_labels_as_frequent_the_first_of_the_list_or_the_plain_one_is_the_name():
    counts = {"Photograph object": 5, "Photogaph object": 5}
    for known in (None, named(counts).named):
        kept = {row.label: row for row in known or ()}
        for order in (list(counts), [*counts][::-1]):
            found = activities(named(counts, said=Said(same=(order,)), known=kept))
            assert set(found.values()) == {order[0]}
    assert set(activities(named({"PACK_SCULPTURE": 5, "Pack sculpture": 5})).values()) == {"Pack sculpture"}


@pytest.mark.parametrize("labels", [("Feed suger syrup", "Feed sugar syrup"), ("Order glas jars", "Order glass jars")])
def test_of_two_as_frequent_the_pasted_line_names_the_step_after_the_right_word(labels):
    counts = dict.fromkeys(labels, 5)
    proposal = propose(Asked(counts), WORDS)
    place = around(*labels, {"A": 5}, {"A": 5}, {"A": 10, "B": 200})
    (row,) = review.rows("P", proposal, decide(proposal, place))
    answered = named(counts, said=Said(same=tuple(yaml.safe_load(row["if_same"]))))
    assert set(activities(answered).values()) == {labels[1]}


def test_reasons_say_words_as_labels_write_them():
    proposal = propose(Asked({"Anm\u00e4l ankomst": 900, "Anm\u00e4l ankomts": 5}), WORDS)
    (row,) = review.rows("P", proposal, decide(proposal, None))
    assert '"ankomts" for "ankomst"' in row["reason"]
    proposal = propose(Asked({"Run MB1C": 900, "Run MB1B": 5}), WORDS)
    (row,) = review.rows("P", proposal, decide(proposal, None))
    assert '"MB1B" for "MB1C"' in row["reason"]
    proposal = propose(Asked({"Skriv h\u00e4lsointyg": 900, "Skriv h\u00e4lsointgy": 5}), WORDS)
    (row,) = review.rows("P", proposal, decide(proposal, None))
    assert '"h\u00e4lsointgy" for "h\u00e4lsointyg"' in row["reason"]
    proposal = propose(Asked({"Corriger l'orthographe": 900, "Corriger l'ortographe": 5}), WORDS)
    (row,) = review.rows("P", proposal, decide(proposal, None))
    assert """("l'ortographe" for "l'orthographe")""" in row["reason"]
    verdict = Verdict(
        "Relier les registres", "Relier le registre", "review", 1.0, (Step("inflected", "registres", "registre"),)
    )
    assert '("registres" for "registre")' in review._difference(verdict)


def test_a_reason_says_no_word_that_neither_label_has():
    counts = {"Carve manikin": 700, "Carvem anikin": 1, "Carve moanikin": 2, "Carve oanikin": 1, "Carve anikin": 1}
    proposal = propose(Asked(counts), WORDS)
    (row,) = [row for row in review.rows("P", proposal, decide(proposal, None)) if row["label"] == "Carve moanikin"]
    assert '("moanikin" for "manikin")' in row["reason"]  # "Carvem anikin" says the same, and was compared


def test_the_lines_of_a_change_from_a_name_that_no_label_has_bring_it_back():
    counts = {"Approve claim": 900, "Aprove claim": 3}
    known = {"Aprove claim": Named("Aprove claim", "Zed", "known")}
    proposal = propose(Asked(counts, known=known), WORDS)
    decision = decide(proposal, None)
    assert set(activities(decision).values()) == {"Approve claim"}
    (row,) = review.rows("P", proposal, decision)
    apart, call = (yaml.safe_load(line) for line in row["if_different"].splitlines())
    said = Said(different=tuple(apart), call=call)
    known = {one.label: one for one in decision.named}
    assert activities(named(counts, known=known, said=said)) == {
        "Approve claim": "Approve claim",
        "Aprove claim": "Zed",
    }


def test_a_label_as_near_to_two_steps_is_asked_about_beside_each_and_either_line_settles_it():
    counts = {"Close inventory": 50, "Close investigation": 40, "Close inv.": 3}
    proposal = propose(Asked(counts), WORDS)
    queue = review.ranked(review.rows("P", proposal, decide(proposal, None)))
    assert [(row["kind"], row["label"], row["other"]) for row in queue] == [
        ("ambiguous", "Close inv.", "Close inventory"),
        ("ambiguous", "Close inv.", "Close investigation"),
    ]
    assert all("several labels are as likely" in row["reason"] for row in queue)
    for row in queue:
        said = Said(same=tuple(yaml.safe_load(row["if_same"])))
        answered = propose(Asked(counts, said=said), WORDS)
        decision = decide(answered, None)
        assert activities(decision)["Close inv."] == row["other"]
        assert review.rows("P", answered, decision) == []


def test_an_outgrown_slip_that_is_told_to_be_another_step_is_asked_about_no_more():
    known = {one.label: one for one in named({"Approve claim": 900, "Aprove claim": 3}).named}
    counts = {"Approve claim": 3, "Aprove claim": 900}
    proposal = propose(Asked(counts, known=known), WORDS)
    (row,) = review.rows("P", proposal, decide(proposal, None))
    assert row["kind"] == "outgrown" and row["event_count"] == 900
    said = Said(different=tuple(yaml.safe_load(row["if_different"])))
    answered = propose(Asked(counts, known=known, said=said), WORDS)
    decision = decide(answered, None)
    assert len(set(activities(decision).values())) == 2
    assert "outgrown" not in {row["kind"] for row in review.rows("P", answered, decision)}


def test_a_word_taken_back_leaves_one_question_about_the_two_labels(folder, night_of, keep):
    feeds = desk(folder, **dict.fromkeys((f"c{case}" for case in range(1, 24, 2)), "Log it"))
    same = 'processes:\n  Desk:\n    same:\n    - ["Log it", "Open complaint"]\n'
    asked = "SELECT kind, if_same FROM core.label_review WHERE 'Log it' IN (label, other) ORDER BY rank"
    kinds = []
    for night, tomorrow in enumerate((same, "", "")):
        on = date(2026, 11, 21) + timedelta(days=night)
        with night_of(folder, feeds, until="events", on=on, is_judged=True) as warehouse:
            kinds.append([(row["kind"], row["if_same"] is not None) for row in warehouse.rows(asked)])
            keep(warehouse)
            write(warehouse.home, tomorrow)
    settled = ("changed", False)
    assert kinds == [[("hint", True)], [settled], [("hint", True), settled]]


def test_two_labels_are_asked_about_once_whichever_of_them_is_in_doubt():
    row = {"process": "P", "cost": 0.0, "event_count": 1, "if_same": "a", "if_different": "b"}
    asked = [("hint", "A", "B"), ("close", "B", "A"), ("changed", "A", "C"), ("changed", "C", "A"), ("hint", "D", "E")]
    queue = [{**row, "kind": kind, "label": label, "other": other} for kind, label, other in asked]
    found = [(one["kind"], one["label"]) for one in review.ranked(queue)]
    assert found == [("changed", "A"), ("close", "B"), ("changed", "C"), ("hint", "D")]


def asked_by_the_log(rare: str, hub: str, lists=WORDS, counts: tuple[int, int] = (30, 300)) -> list[str]:
    """The reasons of the hints about two labels of which the rarer stands where the other stands."""
    counts = {rare: counts[0], hub: counts[1]}
    total = sum(counts.values())
    steps = [place("^", one, "Ship", count) for one, count in counts.items()]
    places = hints.places_of([*steps, place(hub, "Ship", "$", total)])["P"]
    proposal = propose(Asked(counts | {"Ship": total}), lists)
    found = hints.hints(hints.candidates(proposal, places, lists), places, decide(proposal, None))
    return [row["reason"] for row in review.of_hints("P", proposal, found)]


@pytest.mark.parametrize(
    ("rare", "hub"),
    [
        ("Reject entry", "Approve entry"),
        ("Entry rejected", "Approve entry"),
        ("Unseal container", "Seal container"),
        ("Export declaration", "Import declaration"),
        ("Register part-time student", "Register full-time student"),
        ("Betrag auszahlen", "Betrag einzahlen"),
        ("Antrag ablehnen", "Antrag genehmigen"),
        ("Rechazar solicitud", "Aprobar solicitud"),
        ("Aanvraag afwijzen", "Aanvraag goedkeuren"),
        ("Notify consignee", "Notify consignor"),
        ("Credit payee", "Credit payer"),
        ("Waive duty", "Pay duty"),
        ("Weigh truck", "Wash truck"),
        ("Decline holiday request", "Approve leave request"),
        ("Form B", "Form A"),
        ("Form", "Form A"),
        ("Form B done", "Form A ready"),
    ],
)
def test_the_log_alone_asks_nothing_of_two_labels_that_known_words_tell_apart(rare, hub):
    assert asked_by_the_log(rare, hub) == []


@pytest.mark.parametrize(
    ("rare", "hub", "said"),
    [
        ("Zz done", "Close file", "no rule of words makes them one"),
        ("Chk-B file", "Close file", "no rule of words makes them one"),
        ("Lodge custom papers", "Lodge customs papers", '("custom" for "customs"), and how often each is written'),
    ],
)
def test_a_hint_says_what_words_say_and_why_that_is_not_enough(rare, hub, said):
    (reason,) = asked_by_the_log(rare, hub)
    assert said in reason


def test_the_opposites_of_an_analyst_are_no_hint():
    assert len(asked_by_the_log("Gloop file", "Snarf file")) == 1
    assert asked_by_the_log("Gloop file", "Snarf file", words(opposites=[("gloop", "snarf")])) == []


def test_a_letter_in_a_word_an_analyst_calls_right_is_no_hint():
    assert len(asked_by_the_log("Check contact", "Check contract")) == 1
    assert asked_by_the_log("Check contact", "Check contract", words(business=["contact"])) == []


def test_no_word_is_a_slip_or_another_word_for_its_opposite():
    lists = words(opposites=[("check", "verify"), ("customs", "custom")])
    for one, other in (("Check claim", "Verify claim"), ("Lodge customs papers", "Lodge custom papers")):
        assert propose(Asked({one: 900, other: 5}), WORDS).verdicts
        assert not propose(Asked({one: 900, other: 5}), lists).verdicts


def test_of_two_things_said_on_one_line_each_is_shown_by_itself(tmp_path):
    with pytest.raises(UsageError) as refused:
        names_file.read(write(tmp_path, "call: {Take order: Sell, Sell: Take order}\n"))
    assert "line 1: call: {Take order: Sell}" in str(refused.value)
    assert "line 1: call: {Sell: Take order}" in str(refused.value)


@pytest.mark.parametrize(
    "text",
    [
        "different: [[Block-card, block_card]]\nsame: [[Block-card, Bar card]]\n",
        "different: [[Block-card, block_card], [block_card, Bar card]]\nsame: [[Block-card, Bar card]]\n",
        "call: {Block-card: X, block_card: Y}\n",
        "same: [[P\u00eacher, Fish]]\ndifferent: [[P\u00e9cher, Fish]]\n",  # two words by their marks
    ],
)
def test_what_an_analyst_tells_apart_is_not_taken_for_one_by_its_letters(tmp_path, text):
    assert names_file.read(write(tmp_path, text)) != NamesFile()


def test_a_name_that_a_label_keeps_is_no_contradiction(tmp_path):
    read = names_file.read(write(tmp_path, "call: {Take order: Sell, sell: SELL}\n"))
    assert read.call == {"Take order": "Sell", "sell": "SELL"}


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Collect traveller details", "Collect traveler details"),
        ("Send jeweller report", "Send jeweler report"),
        ("Check labelling", "Check labeling"),
        ("Review modelling", "Review modeling"),
    ],
)
@pytest.mark.parametrize("counts", [(30, 5), (5, 900)])
def test_one_l_or_two_before_an_ending_is_one_word(one, other, counts):
    assert len(set(activities(named(dict(zip((one, other), counts, strict=True)))).values())) == 1


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Order filling", "Order filing"),
        ("Claim refiled", "Claim refilled"),
        ("Issue papers ticket", "Issue paper ticket"),
    ],
)
def test_one_l_or_two_in_another_word_and_a_plural_of_its_own_meaning_are_two(one, other):
    assert len(set(activities(named({one: 5, other: 900})).values())) == 2


@pytest.mark.parametrize(
    ("rare", "hub", "is_one"),
    [
        ("Cancelled reservation", "Cancel reservation", True),
        ("File archive paper", "Archive paper file", False),  # either may be done
        ("Grades published", "Publish grades", True),
        ("Driver called", "Call driver", False),  # the driver may have called
    ],
)
def test_the_same_words_in_another_form_are_one_where_the_log_says_so_and_nobody_is_named_who_may_act(
    rare, hub, is_one
):
    counts = {rare: 20, hub: 400, "Pay": 900}
    like = around(rare, hub, {"Open": 20}, {"Open": 400}, {"Open": 420, "Pay": 900})
    unlike = around(rare, hub, {"Pay": 20}, {"Open": 400}, {"Open": 400, "Pay": 920})
    meeting = replace(like, shared_counts={(rare, hub): 1})
    assert (activities(named(counts, like))[rare] == hub) is is_one
    if rare != "Grades published":
        assert activities(named(counts, unlike))[rare] == activities(named(counts, meeting))[rare] == rare


def test_an_opposite_a_letter_away_is_no_slip_however_rare_it_is_in_the_same_place():
    like = around("CODE NOK", "CODE OK", {"Open": 5}, {"Open": 40_000}, {"Open": 40_005, "Pay": 90_000})
    assert len(set(activities(named({"CODE NOK": 5, "CODE OK": 40_000}, like)).values())) == 2


@pytest.mark.parametrize(
    ("rare", "hub", "is_one"),
    [
        ("Dresses clipped", "Clip dresses", True),
        ("Bake bread", "Bread baked", True),
        ("Fields plowed", "Plough fields", True),
        ("Ferry hurried", "Hurry ferry", False),  # the ferry may have hurried
        ("Move bed 3 to 4", "Move bed 4 to 3", False),
        ("Approve request", "Request approval", False),
        ("Pay ward", "Ward paid", False),
        ("Clipping dresses", "Clip dresses", False),
        ("Housing claim", "House claim", False),
        ("Metal alloyed", "Alloying metal", True),
        ("Dress sewn", "Sew dress", True),
        ("Bread broken", "Break bread", True),
        ("Broken bread", "Break bread", False),
        ("Patient bathed", "Bathe patient", False),  # the patient may have bathed
    ],
)
def test_regular_forms_of_any_verb_are_asked_about_and_one_where_the_log_says_so_and_something_is_done(
    rare, hub, is_one
):
    counts = {rare: 20, hub: 400, "Pay": 900}
    like = around(rare, hub, {"Open": 20}, {"Open": 400}, {"Open": 420, "Pay": 900})
    assert (activities(named(counts, like))[rare] == hub) is is_one
    proposal = propose(Asked(counts), WORDS)
    decision = decide(proposal, None)
    assert activities(decision)[rare] == rare
    assert [(row["label"], row["other"]) for row in review.rows("P", proposal, decision)] == [(rare, hub)]


@pytest.mark.parametrize(
    ("one", "other"), [("Client bared", "Bar client"), ("Client barred", "Bare client"), ("Show string", "Str show")]
)
def test_words_that_only_end_like_forms_of_one_are_two_and_not_asked_about(one, other):
    proposal = propose(Asked({one: 20, other: 400}), WORDS)
    assert proposal.verdicts == ()


SPELLINGS = """anaesthetic anesthetic|colour color|organise organize|organisation organization|cancelled canceled
    |centre center|enrol enroll|fulfilment fulfillment|catalogue catalog|judgement judgment|analysed analyzed
    |neighbour neighbor|favourite favorite|behaviour behavior|paediatric pediatric|oedema edema|diarrhoea diarrhea
    |sulphate sulfate|instalment installment|defence defense|programme program|theatre theater|modelling modeling
    |encyclopaedia encyclopedia|haemorrhage hemorrhage|prioritised prioritized|grey gray|plough plow|litre liter
    |foetal fetal|leukaemia leukemia|gynaecology gynecology|harbour harbor|endeavour endeavor|colouring coloring"""


@pytest.mark.parametrize("words", SPELLINGS.replace("\n    ", "").split("|"))
@pytest.mark.parametrize("counts", [(5, 5), (5, 900)])
def test_a_word_spelt_as_in_britain_and_as_in_america_is_one_word(words, counts):
    labels = (f"Handle {word} case" for word in words.split())
    assert len(set(activities(named(dict(zip(labels, counts, strict=True)))).values())) == 1


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Cheque deposit", "Check deposit"),
        ("Credit cheque", "Credit check"),
        ("Stoel noemen", "Stoel nemen"),
        ("Call poet", "Call pet"),
    ],
)
@pytest.mark.parametrize("counts", [(30, 5), (5, 900)])
def test_what_is_spelt_nearly_as_in_another_country_is_two(one, other, counts):
    assert len(set(activities(named(dict(zip((one, other), counts, strict=True)))).values())) == 2


def test_a_word_that_only_looks_british_is_spelt_as_it_is():
    for word in ("four", "flour", "tour", "prise", "raise", "likewise", "poet", "shoe", "noemen", "lodge", "league"):
        assert american(word) == word


@pytest.mark.parametrize(("one", "other"), [("Meet minutes", "Meeting minutes"), ("Park fee", "Parking fee")])
@pytest.mark.parametrize("counts", [(30, 5), (5, 900)])
def test_an_everyday_word_is_not_short_for_a_longer_one(one, other, counts):
    assert len(set(activities(named(dict(zip((one, other), counts, strict=True)))).values())) == 2


def test_a_cheque_is_a_check_where_something_else_is_done_with_it():
    for one, other in (("Pay by cheque", "Pay by check"), ("Cheque received", "Check received")):
        assert len(set(activities(named({one: 5, other: 900})).values())) == 1


def test_a_change_that_asks_nothing_hides_no_question_about_the_two_labels():
    counts = {"Check quorum": 900, "Check quarum": 3}
    said = Said(same=(list(counts),))
    known = {one.label: one for one in named(counts, said=said).named}
    proposal = propose(Asked(counts, known=known), WORDS)
    queue = review.ranked(review.rows("P", proposal, decide(proposal, None)))
    assert [(row["kind"], row["label"], row["if_same"] is None) for row in queue] == [
        ("close", "Check quarum", False),
        ("changed", "Check quarum", True),
    ]


PEOPLE = """surgeon|notary|bailiff|paralegal|magistrate|steward|pilot|captain|deponent|landlord|architect|neighbour
    |resident|ombudsman|litigant|crew|paramedic|fireman|respondent|heir|widow|parent|airline|embassy|customs|union
    |lodger|usher|zorblat""".replace("\n    ", "").split("|")


@pytest.mark.parametrize(
    "verb", [("Call", "called"), ("Notify", "notified"), ("Pay", "paid"), ("Contact", "contacted")]
)
def test_what_is_not_known_to_be_a_thing_may_have_acted_itself(verb):
    counts = {label: 90 for one in PEOPLE for label in (f"{verb[0]} {one}", f"{one.title()} {verb[1]}")}
    assert all(label == activity for label, activity in activities(named(counts)).items())


def test_who_may_act_besides_is_told_in_the_file():
    lists = NamesFile.model_validate({"words": {"people": ["waiver"]}}).word_lists()
    for known, count in ((WORDS, 1), (lists, 2)):
        found = decide(propose(Asked({"Waiver signed": 90, "Sign waiver": 80}), known), None).named
        assert len({one.activity for one in found}) == count


THINGS = [
    (("Pour screed", "Screed poured"), "screed", 1),
    (("Glaze urns", "Urn glazed"), "urns", 1),
    (("Check humidity", "Humidity check"), "humidity", 1),
    (("Return reader", "Reader returned"), "reader", 1),
    (("Approve brochure stand", "Brochure stand approved"), "brochure", 2),
    (("Screed poured", "Screed pumped"), "screed", 2),
]


@pytest.mark.parametrize(("pair", "thing", "activity_count"), THINGS)
@pytest.mark.parametrize("counts", [(5, 5), (5, 900)])
def test_what_does_nothing_by_itself_is_told_in_the_file(pair, thing, activity_count, counts):
    asked = Asked(dict(zip(pair, counts, strict=True)))
    lists = NamesFile(words={"things": [thing]}).word_lists()
    assert len(set(activities(decide(propose(asked, WORDS), None)).values())) == 2
    assert len(set(activities(decide(propose(asked, lists), None)).values())) == activity_count


def test_what_may_act_is_no_thing(tmp_path):
    path = write(tmp_path, "words: {people: [Bailiff], things: [bailiff]}")
    with pytest.raises(UsageError) as refused:
        names_file.read(path)
    assert "stands under people and things" in str(refused.value)


@pytest.mark.parametrize(
    ("counts", "lists"),
    [
        ({"Sign waiver": 90, "Waiver signed": 80}, {"people": ["waiver"]}),
        ({"Sign waiver": 90, "Waiver signed": 80, "Waivre signed": 3}, {"people": ["waiver"]}),
        ({"Check quorum": 900, "Check quorumm": 3}, {"business": ["quorumm"]}),
        ({"Check quorum": 900, "Check quroum": 3}, {"opposites": [["quorum", "quroum"]]}),
    ],
)
def test_words_added_to_the_file_undo_what_earlier_nights_joined_and_say_so(counts, lists):
    lists = NamesFile.model_validate({"words": lists}).word_lists()
    known = {one.label: one for one in named(counts).named}
    before = {label: one.activity for label, one in known.items()}
    assert len(set(before.values())) == 1
    proposal = propose(Asked(counts, known=known), lists)
    decision = decide(proposal, None)
    assert activities(decision) == activities(decide(propose(Asked(counts), lists), None)) != before
    changed = [row for row in review.rows("P", proposal, decision) if row["kind"] == "changed"]
    assert changed and all("names.yaml says so" in row["reason"] for row in changed)


def test_prefixes_set_apart_by_a_hyphen_are_no_slips_of_each_other_however_rare_one_is():
    assert len(set(activities(named({"De-ice": 2_000, "Re-ice": 1})).values())) == 2


@pytest.mark.parametrize(
    ("counts", "call"),
    [
        ({"Verify conflict": 171, "Verfiy conflict": 29}, {"Verfiy conflict": "Conflict verified"}),
        ({"Approve claim": 100, "approve claim": 3}, {"Approve claim": "Claim approved"}),
        ({"Approve claim": 100, "approve claim": 3}, {"Approve claim": "APPROVE CLAIM"}),
        ({"Approve claim #48213": 5, "Approve claim #48215": 5}, {"Approve claim #48213": "Claim approved"}),
    ],
)
def test_a_name_taken_back_goes_even_where_it_says_what_the_label_says(counts, call):
    first = {one.label: one for one in named(counts).named}
    said = Said(call=call)
    called = named(counts, known=first, said=said)
    assert set(activities(called).values()) == set(call.values())
    known = {one.label: one for one in called.named}
    assert by_label(named(counts, known=known, said=said)) == by_label(called)
    back = propose(Asked(counts, known=known), WORDS)
    decision = decide(back, None)
    assert activities(decision) == {label: one.activity for label, one in first.items()}
    assert all("was taken back" in row["reason"] for row in review.rows("P", back, decision))


@pytest.mark.parametrize(
    ("counts", "grown", "said"),
    [
        ({"Send invoice": 120, "Invoice sent": 100}, {"Invoice sent": 130},
         Said(different=(["Invoice sent", "Send invoice"],))),
        ({"Send invoice": 120, "Invoice sent": 100, "Invoyce sent": 3}, {"Invoice sent": 90},
         Said(different=(["Invoice sent", "Send invoice"],))),
        ({"Open matter": 90, "Open matter x 004417": 5, "Open matter x 004418": 5}, {},
         Said(same=(["Open matter", "Open matter x 004417"],))),
    ],
)  # fmt: skip
def test_what_an_analyst_changed_is_said_of_every_label_that_changed_with_it(counts, grown, said):
    known = {one.label: one for one in named(counts).named}
    proposal = propose(Asked(counts | grown, known=known, said=said), WORDS)
    decision = decide(proposal, None)
    changed = [row for row in review.rows("P", proposal, decision) if row["kind"] == "changed"]
    assert changed and all("names.yaml says so" in row["reason"] for row in changed)
    assert all(row["if_same"] is row["if_different"] is None for row in changed)
    again = named(counts | grown, known={one.label: one for one in decision.named}, said=said)
    assert by_label(again) == by_label(decision)


@pytest.mark.parametrize(
    ("rare", "hub"),
    [
        ("Cobrar tasa por trasferencia", "Cobrar tasa por transferencia"),
        ("Nachbar anhörn", "Nachbar anhören"),
    ],
)
@pytest.mark.parametrize("counts", [(5, 5), (5, 100)])
def test_one_letter_is_asked_about_however_often_it_is_written_where_the_log_shows_one_place(rare, hub, counts):
    anywhere = {"x": sum(counts), "y": 900}
    german = {"Akte schließen": 9, "Bescheid zustellen": 9, "Genehmigung erteilen": 9, "Ortstermin vereinbaren": 9}
    others = german if "Nachbar" in rare else {}
    for beside, is_asked in (({"x": counts[0]}, True), ({"y": counts[0]}, False)):
        context = around(rare, hub, beside, {"x": counts[1]}, anywhere)
        proposal = propose(Asked({rare: counts[0], hub: counts[1]} | others), WORDS)
        decision = decide(proposal, context)
        assert len(set(activities(decision).values())) == 2 + len(others)
        asked = [{row["label"], row["other"]} for row in review.rows("P", proposal, decision)]
        assert ({rare, hub} in asked) is is_asked


@pytest.mark.parametrize(("rare", "hub"), [("Review contact", "Review contract"), ("Check SLO", "Check SLA")])
def test_known_words_and_codes_as_frequent_in_one_place_are_not_asked_about(rare, hub):
    context = around(rare, hub, {"x": 50}, {"x": 60}, {"x": 110, "y": 900})
    proposal = propose(Asked({rare: 50, hub: 60}), WORDS)
    assert review.rows("P", proposal, decide(proposal, context)) == []


def test_the_misspelt_word_is_never_the_name_whatever_stands_beside_it():
    for noun in ("retainer", "variance", "zorblat"):
        counts = {f"Approve {noun}": 130, f"Aprove {noun}": 305}
        assert set(activities(named(counts)).values()) == {f"Approve {noun}"}


def test_a_slip_of_an_opposite_is_no_hint():
    for rare, hub in (("Reject retainer", "Aprove retainer"), ("Aproved retainer", "Rejected retainer")):
        context = around(rare, hub, {"x": 60}, {"x": 300}, {"x": 360, "y": 4000})
        assert hints.candidates(propose(Asked({rare: 60, hub: 300}), WORDS), context, WORDS) == []


@pytest.mark.parametrize(
    ("rare", "hub", "counts", "trouble"),
    [
        ("Cleaned zorblat", "Clean zorblat", (5, 100), "needs events"),
        ("Faq sent", "Fax sent", (5, 100), "needs frequency"),
        ("Search tier I", "Search tier 1", (50, 100), "needs review"),
        ("Cotejar pádron", "Cotejar padrón", (50, 100), "needs review"),
    ],
)
def test_a_question_says_what_is_missing(rare, hub, counts, trouble):
    context = around(rare, hub, {"x": counts[0]}, {"x": counts[1]}, {"x": sum(counts), "y": 4000})
    decision = named(dict(zip((rare, hub), counts, strict=True)), context)
    assert [doubt.trouble for doubt in decision.doubts] == [trouble]
    assert {step.rule for doubt in decision.doubts for step in doubt.by.verdict.steps}.isdisjoint({"order"})


@pytest.mark.parametrize(
    ("rare", "hub"),
    [
        ("Registar solicitud", "Registrar solicitud"),
        ("Aprovar obra", "Aprobar obra"),
        ("Genemigung erteilen", "Genehmigung erteilen"),
    ],
)
def test_a_foreign_act_of_the_lists_is_meant_where_the_log_says_so_and_it_is_written_ten_times_as_often(rare, hub):
    for count, is_one in ((100, True), (20, False)):
        beside = {"x": 5}, {"x": count}
        found = named({rare: 5, hub: count}, around(rare, hub, *beside, {"x": 5 + count, "y": 4000}))
        assert (len(set(activities(found).values())) == 1) is is_one


@pytest.mark.parametrize(
    ("rare", "is_one"),
    [
        ("Zatwierdź fatkurę", True),
        ("Zatwierdź fakurę", False),
        ("Zatwierdź fakkturę", False),
    ],  # few words: kk may be right
)
def test_swapped_letters_of_a_word_no_list_knows_are_a_slip_only_where_the_log_shows_the_same_around_both(rare, is_one):
    hub, anywhere = "Zatwierdź fakturę", {"x": 905, "y": 4000}
    counts = {rare: 5, hub: 900}
    like = around(rare, hub, {"x": 5}, {"x": 900}, anywhere)
    assert (len(set(activities(named(counts, like)).values())) == 1) is is_one
    for context in (
        None,
        replace(like, shared_counts={(rare, hub): 1}),
        around(rare, hub, {"x": 4, "y": 1}, {"x": 900}, anywhere),
    ):
        assert len(set(activities(named(counts, context)).values())) == 2
    assert len(set(activities(named({rare: 20, hub: 900}, like)).values())) == 2


@pytest.mark.parametrize(
    ("hub", "rare", "counts", "is_one"),
    [
        ("Huurcontract tekenen", "Huurcontrct tekenen", (900, 5), True),
        ("Huurcontract tekenen", "Huurcontrct tekenen", (40, 20), False),
        ("Huurcontract tekenen", "Huurcontrast tekenen", (900, 5), False),  # another letter: put together otherwise
    ],
)
def test_a_letter_lost_in_a_long_word_that_is_seldom_written_is_believed_of_rare_labels_in_one_place(
    hub, rare, counts, is_one
):
    counts = {label: 900 for label in DUTCH} | dict(zip((hub, rare), counts, strict=True))
    place = around(rare, hub, {"x": counts[rare]}, {"x": counts[hub]}, {"x": counts[rare] + counts[hub], "y": 9_000})
    proposal = propose(Asked(counts), WORDS)
    decision = decide(proposal, place)
    assert (activities(decision)[rare] == hub) == is_one
    assert all("two words" not in row["reason"] for row in review.rows("P", proposal, decision))


def test_a_letter_twice_is_a_slip_where_many_other_words_have_it_and_none_of_them_twice():
    hub, rare = "Zatwierdź polisę", "Zatwierdź pollisę"
    others = {f"Wystaw {word}": 9 for word in POLISH.split()}
    context = around(rare, hub, {"x": 5}, {"x": 900}, {"x": 905, "y": 4000})
    for counts, is_one in (
        ({rare: 5, hub: 900}, False),
        ({rare: 5, hub: 900, **others}, True),
        ({rare: 5, hub: 900, "Sprawdź mullę": 9, **others}, False),
    ):
        assert (activities(named(counts, context))[rare] == hub) is is_one


POLISH = """blankiet falochron leszczyna klucznik lodowisko lustrzyk malowidlo molestwo oblatek plecionka polecenie
    slupek szlabanek talerzyk walidator wyliczenie zaliczka zlecenie kalendarzyk lokalizator listewka"""


def test_numbers_that_come_too_often_to_be_taken_off_are_one_question():
    counts = {f"Open permit 2026-{number:05}": 8 for number in range(1188, 1200)} | {"Open permit": 90}
    proposal = propose(Asked(counts), WORDS)
    (row,) = numbered.rows("P", proposal, decide(proposal, None))
    assert (row["event_count"], row["other_event_count"]) == (186, 8) and row["reason"].startswith("13 labels")
    same = yaml.safe_load(row["if_same"])[0]
    said = propose(Asked(counts, said=Said(same=(same,))), WORDS)
    decision = decide(said, None)
    assert len(set(activities(decision).values())) == 1 and numbered.rows("P", said, decision) == []
    apart = yaml.safe_load(row["if_different"])[0]
    said = propose(Asked(counts, said=Said(different=(apart,))), WORDS)
    assert numbered.rows("P", said, decide(said, None)) == []


def test_few_numbers_beside_the_bare_label_are_a_question():
    counts = {"Dig grave": 90, "Dig grave (dossier 48213)": 2, "Dig grave (dossier 48220)": 1, "Pay fee 48213": 1}
    proposal = propose(Asked(counts), WORDS)
    (row,) = numbered.rows("P", proposal, decide(proposal, None))
    assert (row["label"], row["other"], row["event_count"]) == ("Dig grave (dossier 48220)", "Dig grave", 3)
    assert row["if_same"].count("Dig grave") == 3


@pytest.mark.parametrize(
    ("label", "asked"),
    [("Dig grave (our ref 123)", True), ("Dig grave (debtor 4821301)", True), ("Dig grave, job no. 7", False),
     ("Dig grave - job no. 17", False), ("Dig grave - job no. 117", True), ("Dig grave (level 2)", False),
     ("Dig grave (2nd)", False), ("Dig grave (30 days)", False), ("Dig grave (W 8)", False),
     ("Dig grave (123 our ref)", True), ("Dig grave (123 nights)", False), ("Dig grave job no. 123", True),
     ("Dig grave before wave 123", False)],
)  # fmt: skip
def test_a_remark_with_one_number_behind_a_label_is_a_question_where_the_number_is_long(label, asked):
    proposal = propose(Asked({"Dig grave": 90, label: 1}), WORDS)
    decision = decide(proposal, None)
    assert [row["other"] for row in numbered.rows("P", proposal, decision)] == ["Dig grave"] * asked
    assert len(set(activities(decision).values())) == 2


def test_one_number_that_no_other_label_has_is_no_question():
    proposal = propose(Asked({"Check T123456": 40, "Approve INV20261": 40}), WORDS)
    assert numbered.rows("P", proposal, decide(proposal, None)) == []


def test_two_letters_changed_about_in_a_short_word_no_list_knows_make_another_however_many_labels_hold_it():
    counts = {"Registar parto": 900, "Aprovar parto": 90, "Arquivar parto": 90, "Registar prato": 5}
    assert len(set(activities(named(counts)).values())) == 4


def test_the_map_of_naming_names_every_module_once():
    modules = {path.stem for path in Path(naming.__file__).parent.glob("*.py")} - {"__init__"}
    named = re.findall(r"`([a-z_]+)`", naming.__doc__)
    assert set(named) == modules
    assert {name for name in named if named.count(name) > 1} <= {"deciding"}  # decides and says what comes when
