"""The page in a browser, from disk and offline: it asks for nothing, runs nothing of a log's, and anyone can use it."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb
import pytest

from essa import publication
from essa.report import candidates
from essa.report import page as report

pytestmark = pytest.mark.slow
sync_api = pytest.importorskip("playwright.sync_api", reason="Playwright is not installed here")
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
VIEWS = {
    "laptop": {"viewport": {"width": 1280, "height": 800}, "color_scheme": "light"},
    "laptop, dark": {"viewport": {"width": 1280, "height": 800}, "color_scheme": "dark"},
    "phone": {"viewport": {"width": 390, "height": 844}, "color_scheme": "light"},
    "phone, dark": {"viewport": {"width": 390, "height": 844}, "color_scheme": "dark"},
}
NOT_APART = "#ranked tr.one[data-by*='not\u00a0told']"  # whose hours are not told apart by provider, for few do a part
WIDTHS = (320, 390, 600, 721, 761, 768, 861, 900, 1024, 1280, 1920)


@pytest.fixture(scope="module")
def address(office_home: Path, tmp_path_factory: pytest.TempPathFactory) -> str:
    """Of a page on which one question is answered."""
    home = tmp_path_factory.mktemp("shown")
    target = publication.folder(home) / publication.FILE_NAME
    target.parent.mkdir()
    shutil.copy(publication.folder(office_home) / publication.FILE_NAME, target)
    with duckdb.connect(str(target)) as connection:
        connection.execute(
            f"""UPDATE mart.candidate SET status = 'accepted' WHERE candidate_id = (
                SELECT max(candidate_id) FROM mart.candidate WHERE {candidates.ASKED} AND folded_count = 0)"""
        )
    return report.write(home).as_uri()


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    if CHROMIUM is None:
        pytest.skip("no Chromium here; `apt-get install chromium` brings one")
    with sync_api.sync_playwright() as playwright:
        found = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield found
        found.close()


@pytest.fixture
def seen(browser: Any) -> Callable[..., Any]:
    """`with seen(address) as page:` shows it offline; `page.told` lists requests, console lines, errors and dialogs."""

    @contextmanager
    def show(address: str, **view: Any) -> Iterator[Any]:
        context = browser.new_context(**{"offline": True, "reduced_motion": "reduce", **(view or VIEWS["laptop"])})
        page = context.new_page()
        page.told = {"requests": [], "console": [], "dialogs": []}
        page.on("request", lambda request: page.told["requests"].append(request.url))
        page.on("console", lambda line: page.told["console"].append(line.text))
        page.on("pageerror", lambda error: page.told["console"].append(str(error)))
        page.on("dialog", lambda dialog: (page.told["dialogs"].append(dialog.message), dialog.dismiss()))
        page.goto(address)
        yield page
        context.close()

    return show


def test_its_pictures_show_it_whole_on_a_laptop_on_a_phone_and_in_the_dark(
    address: str, browser: Any, pictures: Path, colours_of: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(str(Path(__file__).parent.parent / "benchmarks"))
    from pictures import take

    lightness = {}
    for page, picture in take(browser, address, pictures):
        colours = colours_of(page, picture)
        assert colours["count"] > 50, picture  # letters have edges: what shows nothing has a handful
        lightness[picture.stem] = colours["lightness"]
        size = page.viewport_size
        assert page.evaluate("document.documentElement.scrollWidth") <= size["width"], picture
        if picture.stem == "page":  # the first screen has the five lines, the fall of the hours and the first candidate
            for part in (".five div >> nth=4", "figure svg >> nth=0", "#ranked tr.one >> nth=0"):
                box = page.locator(part).bounding_box()
                assert box and box["y"] >= 0 and box["y"] + box["height"] <= size["height"], part
        if picture.stem == "phone":
            edges = "all => all.map(one => one.getBoundingClientRect().right)"
            assert max(page.eval_on_selector_all(".cards :is(td, tbody th)", edges)) <= size["width"]
        if picture.stem == "map-dark":
            assert page.locator("#view svg.marked .step.on").first.is_visible()
    assert lightness.pop("map-dark") < 0.15 < 0.9 < min(lightness.values())


def open_everything(page: Any) -> None:
    page.evaluate("document.querySelectorAll('.more:not([hidden])').forEach(button => button.click())")
    page.evaluate("document.querySelectorAll('.title button').forEach(button => button.click())")
    page.evaluate("document.querySelectorAll('details').forEach(part => { part.open = true; })")


def walk(page: Any) -> int:
    """Opens every candidate, marks each on its map, and shows every process at every level; how many processes."""
    open_everything(page)
    for link in range(page.locator("[data-map]").count()):
        page.evaluate(f"document.querySelectorAll('[data-map]')[{link}].click()")
    processes = page.eval_on_selector_all("#flow option", "all => all.map(one => one.value)")
    for process in processes:
        page.select_option("#flow", process)
        for level in range(int(page.get_attribute("#level", "max")) + 1):
            page.evaluate(f"level = document.getElementById('level'); level.value = {level}; level.oninput()")
        for step in range(page.locator("#steps button").count()):
            page.evaluate(f"document.querySelectorAll('#steps button')[{step}].click()")
    return len(processes)


def test_it_asks_for_one_file_and_nothing_of_a_log_acts(address: str, seen: Callable[..., Any], hostile: tuple) -> None:
    with seen(address) as page:
        assert walk(page) == 5
        assert page.told == {"requests": [address], "console": [], "dialogs": []}
        page.select_option("#flow", label=" ".join(hostile[2].split()))
        steps = page.locator("#steps").text_content()
        assert hostile[0] in steps and hostile[1] in steps
        assert page.locator("#view svg .step").count() == len(hostile) + 2


def test_what_would_be_asked_or_run_is_noticed(tmp_path: Path, address: str, seen: Callable[..., Any]) -> None:
    """The tests above can fail: an image is asked for, and the policy stops a script the escaping let through."""
    whole = Path(address.removeprefix("file://")).read_text(encoding="utf-8")
    spoilt = tmp_path / "spoilt.html"
    spoilt.write_text(whole.replace("<main>", "<main><img src='https://x.invalid/a.png'><script>alert(1)</script>"))
    with seen(spoilt.as_uri()) as page:
        assert page.told["dialogs"] == []
        assert any("script-src" in line for line in page.told["console"])
        assert any("img-src" in line for line in page.told["console"])
    spoilt.write_text(spoilt.read_text().replace("Content-Security-Policy", "x"))
    with seen(spoilt.as_uri()) as page:
        assert page.told["dialogs"] == ["1"]
        assert len(page.told["requests"]) == 2


def violations(page: Any) -> list[str]:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe is not installed here")
    found = axe.Axe().run(page).response["violations"]
    return [f"{one['id']}: {node['html'][:160]}" for one in found for node in one["nodes"]]


@pytest.mark.parametrize("view", VIEWS)
def test_axe_finds_nothing_to_mend(address: str, seen: Callable[..., Any], view: str) -> None:
    with seen(address, **VIEWS[view]) as page:
        assert violations(page) == []
        open_everything(page)
        assert violations(page) == []


def test_axe_sees_grey_on_white(tmp_path: Path, seen: Callable[..., Any]) -> None:
    (tmp_path / "grey.html").write_text(
        "<!doctype html><html lang=en><title>x</title><main><h1>x</h1><p style='color:#bbb'>grey</p></main>"
    )
    with seen((tmp_path / "grey.html").as_uri()) as page:
        assert any(line.startswith("color-contrast") for line in violations(page))


@pytest.mark.parametrize("width", WIDTHS)
def test_it_never_scrolls_sideways(address: str, seen: Callable[..., Any], width: int) -> None:
    with seen(address, viewport={"width": width, "height": 800}) as page:
        open_everything(page)
        assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_counts_stay_beside_the_longest_names_of_steps(address: str, seen: Callable[..., Any], hostile: tuple) -> None:
    with seen(address) as page:
        page.select_option("#flow", label=" ".join(hostile[2].split()))
        page.evaluate("document.querySelector('#steps button span').textContent = 'A'.repeat(300)")
        edge = page.evaluate("document.querySelector('.side').getBoundingClientRect().right")
        for item in page.locator("#steps button span:last-child").all():
            assert item.bounding_box()["x"] + item.bounding_box()["width"] <= edge


def test_filters_leave_what_fits_and_say_how_much(address: str, seen: Callable[..., Any]) -> None:
    with seen(address) as page:
        whole = page.locator("#ranked tr.one:visible").count()
        lever = page.locator("#ranked tr.one").first.get_attribute("data-lever")
        page.select_option("#by-lever", lever)
        levers = page.locator("#ranked tr.one:visible .lever").all_text_contents()
        assert 0 < len(levers) < whole and set(levers) == {lever.capitalize()}
        assert page.locator("#ranked-count").text_content().startswith(f"{len(levers)} of {len(levers)} candidates")
        page.fill("#by-text", "no such candidate")
        assert page.locator("#ranked tr.one:visible").count() == 0
        assert page.locator("#ranked-count").text_content() == "None of the candidates fits"
        assert page.locator("#elsewhere").text_content() == ""


def test_what_fits_in_a_list_further_down_is_said_beside_the_filters(address: str, seen: Callable[..., Any]) -> None:
    with seen(address) as page:
        page.fill("#by-text", page.locator("#decided tr.one").get_attribute("id"))
        assert page.locator("#ranked-count").text_content() == "None of the candidates fits"
        assert page.locator("#elsewhere").text_content() == "; but 1 decided one"
        page.locator("#elsewhere a").click()
        assert page.evaluate("document.querySelector(location.hash).contains(document.querySelector('#decided'))")
        parts = page.eval_on_selector_all(
            "template", "all => all.flatMap(one => [...one.content.querySelectorAll('details[id]')]).map(one => one.id)"
        )
        part = parts[0].removeprefix("t-")
        page.fill("#by-text", part)
        assert page.locator("tr.one:visible").count() == 1
    with seen(f"{address}#{part}") as page:  # a smaller question is shown with the one it goes with
        assert page.locator("tr.opened details[open]").get_attribute("id") == f"t-{part}"


def test_with_a_provider_chosen_its_own_hours_are_told_and_those_of_all_add_up(
    address: str, seen: Callable[..., Any]
) -> None:
    with seen(address) as page:
        names = page.eval_on_selector_all("#by-provider option", "all => all.map(one => one.value)")
        told = []
        for name in names:
            page.select_option("#by-provider", name)
            said = page.locator("#ranked-count").text_content()
            told.append(int(said.partition(", ")[2].split()[0].replace(",", "")) if "," in said else 0)
        assert len(names) > 3 and told[0] > max(told[1:])
        not_apart_h = page.eval_on_selector_all(NOT_APART, "all => all.reduce((h, one) => h + +one.dataset.hours, 0)")
        assert sum(told[1:]) == pytest.approx(told[0] - not_apart_h, abs=len(names))
        page.select_option("#by-provider", label="Beta Services")
        of = page.locator("#ranked tr.one:visible .of").first.text_content()
        assert of.startswith("there, of ")
        assert "between" not in page.locator("#ranked tr.one:visible").first.inner_text()  # which is the whole's range
        page.select_option("#by-provider", "")
        assert page.locator("#ranked .of:visible").count() == 0


def test_what_is_typed_is_found_in_ids_providers_and_steps(
    address: str, seen: Callable[..., Any], office_home: Path
) -> None:
    with publication.open_published(office_home) as connection:
        one, step = connection.execute(
            f"""SELECT candidate_id, step FROM mart.candidate CROSS JOIN unnest(activities) AS unnested(step)
            WHERE (rank IS NOT NULL OR {candidates.ASKED}) AND NOT contains(title, step) ORDER BY ALL LIMIT 1"""
        ).fetchall()[0]
        spoken = connection.execute(
            """SELECT DISTINCT replace(pattern, '_', ' ') FROM mart.candidate
            WHERE rank IS NOT NULL AND contains(pattern, '_') ORDER BY ALL"""
        ).fetchall()
    patterns = [word for (name,) in spoken for word in (name, name.replace(" ", "-"))]
    assert patterns
    with seen(address) as page:
        for typed in (one, one.upper(), step, "Beta Serv", "rework", *patterns):
            page.fill("#by-text", typed)
            found = page.eval_on_selector_all("tr.one:not([hidden])", "all => all.map(one => one.id)")
            assert one in found if typed in (one, one.upper(), step) else found, typed
            assert typed.lower() != one or len(found) == 1


def test_paper_holds_every_row_that_fits_the_filters_and_says_what_they_and_the_map_are(
    address: str, seen: Callable[..., Any]
) -> None:
    with seen(address) as page:
        assert page.locator(".paper:visible").count() == 0
        rows, few = page.locator("#asked tr.one"), page.locator("#asked tr.one:visible").count()
        assert 0 < few < rows.count()
        page.emulate_media(media="print")
        assert page.locator("#asked tr.one:visible").count() == rows.count()
        process = page.locator("#flow option:checked").text_content()
        told = page.locator(".paper:visible").all_inner_texts()
        assert len(told) == 1 and told[0].startswith(f"{process} (one of 5 processes): ")
        assert told[0].endswith(page.locator("#hidden-part").text_content()) and "\u00a0% of all hand-overs" in told[0]
        drawn = page.locator("#view").inner_html()
        page.evaluate("dispatchEvent(new Event('beforeprint'))")
        others = page.locator("#others section")
        assert sorted([process, *others.locator("> h3:first-child").all_inner_texts()]) == sorted(
            page.locator("#flow option").all_text_contents()
        )
        assert others.locator(".map svg .step").count() > 4 * others.count() == 16
        assert page.locator("#view").inner_html() == drawn
        page.evaluate("dispatchEvent(new Event('afterprint'))")
        assert others.count() == 0
        page.select_option("#by-lever", "standardize", force=True)
        fitting = page.locator("#asked tr.one:visible").count()
        assert 0 < fitting < rows.count()
        page.select_option("#by-provider", label="Beta Services", force=True)
        fitting = page.locator("#asked tr.one:visible").count()
        said = page.locator("#asked-paper").inner_text()
        assert said.startswith(f"Only Beta Services; Standardize: {fitting} of {rows.count()} questions")


def test_a_phone_names_each_figure(address: str, seen: Callable[..., Any]) -> None:
    with seen(address, **VIEWS["phone"]) as page:
        for name in page.eval_on_selector_all(
            "#ranked td:is(.hours, .moved)", "all => all.map(one => getComputedStyle(one, '::before').content)"
        ):
            assert "Hours a year" in name or "Since last night" in name
        named = "all => getComputedStyle(all[0], '::before').content"
        assert page.eval_on_selector_all("#ranked td.rank", named) == '"Rank "'


def test_it_can_be_used_by_keyboard(address: str, seen: Callable[..., Any]) -> None:
    with seen(address) as page:
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.textContent") == "Skip to the candidates"
        page.locator("#ranked .title button").first.focus()
        page.keyboard.press("Enter")
        assert page.locator("#ranked tr.opened").count() == 1
        page.locator("#ranked th button").nth(3).focus()
        page.keyboard.press("Enter")
        hours = page.eval_on_selector_all("#ranked tr.one", "all => all.map(one => +one.dataset.hours)")
        assert hours == sorted(hours, reverse=True)
        page.locator("#steps button").nth(1).focus()
        page.keyboard.press("Enter")
        assert "times in" in page.locator("#fact").text_content()


def test_a_link_to_a_candidate_opens_it_and_its_path_lights_up(address: str, seen: Callable[..., Any]) -> None:
    with seen(address) as page:
        last = page.locator("#ranked tr.one").last.get_attribute("id")
    with seen(f"{address}#{last}") as page:
        assert page.locator("tr.opened").count() == 1
        page.locator("tr.opened [data-map]").click()
        assert page.input_value("#mark") == last
        assert page.locator("#view svg.marked .step.on").count() >= 1


def test_evidence_is_copied_whole(address: str, seen: Callable[..., Any]) -> None:
    with seen(address) as page:
        page.locator("#ranked .title button").first.click()
        page.locator("tr.opened [data-copy]").click()
        page.locator("tr.opened .said:not(:empty)").wait_for()
        assert page.locator("tr.opened .said").text_content().strip() in ("Copied", "Selected: press Ctrl+C")


def test_an_empty_publication_opens_without_an_error(
    seen: Callable[..., Any], tmp_path: Path, office_home: Path
) -> None:
    target = publication.folder(tmp_path) / publication.FILE_NAME
    target.parent.mkdir()
    shutil.copy(publication.folder(office_home) / publication.FILE_NAME, target)
    with duckdb.connect(str(target)) as connection:
        tables = connection.execute("SELECT schema_name || '.' || table_name FROM duckdb_tables()").fetchall()
        for (table,) in tables:
            if table != "ops.run":
                connection.execute(f"DELETE FROM {table}")
    with seen(report.write(tmp_path).as_uri()) as page:
        assert page.told["console"] == []
        assert page.locator("#hidden-part").text_content() == "There is nothing to draw"
        assert violations(page) == []
