"""The page as text: whole, the same each time, true to the file beside it, and deaf to what labels would like to do."""

from __future__ import annotations

import base64
import hashlib
import os
import re
import shutil
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path
from types import SimpleNamespace

import duckdb
import pytest

from essa import contract, in_words, publication, summary
from essa.report import candidates, criteria, health, lacking, page, processes, worth
from essa.report.asked import rows
from flows import candidates as terminal
from flows import plain_text

pytestmark = pytest.mark.slow


class Parts(HTMLParser):
    """Every tag with its attributes, and what stands in scripts and styles, also inside templates."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.bodies: list[tuple[str, dict[str, str | None], str]] = []
        self.words: list[str] = []
        self.inside: tuple[str, dict[str, str | None]] | None = None
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list) -> None:
        self.tags.append((tag, dict(attrs)))
        self.inside = self.tags[-1] if tag in ("script", "style") else None

    def handle_endtag(self, tag: str) -> None:
        self.inside = None

    def handle_data(self, data: str) -> None:
        if self.inside:
            self.bodies.append((*self.inside, data))
        self.words.append(data)

    @property
    def text(self) -> str:
        return " ".join(self.words)


@pytest.fixture(scope="module")
def text(office_home: Path) -> str:
    return page.write(office_home).read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def parts(text: str) -> Parts:
    return Parts(text)


@pytest.fixture
def changed(office_home: Path, tmp_path: Path):
    """A copy of the home whose published file was changed by the SQL given."""

    def change(*statements: str) -> Path:
        target = publication.folder(tmp_path) / publication.FILE_NAME
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(publication.folder(office_home) / publication.FILE_NAME, target)
        with duckdb.connect(str(target)) as connection:
            for statement in statements:
                connection.execute(statement)
        return tmp_path

    return change


def test_the_same_publication_gives_the_same_bytes(office_home: Path, text: str) -> None:
    code = f"from pathlib import Path; from essa.report import page; page.write(Path({str(office_home)!r}))"
    subprocess.run([sys.executable, "-c", code], env={**os.environ, "PYTHONHASHSEED": "7"}, check=True)
    assert page.path(office_home).read_text(encoding="utf-8") == text


def test_the_first_screen_says_what_the_file_says(office_home: Path, parts: Parts) -> None:
    with publication.open_published(office_home) as connection:
        hours, count, asked = connection.execute(
            """SELECT sum(saving_h_per_year), count(rank), count(*) FILTER (is_question AND folded_into IS NULL)
            FROM mart.candidate"""
        ).fetchall()[0]
        lines, cases = connection.execute("SELECT sum(event_count), count(*) FROM core.trace").fetchall()[0]
        refused = connection.execute("SELECT count(*) FROM raw.rejected_event").fetchall()[0][0]
    assert f"{hours:,.0f} hours a year need not be worked by hand" in parts.text
    for said in (
        f"{count} candidates",
        f"{asked} questions to answer",
        f"{lines:,}",
        f"{cases:,} cases",
        f"{refused} lines refused",
    ):
        assert said in parts.text, said


def test_the_hours_of_the_waterfall_become_those_of_a_year_by_the_figures_told(office_home: Path, parts: Parts) -> None:
    told = parts.text.replace(in_words.NARROW, " ")
    with publication.open_published(office_home) as connection:
        days = [row["span_days"] for row in health.spans(connection)]
        claimed = rows(connection, "SELECT sum(hours) AS h FROM mart.waterfall WHERE step_order BETWEEN 1 AND 4")[0][
            "h"
        ]
        (saved,) = connection.execute(
            """SELECT sum(saving_h_per_year), sum(saving_h_per_year * span_days) / 365.25
            FROM mart.candidate JOIN mart.process_span USING (process) WHERE rank IS NOT NULL"""
        ).fetchall()
    assert len(set(days)) > 1 and f"in the {min(days):.0f} to {max(days):.0f} days each log covers" in told
    assert f"The hours claimed \u00d7 the {saved[1] / claimed:.0%} of them" in told.replace(" %", "%")
    assert f"/ the days of each log are the {saved[0]:,.0f} hours a year." in told
    assert "Nothing that would change it" in told


def test_every_candidate_has_its_reason_evidence_and_formulas_on_the_page(
    office_home: Path, text: str, parts: Parts
) -> None:
    with publication.open_published(office_home) as connection:
        found = candidates.read(connection)
    assert {one["is_question"] for one in found} == {True, False}
    assert {one["lever"] for one in found} >= {"eliminate", "standardize", "automate"}
    held = "".join(parts.words)
    for one in found:
        assert f'id="t-{one["candidate_id"]}"' in text
        assert in_words.unbroken(in_words.pictured(one["reason"])) in held
        assert in_words.sql_in_lines(one["evidence_sql"]) in held, one["title"]
        assert one["is_question"] or one["criteria"], one["title"]
        assert one["examples"] and all(in_words.pictured(case) in held for case in one["examples"]), one["title"]
        for part in one["criteria"]:
            assert part["formula"] and "_" not in part["formula"], part


def test_the_parts_shown_of_a_score_are_all_it_is_the_mean_of(office_home: Path) -> None:
    promised = contract.all_contracts()["mart.candidate_score"].columns.keys()
    assert criteria.WORDS.keys() == promised - {"candidate_id", "criterion_count", "score"}
    with publication.open_published(office_home) as connection:
        found = candidates.read(connection)
    for one in found:
        parts = [part for part in one["criteria"] if part["value"] is not None and part["weight"]]
        assert len(parts) == one["criterion_count"], one["title"]
        mean = sum(part["value"] * part["weight"] for part in parts) / sum(part["weight"] for part in parts)
        assert one["score"] is None or 100 * mean == pytest.approx(one["score"], abs=0.051)


def test_hours_a_year_are_made_of_published_rows_as_the_docs_say(office_home: Path) -> None:
    made = """SELECT one.title, one.saving_h_per_year AS told, one.realised_share, one.lever,
            sum(saving.saved_s / 3600 * one.realised_share * 365.25 / span.span_days) AS made
        FROM mart.candidate AS one
        JOIN mart.saving AS saving ON saving.candidate_id = one.candidate_id
        JOIN mart.process_span AS span ON span.process = one.process
        WHERE one.rank IS NOT NULL GROUP BY ALL"""
    with publication.open_published(office_home) as connection:
        found = rows(connection, made)
        told = {one["title"]: " ".join(one["assumes"]) for one in candidates.read(connection) if one["rank"]}
    assert found
    for one in found:
        assert float(one["told"]) == pytest.approx(float(one["made"]), abs=0.0011), one["title"]
        kept = one["realised_share"] / (0.875 if one["lever"] == "automate" else 1)
        assert f"Up to {in_words.setting(round(kept, 9))} of the hours" in told[one["title"]]


def test_a_rule_stands_beside_its_candidate_in_words(office_home: Path, parts: Parts) -> None:
    with publication.open_published(office_home) as connection:
        found = [one for one in candidates.read(connection) if one["rules"]]
    assert found
    for one in found:
        for rule in one["rules"]:
            assert rule["says"] in parts.text and '"' not in rule["says"]


def test_labels_stay_text(text: str, parts: Parts, hostile: tuple[str, ...]) -> None:
    seen = "".join(parts.words)
    assert hostile[0] in seen and hostile[1] in seen and hostile[3] in seen
    assert "{{ 7 * 7 }}" in seen and "alert(1)" not in "".join(
        value or "" for _, held in parts.tags for value in held.values()
    )
    assert "<script>alert" not in text and "<img" not in text
    assert {tag for tag, _ in parts.tags} & {"img", "iframe", "object", "embed", "form", "b&kind"} == set()


def test_no_tag_carries_code_style_or_a_way_out(parts: Parts) -> None:
    for tag, attributes in parts.tags:
        for name, value in attributes.items():
            assert not name.startswith("on") and name != "style", (tag, name)
            if name in ("href", "src", "xlink:href", "action"):
                assert (value or "").startswith(("#", "data:,")), (tag, value)


def test_the_policy_lets_in_this_style_and_this_script_alone(parts: Parts) -> None:
    policy = (
        next(held["content"] for tag, held in parts.tags if held.get("http-equiv") == "Content-Security-Policy") or ""
    )
    assert "default-src 'none'" in policy and "unsafe" not in policy
    for kind in ("style", "script"):
        own = [body for tag, held, body in parts.bodies if tag == kind and held.get("type") != "application/json"]
        assert len(own) == 1
        digest = base64.b64encode(hashlib.sha256(own[0].encode()).digest()).decode()
        assert f"{kind}-src 'sha256-{digest}'" in policy


def test_ids_are_the_pages_alone(parts: Parts) -> None:
    ids = [held["id"] for _, held in parts.tags if "id" in held and "candidate" not in held]
    charts = [one for one in ids if one and one[:3] in ("ww-", "wn-", "vw-", "vn-")]
    others = [one for one in ids if one not in charts]
    assert len(others) == len(set(others))


def test_every_process_has_a_map_variants_and_waiting(parts: Parts) -> None:
    maps = [body for tag, held, body in parts.bodies if (held.get("id") or "").startswith("m-p")]
    assert len(maps) == 5
    assert parts.text.count("Commonest ways through") == 5
    assert parts.text.count("What waiting is spent on") == 5


def test_what_the_publication_lacks_is_not_spoken_of(changed, text: str) -> None:
    said = ("The rule that decides it", "Names to tell apart", "Recurring runs", "What decides", "Typed in again")
    absent = ("core.label_review", "mart.rule", "mart.routine", "mart.decision", "mart.copied_value")
    home = changed(*(f"DROP TABLE IF EXISTS {table}" for table in absent), "DELETE FROM mart.candidate_change")
    bare = page.write(home).read_text(encoding="utf-8")
    assert said[0] in text
    assert [words for words in said if words in bare] == []


def test_tables_of_a_later_publication_are_shown_when_they_hold_rows(changed) -> None:
    home = changed(
        """CREATE OR REPLACE TABLE mart.routine AS SELECT 'r1' AS routine_id, process::VARCHAR AS process,
            ['Check <b>', 'Close'] AS activities, 31 AS support_count, .5 AS coverage_share, 12.5 AS handling_h
        FROM core.trace LIMIT 1""",
        """CREATE OR REPLACE TABLE mart.decision AS SELECT process::VARCHAR AS process,
            first_activity::VARCHAR AS activity,
            'next activity' AS decides, 'standardize_first' AS verdict, 'People differ on equal inputs.' AS reason,
            400 AS event_count
        FROM core.trace LIMIT 1""",
        """CREATE OR REPLACE TABLE mart.copied_value AS SELECT process::VARCHAR AS process, 'Net' AS from_attribute,
            'Net again' AS to_attribute, 'copy' AS kind, 'Check' AS from_activity, 'Close' AS to_activity,
            'Outlook' AS from_system, 'SAP' AS to_system, 77 AS case_count, .02 AS slip_share
        FROM core.trace LIMIT 1""",
        """CREATE OR REPLACE TABLE core.label_review AS SELECT process::VARCHAR AS process, 1 AS rank, 'close' AS kind,
            'Chek' AS label, 'Check' AS other, 9 AS event_count, 'One letter apart.' AS reason, 'same: x' AS if_same
        FROM core.trace LIMIT 1""",
    )
    shown = Parts(page.write(home).read_text(encoding="utf-8")).text
    for said in ("Recurring runs of steps", "Check <b>", "Standardize first", "Net again", "People differ on equal",
                 "1 pair of names to tell apart", "One letter apart."):  # fmt: skip
        assert said in shown, said


def test_a_log_without_hours_or_claims_says_so_and_what_is_missing(changed) -> None:
    home = changed(
        "UPDATE mart.waterfall SET hours = NULL",
        "UPDATE mart.candidate SET rank = NULL, is_question = true, saving_h_per_year = 0",
        "UPDATE mart.sufficiency SET missing = 'due_at: when it was promised.', wanted_rank = 0, stake_h_per_year = 512"
        " WHERE criterion = 'due_at'",
    )
    shown = " ".join(Parts(page.write(home).read_text(encoding="utf-8")).text.split())
    assert "Missing most due_at: when it was promised. Up to " in shown
    assert "Nothing is claimed tonight" in shown and "No candidate is ranked." in shown
    assert "there are no hours to count" in shown and "Live already" not in shown


def test_a_decided_candidate_leaves_the_ranking_and_a_second_night_says_what_changed(changed) -> None:
    home = changed(
        "INSERT INTO ops.run BY NAME SELECT * REPLACE (night - 1 AS night, 'earlier' AS run_id) FROM ops.run",
        "UPDATE mart.candidate_change SET change = 'kept', previous_rank = rank",
        "UPDATE mart.candidate_change SET change = 'moved', previous_rank = rank + 2 WHERE rank = 1",
        "UPDATE mart.candidate_change SET change = 'moved', rank = NULL WHERE rank = 2",
        """UPDATE mart.candidate_change SET change = 'moved', previous_rank = 9 WHERE candidate_id =
            (SELECT max(candidate_id) FROM mart.candidate WHERE is_question AND folded_into IS NULL)""",
        """INSERT INTO mart.standing BY NAME SELECT 'c9' AS candidate_id, 'live' AS decided, 'proposed' AS status,
            DATE '2026-11-22' AS decided_on, true AS is_unheard, true AS is_known""",
        """INSERT INTO ops.decision BY NAME SELECT candidate_id, 'rejected' AS status,
            'The <b>law</b>' || chr(10) || 'asks' AS note, DATE '2026-11-22' AS decided_on FROM mart.candidate
        WHERE rank = 2 OR candidate_id =
            (SELECT min(candidate_id) FROM mart.candidate WHERE is_question AND folded_into IS NULL)""",
        """UPDATE mart.candidate SET status = 'rejected', rank = NULL, rank_low = NULL, rank_high = NULL
        WHERE candidate_id IN (SELECT candidate_id FROM ops.decision)""",
    )
    text = page.write(home).read_text(encoding="utf-8")
    shown = " ".join(Parts(text).text.split())
    assert "↑ 2 places up" in shown and "1 moved, 1 only asked now, 2 rejected since" in shown
    assert "decisions.csv sets live what only asks: c9" in shown
    assert '<a href="#settled">2 rejected</a>' in text
    assert Parts(text).text.count("on 22 November 2026: The <b>law</b> asks") == 4


@pytest.mark.parametrize("status", ["accepted", "in_build", "rejected"])
def test_an_answered_question_waits_for_nobody_and_stands_under_decided(changed, status: str) -> None:
    asked = f"mart.candidate WHERE {candidates.ASKED}"
    home = changed(
        f"""UPDATE mart.candidate SET status = '{status}'
        WHERE candidate_id IN (SELECT candidate_id FROM {asked} ORDER BY candidate_id LIMIT 2)"""
    )
    with publication.open_published(home) as connection:
        found, needs = candidates.read(connection), health.needs_of(connection)
        text = page.html(connection)
    answered = {one["candidate_id"] for one in found if one["status"] == status}
    left = sum(one["is_asked"] for one in found)
    assert left and f"{left} questions to answer" in [need["what"] for need in needs]
    assert f">{left} questions to answer</a>" in text
    decided = text.partition('id="decided"')[2].partition("</table>")[0]
    assert all(f'id="{one}"' in decided and text.count(f'<tr role="row" id="{one}"') == 1 for one in answered)


def test_a_rejected_candidate_claims_nothing_but_what_it_claimed_then(changed) -> None:
    home = changed(
        "ALTER TABLE mart.candidate ADD COLUMN IF NOT EXISTS refused_h_per_year DOUBLE",
        """UPDATE mart.candidate SET status = 'rejected', rank = NULL, refused_h_per_year = 57,
            saving_h_per_year = NULL, saving_h_per_year_low = NULL, saving_h_per_year_high = NULL
        WHERE rank = 1 OR candidate_id = (SELECT min(candidate_id) FROM mart.candidate WHERE is_question)""",
    )
    with publication.open_published(home) as connection:
        claim, question = [one for one in candidates.read(connection) if one["status"] == "rejected"]
        text = page.html(connection)
    details = text.partition(f'id="t-{claim["candidate_id"]}"')[2].partition("</template>")[0]
    for told in (details, "\n".join(terminal._told(claim, 80))):
        assert "57 h of work a year when it was rejected" in re.sub(r"\s+", " ", told)
        assert not re.search(
            "<dt>(Saving|After costs|Assumes|Pays back)|Score <b>|\n(saves|after costs|assumes|score) ", told
        )
    assert "a question: rejected" in "\n".join(terminal._told(question, 80))


def test_a_page_of_another_publication_is_not_current(changed) -> None:
    home = changed()
    assert not page.is_current(home)
    page.write(home)
    assert page.is_current(home)
    changed("UPDATE ops.run SET run_id = 'another night'")
    assert not page.is_current(home)
    page.remove(home)
    page.remove(home)
    assert not page.path(home).exists()


def test_of_very_many_processes_and_candidates_the_first_are_shown_and_the_rest_counted(
    office_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(processes, "MOST_DRAWN", 2)
    monkeypatch.setattr(page, "MOST", 3)
    with publication.open_published(office_home) as connection:
        text = page.html(connection)
        first, count = connection.execute(
            "SELECT min(process::VARCHAR) FILTER (rank = 1), count(rank) FROM mart.candidate"
        ).fetchall()[0]
    shown = Parts(text)
    maps = {held["id"] for _, held, _ in shown.bodies if (held.get("id") or "").startswith("m-p")}
    assert len(maps) == 2 and f">{first}</option>" in text
    assert "2 of 5 processes" in shown.text and f"The first 3 of {count}" in shown.text
    assert sum("data-rank" in held and "data-hours" in held for _, held in shown.tags) == 3


def test_a_night_without_a_single_event_has_a_page_too(office_home: Path, changed) -> None:
    with publication.open_published(office_home) as connection:
        tables = connection.execute(
            "SELECT schema_name || '.' || table_name FROM duckdb_tables() WHERE schema_name <> 'ops'"
        ).fetchall()
    home = changed(*(f"DELETE FROM {table}" for (table,) in tables), "DELETE FROM ops.feed")
    shown = Parts(page.write(home).read_text(encoding="utf-8")).text
    assert "Nothing is claimed tonight" in shown and "0 of 0 feeds" in shown


def test_a_candidate_lacks_only_what_its_own_pattern_reads(changed) -> None:
    home = changed(
        "UPDATE mart.sufficiency SET is_assessable = false, missing = criterion",
        "UPDATE mart.candidate SET pattern = 'rubber_stamp', activities = activities[:1] WHERE rank <= 2",
        """UPDATE core.activity_instance SET outcome = CASE WHEN (process, activity) IN
            (SELECT (process, activities[1]) FROM mart.candidate WHERE rank = 1) THEN 'OK' END""",
    )
    with publication.open_published(home) as connection:
        found = candidates.read(connection)
    assert found[0]["missing"] == list(lacking.HOURS)
    assert found[1]["missing"] == sorted([*lacking.HOURS, "outcome"])
    told = {one["pattern"]: one["missing"] for one in found}
    assert told["label_spread"] == [] and "system" in told["routine"] and "outcome" not in told["routine"]


def test_every_pattern_says_what_it_reads(office_home: Path) -> None:
    sql = (Path(__file__).parent.parent / "sql/mart/found.sql").read_text()
    assert set(re.findall(r"'(\w+)' AS pattern,", sql)) == lacking.READS.keys()
    with publication.open_published(office_home) as connection:
        known = {row[0] for row in connection.execute("SELECT DISTINCT criterion FROM mart.sufficiency").fetchall()}
    assert {criterion for read in lacking.READS.values() for criterion in read} <= known


MARKS = "\x1b[31mRed\x07 \x7f\x85\r'\u202estep"


def test_no_hours_saved_or_known_are_told_for_what_they_are(changed) -> None:
    """Delay where no work is saved, nothing where hours are not known, and of what is live that it is a claim."""
    text = page.write(
        changed(
            "UPDATE mart.candidate SET saving_h_per_year = 0, delay_h_per_year = 1234.5 WHERE rank = 1",
            "UPDATE mart.candidate SET handling_h_per_year = NULL WHERE rank = 1 OR is_question",
            "UPDATE mart.waterfall SET step = 'live', step_order = 5 WHERE step = 'automate'",
        )
    ).read_text(encoding="utf-8")
    shown = " ".join(Parts(text).text.split())
    assert "but cases wait 1,234 h a year for it" in shown
    assert "Live already is what those candidates claim; what came of them stands under Decided" in shown
    assert re.search(r'data-name="Hours a year"><span class="quiet">not known', text)
    assert "cases, 0 hours a year" not in shown


@pytest.mark.parametrize(
    ("usual", "soonest", "latest", "said"),
    [
        (12.0, 4.5, 30.0, "after 12 months (4.5 to 30)."),
        (12.0, 4.5, None, "after 12 months (at best 4.5 months, at worst never)."),
        (None, 40.0, None, "not as assumed; at best after 40 months."),
        (None, None, None, ""),
    ],
)
def test_payback_is_told_from_the_soonest_to_the_latest(
    usual: float | None, soonest: float | None, latest: float | None, said: str
) -> None:
    one = {"is_claimed": True, "sensitivity": None, "payback_months": usual}
    assert worth._pays_back(one | {"payback_months_low": soonest, "payback_months_high": latest}) == said


@pytest.mark.parametrize(
    ("clause", "client", "share", "said"),
    [
        ("fte", 100, 0.43, "43 % of the hours are paid by the hour or the piece and have a cost per hour"),
        ("per_transaction", None, 0, "paid by the piece and none of its hours has a cost per hour"),
        ("outcome", None, 0, "until the measure moves."),
        ("fte", 100, 1, "(50 EUR to 200 EUR)."),
    ],
)
def test_what_has_no_cost_per_hour_is_not_called_unpriced(
    clause: str, client: float | None, share: float, said: str
) -> None:
    money = {"client_saving_per_year_low": 50, "client_saving_per_year_high": 200, "currency": "EUR"}
    money |= {f"provider_saving_per_year{case}": None for case in ("_low", "", "_high")}
    one = {"is_claimed": True, "saving_h_per_year": 9, "contracts": []}
    one |= {"deciding_clause": clause, "priced_share": share}
    told = worth._keeps(one | money | {"client_saving_per_year": client}).replace(in_words.NARROW, " ")
    assert said in told and ("a cost per hour" in told) == ("a cost per hour" in said)


def test_how_a_figure_is_made_stands_on_the_page_and_is_linked_from_where_it_is_read(text: str, parts: Parts) -> None:
    assert text.count('<section id="figures"') == 1 and text.count('href="#figures"') > 3
    made = text.partition('<section id="figures"')[2].partition("</section>")[0]
    told = made.replace(in_words.NARROW, " ")
    for said in ("Over 200 draws", "eliminate 70 %", "none with fewer than", "essa's documentation",
                 " 87.5 %, as 12.5 % comes back", "lacks a witness, 50 % of that; of cases given up"):  # fmt: skip
        assert said in told, said


def test_an_axis_is_counted_in_whole_hours_and_a_filter_says_of_what_it_is_all(text: str, parts: Parts) -> None:
    assert not re.search(r">[\d.]+(k|m|e\+\d)</text>", text)
    for said in ("All 5 processes", r"All \d providers", "All 4 levers"):
        assert re.search(f'<option value="">{said}</option>', text), said


def test_marks_a_browser_would_act_on_are_pictures_and_the_evidence_shown_still_runs(changed) -> None:
    literal = MARKS.replace("'", "''")
    home = changed(
        f"""UPDATE mart.candidate SET title = '{literal}', reason = '{literal}', evidence_sql =
            'SELECT ''{literal.replace("'", "''")}'' AS x, 1 AS y' WHERE rank = 1""",
    )
    text = page.write(home).read_text(encoding="utf-8")
    turning = "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"
    assert not re.search(f"[\x00-\x08\x0b-\x1f\x7f-\x9f{turning}]|u001b|u0007|u202e", text)
    assert "\u241b[31mRed\u2407" in text and "\ufffdstep" in text
    with publication.open_published(home) as connection:
        sql = candidates.read(connection)[0]["evidence_sql"]
        shown = in_words.sql_in_lines(sql)
        assert "chr(27) || '[31mRed' || chr(7)" in shown and shown in "".join(Parts(text).words)
        assert connection.execute(shown).fetchall() == connection.execute(sql).fetchall() == [(MARKS, 1)]


def test_names_read_from_the_right_are_set_apart_in_titles_and_a_name_without_end_is_cut(changed) -> None:
    names = ["@SUM(1+1)", "\u0641\u062d\u0635", "{{7*7}}"]
    title = "A run: " + ", ".join(f'"{name}"' for name in names)
    home = changed(
        f"""UPDATE mart.candidate SET title = '{title}', reason = '{title}', activities = {names} WHERE rank = 1;
        UPDATE mart.candidate SET title = repeat('long ', 200) WHERE rank = 2"""
    )
    text = page.write(home).read_text(encoding="utf-8")
    told = title.replace(names[1], f"<bdi>{names[1]}</bdi>").replace('"', "&#34;")
    assert text.count(told) == 3  # on the first screen, in its row, and as why
    assert "long " * 70 in text and "long " * 90 not in text
    with publication.open_published(home) as connection:
        one = plain_text.apart(candidates.read(connection)[0])
        lines = terminal._told(one, 80)
        assert one["title"] == title.replace(names[1], names[1].join(in_words.ISOLATE)) == next(lines)
        shown = summary.first_candidates(
            SimpleNamespace(rows=lambda *sql: rows(connection, *sql), connection=connection)
        )
        assert names[1].join(in_words.ISOLATE) in shown[0]["title"] and list(shown[0])[3:5] == ["lever", "title"]
