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
import report_stores as stores

from refutable import reports

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


PAGES = [
    "index.html",
    "claims.html",
    "findings.html",
    "limits.html",
    "papers/alpha.html",
    "papers/beta.html",
    "method.html",
    "environment.html",
]


@pytest.fixture(scope="module")
def wide_report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A report with long functionals, cells and numbers, and more than a hundred claims."""
    path = tmp_path_factory.mktemp("wide")
    reports.write(stores.wide(path / "store"), path / "report", ("html",))
    return path / "report"


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


def test_the_table_shows_every_claim(browser: Any, mixed_report: Path) -> None:
    with opened(browser, mixed_report / "claims.html") as page:
        assert len(_shown(page)) == 9
        assert page.locator("[data-shown]").inner_text() == "9 claims"


def test_filters_narrow_the_table_and_stay_in_the_address(browser: Any, mixed_report: Path) -> None:
    with opened(browser, mixed_report / "claims.html") as page:
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
    for name, value in (wanted | {"origin": "printed", "basis": "abstract"}).items():
        with opened(browser, mixed_report / "claims.html", f"#{name}={value}") as page:
            shown = page.locator("[data-claims] tbody tr:not([hidden])")
            values = shown.evaluate_all(f"rows => rows.map(row => row.dataset.{name})")
            assert values
            assert set(values) == {value}


def test_a_filter_that_fits_nothing_says_so(browser: Any, mixed_report: Path) -> None:
    with opened(browser, mixed_report / "claims.html", "#q=nowhere") as page:
        page.wait_for_selector("[data-nothing]", state="visible")
        assert _shown(page) == []


def test_a_header_sorts_up_down_and_back(browser: Any, mixed_report: Path) -> None:
    with opened(browser, mixed_report / "claims.html") as page:
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
    with opened(browser, mixed_report / "claims.html") as page:
        page.keyboard.press("/")
        page.keyboard.type("toothless")
        _wait_for(page, ["toothless"])
        page.locator("th[data-key=verdict] button").focus()
        page.keyboard.press("Enter")
        page.wait_for_url(re.compile("sort=verdict"))


def test_a_count_of_the_first_page_leads_to_its_claims(browser: Any, mixed_report: Path) -> None:
    with opened(browser, mixed_report / "index.html") as page:
        link = page.locator(".origins a[href*=undecided]")
        assert link.get_attribute("href") == "claims.html#origin=printed&verdict=undecided"
        link.click()
        page.wait_for_url(re.compile(r"/claims\.html#"))  # the page may write its filter anew
        _wait_for(page, ["undecided"])


def test_addresses_of_the_former_first_page_still_lead_there(
    browser: Any, mixed_report: Path
) -> None:
    with opened(browser, mixed_report / "index.html", "#verdict=undecided") as page:
        page.wait_for_url(re.compile(r"/claims\.html#verdict=undecided"))
        _wait_for(page, ["undecided"])


def _focused(page: Any) -> str:
    return str(page.evaluate("document.activeElement.getAttribute('aria-label') || ''"))


def test_the_matrix_is_one_stop_of_the_keyboard_and_arrows_move_in_it(
    browser: Any, mixed_report: Path
) -> None:
    with opened(browser, mixed_report / "index.html") as page:
        cells = page.locator(".m-cell")
        assert cells.count() == 9
        stops = cells.evaluate_all("found => found.map(cell => cell.tabIndex)")
        assert sorted(stops) == [-1] * 8 + [0]
        cells.first.focus()
        names = cells.evaluate_all("found => found.map(cell => cell.ariaLabel)")
        for key, place in (("ArrowRight", 1), ("ArrowDown", 6), ("Home", 5), ("End", 8)):
            page.keyboard.press(key)
            assert _focused(page) == names[place], key
            assert page.locator("[data-matrix-says]").inner_text() == names[place]
        page.keyboard.press("ArrowUp")
        assert _focused(page) == names[3]
        page.keyboard.press("Escape")
        assert not page.locator("[data-matrix-says]").is_visible()
        page.keyboard.press("Enter")
        page.wait_for_url(re.compile(r"/papers/alpha\.html#alpha\."))


def test_the_matrix_tells_a_claim_under_the_pointer(browser: Any, mixed_report: Path) -> None:
    with opened(browser, mixed_report / "index.html") as page:
        page.hover(".m-cell >> nth=2")
        said = page.locator("[data-matrix-says]").inner_text()
        assert said == page.locator(".m-cell").nth(2).get_attribute("aria-label")


def test_marks_differ_without_colour(browser: Any, mixed_report: Path) -> None:
    with opened(browser, mixed_report / "index.html") as page:
        find = "cell => getComputedStyle(cell, '::before').content"
        marks = {
            page.locator(f".m-cell.v-{name}").first.evaluate(find)
            for name in ("supported", "refuted", "undecided", "toothless", "failed", "not-run")
        }
        assert len(marks) == 6


def test_links_keep_the_filter_there_and_back(browser: Any, mixed_report: Path) -> None:
    with opened(browser, mixed_report / "claims.html", "#verdict=refuted&sort=-claim") as page:
        page.click("[data-claims] tbody tr:not([hidden]) th a >> nth=0")
        page.wait_for_url(re.compile(r"/papers/alpha\.html.*#alpha\.surprise$"))
        page.click(".crumbs a >> nth=0")
        page.wait_for_url(re.compile(r"/claims\.html#"))
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
    """A picture takes the scheme of its page, also where the page's own button chose it."""
    with opened(browser, mixed_report / "papers/alpha.html", color_scheme="light") as page:
        figure = page.locator("figure img").first
        figure.scroll_into_view_if_needed()
        page.wait_for_function("document.querySelector('figure img').complete")
        assert _corner(figure) > 2.9
        page.click("[data-theme-button]")
        page.click("[data-theme-button]")
        assert "dark" in page.locator("[data-theme-button]").inner_text()
        assert _corner(figure) < 0.5


def _corner(box: Any) -> float:
    """Return the brightness, 0 to 3, of the corner of what is shown."""
    import io

    import matplotlib.image

    return float(matplotlib.image.imread(io.BytesIO(box.screenshot()))[1, 1, :3].sum())


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


@pytest.mark.parametrize("path", PAGES)
def test_a_phone_does_not_scroll_sideways(browser: Any, mixed_report: Path, path: str) -> None:
    for width in (390, 360):
        size = {"width": width, "height": 740}
        with opened(browser, mixed_report / path, viewport=size) as page:
            assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_no_figure_is_cut_on_a_phone(browser: Any, mixed_report: Path) -> None:
    size = {"width": 390, "height": 740}
    with opened(browser, mixed_report / "papers/alpha.html", viewport=size) as page:
        figures = page.locator("figure img")
        assert figures.count() > 2
        for place in range(figures.count()):
            box = figures.nth(place).bounding_box()
            assert box["x"] >= 0
            assert box["x"] + box["width"] <= 390


HIDDEN = """() => [...document.querySelectorAll('.scroll')]
    .filter(box => box.scrollWidth > box.clientWidth + 1).map(box => box.ariaLabel)"""


@pytest.mark.parametrize("width", [1280, 768, 360])
@pytest.mark.parametrize("path", PAGES)
def test_no_table_is_cut(browser: Any, wide_report: Path, path: str, width: int) -> None:
    size = {"width": width, "height": 740}
    with opened(browser, wide_report / path, viewport=size) as page:
        page.evaluate("document.querySelectorAll('details').forEach(box => { box.open = true })")
        assert page.evaluate(HIDDEN) == []


def test_a_table_that_must_be_scrolled_says_so(browser: Any, wide_report: Path) -> None:
    """At the hidden end a shadow darkens the edge; at the other one nothing does."""
    size = {"width": 1280, "height": 740}
    with opened(browser, wide_report / "papers/alpha.html", viewport=size) as page:
        box = page.locator(".scroll").first
        box.evaluate("box => { box.style.width = '30rem'; box.style.color = 'transparent' }")
        assert _edges(box) == (False, True)
        box.evaluate("box => { box.scrollLeft = 10000 }")
        assert _edges(box) == (True, False)


def _edges(box: Any) -> tuple[bool, bool]:
    """Say whether the left and the right edge are darker than the page."""
    import io

    import matplotlib.image

    shown = matplotlib.image.imread(io.BytesIO(box.screenshot()))[-3, :, :3].sum(axis=1)
    return bool(shown[1] < 2.9), bool(shown[-2] < 2.9)


def test_cards_are_still_tables(browser: Any, wide_report: Path) -> None:
    size = {"width": 360, "height": 740}
    with opened(browser, wide_report / "papers/alpha.html", viewport=size) as page:
        table = page.get_by_role("table", name="What theory predicts and what was found").first
        names = table.get_by_role("columnheader").all_inner_texts()
        assert names[:2] == ["Quantity", "Cell"]
        cells = table.get_by_role("row").nth(1).get_by_role("cell")
        assert cells.count() == len(names) - 1
        for place, name in enumerate(names[1:]):
            assert cells.nth(place).get_attribute("data-label") == name
            assert cells.nth(place).bounding_box()["width"] > 200
        tops = [cells.nth(place).bounding_box()["y"] for place in range(cells.count())]
        assert tops == sorted(set(tops))


def test_labels_of_cells_break_between_parameters(browser: Any, wide_report: Path) -> None:
    for width in (1280, 360):
        size = {"width": width, "height": 740}
        with opened(browser, wide_report / "papers/alpha.html", viewport=size) as page:
            lines = page.locator(".parameter:visible").evaluate_all(
                "found => found.map(one => one.getClientRects().length)"
            )
            assert lines
            assert set(lines) == {1}


def test_fields_of_a_phone_hold_together(browser: Any, wide_report: Path) -> None:
    size = {"width": 360, "height": 740}
    with opened(browser, wide_report / "claims.html", viewport=size) as page:
        link = page.locator("td[data-label=Paper] a").first.bounding_box()
        field = page.locator("td[data-label=Paper] .field").first.bounding_box()
        assert field["x"] == pytest.approx(link["x"], abs=1)


def test_terms_of_a_phone_stand_above_their_meaning(browser: Any, wide_report: Path) -> None:
    size = {"width": 360, "height": 740}
    with opened(browser, wide_report / "method.html", viewport=size) as page:
        for term in page.locator(".terms dt").all()[:12]:
            meaning = term.evaluate("dt => dt.nextElementSibling.getBoundingClientRect().top")
            assert term.evaluate("dt => dt.getBoundingClientRect().bottom") <= meaning + 1


@pytest.mark.parametrize("size", [{"width": 1280, "height": 720}, {"width": 360, "height": 740}])
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("path", PAGES)
def test_axe_finds_nothing_serious(
    browser: Any, mixed_report: Path, path: str, scheme: str, size: dict[str, int]
) -> None:
    axe = pytest.importorskip(
        "axe_playwright_python.sync_playwright", reason="install the dependency group `test`"
    )
    with opened(browser, mixed_report / path, color_scheme=scheme, viewport=size) as page:
        # Without preload: it would ask for the style sheets again, which pages on disk may not.
        found = axe.Axe().run(page, options={"preload": False}).response["violations"]
        bad = [(v["id"], v["nodes"][0]["html"]) for v in found if v["impact"] != "minor"]
        assert bad == []


@pytest.mark.parametrize("page_path", ["index.html", "claims.html", "findings.html"])
def test_a_hostile_claim_stays_text(browser: Any, hostile_report: Path, page_path: str) -> None:
    with opened(browser, hostile_report / page_path) as page:
        assert "owned" not in page.title() or "<script>" in page.title()
        assert page.locator("script:not([src])").count() == 0
        assert page.locator("img").count() == 0


def test_a_hostile_paper_page_stays_text(browser: Any, hostile_report: Path) -> None:
    (path,) = (hostile_report / "papers").glob("*.html")
    with opened(browser, path) as page:
        assert page.title() != "owned"
        assert page.locator("img:not([src^='../figures/'])").count() == 0
        assert page.locator("script:not([src])").count() == 0
        text = page.locator("main").inner_text()
        assert "<script>document.title='owned'</script>" in text
        assert '#panic("typst") $x^2$ @label' in text
        assert page.locator("bdi").count() > 10


def test_a_difference_page(browser: Any, mixed_store: Path, tmp_path: Path) -> None:
    path = tmp_path / "difference.html"
    shown = reports.difference_html(reports.diff(mixed_store, mixed_store))
    path.write_text(shown, encoding="utf-8")
    with opened(browser, path) as page:
        assert "9 claims: 9 same." in page.locator(".lead").inner_text()
