# SPDX-License-Identifier: MIT
"""What the tests of timens sweep share."""

import json
import subprocess
from pathlib import Path

from conftest import COMMAND

POINTS = {point["name"]: point for point in json.loads(
    subprocess.run([COMMAND, "points", "--json"], capture_output=True, check=True).stdout
)}  # fmt: skip
SCHEMA = Path(__file__).parent / "junit.xsd"


def sweep(*words, status=0, **how):
    """Runs it to its end; its output is text."""
    done = subprocess.run(
        [COMMAND, "sweep", *words], capture_output=True, text=True, timeout=120, check=False, **how
    )
    assert done.returncode == status, done.stderr + done.stdout
    return done


def sweep_json(*words, status=0, **how):
    """The one suite of a sweep, with `cases` by (point, lead in seconds), and the whole."""
    found = json.loads(sweep("--json", *words, status=status, **how).stdout)
    (suite,) = found["suites"]
    cases = {(case["point"], case["lead"]["sec"]): case for case in suite["points"]}
    assert len(cases) == len(suite["points"])
    return suite, cases, found


def shell(script):
    return ("sh", "-c", script)


def table(text):
    """{point: result} of the table for people, without its failures."""
    head, *lines = text.partition("\n\n")[0].splitlines()
    begin, end = head.index("RESULT"), head.index("TIME")
    return {line.split()[0]: line[begin:end].strip() for line in lines}


def assert_valid_junit(file):
    subprocess.run(
        ["xmllint", "--nonet", "--noout", "--schema", SCHEMA, file],
        capture_output=True,
        check=True,
        timeout=60,
    )
