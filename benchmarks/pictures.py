"""Pictures of a home's page, to look at: on a laptop in light and dark, on a phone, and as it prints.

Run as `.venv/bin/python benchmarks/pictures.py [--home data/sample] [--to docs/pictures]`; the README shows two. The
tests take the same of their own page (`ESSA_PICTURES=folder`), and of the run page of Prefect's UI.
"""

from __future__ import annotations

import argparse
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from essa.report import page

LAPTOP, PHONE, SHEET = {"width": 1280, "height": 800}, {"width": 390, "height": 844}, {"width": 794, "height": 1123}


def main() -> None:
    from playwright.sync_api import sync_playwright

    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--home", type=Path, default=Path("data/sample"))
    parser.add_argument("--to", type=Path, default=Path(__file__).parent.parent / "docs" / "pictures")
    asked = parser.parse_args()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        for _, place in take(browser, page.write(asked.home).resolve().as_uri(), asked.to):
            print(f"{place}: {place.stat().st_size / 1000:,.0f} kB")
        browser.close()


def take(browser: Any, address: str, folder: Path) -> Iterator[tuple[Any, Path]]:
    """Each view of the page as it is open, and its picture."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, (view, go) in VIEWS.items():
        context = browser.new_context(offline=True, reduced_motion="reduce", **view)
        seen = context.new_page()
        seen.goto(address)
        go(seen)
        seen.wait_for_timeout(100)
        seen.screenshot(path=folder / f"{name}.png")
        yield seen, folder / f"{name}.png"
        context.close()


def _first(seen: Any) -> None:
    """As it opens."""


def _opened(seen: Any) -> None:
    seen.locator("#ranked .title button").first.click()
    seen.evaluate("document.querySelector('#ranked tr.one').scrollIntoView()")


def _mapped(seen: Any) -> None:
    """The map with the first candidate that is done again marked, where there is one."""
    again = seen.locator("#ranked tr.one", has_text="is done again").first
    again.locator("button").click()
    seen.locator("tr.opened [data-map]").click()
    seen.evaluate("document.querySelector('#processes').scrollIntoView()")


def _printed(seen: Any) -> None:
    seen.emulate_media(media="print")


VIEWS = {
    "page": ({"viewport": LAPTOP}, _first),
    "candidate": ({"viewport": LAPTOP}, _opened),
    "map-dark": ({"viewport": LAPTOP, "color_scheme": "dark"}, _mapped),
    "phone": ({"viewport": PHONE}, _first),
    "print": ({"viewport": SHEET}, _printed),
}


if __name__ == "__main__":
    main()
