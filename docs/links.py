"""Say which links between the pages of a built site lead nowhere: `python docs/links.py FOLDER`."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit


class Page(HTMLParser):
    """The targets and the links of a page.

    Parameters
    ----------
    text : str
        HTML.
    """

    def __init__(self, text: str) -> None:
        super().__init__()
        self.targets, self.links = {"", "top"}, set[str]()
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note what an element is called and where it leads."""
        del tag
        for name, value in attrs:
            if name in ("id", "name"):
                self.targets.add(value or "")
            elif name in ("href", "src"):
                self.links.add(value or "")


def dead(site: Path) -> Iterator[str]:
    """Yield `page: link` for each link to a file or an element that is not there."""
    pages = {path: Page(path.read_text("utf-8")) for path in sorted(site.rglob("*.html"))}
    for path, page in pages.items():
        for link in sorted(page.links):
            place, target = _within(path, link)
            if place is None or (place.is_file() and place not in pages):
                continue
            if place not in pages or target not in pages[place].targets:
                yield f"{path.relative_to(site)}: {link}"


def _within(page: Path, link: str) -> tuple[Path | None, str]:
    """Return the file and the element of a link, no file for one that leads out of the site."""
    parts = urlsplit(link)
    if parts.scheme or parts.netloc:
        return None, ""
    place = (page.parent / unquote(parts.path)).resolve() if parts.path else page
    return place, unquote(parts.fragment)


def main(folder: str) -> int:
    """Print them; return 1 if there are any."""
    found = list(dead(Path(folder).resolve()))
    print("\n".join(found) or "every link within the site leads somewhere")
    return int(bool(found))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
