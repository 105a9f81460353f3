"""The HTML folder in a real browser, opened from disk."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.browser
HINT = "needs Chromium; install it with `apt-get install chromium` (or set CHROMIUM to its path)"
NAMES = ("chromium", "chromium-browser", "google-chrome")
CHROMIUM = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-dev-shm-usage",
    "--no-first-run",
]


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    if not CHROMIUM:
        pytest.skip(HINT)
    api = pytest.importorskip("playwright.sync_api", reason="install the dependency group `test`")
    with api.sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield running
        running.close()


@contextmanager
def opened(browser: Any, path: Path, after: str = "", **settings: Any) -> Iterator[Any]:
    """A page that must not complain, and must not ask anybody for anything."""
    context = browser.new_context(**settings)
    page = context.new_page()
    trouble: list[str] = []
    page.on("console", lambda m: m.type in ("error", "warning") and trouble.append(m.text))
    page.on("pageerror", lambda error: trouble.append(str(error)))
    page.on("request", lambda request: _judge(request.url, trouble))
    page.goto(f"{path.as_uri()}{after}")
    yield page
    context.close()
    assert trouble == []


def _judge(url: str, trouble: list[str]) -> None:
    if not url.startswith(("file:", "data:")):
        trouble.append(f"request to {url}")


ROWS = "[data-claims] tbody tr:not([hidden]) th a"


def _shown(page: Any) -> list[str]:
    return page.locator(ROWS).all_inner_texts()


def _wait_for(page: Any, names: list[str]) -> None:
    """Fail unless these claims are shown, in this order, once the page has settled.

    A click returns before the page that it leads to has loaded.
    """
    from playwright.sync_api import expect

    expect(page.locator(ROWS)).to_have_text(names)


def test_the_index_shows_every_claim(browser: Any, mixed_report: Path) -> None:
    with opened(browser, mixed_report / "index.html") as page:
        assert len(_shown(page)) == 9
        assert page.locator("[data-shown]").inner_text() == "9 claims"


def test_filters_narrow_the_table_and_stay_in_the_address(browser: Any, mixed_report: Path) -> None:
    with opened(browser, mixed_report / "index.html") as page:
        page.select_option("select[name=verdict]", "refuted")
        _wait_for(page, ["refuted", "surprise"])
        page.fill("input[name=q]", "surprise")
        _wait_for(page, ["surprise"])
        assert page.locator("[data-shown]").inner_text() == "1 of 9 claims"
        address = page.evaluate("location.href")
        page.goto("about:blank")
        page.goto(address)
        _wait_for(page, ["surprise"])
        page.click("button[type=reset]")
        page.wait_for_function("location.hash === ''")
        page.wait_for_function(f"document.querySelectorAll('{ROWS}').length === 9")


def test_every_filter_filters(browser: Any, mixed_report: Path) -> None:
    wanted = {"paper": "beta", "scope": "arithmetic", "evidence": "exact", "field": "mixtures"}
    for name, value in wanted.items():
        with opened(browser, mixed_report / "index.html", f"#{name}={value}") as page:
            shown = page.locator("[data-claims] tbody tr:not([hidden])")
            values = shown.evaluate_all(f"rows => rows.map(row => row.dataset.{name})")
            assert values
            assert set(values) == {value}


def test_a_filter_that_fits_nothing_says_so(browser: Any, mixed_report: Path) -> None:
    with opened(browser, mixed_report / "index.html", "#q=nowhere") as page:
        page.wait_for_selector("[data-nothing]", state="visible")
        assert _shown(page) == []


def test_a_header_sorts_up_down_and_back(browser: Any, mixed_report: Path) -> None:
    with opened(browser, mixed_report / "index.html") as page:
        before = _shown(page)
        button = page.locator("th[data-key=claim] button")
        button.click()
        _wait_for(page, sorted(before))
        assert page.locator("th[data-key=claim]").get_attribute("aria-sort") == "ascending"
        button.click()
        _wait_for(page, sorted(before)[::-1])
        page.wait_for_url(re.compile("sort=-claim"))
        button.click()
        _wait_for(page, before)


def test_the_keyboard_is_enough(browser: Any, mixed_report: Path) -> None:
    with opened(browser, mixed_report / "index.html") as page:
        page.keyboard.press("/")
        page.keyboard.type("toothless")
        _wait_for(page, ["toothless"])
        page.locator("th[data-key=verdict] button").focus()
        page.keyboard.press("Enter")
        page.wait_for_url(re.compile("sort=verdict"))


def test_a_tile_filters(browser: Any, mixed_report: Path) -> None:
    with opened(browser, mixed_report / "index.html") as page:
        page.click(".tile.v-undecided")
        _wait_for(page, ["undecided"])


def test_links_keep_the_filter_there_and_back(browser: Any, mixed_report: Path) -> None:
    with opened(browser, mixed_report / "index.html", "#verdict=refuted&sort=-claim") as page:
        page.click("[data-claims] tbody tr:not([hidden]) th a >> nth=0")
        page.wait_for_url(re.compile(r"/papers/alpha\.html.*#alpha\.surprise$"))
        page.click(".crumbs a >> nth=0")
        page.wait_for_url(re.compile(r"/index\.html#"))
        _wait_for(page, ["surprise", "refuted"])


def test_a_deep_link_shows_its_claim(browser: Any, mixed_report: Path) -> None:
    with opened(browser, mixed_report / "papers" / "alpha.html", "#alpha.undecided") as page:
        at = "document.getElementById('alpha.undecided').getBoundingClientRect().y"
        page.wait_for_function(f"{at} > -100 && {at} < 400")


@pytest.mark.parametrize("path", ["index.html", "papers/alpha.html", "method.html"])
def test_dark_mode(browser: Any, mixed_report: Path, path: str) -> None:
    def brightness(page: Any) -> int:
        colour = page.evaluate("getComputedStyle(document.body).backgroundColor")
        return sum(int(part) for part in colour.strip("rgb()").split(","))

    with opened(browser, mixed_report / path, color_scheme="dark") as page:
        assert brightness(page) < 150
        button = page.locator("[data-theme-button]")
        button.click()
        page.wait_for_function(
            "document.querySelector('[data-theme-button]').innerText.includes('light')"
        )
        assert brightness(page) > 700
    with opened(browser, mixed_report / path, color_scheme="light") as page:
        assert brightness(page) > 700


def test_figures_follow_the_theme(browser: Any, mixed_report: Path) -> None:
    find = "svg => getComputedStyle(svg.querySelector('g[id*=patch_1] path')).fill"
    fills = []
    for scheme in ("light", "dark"):
        with opened(browser, mixed_report / "papers/alpha.html", color_scheme=scheme) as page:
            fills.append(page.locator("figure svg").first.evaluate(find))
    assert fills[0] != fills[1]


def test_formulas_are_really_drawn(browser: Any, mixed_report: Path) -> None:
    with opened(browser, mixed_report / "papers/alpha.html") as page:
        boxes = [math.bounding_box() for math in page.locator(".formula math").all()]
        assert len(boxes) == 5
        assert all(box["width"] > 50 and box["height"] > 15 for box in boxes)
        root = page.locator(".formula msqrt mfrac").first.bounding_box()
        assert root["height"] > 10


def test_the_command_can_be_copied(browser: Any, mixed_report: Path) -> None:
    with opened(browser, mixed_report / "papers/alpha.html") as page:
        page.locator(".reproduce summary").first.click()
        button = page.locator(".reproduce [data-copy]").first
        button.click()
        page.wait_for_function(
            "['Copied', 'Selected'].includes("
            "document.querySelector('.reproduce [data-copy]').textContent)"
        )


def test_costs_are_shown(browser: Any, mixed_report: Path) -> None:
    with opened(browser, mixed_report / "papers/alpha.html") as page:
        texts = page.locator("[data-cost]").all_text_contents()
        assert texts == ["1.5 s of computing"] * 5


@pytest.mark.parametrize("path", ["index.html", "papers/alpha.html", "method.html"])
def test_a_phone_does_not_scroll_sideways(browser: Any, mixed_report: Path, path: str) -> None:
    size = {"width": 360, "height": 740}
    with opened(browser, mixed_report / path, viewport=size) as page:
        assert page.evaluate("document.documentElement.scrollWidth") <= 360


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(
    "path",
    ["index.html", "papers/alpha.html", "papers/beta.html", "method.html", "environment.html"],
)
def test_axe_finds_nothing_serious(
    browser: Any, mixed_report: Path, path: str, scheme: str
) -> None:
    axe = pytest.importorskip(
        "axe_playwright_python.sync_playwright", reason="install the dependency group `test`"
    )
    with opened(browser, mixed_report / path, color_scheme=scheme) as page:
        # Without preload: it would ask for the style sheets again, which pages on disk may not.
        found = axe.Axe().run(page, options={"preload": False}).response["violations"]
        bad = [(v["id"], v["nodes"][0]["html"]) for v in found if v["impact"] != "minor"]
        assert bad == []


@pytest.mark.parametrize("page_path", ["index.html", "method.html", "environment.html"])
def test_a_hostile_claim_stays_text(browser: Any, hostile_report: Path, page_path: str) -> None:
    with opened(browser, hostile_report / page_path) as page:
        assert "owned" not in page.title() or "<script>" in page.title()
        assert page.locator("script:not([src])").count() == 0
        assert page.locator("img").count() == 0


def test_a_hostile_paper_page_stays_text(browser: Any, hostile_report: Path) -> None:
    (path,) = (hostile_report / "papers").glob("*.html")
    with opened(browser, path) as page:
        assert page.title() != "owned"
        assert page.locator("img").count() == 0
        assert page.locator("script:not([src])").count() == 0
        text = page.locator("main").inner_text()
        assert "<script>document.title='owned'</script>" in text
        assert '#panic("typst") $x^2$ @label' in text
        assert page.locator("bdi").count() > 10


def test_a_difference_page(browser: Any, mixed_store: Path, tmp_path: Path) -> None:
    import reports

    path = tmp_path / "difference.html"
    path.write_text(reports.diff(mixed_store, mixed_store).to_html(), encoding="utf-8")
    with opened(browser, path) as page:
        assert "9 claims: 9 same." in page.locator(".lead").inner_text()
