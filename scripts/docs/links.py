# SPDX-License-Identifier: MIT
"""Every link within a site leads somewhere, and no page takes anything from the net: links.py SITE

Pages may point elsewhere (an <a>), but what a browser loads by itself is there.
"""

import sys
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

LOADED = {("img", "src"), ("script", "src"), ("link", "href"), ("source", "src"), ("iframe", "src")}
# They say where something is, and load nothing.
SAID = {"canonical", "search", "index", "next", "prev", "genindex", "author", "copyright", "top"}


class Page(HTMLParser):
    def __init__(self, path: Path) -> None:
        super().__init__()
        self.names: set[str] = set()
        self.links: list[tuple[str, bool]] = []
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self.names |= {given[name] for name in ("id", "name") if name in given}
        for attribute in ("href", "src"):
            if attribute in given:
                loaded = (tag, attribute) in LOADED and given.get("rel") not in SAID
                self.links.append((given[attribute], loaded))


def problems(site: Path) -> list[str]:
    pages = {path: Page(path) for path in site.rglob("*.html")}
    found = []
    for path, page in pages.items():
        for link, loaded in page.links:
            reason = _problem(pages, path, link, loaded)
            if reason:
                found.append(f"{path.relative_to(site)}: {link}: {reason}")
    for sheet in site.rglob("*.css"):
        if "url(http" in sheet.read_text(encoding="utf-8").replace('"', "").replace("'", ""):
            found.append(f"{sheet.relative_to(site)}: loads from the net")
    return found


def _problem(pages: dict[Path, Page], path: Path, link: str, loaded: bool) -> str | None:
    parts = urlsplit(link)
    if parts.scheme in ("http", "https") or parts.netloc:
        return "is loaded from the net" if loaded else None
    if parts.scheme:
        return None
    target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
    if not target.exists():
        return "there is no such file"
    name = unquote(parts.fragment)
    if name and target in pages and name not in pages[target].names:
        return "there is no such place in it"
    return None


def main() -> int:
    site = Path(sys.argv[1]).resolve()
    found = problems(site)
    print("\n".join(found), file=sys.stderr)
    print(f"links: {len(list(site.rglob('*.html')))} pages, {len(found)} links that lead nowhere")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
