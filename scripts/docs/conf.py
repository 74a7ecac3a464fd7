# SPDX-License-Identifier: MIT
"""What Sphinx wants to know. The site takes nothing from the net."""

import re

import timens

project = "timens"
html_show_copyright = False
version = release = timens.__version__
extensions = ["myst_parser", "sphinx.ext.autodoc"]
html_theme = "furo"
html_title = f"timens {release}"
html_copy_source = False
html_show_sphinx = False
pygments_style = "friendly"
templates_path = []
exclude_patterns = []
myst_heading_anchors = 3
# The examples' words behind the language are for the tests.
highlight_language = "none"
autodoc_typehints = "none"
manpages_url = "https://man7.org/linux/man-pages/man{section}/{page}.{section}.html"
nitpick_ignore_regex = [("c:identifier", ".*")]


def reshape(_app, _what, _name, _object, _options, lines):
    """Docstrings are plain text: "name: what it is", and further lines of that with an indent."""
    text = "\n".join(lines)
    text = re.sub(r"\n[ ]{4,}(?=\S)", " ", text)
    text = re.sub(r"^([a-z_]+(?:, [a-z_]+)*): ", r"- **\1**: ", text, flags=re.M)
    text = re.sub(r"^(- \*\*.*)\n(?!- \*\*)", r"\1\n\n", text, flags=re.M)
    text = re.sub(r"(?<!`)`([^`]+)`(?!`)", r"``\1``", text)
    lines[:] = text.split("\n")


def setup(app):
    app.connect("autodoc-process-docstring", reshape)
