"""Pictures of a home's page, to look at: on a laptop in light and dark, on a phone, and as it prints.

Run as `.venv/bin/python benchmarks/pictures.py [--home data/sample] [--to docs/pictures]`; the README shows two.
"""

from __future__ import annotations

import argparse
import shutil
from pathlib import Path
from typing import Any

from essa.report import page

LAPTOP, PHONE, SHEET = {"width": 1280, "height": 800}, {"width": 390, "height": 844}, {"width": 794, "height": 1123}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--home", type=Path, default=Path("data/sample"))
    parser.add_argument("--to", type=Path, default=Path(__file__).parent.parent / "docs" / "pictures")
    asked = parser.parse_args()
    asked.to.mkdir(parents=True, exist_ok=True)
    for place in take(page.write(asked.home).resolve().as_uri(), asked.to):
        print(f"{place}: {place.stat().st_size / 1000:,.0f} kB")


def take(address: str, folder: Path) -> list[Path]:
    """The pictures' paths."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])

        def shown(**view: Any) -> Any:
            seen = browser.new_context(offline=True, reduced_motion="reduce", **view).new_page()
            seen.goto(address)
            return seen

        first, phone, sheet = shown(viewport=LAPTOP), shown(viewport=PHONE), shown(viewport=SHEET)
        sheet.emulate_media(media="print")
        taken = [
            _picture(first, folder / "page.png"),
            _picture(_opened(shown(viewport=LAPTOP)), folder / "candidate.png"),
            _picture(_mapped(shown(viewport=LAPTOP, color_scheme="dark")), folder / "map-dark.png"),
            _picture(phone, folder / "phone.png"),
            _picture(sheet, folder / "print.png"),
        ]
        browser.close()
    return taken


def _opened(seen: Any) -> Any:
    seen.locator("#ranked .title button").first.click()
    seen.evaluate("document.querySelector('#ranked tr.one').scrollIntoView()")
    return seen


def _mapped(seen: Any) -> Any:
    """The map with the first candidate that is done again marked, where there is one."""
    again = seen.locator("#ranked tr.one", has_text="is done again").first
    again.locator("button").click()
    seen.locator("tr.opened [data-map]").click()
    seen.evaluate("document.querySelector('#processes').scrollIntoView()")
    return seen


def _picture(seen: Any, place: Path) -> Path:
    seen.wait_for_timeout(300)
    seen.screenshot(path=place)
    return place


if __name__ == "__main__":
    main()
