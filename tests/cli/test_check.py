# SPDX-License-Identifier: MIT
"""timens check: what works here. The suite's other tests need it to say yes."""

import errno
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import COMMAND, assert_fails, skip, timens, with_filter

KEYS = {"available", "route", "userns", "exec_enters", "clone3", "reason"}
KEYS |= {"checks", "container", "seccomp", "apparmor"}
CAPABILITIES = (
    "time namespaces",
    "without privilege",
    "exec enters namespaces",
    "clone3",
    "futex timeouts",
    "process start times",
)


def lines_of(text):
    """{capability: (verdict, detail)}, and the rest."""
    lines, _, rest = text.partition("\n\n")
    found = {}
    for line in lines.splitlines():
        verdict, name, detail = line[:4].strip(), line[5:28].strip(), line[29:].strip()
        found[name] = (verdict, detail)
    return found, rest


def checks_of(found):
    checks = {check["name"]: check for check in found["checks"]}
    assert tuple(checks) == CAPABILITIES
    return checks


def test_available():
    lines, rest = lines_of(timens("check", check=True).stdout)
    for name in CAPABILITIES:
        assert lines[name][0] in ("yes", "no", "?")
        assert lines[name][1]
    verdict, detail = lines["time namespaces"]
    assert verdict == "yes"
    assert detail.removeprefix("by route ") in ("clone3", "vfork", "fork")
    assert rest.startswith("container: ")


def test_available_json():
    found = json.loads(timens("check", "--json", check=True).stdout)
    assert set(found) == KEYS
    assert found["available"] is True
    assert found["route"] in ("clone3", "vfork", "fork")
    assert found["reason"] is None
    assert {type(found[key]) for key in ("userns", "exec_enters", "clone3")} == {bool}
    assert found["exec_enters"] == (found["route"] != "fork")
    checks = checks_of(found)
    assert checks["time namespaces"]["ok"] is True
    assert checks["exec enters namespaces"]["ok"] == found["exec_enters"]


def futexes_are_right():
    """What a thread's timed wait does inside, by a program that is no part of the command."""
    script = (
        "import threading, time\n"
        "lock, begin = threading.Lock(), time.monotonic()\n"
        "lock.acquire(); lock.acquire(timeout=0.2)\n"
        "print(time.monotonic() - begin >= 0.15)"
    )
    done = timens("run", "--monotonic", "-1s", sys.executable, "-c", script, check=True)
    return done.stdout == "True\n"


def test_what_the_kernel_does_inside():
    checks = checks_of(json.loads(timens("check", "--json", check=True).stdout))
    assert checks["futex timeouts"]["ok"] is futexes_are_right()
    words = ("sh", "-c", "cat /proc/self/stat /proc/uptime")
    stat, uptime = timens("run", "--boottime", "1000s", *words, check=True).stdout.splitlines()
    started = int(stat.rpartition(")")[2].split()[19]) / os.sysconf("SC_CLK_TCK")
    right = abs(float(uptime.split()[0]) - started) < 500
    assert checks["process start times"]["ok"] is right


def test_inside_a_namespace():
    done = timens("run", "--boottime", "1d", "--monotonic", "1d", COMMAND, "check", check=True)
    assert lines_of(done.stdout)[0]["time namespaces"][0] == "yes"


def test_unprivileged(nobody):
    done = nobody.timens("check", "--json")
    assert (done.returncode, done.stderr) == (0, "")
    found = json.loads(done.stdout)
    assert found["available"] is True
    assert found["userns"] is True
    assert checks_of(found)["futex timeouts"]["ok"] is not None
    lines, _ = lines_of(nobody.timens("check").stdout)
    assert lines["without privilege"] == ("yes", "each start makes a user namespace")


def test_not_available(without_time_namespaces):
    done = without_time_namespaces("check")
    assert (done.returncode, done.stderr) == (1, "")
    lines, _ = lines_of(done.stdout)
    reason = "creation of the time namespace: No space left on device"
    assert lines["time namespaces"] == ("no", reason)
    assert "user.max_time_namespaces" in lines["what to do"][1]
    assert "sysctl -w user.max_time_namespaces=" in done.stdout
    assert lines["without privilege"] == ("no", "user.max_time_namespaces is 0")
    for name in ("exec enters namespaces", "futex timeouts", "process start times"):
        assert lines[name][0] == "?"


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
    check = checks_of(found)["time namespaces"]
    assert check["ok"] is False
    assert check["command"].startswith("sysctl -w user.max_time_namespaces=")


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
    found = json.loads(done.stdout)
    assert (found["reason"]["errno"], found["reason"]["stage"]) == (errno.ENOSPC, "clone")
    assert "user.max_user_namespaces" in found["reason"]["hint"]
    check = checks_of(found)["without privilege"]
    assert (check["ok"], check["detail"]) == (False, "user.max_user_namespaces is 0")


@pytest.mark.parametrize(
    ("variables", "container"),
    [
        ({"KUBERNETES_SERVICE_HOST": "10.0.0.1"}, "kubernetes"),
        ({"container": "lxc"}, None),
        ({}, None),
    ],
)
def test_container(variables, container):
    done = timens("check", "--json", env={**os.environ, **variables}, check=True)
    found = json.loads(done.stdout)["container"]
    assert found == container if container else found


def test_seccomp_filter():
    # systemd's and Docker's filters look the same from inside: mode 2.
    before = json.loads(timens("check", "--json", check=True).stdout)["seccomp"]
    done = subprocess.run(
        [*with_filter(), COMMAND, "check", "--json"],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    with open("/proc/self/status") as status:
        assert before == ("Seccomp:\t2" in status.read())
    assert json.loads(done.stdout)["seccomp"] is True


@pytest.mark.parametrize(
    ("setting", "value", "text"),
    [
        ("apparmor_restrict_unprivileged_userns", "1", "AppArmor restricts user namespaces"),
        ("unprivileged_userns_clone", "0", "kernel.unprivileged_userns_clone is 0"),
        ("unprivileged_userns_clone", "1", None),
    ],
)
def test_settings_of_other_distributions(setting, value, text):
    """Ubuntu's and Debian's kernels have them; where this one does not, a file stands for it."""
    if os.geteuid() != 0:
        skip("only root can mount over a part of /proc")
    script = 'mount -t tmpfs none /proc/sys/kernel; echo $1 > /proc/sys/kernel/$0; exec "$2" check'
    done = subprocess.run(
        ["unshare", "--mount", "sh", "-c", script, setting, value, COMMAND],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    lines, _ = lines_of(done.stdout)
    assert lines["without privilege"][0] == ("no" if text else "yes")
    if text:
        assert lines["without privilege"][1].startswith(text)
        assert f"sysctl -w kernel.{setting}=" in lines["to change it:"][1]


def test_a_setting_is_no_obstacle_where_it_works(nobody):
    """As where a profile of AppArmor's lets timens through."""
    setting = "apparmor_restrict_unprivileged_userns"
    script = f'mount -t tmpfs none /proc/sys/kernel; echo 1 > /proc/sys/kernel/{setting}; exec "$@"'
    done = subprocess.run(
        ["unshare", "--mount", "sh", "-c", script, "sh", *nobody.words, nobody.command, "check"],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        cwd="/",
    )
    assert done.returncode == 0, done.stderr
    lines, _ = lines_of(done.stdout)
    assert lines["without privilege"] == ("yes", "each start makes a user namespace")


# What Docker's refuses to a user without privilege: CLONE_NEWUSER and its like.
DOCKERS = {"clone3": errno.ENOSYS, "clone": (errno.EPERM, 0x7E020000), "unshare": errno.EPERM}


def refused(nobody, setting=""):
    """The check of "time namespaces" behind that filter, with a line of shell before it."""
    script = f'{setting}\nexec "$@"'
    words = ("sh", "-c", script, "sh", *with_filter(**DOCKERS), *nobody.words, nobody.command)
    done = subprocess.run(
        ["unshare", "--mount", *words, "check", "--json"],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        cwd="/",
    )
    assert (done.returncode, done.stderr) == (1, "")
    found = json.loads(done.stdout)
    assert found["reason"]["errno"] == errno.EPERM
    return checks_of(found)["time namespaces"]


def test_the_command_changes_what_is_there(nobody):
    """Not a setting of other distributions that this kernel does not have, or has open already."""
    if not Path("/proc/sys/kernel/unprivileged_userns_clone").exists():
        assert "seccomp=unconfined" in refused(nobody)["command"]
    mounted = "mount -t tmpfs none /proc/sys/kernel; echo {} > /proc/sys/kernel/{}"
    for value, setting, command in (
        ("1", "unprivileged_userns_clone", "seccomp=unconfined"),
        ("0", "unprivileged_userns_clone", "sysctl -w kernel.unprivileged_userns_clone=1"),
        ("1", "apparmor_restrict_unprivileged_userns", "sysctl -w kernel.apparmor_restrict"),
    ):
        assert command in refused(nobody, mounted.format(value, setting))["command"]


def test_takes_no_words():
    assert_fails(timens("check", "everything"), 125, "timens check: ", "'everything'")
