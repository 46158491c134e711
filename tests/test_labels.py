"""Labels that are surely the same step get one name, and no others do."""

from __future__ import annotations

import os
import re
from collections import Counter
from pathlib import Path

import duckdb
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from essa.naming.deciding import name_activities
from essa.naming.reading import prepare
from essa.naming.remembering import Named
from essa.naming.words import FOLDER, listed, verb_forms, word_list

DATASETS = Path(os.environ.get("ESSA_DATASETS", Path(__file__).parents[2] / "shared" / "datasets"))
real_data = [pytest.mark.real_data, pytest.mark.skipif(not DATASETS.is_dir(), reason="the public logs are not here")]

ALIKE = [
    ("Approve claim", " approve  CLAIM"),
    ("Approve timesheet", "Approve time sheet"),
    ("UpdateVendorMaster", "update_vendor_master"),
    ("Re-open case", "Reopen case"),
    ("Sign non-disclosure agreement", "Sign nondisclosure agreement"),
    ("Pre-approve loan", "Preapprove loan"),
    ("Start on-boarding", "Start onboarding"),
    ("Obtain prior authorization", "Obtain prior authorisation"),
    ("Acknowledge explanation of benefits", "Acknowledge EOB"),
    ("Validate first notice of loss", "Validate FNOL"),
    ("Send e-mail", "Send email"),
    ("R&D check", "R&amp;D check"),
    ("Kündigung prüfen", "Kuendigung pruefen"),
    ("Revisión de curso", "Revision de curso"),
    ("Supplier's invoice", "Suppliers invoice"),
    ("Create case", "Create a case"),
    ("Do not ship order", "Don't ship order"),
    ("Claim is not approved", "Claim isn\u2019t approved"),
    ("Reject invoice", "Reject invoices"),
    ("Send invoice", "Invoice sent"),
    ("Send invoice", "Invoice has been sent"),
    ("Approve claim", "Claim approval"),
    ("Approve claim", "Claim approval task"),
    ("Approve claim", "Task: Approve claim"),
    ("Reconcile bank statement", "Bank statement reconciliation"),
    ("Onboard new hire", "New-hire onboarding"),
    ("Authorise payment", "Authorization of payment"),
    ("2nd approval", "Second approval"),
    ("Approval level two", "Approval level 2"),
    ("Approval level II", "Approval level 2"),
    ("Post payment", "Post payment 2025-03-14"),
    ("Post payment", "post_payment_14.03.2025 10:15"),
    ("Close ticket", "Close ticket #48213"),
    ("Close ticket", "Close ticket no. 482131"),
    ("Close ticket INC0012345", "Close ticket INC0099812"),
    ("Post invoice", "Post invoice (PR-10234)"),
    ("Approve change", "Approve change [e-mail]"),
    ("Call back customer", "Call back customer [person]"),
    ("Perform checks - Dep1", "Perform checks - Dep2"),
    ("Perform checks", "Perform checks (Site B)"),
    ("Floor -1", "Floor \u22121"),
    ("A-5 check", "A 5 check"),
    ("Step - 5", "Step 5"),
    ("COVID\u221219 test", "COVID-19 test"),
    ("Levels 1 -3 review", "Levels 1-3 review"),
    ("Measure 5 m²", "Measure 5 m2"),
    ("Straße prüfen time sheet", "Strasse prüfen timesheet"),
    ("2ª revisión de curso", "Segunda revisión de curso"),
    ("Order wheel chair", "Order wheelchair"),
    ("Bill health-care", "Bill healthcare"),
]

DIFFERENT = [
    ("Approve claim", "Reject claim"),
    ("Approve request", "Request approval"),
    ("Request approved", "Request approval"),
    ("Schedule payment", "Payment schedule"),
    ("File claim", "Claim file"),
    ("Customer called", "Call customer"),
    ("Send invoice", "Invoice to be sent"),
    ("Send invoice", "Invoice being sent"),
    ("Send invoice", "Invoice was not sent"),
    ("Review IS", "Review"),
    ("Customer approval", "Approve customer"),
    ("Manager invoice approval", "Approve manager invoice"),
    ("Manual check", "Check manual"),
    ("Checking account", "Check account"),
    ("Application complete", "Complete application"),
    ("Transfer savings to checking", "Transfer checking to savings"),
    ("Transfer from savings", "Transfer to savings"),
    ("Review by manager", "Review manager"),
    ("Re sign contract", "Resign contract"),
    ("No table", "Notable"),
    ("Cast rate of lambs", "Castrate of lambs"),
    ("2ª revisión de curso", "2 revisión de curso"),
    ("Vendor not approved", "Vendor approved"),
    ("Ship order", "Don't ship order"),
    ("Validate application", "Invalidate application"),
    ("Send invoice", "Resend invoice"),
    ("Lock account", "Unlock account"),
    ("Customs order", "Custom order"),
    ("Forderung prüfen", "Förderung prüfen"),
    ("Cancel order", "Cancel order line"),
    ("Cancel order", "Cancel order item"),
    ("Close claim", "Close claim task"),
    ("Create task", "Create"),
    ("Release A", "Release"),
    ("Release A", "Release B"),
    ("Level 1 triage", "Level 2 triage"),
    ("Approve (Level 1)", "Approve (Level 2)"),
    ("Approve - Team lead", "Approve"),
    ("Check - Unit price", "Check - Country risk"),
    ("First approval", "Second approval"),
    ("First time payment", "One time payment"),
    ("Two approvals", "Approval 2"),
    ("Version 1.2", "Version 12"),
    ("Levels 1-3 review", "Levels 13 review"),
    ("Form W-2 review", "Form W-4 review"),
    ("File I-129 petition", "File I-140 petition"),
    ("Process message MT103", "Process message MT202"),
    ("ISO27001 audit", "ISO22301 audit"),
    ("Approve 250000", "Approve 500000"),
    ("EUR125001 transfer", "EUR250001 transfer"),
    ("Approve > 1000", "Approve < 1000"),
    ("Run 06:00", "Run 18:00"),
    ("Approve PO-450012", "Approve SO-450012"),
    ("Send reminder", "Send second reminder"),
    ("IV Liquid", "4 Liquid"),
    ("---", "???"),
    ("Store at -5 degrees", "Store at 5 degrees"),
    ("Floor -1", "Floor 1"),
    ("Store at (\u22125)", "Store at (5)"),
    ("Correct by -$100", "Correct by $100"),
    ("Feed batch 1²", "Feed batch 12"),
    ("Feed batch 1²", "Feed batch 1 2"),
    ("Add 10⁻³", "Add 10³"),
    ("Mesurer côté", "Mesurercote"),
    ("Prüfe Maße", "Prüfemasse"),
]


def activities(counts: dict[str, int], own_values: tuple[str, ...] = ()) -> dict[str, str]:
    return {named.label: named.activity for named in name_activities(counts, own_values)}


@pytest.mark.parametrize(("one", "other"), ALIKE)
def test_two_spellings_of_a_step_get_one_name(one, other):
    assert len(set(activities({one: 5, other: 2}).values())) == 1


@pytest.mark.parametrize(("one", "other"), DIFFERENT)
@pytest.mark.parametrize(("count", "other_count"), [(5, 2), (1, 1000), (1000, 1)])
def test_steps_that_only_look_alike_stay_apart(one, other, count, other_count):
    assert len(set(activities({one: count, other: other_count}).values())) == 2


def test_the_most_frequent_spelling_is_the_name_and_each_label_says_why():
    counts = {"Check claim": 5, "check  claim": 9, " check claim": 1, "Claim checks": 2, "Check claim 2026-01-01": 40}
    assert name_activities(counts) == [
        Named(" check claim", "check claim", "same letters", 1.0),
        Named("Check claim", "check claim", "same letters", 1.0),
        Named("Check claim 2026-01-01", "check claim", "pollution", 1.0),
        Named("Claim checks", "check claim", "same words", 1.0),
        Named("check  claim", "check claim", "same letters", 1.0),
    ]


def test_between_equally_frequent_spellings_the_text_decides():
    assert set(activities({"check order": 3, "Check order": 3}).values()) == {"Check order"}


def test_without_a_plain_spelling_the_name_is_what_remains():
    assert set(activities({"Make decision_2026-01-02": 1, "Make decision_2026-01-03": 1}).values()) == {"Make decision"}


def test_too_little_is_never_left():
    assert activities({"Pay 2026-01-02": 1, "Pay": 9})["Pay 2026-01-02"] == "Pay 2026-01-02"


def test_a_moved_blank_inside_a_number_needs_a_far_more_frequent_spelling():
    assert set(activities({"EVENT 13 END": 100, "EVENT1 3 END": 10}).values()) == {"EVENT 13 END"}
    assert len(set(activities({"EVENT 13 END": 99, "EVENT1 3 END": 10}).values())) == 2
    assert [named.rule for named in name_activities({"EVENT 13 END": 100, "EVENT1 3 END": 1})] == ["own", "moved blank"]


def test_random_marks_come_off_where_the_rest_is_a_label_or_three_share_it():
    assert set(activities({"Make decision": 9, "Make decision_88YAjxg": 1}).values()) == {"Make decision"}
    shared = {"Make decision 88YAjxg": 1, "Make decision 91QbXaa": 1, "Make decision 70nMsPt": 1}
    assert set(activities(shared).values()) == {"Make decision"}
    assert len(set(activities(dict.fromkeys(list(shared)[:2], 1)).values())) == 2


@pytest.mark.parametrize(
    "labels",
    [
        ("Level12 review", "Level13 review", "Level14 review", "Review"),
        ("Reminder 30days", "Reminder 60days", "Reminder 90days", "Reminder"),
        ("Report Q3FY24", "Report Q4FY24", "Report Q1FY25", "Report"),
    ],
)
def test_marks_that_mean_something_stay_even_beside_the_bare_label(labels):
    assert len(set(activities(dict.fromkeys(labels, 1)).values())) == len(labels)


def test_codes_that_could_name_forms_come_off_only_when_they_are_many_and_rare():
    tickets = {f"Close ticket A-{number}": 1 for number in range(10, 20)}
    assert set(activities(tickets).values()) == {"Close ticket A"}
    assert len(set(activities(dict(list(tickets.items())[1:])).values())) == 9
    assert len(set(activities(dict.fromkeys(tickets, 30)).values())) == 10


@pytest.mark.parametrize("event_count", [1, 4])
@pytest.mark.parametrize("bare_count", [0, 200])
@pytest.mark.parametrize(
    "label",
    ["Open permit 2026-{:05}", "Open permit 2026/{:05}", "Citar EXP/2026/{:04}", "Akte anlegen 12 O {}/26",
     "Book court Cv-{}-26", "Open matter {:06}/23", "Sign off #12/345{:04}", "Sign off BP/2026/{:05}",
     "Open 2026-CV-{:04}", "Open file no. {:04}.26.2", "Close ticket AB-{:04}"],
)  # fmt: skip
def test_numbers_joined_are_one_reference_and_come_off_whole(label, bare_count, event_count):
    bare = re.match(r"\w+(?: [a-z]\w+)?", label)[0] + (" AB" if "AB" in label else "")
    counts = {label.format(1188 + 13 * number): event_count for number in range(30)} | {bare: bare_count}
    assert set(activities({label: count for label, count in counts.items() if count}).values()) == {bare}


@pytest.mark.parametrize(
    ("counts", "activity_count"),
    [
        ({"Load bag": 200, "Load bag LH 0020771231": 4, "Load bag LX 0020771232": 4}, 1),
        ({"Open permit": 200, "Open permit 2026/00417": 1}, 1),
        ({"Ward": 9, "Ward 1/2": 9, "Ward 1/3": 9, "Ward 2/3": 9}, 4),
        ({f"Give dose {one}/{one + 5}": 9 for one in range(100, 109)}, 9),  # a set of doses
        ({"Pay": 9, "Pay 10000-50000": 9, "Pay 50001-100000": 9, "Pay 100000-250000": 9}, 4),
        ({f"Hear case 4:26-{one}-0{1188 + number}": 2 for one in ("cv", "cr") for number in range(12)}, 24),
        ({f"Visit F.{1188 + number}/2026": 2 for number in range(12)}, 1),
        ({f"Load LH-{1188 + number}": 4 for number in range(12)} | {"Load": 9}, 1),
        ({f"Load LH{1188 + number}": 4 for number in range(12)} | {"Load LH 1188": 4, "Load LH 1299": 4}, 1),
        ({f"Load LH {1188 + number}": 40 for number in range(12)} | {"Load LH1188": 9}, 12),
        ({"Check": 50, "Check INV11003": 9, "Check INV 11003": 4, "Check INV 11007": 4, "Check ISO 14001": 4}, 2),
        ({f"Approve EUR {1188 + number}": 4 for number in range(12)}, 12),
        ({"Audit": 9, "Audit ISO 27001-2013": 9, "Audit ISO 27001-2022": 9}, 3),
        ({"Approve": 9, "Approve 250000/A": 9, "Approve 250000/B": 9}, 3),
    ],
)
def test_few_numbers_are_a_reference_only_where_they_are_long_or_many_of_one_kind(counts, activity_count):
    assert len(set(activities(counts).values())) == activity_count


@pytest.mark.parametrize(
    ("bare", "label", "number_count"),
    [
        ("Dig grave", "Dig grave (dossier {})", 10),
        ("Dig grave", "Dig grave (folja {})", 10),  # a word no list holds
        ("Dig grave", "Dig grave (our order {})", 10),
        ("Dig grave", "Dig grave (job no. {})", 10),
        ("Cavar fosa", "Cavar fosa (expediente núm. {})", 10),
        ("Dig grave", "Dig grave - job no. {}", 10),
        ("Dig grave", "Dig grave, plot {}", 10),
        ("Dig grave", "Dig grave (our ref 9{})", 1),
        ("Mutatie afsluiten", "Mutatie afsluiten zaak {}", 10),
        ("Abrir contrato", "Abrir contrato - Expediente 9{}", 1),
    ],
)
def test_a_number_goes_with_what_a_case_is_called_before_it(bare, label, number_count):
    counts = {bare: 50} | {label.format(48213 + place): 1 for place in range(number_count)}
    assert set(activities(counts).values()) == {bare}


def test_words_that_are_no_name_of_a_case_stay_before_a_number_in_closed_brackets():
    counts = {"Open file": 9, "Open": 40, "Pay claim": 50} | {f"Pay claim (debtor {4821300 + n})": 1 for n in range(9)}
    found = activities(counts | {f"Open file {48213 + place}": 1 for place in range(10)})
    assert set(found.values()) == {"Open file", "Open", "Pay claim", "Pay claim (debtor)"}


@pytest.mark.parametrize(
    ("bare", "label", "first"),
    [
        ("Close books", "Close books (budget {})", 2001),
        ("Pay claim", "Pay claim (over {})", 1101),
        ("Approve", "Approve (level {})", 101),
        ("Payment", "Payment ({} days)", 101),
        ("Notify party", "Notify party (section {})", 180),
        ("Take sample", "Take sample - well {}", 101),  # short, and no brackets around it
    ],
)
def test_numbers_behind_a_name_that_say_how_much_or_which_kind_stay(bare, label, first):
    counts = {bare: 50} | {label.format(first + place): 1 for place in range(12)}
    assert len(set(activities(counts).values())) == 13


@pytest.mark.parametrize("label", ["Seal crate ({} sent)", "Seal crate (order {}, urgent)", "Seal crate (job {}/2)"])
def test_no_bracket_is_left_open_or_without_its_words(label):
    (name,) = set(activities({label.format(110011 + place): 1 for place in range(12)}).values())
    assert name in ("Seal crate (sent)", "Seal crate (order, urgent)", "Seal crate (job)")


def test_the_number_of_a_container_is_no_part_of_a_name():
    labels = ("Release MSCU1000000", "Release TCLU 475201-8", "Release")
    assert set(activities(dict.fromkeys(labels, 90)).values()) == {"Release"}


def test_a_case_id_at_the_end_is_not_part_of_the_name():
    counts = {"Close case c-4711": 2, "Close case": 8, "Close level 17": 3}
    assert activities(counts, ("C-4711", "17")) == {
        "Close case": "Close case",
        "Close case c-4711": "Close case",
        "Close level 17": "Close level 17",
    }


def test_words_of_other_scripts_are_read_with_their_vowel_signs():
    assert len(set(activities({"किताब": 1, "कताब": 1, "审核 申请": 1, "审核申请": 2}).values())) == 3


def test_a_label_is_read_into_what_is_done_and_to_what():
    read = prepare("Vendor not approved - Level II")
    assert (read.words, read.numbers) == (("vendor", "not", "approved", "level", "2"), ("2",))
    assert (read.is_negated, read.directions, read.qualifier) == (True, (), ("level", "2"))
    assert (prepare("Invoices sent").action, prepare("Invoices sent").objects) == ("send", ("invoice",))
    assert prepare("Request approval").action == ""
    assert prepare("Transfer from savings").directions == ("from",)


PIECES = """Approve approved approval claim Claims request re sign resign no table not a A of the task Task: step EVENT
END one second 2nd ii level 1 2 3 13 12 2026-01-05 PR-10234 INC0012345 PR 88YAjxg 91QbXaa 16abcde (Dep3) 48213 I-129
#123 #48213 10:30 482131 no. Kündigung Kuendigung < > & &amp; customer order cancel cancelled c-4711 [e-mail]
UpdateVendor --- 10000 ()"""
STEPS = """Approve approval claim request sign level Level step tier EVENT END of the 1 2 3 12 13 31
EVENT1 EVENT13 level2 Tier31 END3"""


def labels_of(pieces: str, separators: list[str]) -> st.SearchStrategy[str]:
    parts = st.tuples(st.sampled_from(pieces.split()), st.sampled_from(separators))
    return st.lists(parts, min_size=1, max_size=5).map(lambda pairs: "".join(piece + gap for piece, gap in pairs))


def counts_of(labels: st.SearchStrategy[str]) -> st.SearchStrategy[dict[str, int]]:
    return st.dictionaries(labels, st.integers(1, 40), min_size=1, max_size=12)


DIRTY = counts_of(labels_of(PIECES, [" ", "  ", "_", "-", " - ", ""]))


@given(DIRTY, st.randoms(use_true_random=False))
def test_the_order_of_labels_changes_nothing(counts, random):
    shuffled = list(counts.items())
    random.shuffle(shuffled)
    assert name_activities(dict(shuffled), ["c-4711"]) == name_activities(counts, ["c-4711"])


@given(DIRTY)
def test_naming_the_activities_again_changes_nothing(counts):
    once: Counter[str] = Counter()
    for label, activity in activities(counts, ("c-4711",)).items():
        once[activity] += counts[label]
    assert all(label == activity for label, activity in activities(once, ("c-4711",)).items())


@given(counts_of(labels_of(STEPS, [" ", "  "])))
def test_labels_whose_numbers_differ_are_never_merged(counts):
    digits: dict[str, set[str]] = {}
    for label, activity in activities(counts).items():
        digits.setdefault(activity, set()).add("".join(filter(str.isdigit, label)))
    assert all(len(numbers) == 1 for numbers in digits.values())


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.yml")), ids=lambda path: path.stem)
def test_every_word_list_carries_its_version_and_plain_words(path):
    lists = yaml.safe_load(path.read_text(encoding="utf-8"))
    assert isinstance(lists.pop("version"), int)
    for listed_words in lists.values():
        groups = [words if isinstance(words, list) else [words] for words in listed_words]
        words = [word for group in groups for part in group for word in (part if isinstance(part, list) else [part])]
        assert all(isinstance(word, str) and word == word.lower() for word in words)
        assert len(set(map(str, groups))) == len(groups)


def test_no_word_of_business_is_listed_twice_or_is_a_listed_verb():
    lists = word_list("business")
    words = [word for key, found in lists.items() if key != "version" for word in found]
    verbs = set().union(*(word_list("verbs")[key] for key in ("verbs", "acts", "things")))
    apart = listed("business", "everyday") | listed("business", "letters")  # rules ask for these two by name
    assert [word for word, count in Counter(words).items() if count > 1] == []
    assert verbs.intersection(words) - apart <= word_list("abbreviations")["forms"].keys()


def test_no_verb_is_listed_twice():
    lists = word_list("verbs")
    groups = [set(lists["verbs"]), set(lists["acts"]), set(lists["things"])]
    assert sum(map(len, groups)) == len(set.union(*groups))
    assert listed("verbs", "mostly_things") <= groups[2] and listed("verbs", "states") <= groups[0]
    assert set(lists["irregular_past"].values()) <= set.union(*groups)
    assert verb_forms()["sent"] == ("send", "past") and verb_forms()["cancelled"] == ("cancel", "past")


def rows(query: str) -> list[tuple]:
    with duckdb.connect() as connection:
        return connection.execute(query).fetchall()


class TestOnLogsNobodyHereWrote:
    pytestmark = real_data

    @pytest.mark.parametrize("kind", ["distorted", "polluted", "synonymous"])
    @pytest.mark.parametrize("process", ["credit", "pub"])
    def test_what_is_merged_is_right(self, process, kind):
        path = DATASETS / "label_repair" / f"{process}_{kind}.parquet"
        counted = rows(f"SELECT Activity, canonical, count(*) FROM '{path}' WHERE canonical <> '' GROUP BY ALL")
        means = {label: canonical for label, canonical, _ in counted}
        named = activities({label: count for label, _, count in counted})
        meanings: dict[str, set[str]] = {}
        for label, activity in named.items():
            meanings.setdefault(activity, set()).add(means[label])
        assert all(len(canonicals) == 1 for canonicals in meanings.values())
        assert all(named[label] == label for label, canonical in means.items() if label == canonical)
        if kind != "distorted":
            assert all(activity == means[label] for label, activity in named.items())

    @pytest.mark.parametrize(
        ("file", "column"),
        [
            ("academic_credentials.csv.gz", "activity"),
            ("bpic2012_w.csv.gz", "activity"),
            ("loan_application_batched.csv.gz", "Activity"),
            ("procure_to_pay.csv.gz", "activity"),
            ("hospital_billing.parquet", "activity"),
            ("patients.parquet", "handling"),
            ("sepsis.parquet", "activity"),
            ("traffic_fines.parquet", "activity"),
        ],
    )
    def test_no_two_steps_of_a_clean_log_are_merged(self, file, column):
        counted = rows(f"SELECT {column}, count(*) FROM '{DATASETS / 'event_logs' / file}' GROUP BY ALL")
        named = activities(dict(counted))
        assert all(activity.split() == label.split() for label, activity in named.items())
        assert len(set(named.values())) == len(counted)
