# SPDX-License-Identifier: MIT
"""timens check: what works here. The suite's other tests need it to say yes."""

import errno
import json
import subprocess

from conftest import COMMAND, assert_fails, timens

KEYS = {"available", "route", "userns", "exec_enters", "clone3", "reason"}


def lines_of(text):
    """The lines by what stands in front of their colon."""
    pairs = [line.split(":", 1) for line in text.splitlines()]
    assert all(len(pair) == 2 for pair in pairs)
    return {name: value.strip() for name, value in pairs}


def test_available():
    lines = lines_of(timens("check", check=True).stdout)
    assert lines["time namespaces"] == "available"
    assert lines["route"] in ("clone3", "vfork", "fork")
    assert lines["user namespace"].startswith(("needed", "not needed"))
    assert lines["exec enters namespaces"].startswith(("yes", "no"))
    assert lines["clone3"].startswith(("usable", "refused"))


def test_available_json():
    found = json.loads(timens("check", "--json", check=True).stdout)
    assert set(found) == KEYS
    assert found["available"] is True
    assert found["route"] in ("clone3", "vfork", "fork")
    assert found["reason"] is None
    assert {type(found[key]) for key in ("userns", "exec_enters", "clone3")} == {bool}
    assert found["exec_enters"] == (found["route"] != "fork")


def test_inside_a_namespace():
    done = timens("run", "--boottime", "1d", COMMAND, "check", check=True)
    assert lines_of(done.stdout)["time namespaces"] == "available"


def test_unprivileged(nobody):
    done = nobody.timens("check", "--json")
    assert (done.returncode, done.stderr) == (0, "")
    found = json.loads(done.stdout)
    assert found["available"] is True
    assert found["userns"] is True
    assert lines_of(nobody.timens("check").stdout)["user namespace"].startswith("needed")


def test_not_available(without_time_namespaces):
    done = without_time_namespaces("check")
    assert (done.returncode, done.stderr) == (1, "")
    lines = lines_of(done.stdout)
    assert lines["time namespaces"] == "not available"
    assert lines["reason"] == "creation of the time namespace: No space left on device"
    assert "user.max_time_namespaces" in lines["what to do"]
    assert "route" not in lines
    assert lines["exec enters namespaces"].startswith("not known")


def test_not_available_json(without_time_namespaces):
    done = without_time_namespaces("check", "--json")
    assert (done.returncode, done.stderr) == (1, "")
    found = json.loads(done.stdout)
    assert set(found) == KEYS
    assert found["available"] is False
    assert (found["route"], found["userns"], found["exec_enters"]) == (None, None, None)
    assert (found["reason"]["errno"], found["reason"]["stage"]) == (errno.ENOSPC, "unshare")
    assert "user.max_time_namespaces" in found["reason"]["hint"]
    assert found["reason"]["hint"] not in found["reason"]["text"]


def test_without_user_namespaces():
    script = (
        "echo 0 > /proc/sys/user/max_user_namespaces && "
        'exec setpriv --bounding-set=-all --inh-caps=-all "$@"'
    )
    done = subprocess.run(
        ["unshare", "-Ur", "sh", "-c", script, "sh", COMMAND, "check", "--json"],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stderr) == (1, "")
    reason = json.loads(done.stdout)["reason"]
    assert (reason["errno"], reason["stage"]) == (errno.ENOSPC, "clone")
    assert "user.max_user_namespaces" in reason["hint"]


def test_takes_no_words():
    assert_fails(timens("check", "everything"), 125, "timens check: ", "'everything'")
