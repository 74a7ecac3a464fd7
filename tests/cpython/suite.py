# SPDX-License-Identifier: MIT
"""Runs the standard library's own tests of subprocess, with another Popen in its place.

suite.py plain|timens|offset [TEST ...]: with subprocess.Popen as it is; with timens.Popen, no clock
named; with timens.Popen and an offset for every start. Prints JSON: each test's outcome, and how
many starts took which route.
"""

import collections
import io
import json
import subprocess
import sys
import unittest

MODE, *NAMES = sys.argv[1:]
ROUTES = collections.Counter()


def replace_popen():
    import timens

    class Popen(timens.Popen):
        def __init__(self, *args, **kwargs):
            if MODE == "offset":
                kwargs.setdefault("boottime", 86400)
            super().__init__(*args, **kwargs)
            ROUTES[str(self.route)] += 1

    # Of run, call, check_call, check_output too: they look it up at each call.
    subprocess.Popen = Popen


class Outcomes(unittest.TextTestResult):
    """The first bad outcome of a test, or "ok", or "skipped"."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.outcomes = {}

    def startTest(self, test):
        super().startTest(test)
        self.outcomes[test.id()] = "ok"

    def addError(self, test, err):
        super().addError(test, err)
        self.outcomes[test.id()] = f"error: {err[1]!r}"

    def addFailure(self, test, err):
        super().addFailure(test, err)
        self.outcomes[test.id()] = f"failure: {err[1]!r}"

    def addSubTest(self, test, subtest, err):
        super().addSubTest(test, subtest, err)
        if err is not None:
            self.outcomes[test.id()] = f"failure: {err[1]!r}"

    def addSkip(self, test, reason):
        super().addSkip(test, reason)
        self.outcomes[test.id()] = "skipped"


def main():
    if MODE != "plain":
        replace_popen()
    # Only now: it has subclasses of subprocess.Popen.
    from test import test_subprocess

    loader = unittest.defaultTestLoader
    suite = (
        loader.loadTestsFromNames(NAMES) if NAMES else loader.loadTestsFromModule(test_subprocess)
    )
    runner = unittest.TextTestRunner(stream=io.StringIO(), resultclass=Outcomes)
    outcomes = runner.run(suite).outcomes
    json.dump({"outcomes": outcomes, "routes": ROUTES}, sys.__stdout__)


main()
