# SPDX-License-Identifier: MIT
"""scripts/docs/links.py finds each kind of link that it is there to find."""

import links
import pytest

OTHER = '<h1 id="top">There</h1><a name="old">old</a>'


def problems(folder, html, css=""):
    (folder / "other.html").write_text(OTHER)
    (folder / "style.css").write_text(css)
    (folder / "index.html").write_text(html)
    return links.problems(folder)


@pytest.mark.parametrize(
    "html",
    [
        '<a href="other.html">x</a>',
        '<a href="other.html#top">x</a><a href="other.html#old">x</a>',
        '<a href="#here" id="here">x</a>',
        '<a href="https://example.org/">x</a><a href="mailto:a@example.org">x</a>',
        '<link rel="stylesheet" href="style.css?v=1"><img src="data:image/png;base64,x">',
    ],
)
def test_right(tmp_path, html):
    assert problems(tmp_path, html) == []


@pytest.mark.parametrize(
    ("html", "reason"),
    [
        ('<a href="missing.html">x</a>', "no such file"),
        ('<img src="missing.png">', "no such file"),
        ('<a href="other.html#missing">x</a>', "no such place"),
        ('<a href="#missing">x</a>', "no such place"),
        ('<script src="https://example.org/x.js"></script>', "from the net"),
        ('<link rel="stylesheet" href="//example.org/x.css">', "from the net"),
        ('<img src="http://example.org/x.png">', "from the net"),
    ],
)
def test_wrong(tmp_path, html, reason):
    found = problems(tmp_path, html)
    assert len(found) == 1 and reason in found[0]


def test_style_sheets(tmp_path):
    assert problems(tmp_path, "", '@font-face{src:url("https://example.org/f.woff")}')
