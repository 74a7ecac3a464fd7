# SPDX-License-Identifier: MIT
"""Is timens.Popen a subprocess.Popen? The standard library's own tests of it answer.

run.py WHEEL VERSION ...: for each version of Python, with subprocess.Popen, with timens.Popen
and with timens.Popen and an offset for every start; as root, and as a user without privilege. A
test whose outcome is another than with subprocess.Popen must be in differences.json, with the
reason; a reason that is not needed fails too.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import zipfile
from concurrent.futures import ThreadPoolExecutor
from fnmatch import fnmatch
from pathlib import Path

HERE = Path(__file__).parent
WHEEL, VERSIONS = Path(sys.argv[1]), sys.argv[2:]
REASONS = json.loads((HERE / "differences.json").read_text(encoding="utf-8"))
MODES = ("plain", "timens", "offset")
NOBODY = ("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups")
# For a Python that others cannot read: still its owner. To map uid 0 takes the one capability.
ONE = "-all,+setfcap"
OWNER = (
    *("setpriv", "--securebits=+noroot", f"--inh-caps={ONE}"),
    *(f"--ambient-caps={ONE}", f"--bounding-set={ONE}"),
)
TIMEOUT = 600


def find(version, prefix):
    """A Python that has its own tests, and that those whom `prefix` makes us can read."""
    command = [HERE.parent.parent / "scripts/pythons.py", version, "test.test_subprocess", *prefix]
    return subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False).stdout.strip()


# -- Runs --


def run(python, prefix, mode, names=()):
    """In a folder of its own: some of the tests make files in the current one."""
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o777)
        script = shutil.copy(HERE / "suite.py", folder)
        zipfile.ZipFile(WHEEL).extractall(f"{folder}/wheel")
        done = subprocess.run(
            [*prefix, python, script, mode, *names],
            env=os.environ | {"TMPDIR": folder, "HOME": folder, "PYTHONPATH": f"{folder}/wheel"},
            cwd=folder,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=TIMEOUT,
            check=False,
        )
    if done.returncode != 0:
        sys.exit(f"{python} {mode}: the tests did not run to their end\n{done.stderr}")
    return json.loads(done.stdout)


def word(outcome):
    return str(outcome).partition(":")[0]


def differing(plain, other):
    names = sorted(set(plain) | set(other))
    return [name for name in names if word(plain.get(name)) != word(other.get(name))]


def differences(python, prefix, results, mode):
    """A difference is one that a second run, of these tests alone, shows again."""
    suspects = differing(results["plain"]["outcomes"], results[mode]["outcomes"])
    if not suspects:
        return {}
    plain, other = (run(python, prefix, m, suspects)["outcomes"] for m in ("plain", mode))
    return {name: other.get(name) for name in differing(plain, other)}


def check(version, user, python, prefix):
    """Prints a row for each mode; the complaints, and the patterns that were needed."""
    with ThreadPoolExecutor(len(MODES)) as pool:
        jobs = {mode: pool.submit(run, python, prefix, mode) for mode in MODES}
        results = {mode: job.result() for mode, job in jobs.items()}
    complaints, used = [], set()
    for mode in MODES[1:]:
        found = differences(python, prefix, results, mode)
        matched = {name: [p for p in REASONS if fnmatch(name, p)] for name in found}
        used |= {pattern for patterns in matched.values() for pattern in patterns}
        complaints += [
            f"{version} {user} {mode}: {name}: {found[name]}"
            for name, patterns in matched.items()
            if not patterns or mode != "offset"
        ]
        outcomes = [word(outcome) for outcome in results[mode]["outcomes"].values()]
        routes = ", ".join(f"{n} by {r}" for r, n in sorted(results[mode]["routes"].items()))
        print(
            f"| {version} | {user} | {mode} | {outcomes.count('ok')} | "
            f"{outcomes.count('skipped')} | {len(found)} | {routes} |",
            flush=True,
        )
        if mode == "offset" and set(results[mode]["routes"]) <= {"None"}:
            complaints.append(f"{version} {user}: no start was in a namespace")
    return complaints, used


def users(version):
    """By name: the Python, and what makes us that user."""
    kinds = {"root": (), "nobody": NOBODY, "owner": OWNER} if os.geteuid() == 0 else {"user": ()}
    found = {user: (find(version, prefix), prefix) for user, prefix in kinds.items()}
    if found.get("nobody", ("", ()))[0]:
        del found["owner"]
    return {user: how for user, how in found.items() if how[0]}


def main():
    print("| Python | as | Popen | ok | skipped | differ | starts by route |")
    print("|---|---|---|---|---|---|---|", flush=True)
    complaints, used, missing = [], set(), []
    for version in VERSIONS:
        found = users(version)
        if not found:
            missing.append(f"Python {version} with its tests")
        for user, (python, prefix) in found.items():
            more, patterns = check(version, user, python, prefix)
            complaints += more
            used |= patterns
    if used:
        complaints += [f"differences.json: {p} is not needed" for p in REASONS if p not in used]
    print("\n".join(["", *(f"not there: {what}" for what in missing), *complaints]))
    required = os.environ.get("TIMENS_REQUIRE") == "1"
    return bool(complaints or (required and missing))


sys.exit(main())
