# SPDX-License-Identifier: MIT
"""timens oci: config.json of a bundle. `make test-oci` starts one with crun."""

import json
import os
import stat
import time

import pytest
from conftest import COMMAND, NSEC, assert_fails, own_offsets, skip, timens

# Keys in no order, numbers that do not fit into a double, and text of all kinds.
CONFIG = """{
   "zebra": 1, "ociVersion": "1.0.2-dev",
   "process": {"args": ["sh", "-c", "echo \\"a\\\\b\\" \\u00e9 \\u2028 \\u0001"],
     "rlimits": [{"type": "RLIMIT_NOFILE", "hard": 18446744073709551615, "soft": -1}],
     "zero": -0, "marked": ["\\u0001number 1,2", "\\u0001string \\u0001"],
     "ratio": 0.1, "large": 9223372036854775807, "huge": 1e400, "true": true, "none": null},
   "linux": {"resources": {"devices": []}, "namespaces": [{"type": "pid"}, {"type": "mount"}]},
   "alpha": {}
}
"""


@pytest.fixture
def bundle(tmp_path):
    (tmp_path / "config.json").write_text(CONFIG)
    return tmp_path


def read(bundle):
    return (bundle / "config.json").read_text()


def nanoseconds(config, clock):
    offset = config["linux"]["timeOffsets"][clock]
    assert set(offset) == {"secs", "nanosecs"}
    assert 0 <= offset["nanosecs"] < NSEC
    return offset["secs"] * NSEC + offset["nanosecs"]


@pytest.mark.parametrize("file", ["", "config.json"])
def test_offsets(bundle, file):
    words = ("--boottime", "49d17h", "--monotonic", "-0.5s", str(bundle / file))
    assert timens("oci", *words, check=True).stdout == ""
    config = json.loads(read(bundle))
    assert nanoseconds(config, "boottime") == own_offsets()["boottime"] + 4294800 * NSEC
    assert nanoseconds(config, "monotonic") == own_offsets()["monotonic"] - NSEC // 2
    assert config["linux"]["namespaces"][-1] == {"type": "time"}


def test_one_clock(bundle):
    timens("oci", "--boottime", "1d", str(bundle), check=True)
    assert set(json.loads(read(bundle))["linux"]["timeOffsets"]) == {"boottime"}


def test_uptime_is_what_the_clocks_read_now(bundle):
    before = time.clock_gettime_ns(time.CLOCK_BOOTTIME)
    timens("oci", "--uptime", "@u32-ms-5s", str(bundle), check=True)
    after = time.clock_gettime_ns(time.CLOCK_BOOTTIME)
    offset = nanoseconds(json.loads(read(bundle)), "boottime") - own_offsets()["boottime"]
    assert before <= 4294962_296000000 - offset <= after


def test_from_inside_a_namespace(bundle):
    inner = ("oci", "--boottime", "1d", "--monotonic", "1s", str(bundle))
    timens("run", "--boottime", "2d", "--monotonic", "-3s", COMMAND, *inner, check=True)
    config = json.loads(read(bundle))
    assert nanoseconds(config, "boottime") == own_offsets()["boottime"] + 3 * 86400 * NSEC
    assert nanoseconds(config, "monotonic") == own_offsets()["monotonic"] - 2 * NSEC


def test_the_rest_is_untouched(bundle):
    timens("oci", "--boottime", "1d", str(bundle), check=True)
    # Numbers as they are written, and the order of the keys.
    how = {"parse_int": str, "parse_float": str, "object_pairs_hook": list}
    before, after = (json.loads(text, **how) for text in (CONFIG, read(bundle)))
    linux = dict(after)["linux"]
    assert linux[-1][0] == "timeOffsets"
    assert dict(linux)["namespaces"].pop() == [("type", "time")]
    linux.pop()
    assert after == before


def test_indentation_stays(bundle):
    for indent in (None, 1, 2, 4):
        text = json.dumps(json.loads(CONFIG.replace("1e400", "1")), indent=indent)
        (bundle / "config.json").write_text(text)
        timens("oci", "--boottime", "1d", str(bundle), check=True)
        lines = read(bundle).split("\n")
        if indent is None:
            assert len(lines) == 1
        else:
            assert lines[1].startswith(" " * indent + '"')


def test_twice(bundle):
    timens("oci", "--boottime", "1d", "--monotonic", "1d", str(bundle), check=True)
    timens("oci", "--boottime", "2d", str(bundle), check=True)
    linux = json.loads(read(bundle))["linux"]
    assert [n["type"] for n in linux["namespaces"]] == ["pid", "mount", "time"]
    assert list(linux["timeOffsets"]) == ["boottime"]


def test_without_a_linux_part(bundle):
    (bundle / "config.json").write_text('{"ociVersion": "1.0.2"}')
    timens("oci", "--boottime", "1d", str(bundle), check=True)
    assert json.loads(read(bundle))["linux"]["namespaces"] == [{"type": "time"}]


def test_mode_owner_and_link_stay(bundle, tmp_path):
    if os.geteuid() != 0:
        skip("only root can give a file away")
    file, link = bundle / "config.json", tmp_path / "link.json"
    link.symlink_to(file)
    file.chmod(0o640)
    os.chown(file, 12, 34)
    timens("oci", "--boottime", "1d", str(link), check=True)
    assert link.is_symlink()
    found = file.stat()
    assert (stat.S_IMODE(found.st_mode), found.st_uid, found.st_gid) == (0o640, 12, 34)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["config.json", "link.json"]


@pytest.mark.parametrize(
    ("text", "texts"),
    [
        ("{", ["config.json: line 1"]),
        ("", ["config.json: line 1"]),
        ("[]", ["no OCI config"]),
        # What would be written out again as it stands, or as something else.
        ('{"ociVersion": "1", "n": 00000000000000000000}', ["config.json: line 1"]),
        ('{"ociVersion": "1", "n": 1.5e}', ["config.json: line 1"]),
        ('{"ociVersion": "1", 1.5: 2}', ["config.json: line 1"]),
        # What would be lost.
        ('{"ociVersion": "1", "n": 1, "n": 2}', ["config.json: line 1", "duplicate"]),
        ('{"ociVersion": "1"}\n\0{}', ["config.json: Invalid or incomplete"]),
        ('{"linux": {}}', ["no OCI config", "ociVersion"]),
        ('{"ociVersion": "1", "linux": []}', ["linux is no object"]),
        ('{"ociVersion": "1", "linux": {"namespaces": {}}}', ["linux.namespaces is no array"]),
        (
            '{"ociVersion": "1", "linux": {"namespaces": [{"type": "time", "path": "/x"}]}}',
            ["joins a time namespace that exists"],
        ),
    ],
)
def test_bad_config(bundle, text, texts):
    (bundle / "config.json").write_text(text)
    assert_fails(timens("oci", "--boottime", "1d", str(bundle)), 125, "timens oci: ", *texts)
    assert read(bundle) == text
    assert len(list(bundle.iterdir())) == 1


@pytest.mark.parametrize(
    ("words", "texts"),
    [
        ([], ["give one bundle"]),
        (["."], ["no time given"]),
        (["--boottime", "1d", ".", "."], ["give one bundle"]),
        (["--boottime", "1d", "/no/such"], ["/no/such: No such file"]),
        (["--boottime", "1d", "/proc"], ["/proc/config.json: No such file"]),
        (["--uptime", "-1d", "."], ["146 years"]),
        # What no kernel takes.
        (["--boottime", "300y", "."], ["--boottime: ", "past its limit of 146 years"]),
        (["--monotonic", "4611686018", "."], ["--monotonic: ", "past its limit"]),
        (["--boottime", "9223372036854775807", "."], ["--boottime: ", "past its limit"]),
        (["--monotonic=-300y", "."], ["--monotonic: ", "back by more than 146 years, the most"]),
        (
            ["--boottime=-9223372036854775807", "."],
            ["--boottime: ", "back by more than 146 years, the most"],
        ),
    ],
)
def test_bad_words(bundle, words, texts):
    assert_fails(timens("oci", *words, cwd=bundle), 125, "timens oci: ", *texts)
    assert read(bundle) == CONFIG


def test_bad_words_from_inside_a_namespace(bundle):
    """Our own offset goes into the sum."""
    outer = ("run", "--boottime", "100y", "--monotonic", "1000", COMMAND, "oci")
    done = timens(*outer, "--boottime", "50y", str(bundle))
    assert_fails(done, 125, "--boottime: it would take the clock past its limit")
    done = timens(*outer, "--monotonic", "9223372036854775807", str(bundle))
    assert_fails(done, 125, "--monotonic: it would take the clock past its limit")
    assert read(bundle) == CONFIG
    timens(*outer, "--boottime=-200y", str(bundle), check=True)
    offset = nanoseconds(json.loads(read(bundle)), "boottime") - own_offsets()["boottime"]
    assert offset == -100 * 31557600 * NSEC


def test_before_zero_may_be_right_later(bundle):
    timens("oci", "--boottime=-100y", str(bundle), check=True)
    offset = nanoseconds(json.loads(read(bundle)), "boottime") - own_offsets()["boottime"]
    assert offset == -100 * 31557600 * NSEC


def test_a_folder_that_cannot_be_written(nobody):
    file = nobody.directory / "config.json"
    file.write_text(CONFIG)
    done = nobody.timens("oci", "--boottime", "1d", str(file))
    assert_fails(done, 125, "config.json", "Permission denied")
    assert file.read_text() == CONFIG
