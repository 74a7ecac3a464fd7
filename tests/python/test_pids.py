# SPDX-License-Identifier: MIT
"""What is no pid, for the functions that take one."""

from typing import Any

import pytest
import timens


@pytest.mark.parametrize("function", [timens.read, timens.join])
def test_what_is_no_pid(function: Any) -> None:
    for value in ("1", 1.0, None, True):
        with pytest.raises(TypeError, match=f"^pid: expected an int, not {type(value).__name__}"):
            function(value)
    with pytest.raises(ValueError, match=r"^pid: 1099511627776 is out of range"):
        function(2**40)


def test_join_of_no_process() -> None:
    for pid in (0, -1):
        with pytest.raises(ValueError, match=f"^pid: {pid} is no process"):
            timens.join(pid)
