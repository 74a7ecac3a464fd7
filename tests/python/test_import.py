# SPDX-License-Identifier: MIT
"""import timens costs little more than import subprocess: what it brings in."""

import subprocess
import sys
from typing import get_args

import pytest
import timens
from timens import Reading


def modules_after(code: str) -> set[str]:
    code += "\nimport sys; print(*sys.modules)"
    output = subprocess.check_output([sys.executable, "-I", "-c", code], text=True)
    return {name for name in output.split() if not name.startswith("swig_runtime_data")}


def test_import_brings_in_little() -> None:
    more = modules_after("import timens") - modules_after("import subprocess")
    assert "timens" in more
    others = {name for name in more if not name.startswith("timens")}
    assert others <= {"__future__", "_struct", "struct"}
    assert "timens._clocks" not in more


def test_everything_is_there_when_asked_for() -> None:
    code = "import timens\nassert set(timens.__all__) <= set(dir(timens))\nfrom timens import *"
    assert {"timens._clocks"} <= modules_after(code)
    assert all(hasattr(timens, name) for name in timens.__all__)
    assert "fork" in get_args(timens.Route) and Reading in get_args(timens.Time)
    with pytest.raises(AttributeError, match="module 'timens' has no attribute 'unknown'"):
        timens.unknown  # type: ignore[attr-defined] # noqa: B018
