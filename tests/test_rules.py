"""Rules are found where there are some, read as SQL that says what the tree does, and hang on nothing but the rows."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from essa.rules import branches, contrasts, counts, evidence, learning, whose, wording
from essa.rules.rounding import roundest_between, shortest_between
from essa.rules.sample import REST, Input, Limits, Point, of_table
from essa.rules.sample import inputs as read_at
from essa.rules.seen import Asked, seen_sql
from essa.rules.tree import Feature, Node, Split, grow, predict

LIMITS = Limits(values_max=12, support_min=20, way_min=5)
POINT = Point("p", "Decide", "next activity")
TERMS = ("NET10", "NET15", "NET30", "CASH")


def decisions(count, goes, seed=1, is_own=False, teams=0, **columns):
    """A point's executions in the form of mart.choice: `goes` makes the way of amount, terms, worker and chance.

    What is known was recorded at an earlier step, or, where `is_own`, at this one. Of several `teams` each has every
    so manyth worker.
    """
    draw = np.random.default_rng(seed)
    amount = np.round(draw.lognormal(8, 1, count), 2)
    terms, worker = draw.choice(TERMS, count), draw.integers(20, size=count)
    ways = np.where(goes(amount, terms, worker, draw.random(count)), "Approve", "Refuse")
    recorded = {"known Amount": amount.astype(str), "known Terms": terms, **columns}
    before = {name.replace("known", "earlier"): [None] * count if is_own else recorded[name] for name in recorded}
    recorded |= before | {name.replace("known", "later"): [None] * count for name in recorded}
    rows = {
        "event_no": np.arange(count, dtype=np.uint64),
        "case_key": np.arange(count, dtype=np.uint64),
        "position": draw.integers(1, 5, count),
        "visit_no": np.ones(count, int),
        "previous": np.full(count, "Receive"),
        "last_way": np.full(count, "(first visit)"),
        "way": ways,
        "slice": np.repeat(["learn", "confirm", "test"], [count * 6 // 10, count * 2 // 10, count - count * 8 // 10]),
        "resource": np.char.add("worker ", worker.astype(str)),
        "provider": np.full(count, "alpha"),
        "team": pa.array([f"team {one % teams}" if teams else None for one in worker], pa.string()),
    }
    return pa.table({**rows, "recorded": pa.StructArray.from_arrays(
        [pa.array(values, pa.string()) for values in recorded.values()], names=list(recorded)
    )})  # fmt: skip


def inputs(*more):
    texts = (Input(one, "text", False) for one in ("Terms", *more))
    return (Input("Amount", "number", False), *texts)


def sample(table, *more):
    return of_table(POINT, table, tuple(sorted(inputs(*more), key=lambda one: one.attribute)), LIMITS)


def nowhere(one):
    raise AssertionError("nothing is recorded later")


def rule(table, *more):
    """The rule's conditions by what they predict."""
    rows = branches.of_point(sample(table, *more))
    return {row["predicts"]: row["condition"] for row in rows if row["model"] == "rule" and row["condition"]}


def by_amount(amount, terms, worker, chance):
    return (amount > 2500) ^ (chance < 0.02)


def by_coin(amount, terms, worker, chance):
    return chance < 0.5


def test_a_planted_threshold_comes_back_to_the_digit():
    assert rule(decisions(3_000, by_amount)) == {"Approve": "Amount > 2500", "Refuse": "Amount <= 2500"}


def test_values_of_one_way_are_told_together_and_what_decides_nothing_is_left_out():
    table = decisions(3_000, lambda amount, terms, worker, chance: np.isin(terms, ("NET10", "NET15")))
    assert rule(table) == {"Approve": "Terms IN ('NET10', 'NET15')", "Refuse": "Terms IN ('CASH', 'NET30')"}


def test_a_way_is_learned_that_just_enough_of_the_earlier_cases_go():
    table = decisions(100, by_coin)
    ways = np.repeat(["Refuse", "Return", "Approve", "Escalate"], [5, 4, 51, 40])  # the last 40 are the later cases
    made = sample(table.set_column(table.column_names.index("way"), "way", pa.array(ways)))
    assert made.names == ("Approve", "Refuse", REST)


@pytest.mark.parametrize(("own_count", "is_own"), [(490, False), (500, True)])
def test_an_input_is_the_step_s_own_where_half_of_its_executions_record_it(own_count, is_own):
    parts = decisions(1_000 - own_count, by_coin), decisions(own_count, by_coin, is_own=True)
    assert sample(pa.concat_tables(parts)).is_own(inputs()[0]) == is_own


def test_a_difference_of_two_numbers_decides_where_neither_alone_does():
    count, draw = 3_000, np.random.default_rng(3)
    paid = np.round(draw.lognormal(8, 1, count), 2)
    table = decisions(count, by_coin)
    amount = np.array(table.column("recorded").combine_chunks().field("known Amount").to_pylist(), float)
    table = decisions(count, lambda *_: amount > paid, **{"known Paid": paid.astype(str)})
    read = (Input("Amount", "number", False), Input("Paid", "number", False))
    rows = branches.of_point(of_table(POINT, table, read, LIMITS))
    found = {row["predicts"]: row["condition"] for row in rows if row["model"] == "rule" and row["condition"]}
    assert found == {"Approve": "Amount - Paid > 0", "Refuse": "Amount - Paid <= 0"}


def test_a_day_is_compared_as_one_and_is_no_entity():
    due = np.datetime64("2025-01-01") + np.random.default_rng(3).integers(365, size=3_000)
    table = decisions(3_000, lambda *_: due < np.datetime64("2025-06-01"), **{"known Due": due.astype(str)})
    made = of_table(POINT, table, (Input("Due", "day", False),), LIMITS)
    rows = branches.of_point(made)
    said = {row["predicts"]: row["condition"] for row in rows if row["condition"] and row["model"] == "rule"}
    assert said == {"Approve": "Due <= DATE '2025-05-31'", "Refuse": "Due > DATE '2025-05-31'"}
    assert "entity" not in [row["kind"] for row in contrasts.of_point(made, nowhere)]


def test_a_ratio_decides_where_no_difference_does():
    table = decisions(3_000, by_coin)
    amount = np.array(table.column("recorded").combine_chunks().field("known Amount").to_pylist(), float)
    paid = np.round(amount * np.random.default_rng(3).uniform(0.8, 1.4, 3_000), 2)
    table = decisions(3_000, lambda *_: paid > 1.1 * amount, **{"known Paid": paid.astype(str)})
    read = (Input("Amount", "number", False), Input("Paid", "number", False))
    rows = branches.of_point(of_table(POINT, table, read, LIMITS))
    found = {row["predicts"]: row["condition"] for row in rows if row["model"] == "rule" and row["condition"]}
    assert found == {"Approve": "Paid / nullif(Amount, 0) > 1.1", "Refuse": "Paid / nullif(Amount, 0) <= 1.1"}


def test_what_takes_many_conditions_is_cut_down_to_those_a_person_reads():
    def by_stripes(amount, terms, worker, chance):
        return np.floor(np.log2(amount)) % 2 > 0

    rows = [row for row in branches.of_point(sample(decisions(6_000, by_stripes))) if row["model"] == "rule"]
    assert rows[0]["is_cut"]
    assert all((row["condition"] or "").count(" OR ") < wording.ALTERNATIVES_MAX for row in rows)


def test_a_list_of_codes_is_told_whole_where_each_has_cases_enough():
    code = np.random.default_rng(4).integers(30, size=3_000)
    columns = {"known Code": np.char.add("C", np.char.zfill(code.astype(str), 2))}
    table = decisions(3_000, lambda *_: code % 2 == 0, **columns)
    even = ", ".join(f"'C{number:02d}'" for number in range(0, 30, 2))
    assert rule(table, "Code")["Approve"] == f"Code IN ({even})"
    kinds = [row["kind"] for row in contrasts.of_point(sample(table, "Code"), nowhere)]
    assert "entity" not in kinds


def test_a_list_is_told_whole_by_codes_that_few_of_the_earlier_cases_have():
    code = np.random.default_rng(4).integers(30, size=900)  # 30 cases a code, 18 of them to learn from
    columns = {"known Code": np.char.add("C", np.char.zfill(code.astype(str), 2))}
    table = decisions(900, lambda *_: code % 3 == 0, **columns)
    third = ", ".join(f"'C{number:02d}'" for number in range(0, 30, 3))
    assert rule(table, "Code")["Approve"] == f"Code IN ({third})"


def test_the_days_between_two_days_decide_where_neither_alone_does():
    draw = np.random.default_rng(3)
    asked = np.datetime64("2025-01-01") + draw.integers(365, size=3_000)
    due = asked + draw.integers(90, size=3_000)
    columns = {"known Asked": asked.astype(str), "known Due": due.astype(str)}
    table = decisions(3_000, lambda *_: due - asked > np.timedelta64(30, "D"), **columns)
    rows = branches.of_point(of_table(POINT, table, (Input("Asked", "day", False), Input("Due", "day", False)), LIMITS))
    found = {row["predicts"]: row["condition"] for row in rows if row["model"] == "rule" and row["condition"]}
    assert found == {"Approve": "Due - Asked > 30", "Refuse": "Due - Asked <= 30"}


def test_what_the_step_itself_records_routes_and_is_left_to_no_rule():
    rows = branches.of_point(sample(decisions(3_000, by_amount, is_own=True)))
    assert [row["condition"] for row in rows if row["model"] == "rule"] == [None, "Amount > 2500", "Amount <= 2500"]
    assert {row["model"]: row["own"] for row in rows} == {"rule": ["Amount"], "history": [], "sure": []}
    assert [row["condition"] for row in rows if row["model"] == "sure"] == [None]


def twice(table):
    """Each execution saved a second time, when what the first recorded is known."""
    both = pa.concat_tables([table, table]).take(np.arange(2 * len(table)).reshape(2, -1).T.ravel())
    known = both.column("recorded").combine_chunks()
    is_second = pa.array(np.arange(len(both)) % 2 == 1)
    fields = [one.name for one in known.type]
    recorded = {name: known.field(name) for name in fields}
    recorded |= {
        name: pc.if_else(is_second, recorded[name.replace("earlier", "known")], recorded[name])
        for name in fields
        if name.startswith("earlier")
    }
    places = {name: both.column_names.index(name) for name in ("recorded", "visit_no", "way")}
    both = both.set_column(
        places["recorded"], "recorded", pa.StructArray.from_arrays([*recorded.values()], names=fields)
    )
    ways = pc.if_else(is_second, both.column("way"), "Decide")
    return both.set_column(places["visit_no"], "visit_no", pc.add(pc.cast(is_second, pa.int64()), 1)).set_column(
        places["way"], "way", ways
    )


@pytest.mark.parametrize("decides", ["next activity", "outcome"])
def test_what_the_step_said_at_an_earlier_visit_is_no_more_a_rule_s_than_what_it_says_now(decides):
    made = twice(decisions(1_000, by_amount, is_own=True))
    rows = branches.of_point(of_table(Point("p", "Decide", decides), made, inputs(), LIMITS))
    claimed = ("sure", "rule") if decides == "outcome" else ("sure",)
    assert not [row for row in rows if row["model"] in claimed and row["condition"]]


def test_what_another_step_recorded_still_decides_a_later_visit():
    rows = branches.of_point(sample(twice(decisions(1_000, by_amount))))
    assert [row["condition"] for row in rows if row["model"] == "sure" and "Amount" in row["reads"]]


@pytest.mark.parametrize("is_read", [True, False])
def test_what_stands_on_the_outcome_s_own_row_decides_nothing_and_is_named(is_read):
    point, asked = Point("p", "Decide", "outcome"), (Input("Amount", "number", False),)
    made = of_table(point, decisions(3_000, by_amount, is_own=True), asked if is_read else (), LIMITS)
    made = made if is_read else replace(made, unread=asked)
    assert [row["branch_no"] for row in branches.of_point(made)] == [0, 0, 0]
    same = [row for row in contrasts.of_point(made, nowhere) if row["kind"] == "same"]
    assert [row["attribute"] for row in same] == ["Amount"] and same[0]["gain"] > 0.9


@pytest.mark.parametrize("count", [300, 1_000, 3_000])
def test_a_coin_has_no_sure_leaf_and_hardly_ever_a_rule_to_be_tested(count):
    learned = [branches.of_point(sample(decisions(count, by_coin, seed))) for seed in range(20)]
    assert not [row for rows in learned for row in rows if row["model"] == "sure" and row["branch_no"]]
    assert len([row for rows in learned for row in rows if row["model"] == "rule" and row["branch_no"] == 1]) <= 1


def test_the_order_of_rows_changes_nothing():
    table = decisions(2_000, by_amount)
    mixed = table.take(np.random.default_rng(5).permutation(len(table)))
    assert branches.of_point(sample(mixed)) == branches.of_point(sample(table))


def test_a_column_that_is_always_the_same_changes_nothing():
    table = decisions(2_000, by_amount)
    more = decisions(2_000, by_amount, **{"known AAA": np.full(2_000, "x")})
    assert branches.of_point(sample(more, "AAA")) == branches.of_point(sample(table))


# Trees


@st.composite
def grown(draw):
    """A tree over a number and a text, both with gaps, and the rows it was grown on."""
    count = draw(st.integers(20, 120))
    seed = draw(st.integers(0, 2**32 - 1))
    rows = np.random.default_rng(seed)
    number = np.round(rows.normal(size=count) * draw(st.sampled_from([1, 100])), draw(st.integers(0, 2)))
    number[rows.random(count) < draw(st.sampled_from([0, 0.2]))] = -np.inf
    texts = (*(("a", "it's", "c d")[: draw(st.integers(1, 3))]), *((None,) if draw(st.booleans()) else ()))
    codes = rows.integers(0, len(texts) + draw(st.integers(0, 1)), count)
    features = [Feature("Amount", ("Amount",), number), Feature('"a kind"', ("a kind",), codes, texts)]
    ways = rows.integers(0, 3, count)
    return grow(features, ways, 3, depth=4), features, number, [(*texts, "else")[code] for code in codes]


def test_a_term_that_keeps_nothing_of_another_way_out_is_not_said():
    """A tree that asks Nights first and has a limit of Deposit a little off on either side."""
    none = np.zeros(2, np.int64)
    features = [Feature("Nights", ("Nights",), none), Feature("Deposit", ("Deposit",), none),
                Feature("Terms", ("Terms",), none, TERMS[:3])]  # fmt: skip
    high, other = Node(np.array([9, 0, 0])), (Node(np.array([0, 9, 0])), Node(np.array([0, 0, 9])))
    terms = Split(2, left=frozenset({0}), right=frozenset({1, 2}))
    parts = [
        Node(np.ones(3), Split(1, at=limit), Node(np.ones(3), terms, high, low), high)
        for limit, low in zip((346.0, 350.0), other, strict=True)
    ]
    assert wording.way_conditions(Node(np.ones(3), Split(0, at=21.0), *parts), features) == {
        0: "Terms = 'NET10' OR (Nights <= 21 AND Deposit > 346) OR Deposit > 350",
        1: "Nights <= 21 AND Deposit <= 346 AND Terms IN ('NET15', 'NET30')",
        2: "Nights > 21 AND Deposit <= 350 AND Terms IN ('NET15', 'NET30')",
    }


@settings(max_examples=60)
@given(grown())
def test_the_conditions_say_what_the_tree_does(made):
    node, features, number, kinds = made
    with duckdb.connect() as connection:
        rows = pa.table({
            "place": range(len(kinds)),
            "Amount": pa.array([None if math.isinf(one) else one for one in number], pa.float64()),
            "a kind": pa.array(kinds, pa.string()),
        })  # fmt: skip
        connection.register("log", rows)
        said = np.full(len(kinds), -1)
        for way, condition in wording.way_conditions(node, features).items():
            for (place,) in connection.execute(f"SELECT place FROM log WHERE {condition}").fetchall():
                assert said[place] == -1, "two conditions hold"
                said[place] = way
    assert said.tolist() == predict(node, features).tolist()


@given(st.integers(-(10**9), 10**9).map(lambda number: number / 1000), st.floats(1e-3, 1e6))
def test_the_threshold_lies_between_and_none_of_fewer_digits_does(low, width):
    high = low + width
    found = shortest_between(low, high)
    assert low <= found < high
    digits = next(digits for digits in range(-9, 17) if round(found, digits) == found)
    for fewer in range(-9, digits):
        nearest = math.ceil(low * 10.0**fewer - 1e-5) / 10.0**fewer
        assert not low < nearest < high - 1e-5


@pytest.mark.parametrize(
    ("low", "high", "said"),
    [
        (3.9e10, 4.2e10, "40000000000"), (3.94955e18, 4.05e18, "4000000000000000000"), (3.9e-5, 4.1e-5, "0.00004"),
        (-0.00012, -0.00009, "-0.0001"), (0.9, 2.9, "2"), (23.4, 27, "25"),
        (-1, 1, "0"),
        (1e-320, 2e-320, "1e-320"), (-5, 1e-10, "0"), (2.5e40, 2.6e40, "2.5e+40"),
    ],
)  # fmt: skip
def test_limits_are_round_near_the_middle_and_written_out(low, high, said):
    assert wording.number(shortest_between(low, high)) == said
    with duckdb.connect() as connection:
        assert connection.execute(f"SELECT {low}::DOUBLE <= {said} AND {said} < {high}::DOUBLE").fetchone() == (True,)


@pytest.mark.parametrize(
    ("low", "high", "found"),
    [("05-20", "06-10", "05-31"), ("11-20", "12-31T12", "12-31"), ("05-20", "05-25", "05-20")],
)
def test_of_days_the_last_of_a_year_or_month_is_said_rather_than_another(low, high, found):
    days = [float(np.datetime64(f"2025-{day}", "D").astype(int)) for day in (low, high.split("T")[0], found)]
    assert roundest_between(days[0], days[1] + ("T" in high), "day") == days[2]


def test_of_times_the_beginning_of_a_month_or_day_is_said_rather_than_another():
    first, day, second = (np.datetime64(f"2025-{one}", "s").astype(float) for one in ("05-30T10", "05-31", "06-01T10"))
    assert roundest_between(first, day + 5, "time") == day
    assert roundest_between(first, second, "time") == np.datetime64("2025-06-01", "s").astype(float)
    assert roundest_between(first, first + 5, "time") == first


def test_leaves_beside_each_other_read_as_one_stretch():
    values = np.arange(100.0)
    feature = Feature("Amount", ("Amount",), values)
    ways = (values >= 40).astype(int) + (values >= 90)
    node, _ = learning.learn_rule([feature], ways, 3, np.arange(100) % 3)
    assert wording.way_conditions(node, [feature]) == {
        0: "Amount <= 39", 1: "Amount > 39 AND Amount <= 89", 2: "Amount > 89",
    }  # fmt: skip


def test_names_are_quoted_only_where_they_must_be():
    assert [wording.name(text) for text in ("Amount", "Price gap", "order", 'a"b')] == [
        "Amount", '"Price gap"', '"order"', '"a""b"',
    ]  # fmt: skip


def test_every_word_duckdb_reserves_is_quoted():
    with duckdb.connect() as connection:
        for (word,) in connection.execute("SELECT keyword_name FROM duckdb_keywords()").fetchall():
            said = wording.name(word)
            found = connection.execute(f"SELECT {said} > 1, coalesce({said}, 0) FROM (SELECT 2 AS {said})")
            assert found.fetchall() == [(True, 2)], word


# What was known


def test_what_a_row_recorded_counts_as_known_to_what_began_once_it_had_ended():
    draw = np.random.default_rng(2)
    begun = np.sort(draw.integers(0, 12, (200, 6)), axis=1)  # hours, so that many are the same
    done = begun + draw.integers(0, 6, begun.shape)
    rows = [
        (case, place + 1, int(begun[case, at]), int(done[case, at]), f"{case} {at}" if draw.random() < 0.6 else None)
        for case in range(len(begun))
        for place, at in enumerate(np.lexsort((done[case], begun[case])).tolist())
    ]
    with duckdb.connect() as connection:
        connection.execute("CREATE SCHEMA core")
        connection.execute("CREATE TABLE given (case_id INT, position INT, begun INT, done INT, x VARCHAR)")
        connection.register(
            "made", pa.table(dict(zip(("a", "b", "c", "d", "e"), zip(*rows, strict=True), strict=True)))
        )
        connection.execute("INSERT INTO given SELECT * FROM made")
        connection.execute(
            """CREATE TABLE core.activity_instance AS SELECT 'p' AS process, case_id, position,
            position::VARCHAR AS activity, 'x' AS next_activity, {'Said': x, 'Told': x} AS attributes,
            CASE WHEN begun < done THEN TIMESTAMP '2026-01-05' + to_hours(begun) END AS started_at,
            TIMESTAMP '2026-01-05' + to_hours(done) AS ended_at FROM given"""
        )
        slices = (datetime(2026, 2, 1), datetime(2026, 3, 1))
        asked = [Asked(str(place), datetime(2027, 1, 1), ()) for place in range(1, 7)]
        read = (Input("Said", "text", False), Input("Told", "text", True))
        sql = seen_sql("p", "next activity", slices, read, asked, only=["position"], before=read[:1])
        found = connection.execute(f'SELECT essa_activity, Said, "essa_before Said", Told FROM ({sql})').fetchall()
    expected = []
    begins = {(case, position): began for case, position, began, *_ in rows}
    for case, position, began, ended, own in rows:
        mine = [row for row in rows if row[0] == case and row[1] != position and row[4]]
        known = sorted((row for row in mine if (row[3], row[1]) < (began, position)), key=lambda row: (row[3], row[1]))
        after = sorted((row for row in mine if row not in known), key=lambda row: (row[3], row[1]))
        before = known[-1][4] if known else None
        said = own if ended <= begins.get((case, position + 1), ended) else None  # else what follows did not hear of it
        expected.append((str(position), said or before, before, own or before or (after[0][4] if after else None)))
    assert sorted(found, key=repr) == sorted(expected, key=repr)


# Whose an attribute is


def test_what_tells_who_decides_at_one_step_is_read_at_the_others():
    with duckdb.connect() as connection:
        connection.execute("CREATE SCHEMA mart")
        connection.execute(
            "CREATE TABLE mart.rule_input AS SELECT 'p' AS process, 'Country' AS attribute, 'text' AS read_as,"
            " false AS is_known_at_start, true AS is_read, false AS is_of_people, ['Sort'] AS unread_at"
        )
        found = {at: [one.attribute for one in read_at(connection, "p", at)] for at in ("Sort", "Decide", None)}
    assert found == {"Sort": [], "Decide": ["Country"], None: ["Country"]}


@pytest.mark.parametrize(
    ("column", "values", "is_of"),
    [
        ("Entered by", ("kd24", "xf98"), "worker"), ("created_by", ("JKO",), "worker"), ("UserID", ("a1",), "worker"),
        ("Erfasst von", ("mmu",), "worker"), ("Clerk no.", ("400", "401"), "worker"),
        ("Country entered by", ("ann",), "worker"),
        ("Paid by", ("card", "cash"), "nobody"), ("Sent by", ("X1 air", "X2 sea"), "nobody"),
        ("Abteilung", ("kd24", "xf98"), "nobody"), ("Filiaal nr", ("kd24",), "nobody"), ("Oficina", ("a1",), "nobody"),
        ("Country", ("FR", "DE"), "nobody"), ("Desk no.", ("4", "5"), "nobody"), ("Where", ("Desk 4",), "nobody"),
        ("Staff count", ("3", "4"), None), ("Reduced by", ("10", "20"), None), ("User type", ("A", "B"), None),
        ("Init", ("JKO", "MMU"), None), ("Done", ("Agent 4", "Agent 5"), None), ("Init", (), None),
    ],
)  # fmt: skip
def test_a_column_and_its_values_say_whose_they_are(column, values, is_of):
    assert whose.of(column, not all(one.isdigit() for one in values), values, ()) == is_of


def test_what_history_foretold_is_counted_in_later_cases_alone():
    rows = [("learn", "Pay", 1, 100), ("confirm", "Pay", 1, 10), ("test", "Refuse", 1, 30), ("test", "Refuse", None, 9)]
    found = [dict(zip(("slice", "way", "essa_history", "event_count"), row, strict=True)) for row in rows]
    assert counts._foretold(found, {1: "Pay", 2: "Pay"}) == {1: Decimal("0.25"), 2: 0}


# Contrasts


def contrast(table, kind, *more):
    return next(row for row in contrasts.of_point(sample(table, *more), nowhere) if row["kind"] == kind)


def test_people_who_decide_each_their_way_are_told_from_people_who_flip_a_coin():
    style = np.random.default_rng(9).random(20) < 0.5
    found = contrast(decisions(6_000, lambda amount, terms, worker, chance: style[worker]), "worker")
    assert found["gain"] > 0.9 and found["held_out_gain"] > 0.9 and found["coverage_share"] > 0.9
    found = contrast(decisions(6_000, by_coin), "worker")
    assert abs(found["gain"]) < 0.02 and found["held_out_gain"] < 0.1


@pytest.mark.parametrize("is_of_team", [True, False], ids=["each team its own way", "each of a team their own way"])
def test_what_a_team_does_is_its_own_and_not_its_people_s(is_of_team):
    style = np.arange(20) % 4 < 2 if not is_of_team else np.arange(20) % 2 < 1
    table = decisions(6_000, lambda amount, terms, worker, chance: style[worker] ^ (chance < 0.02), teams=2)
    of_people, of_teams = contrast(table, "worker"), contrast(table, "team")
    told, untold = (of_teams, of_people) if is_of_team else (of_people, of_teams)
    assert told["gain"] > 0.8 and told["held_out_gain"] > 0.7
    assert abs(untold["gain"]) < 0.05


def test_where_half_the_people_follow_a_rule_and_the_others_toss_a_coin_people_differ():
    def goes(amount, terms, worker, chance):
        return np.where(worker < 10, amount > 2500, chance < 0.5)

    found = contrast(decisions(6_000, goes), "worker")
    assert found["gain"] > 0.25 and found["held_out_gain"] > 0.2


def test_the_provider_that_follows_the_rule_is_told_from_the_one_that_does_not():
    is_beta = np.arange(4_000) % 2 == 0
    table = decisions(4_000, lambda amount, terms, worker, chance: np.where(is_beta, amount > 2500, chance < 0.5))
    place = table.column_names.index("provider")
    table = table.set_column(place, "provider", pa.array(np.where(is_beta, "beta", "alpha")))
    found = contrast(table, "provider")
    assert found["gain"] > 0.25 and found["held_out_gain"] > 0.2
    follower = contrast(table, "follower")
    assert (follower["attribute"], follower["group_count"]) == ("beta", 20)
    assert follower["gain"] > 0.95 and follower["held_out_gain"] < 0.6


def test_limits_of_ones_own_are_seen_within_stretches_of_the_amount():
    limits = np.exp(np.random.default_rng(9).normal(8, 0.8, 20))
    found = contrast(decisions(12_000, lambda amount, terms, worker, chance: amount > limits[worker]), "worker")
    assert found["gain"] > 0.5 and found["held_out_gain"] > 0.5


def test_what_a_vendor_has_that_nobody_recorded_is_seen_and_a_number_of_the_case_is_none():
    draw = np.random.default_rng(4)
    vendor, strict = draw.integers(100, size=6_000), draw.random(100) < 0.5
    columns = {"known Vendor": np.char.add("V", vendor.astype(str)), "known Invoice": np.arange(6_000).astype(str)}
    table = decisions(6_000, lambda *_: strict[vendor], **columns)
    found = [row for row in contrasts.of_point(sample(table, "Vendor", "Invoice"), nowhere) if row["kind"] == "entity"]
    assert [row["attribute"] for row in found] == ["Vendor"]
    assert found[0]["gain"] > 0.8


def test_too_few_executions_for_each_worker_are_no_answer():
    found = contrast(decisions(300, by_coin), "worker")
    assert found["coverage_share"] < 0.5


@pytest.mark.parametrize(
    ("history_right", "latest_rule_right", "handled_share"),
    [(100, 200, 0.5), (190, 200, 0), (100, 120, 0)],
    ids=["history knows half of them", "history knows them as well", "the rule holds no longer"],
)
def test_the_evidence_of_a_point_claims_no_more_than_its_decision_does(history_right, latest_rule_right, handled_share):
    """200 earlier decisions and 200 of the latest, of which half meet sure conditions that are always right."""
    made = f"""decision AS (
        SELECT i // 200 = 1 AS is_essa_held, is_essa_held AS is_essa_latest, 1 AS essa_rule, 1 AS essa_history,
            i % 2 AS essa_way, NOT is_essa_held OR i - 200 < {latest_rule_right} AS is_essa_rule_right,
            i - 200 < {history_right} AS is_essa_history_right, i % 2 = 0 AS is_essa_sure, true AS is_essa_sure_right
        FROM range(400) AS one (i)
    )"""
    figures = evidence.figures_sql(
        [{"model": "rule", "branch_no": number} for number in (0, 1)],
        date(2026, 5, 1),
        {"rule_net_min": 0.6, "rule_drift_min": 0.05, "rule_listed_min": 0.1, "rule_held_out_min": 100},
    )
    with duckdb.connect() as connection:
        found = connection.execute(f"WITH {made}, {figures} SELECT realised_share, handled_share FROM test").fetchall()
    assert found == [(0.5, handled_share)]
