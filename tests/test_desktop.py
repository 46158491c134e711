"""Logs of screens: what is typed stays outside, runs become cases, and every table after takes them as any other."""

from __future__ import annotations

import csv

import numpy as np
import pytest

from essa.errors import UsageError
from essa.routines import desktop, labels, templates, twins
from essa.routines.decoding import Decoded
from essa.routines.profiles import Profile

ORDER = [
    ("Mail", "Inbox", "Order", "open"),
    ("Shop", "Basket", "Article", "paste"),
    ("Shop", "Basket", "Amount", "paste"),
    ("Shop", "Basket", "OK", "click"),
]
CLAIM = [
    ("Scan", "Tray", "Letter", "open"),
    ("Claims", "New", "Policy", "type"),
    ("Claims", "New", "Cause", "choose"),
    ("Claims", "New", "Photo", "attach"),
    ("Claims", "New", "Save", "click"),
]
NAMES = [f"{first} {last}" for first in ("Asha", "Karl", "Marta") for last in ("Rao", "Rossi", "Byrne", "Nowak")]
ADDRESS = [
    ("The message as it came in", "open"),
    ("Street", "copy"),
    ("The new address", "paste"),
    ("Send", "click"),
]
DESKTOP = {
    "provider": "Alpha", "process": "Desk", "kind": "desktop", "files": "screens.csv", "timezone": "UTC",
    "columns": {"user": "Who", "occurred_at": "When", "application": "App", "window": "Window", "element": "Field",
                "action": "Did", "value": "Typed"},
}  # fmt: skip


def in_words(app, window, field, did):
    return f"{did} {field} in {app}, {window}".lower()


def write_screens(folder):
    draw = np.random.default_rng(7)
    with (folder / "screens.csv").open("w", newline="", encoding="utf-8") as file:
        rows = csv.writer(file)
        rows.writerow(["Who", "When", "App", "Window", "Field", "Did", "Typed"])
        for number in range(120):
            second = 0
            for app, window, field, did in (ORDER, CLAIM)[int(draw.integers(2))]:
                second += int(draw.integers(2, 20))
                minute = number % 4 * 10 + second // 60
                at = f"2026-03-{number // 20 + 2:02} {9 + number % 20 // 4:02}:{minute:02}:{second % 60:02}"
                rows.writerow([f"Anna Example{number % 3}", at, app, window, field, did, f"secret {number}"])


def test_runs_of_a_log_of_screens_are_cases_and_what_was_typed_is_nowhere(folder, night_of):
    write_screens(folder)
    with night_of(folder, {"screens": DESKTOP}) as tonight:
        runs = tonight.rows("""SELECT process::VARCHAR AS process, list(activity::VARCHAR ORDER BY position) AS steps
            FROM core.activity_instance GROUP BY process, case_id""")
        spelt = {tuple(in_words(*one) for one in steps) for steps in (ORDER, CLAIM)}
        assert len(runs) == 120
        assert {tuple(step.lower() for step in run["steps"]) for run in runs} <= {
            tuple(sorted({it for it in one}, key=one.index)) for one in spelt
        } | {tuple(f"{did} {field} in {app}".lower() for app, _, field, did in steps) for steps in (ORDER, CLAIM)}
        assert len({run["process"] for run in runs}) == 2
        files = [path.read_bytes() for path in tonight.home.rglob("*") if path.is_file()]
        assert not any(b"secret" in held or b"Anna" in held for held in files)


def test_another_order_of_the_same_lines_gives_the_same_cases(folder, night_of, tmp_path_factory):
    write_screens(folder)
    other = tmp_path_factory.mktemp("other") / "landing"
    other.mkdir()
    head, *lines = (folder / "screens.csv").read_text(encoding="utf-8").splitlines()
    (other / "screens.csv").write_text("\n".join([head, *sorted(lines, reverse=True)]) + "\n", encoding="utf-8")
    found = []
    for place in (folder, other):
        with night_of(place, {"screens": DESKTOP}) as tonight:
            found.append(
                tonight.rows("""SELECT process::VARCHAR AS process, activity::VARCHAR AS activity, count(*) AS n,
                count(DISTINCT case_id) AS case_count FROM core.activity_instance GROUP BY ALL ORDER BY ALL""")
            )
    assert found[0] == found[1]


def test_a_desktop_feed_without_a_user_is_refused(folder, write_feeds):
    from essa import feeds

    columns = {name: theirs for name, theirs in DESKTOP["columns"].items() if name != "user"}
    with pytest.raises(UsageError, match="user"):
        feeds.read(write_feeds(folder, {"screens": {**DESKTOP, "columns": columns}}))


def without_values(titles, done, draw):
    """The titles as they are told, each event one of them and one of what is done there."""
    kinds = sorted({("App", titles[n], done(n, draw), "click") for n in draw.integers(len(titles), size=900)})
    events = draw.integers(len(kinds), size=900).astype(np.int32)
    columns = templates.columns_of(kinds)
    codes, texts = templates.without_values(columns, events, np.array([0, 900]))[1]
    return {texts[code] for code in codes}


def anything(n, draw):
    return ("open", "change", "save")[int(draw.integers(3))]


def test_words_of_a_title_that_tell_nothing_of_what_is_done_are_values():
    draw = np.random.default_rng(1)
    names = [f"{first} {last}" for first in ("Asha", "Ravi", "Marta") for last in ("Rao", "Nair", "Costa", "Byrne")]
    titles = [f"RE: address change {name}" for name in names]
    titles += [f"Invoice {n} from {vendor}" for n, vendor in enumerate(("Miller GmbH", "O'Neil", "Rossi S.p.A."))]
    assert without_values(titles, anything, draw) == {"re: address change …", "invoice # from …"}


def test_words_of_a_title_that_tell_what_is_done_there_are_places():
    draw = np.random.default_rng(1)
    titles = ["Customer list", "Customer search", "Customer letter"]
    assert without_values(titles, lambda n, draw: f"field {'abc'[n]}", draw) == {one.lower() for one in titles}


def test_what_few_events_seem_to_tell_by_chance_keeps_no_value_in_a_label():
    kinds = [("App", f"Quote - {name}", f"field {chr(97 + n)}", "click") for name in NAMES[:10] for n in range(15)]
    columns = templates.columns_of(kinds)
    for seed in range(5):
        events = np.random.default_rng(seed).integers(len(kinds), size=46).astype(np.int32)
        assert templates.without_values(columns, events, np.array([0, 46]))[1][1] == ["quote - …"]


def test_titles_with_no_word_in_common_are_values_where_there_are_many():
    draw = np.random.default_rng(1)
    titles = [f"{chr(97 + n)}{chr(98 + n % 7)}{chr(99 + n % 5)}x" for n in range(24)]
    assert without_values(titles, anything, draw) == {"…"}
    assert without_values(titles[:4], anything, draw) == set(titles[:4])


def test_values_are_in_no_label_however_often_each_is_seen():
    kinds = [("App", f"item {chr(97 + n // 26)}{chr(97 + n % 26)}", "ok", "click") for n in range(60)]
    events = np.tile(np.arange(60, dtype=np.int32), 20)
    found = labels.found(kinds, events, np.array([0, 1_200]))
    assert set(found.labels) == {"app | item … | ok | click"}
    assert set(found.places) == {("item …", "ok")}


def test_what_is_seldom_done_before_a_pause_or_after_one_is_of_no_run():
    # a: now and then, b and c: mostly, d: now and then; both the first and the second run have all
    profile = Profile((0, 1, 2, 3), (0.2, 1.0, 1.0, 0.2))
    step = np.array([0, 1, 2, 3, -1, 0, -1, 1, 2, 3])
    decoded = Decoded(step, step, np.array([0, 0]), np.array([0, 5]), np.array([3, 9]), step, 0)
    told = labels.Found((profile,), decoded, step, ["a", "b", "c", "d"], [])
    at_s = np.array([0, 9, 18, 28, 38, 48, 900, 910, 920, 2_000])
    is_pause = desktop._pauses(1_000 * at_s, np.array([0, 10]), 1.5)
    assert np.flatnonzero(is_pause).tolist() == [6, 9]
    assert [ends.tolist() for ends in desktop._ends(told, is_pause)] == [[0, 7], [3, 8]]


def test_runs_that_begin_with_lines_alike_are_cases_of_their_own():
    assert desktop._cases(["a", "b", "a", "a"]) == ["run a", "run b", "run a 2", "run a 3"]


def told(steps, with_elements):
    return tuple(
        f"{app} | {window} | {element} | {did}" if with_elements else f"{app} | {window} | {did}"
        for app, window, element, did in steps
    )


def test_a_task_told_without_its_elements_in_some_runs_is_the_same_task():
    tasks = [told(steps, whole) for whole in (True, False) for steps in (ORDER, CLAIM)]
    names = sorted({name for steps in tasks for name in steps})
    profiles = [Profile.guess([names.index(name) for name in steps], 0.25) for steps in tasks]
    assert twins.one_task(profiles, names).tolist() == [0, 1, 0, 1]


def test_a_coarser_telling_that_fits_two_tasks_is_of_neither():
    others = [(app, window, f"other {element}", did) for app, window, element, did in CLAIM]
    tasks = [told(CLAIM, True), told(others, True), told(CLAIM, False)]
    names = sorted({name for steps in tasks for name in steps})
    profiles = [Profile.guess([names.index(name) for name in steps], 0.3) for steps in tasks]
    assert twins.one_task(profiles, names).tolist() == [0, 1, 2]


def test_what_changes_from_time_to_time_is_tidied_away():
    assert templates.tidy("https://Shop.example/order/17?id=4") == "shop.example/order/#"
    assert templates.tidy("Cell $B$12 of Sheet3") == "cell b of sheet#"
    assert templates.tidy("note for Karl [person], Berlin desk") == "note for … desk"


def test_the_word_before_a_name_is_the_titles_own_where_many_names_follow_it():
    firsts = [name.split()[0] + letter for name in NAMES[::4] for letter in "abcde"]
    titles = [f"Folder {one} [person]" for one in firsts] + [f"Folder [person] {one}" for one in firsts]
    assert templates.columns_of([("Docs", one, "open") for one in titles])[1][1] == ["folder …"]
    few = [f"Folder {one} [person]" for one in firsts[:4]]
    names = [f"{one} {other} [person]" for one in firsts for other in ("Luisa", "Elena", "Rosa")]
    for some in (few, names, ["Folder [person]", "Karl [person]"]):
        assert templates.columns_of([("Docs", one, "open") for one in some])[1][1] == ["…"]


def test_names_in_titles_are_nowhere_in_what_is_published_and_a_process_has_a_short_name(folder, night_of):
    draw = np.random.default_rng(5)
    with (folder / "screens.csv").open("w", newline="", encoding="utf-8") as file:
        rows = csv.writer(file)
        rows.writerow(["Who", "When", "App", "Window", "Field", "Did", "Typed"])
        for number in range(90):
            title = f"Address change for {NAMES[int(draw.integers(len(NAMES)))]}"
            at = f"2026-03-{number // 9 + 2:02} {9 + number % 9:02}:00"
            for place, (field, did) in enumerate(ADDRESS):
                rows.writerow([f"Clerk {number % 3}", f"{at}:{10 * place:02}", "Mail", title, field, did, ""])
    with night_of(folder, {"screens": DESKTOP}) as tonight:
        held = tonight.rows("""SELECT process::VARCHAR AS process, activity::VARCHAR AS activity,
            attributes::VARCHAR AS it FROM core.activity_instance""")
    assert not [row for row in held if any(name.split()[1].lower() in str(row).lower() for name in NAMES)]
    assert {"address change for …" in row["it"] for row in held} == {True}
    assert max(len(row["process"]) for row in held) <= 60


def test_providers_that_do_the_same_in_one_process_have_the_same_routines(folder, night_of):
    write_screens(folder)
    head, *lines = (folder / "screens.csv").read_text(encoding="utf-8").splitlines()
    for number in (0, 1):
        text = "\n".join([head, *lines[number::1][: len(lines) * (number + 1) // 2]])
        (folder / f"screens{number}.csv").write_text(text + "\n", encoding="utf-8")
    feeds = {
        f"screens{number}": {**DESKTOP, "provider": f"Provider {number}", "files": f"screens{number}.csv"}
        for number in (0, 1)
    }
    with night_of(folder, feeds) as tonight:
        found = tonight.rows("""SELECT process::VARCHAR AS process, count(DISTINCT provider) AS provider_count
            FROM core.activity_instance WHERE process::VARCHAR NOT LIKE '%single steps' GROUP BY process""")
    assert [row["provider_count"] for row in found] == [2, 2]


def test_an_instruction_for_work_at_a_screen_reads_as_words_and_names_its_fields(folder, night_of):
    from essa.routines import instruction

    write_screens(folder)
    with night_of(folder, {"screens": DESKTOP}, until="mart", people_min=1) as tonight:
        assert instruction.write(tonight, folder / "out") == 2
        texts = [path.read_text(encoding="utf-8") for path in sorted((folder / "out").glob("r*.md"))]
    order = next(text for text in texts if "basket" in text)
    assert order.startswith("# open order in mail, inbox … click ok in shop, basket\n")
    assert "- Step 3: amount (Shop, basket)" in order
    assert "ok (Shop" not in order  # a button takes nothing in
    assert " a run; 100% of it is estimated, from when steps were finished\n" in order
    first = next(line for line in order.splitlines() if line.startswith("- Runs"))
    assert "100.0% of the process's executions and " in first and first.endswith(" of all steps seen at the screens")
    assert not any("|" in line for text in texts for line in text.splitlines() if not line.startswith("|"))


def test_a_check_shows_a_log_of_screens_by_its_own_names_and_what_is_not_read(folder, write_feeds, tmp_path):
    from rich.console import Console

    from flows import terminal

    write_screens(folder)
    out = Console(record=True, width=160, force_terminal=False)
    terminal.show_feeds(write_feeds(folder, {"screens": DESKTOP}), tmp_path / "home", out)
    text = out.export_text()
    named = [line.split()[0] for line in text.splitlines() if line[:1].strip()]
    assert {"user", "occurred_at", "application", "window", "element", "action", "value"} <= set(named)
    assert not {"case_id", "ended_at", "resource", "activity"} & set(named)
    assert "not read" in text and "secret" not in text


@pytest.mark.parametrize("named", [{"attributes": ["Typed"]}, {"attributes": ["Window"]}, {"element": "Typed"}])
def test_a_column_of_a_screen_is_named_once_so_that_what_was_typed_is_not_read(folder, write_feeds, named):
    from essa import feeds

    columns = DESKTOP["columns"] | {name: theirs for name, theirs in named.items() if name in DESKTOP["columns"]}
    feed = {**DESKTOP, "columns": columns} | {name: theirs for name, theirs in named.items() if name not in columns}
    with pytest.raises(UsageError, match=r"feeds\.screens\.columns: (Typed|Window) is named as (value|window)"):
        feeds.read(write_feeds(folder, {"screens": feed}))


def test_what_was_typed_is_left_out_of_an_action_that_tells_it():
    draw = np.random.default_rng(3)
    events = []
    for number in range(200):
        name = NAMES[int(draw.integers(len(NAMES)))]
        events += [("Mail", "Message", "open"), ("Word", "Page", f"typed 'Dear {name}, all is well {number}'")]
        events += [("Word", "Print", "click"), ("Post", "Letter", f"typed '{name}'"), ("Post", "OK", "click")]
    events[500] = ("Mail", "Message", "Karl Rao")
    kinds = sorted(set(events))
    log = np.array([kinds.index(one) for one in events], np.int32)
    told = labels.found(kinds, log, np.array([0, len(log)]))
    done = {label.split(" | ")[-1] for label in told.labels}
    assert done == {"open", "click", "typed 'dear … all is well #'", "typed …", "…"}
    assert not any(name.lower() in label for label in told.labels for name in NAMES)
