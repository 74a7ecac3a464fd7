# SPDX-License-Identifier: MIT
"""timens sweep --junit, --html, --json: the same results in each."""

import html.parser
import json
import re
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
from conftest import assert_fails, timens
from sweeps import POINTS, assert_valid_junit, shell, sweep, table

# One of each: passed, failed with output of all kinds, killed, timed out.
SCRIPT = r"""
printf '%s <script>alert("x")</script> &amp; ]]> \001\377\033[31m red\n' "$TIMENS_POINT"
case $TIMENS_POINT in u32-ms) exit 3;; i32-cs) kill -ABRT $$;; max) sleep 600;; esac
"""
BAD = {"u32-ms": "exit status 3", "i32-cs": "killed by SIGABRT", "max": "timed out"}
OUTPUT = '{} <script>alert("x")</script> &amp; ]]> \\x01\\xff red\n'
WORDS = ("--timeout", "3s", "--lead", "0s", "-j", "4")


@pytest.fixture(scope="module")
def reports(tmp_path_factory):
    folder = tmp_path_factory.mktemp("reports")
    files = ("--junit", str(folder / "r.xml"), "--html", str(folder / "r.html"))
    done = sweep(*WORDS, *files, "--json", *shell(SCRIPT), status=1)
    (folder / "r.json").write_text(done.stdout)
    return folder


def test_junit_is_valid(reports):
    assert_valid_junit(reports / "r.xml")


def test_junit(reports):
    (suite,) = ET.parse(reports / "r.xml").getroot().findall("testsuite")
    cases = {case.get("name").split(",")[0]: case for case in suite.findall("testcase")}
    assert list(cases) == ["control", *POINTS]
    counts = [suite.get(name) for name in ("tests", "failures", "errors", "skipped")]
    assert counts == [str(len(POINTS) + 1), "3", "0", "0"]
    for name, case in cases.items():
        failure = case.find("failure")
        assert (failure.get("message") if failure is not None else None) == BAD.get(name)
        assert case.find("system-out").text == OUTPUT.format(name)


def test_json(reports):
    found = json.loads((reports / "r.json").read_text())
    (suite,) = found["suites"]
    assert (found["passed"], found["failed"]) == (len(POINTS) - 3, 3)
    assert {case["point"]: case["runs"][0]["how"] for case in suite["points"]} == {
        name: BAD.get(name, "") for name in POINTS
    }
    assert set(suite) == {
        *("command", "host", "kernel", "started", "shard", "shards", "seconds", "control"),
        "points",
    }
    assert set(suite["points"][0]) == {
        *("point", "reading", "lead", "start", "counter", "effect", "verdict", "early", "runs")
    }


def test_json_has_no_digits_that_are_noise(reports):
    text = (reports / "r.json").read_text()
    seconds = re.findall(r'"seconds": ([0-9.]+)', text)
    assert len(seconds) > len(POINTS)
    assert max(len(digits.partition(".")[2]) for digits in seconds) <= 3


class Page(html.parser.HTMLParser):
    def __init__(self, text):
        super().__init__()
        self.tags, self.ids, self.links, self.loaded = [], [], [], []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        self.tags.append((tag, attrs))
        self.ids += [attrs["id"]] if "id" in attrs else []
        self.links += [attrs["href"]] if "href" in attrs else []
        self.loaded += [attrs[name] for name in ("src", "data", "srcset") if name in attrs]


def test_html(reports):
    text = (reports / "r.html").read_text()
    page = Page(text)
    names = [tag for tag, _ in page.tags]
    assert not {"script", "link", "iframe", "object", "img"} & set(names)
    assert page.loaded == []
    assert "url(" not in text
    assert "@import" not in text
    assert page.links
    assert all(link.removeprefix("#") in page.ids for link in page.links)
    assert ("meta", {"name": "viewport", "content": "width=device-width, initial-scale=1"}) in (
        page.tags
    )
    assert "prefers-color-scheme:dark" in text
    classes = [attrs.get("class") for tag, attrs in page.tags if tag in ("circle", "rect")]
    assert (classes.count("passed"), classes.count("failed")) == (len(POINTS) - 3, 3)
    for name, how in BAD.items():
        assert f"<h3>{name}, 0s before: {how} after" in text
        assert (
            OUTPUT.format(name)
            .replace("&", "&amp;")
            .replace("<", "&lt;")
            .replace(">", "&gt;")
            .replace('"', "&quot;")
            in text
        )


def test_html_of_many_points(tmp_path):
    """Each label is in the picture, and of two leads of a point the one that ended early shows."""
    days = ",".join(f"{100 + day}d" for day in range(100))
    page = tmp_path / "page.html"
    sweep("--points", days, "--lead", "0s,30s", "-j", "8", "--html", str(page), "true", status=125)
    texts = [attrs for tag, attrs in Page(page.read_text()).tags if tag == "text"]
    places = [float(attrs["x"]) for attrs in texts if "transform" in attrs]
    assert len(places) == 100
    assert 0 < min(places) < max(places) < 1000
    classes = [attrs["class"] for tag, attrs in Page(page.read_text()).tags if tag == "circle"]
    assert classes == ["grey"] * 100
    assert page.read_text().count(": ended early</title>") == 100


def test_ended_early_in_each_report(tmp_path):
    """JUnit does not count it as passed, and merge tells what the sweep told."""
    files = [tmp_path / name for name in ("r.xml", "r.html", "m.xml", "m.html")]
    words = ("--points", "u32-ms,max,fresh", "--lead", "5s")
    done = sweep(*words, "--junit", str(files[0]), "--html", str(files[1]), "true", status=125)
    assert_valid_junit(files[0])
    (suite,) = ET.parse(files[0]).getroot().findall("testsuite")
    assert suite.get("skipped") == "2"
    skipped = [case.find("skipped") for case in suite.findall("testcase")]
    messages = [None if element is None else element.get("message") for element in skipped]
    assert messages == [None, "ended before the point", "ended before the point", None]
    assert "2 ended before their point" in files[1].read_text()
    merged = merge("--junit", files[2], "--html", files[3], files[0], status=125)
    assert merged.stdout == done.stdout
    assert files[2].read_text() == files[0].read_text()
    assert files[3].read_text() == files[1].read_text()
    found = json.loads(merge("--json", files[0], status=125).stdout)
    assert (found["passed"], found["ended_early"]) == (1, 2)
    assert {case["runs"][0]["how"] for case in found["suites"][0]["points"]} == {""}


def test_control_that_fails(tmp_path):
    file = tmp_path / "r.xml"
    sweep("--junit", str(file), "--points", "max,fresh", *shell("exit 4"), status=2)
    assert_valid_junit(file)
    (suite,) = ET.parse(file).getroot().findall("testsuite")
    assert [suite.get(name) for name in ("failures", "errors", "skipped")] == ["0", "1", "2"]
    assert [case[0].tag for case in suite.findall("testcase")] == ["error", "skipped", "skipped"]


def test_special_files_of_others(nobody):
    done = nobody.timens("sweep", "--points", "fresh", "--junit", "/dev/null", "true")
    assert done.returncode == 0
    done = nobody.timens("sweep", "--points", "fresh", "--junit", "/etc/r.xml", "true")
    assert_fails(done, 125, "--junit: /etc: Permission denied")


def test_report_in_the_place_of_the_table(tmp_path):
    with (tmp_path / "out").open("w") as out:
        done = timens("sweep", "--points", "max", "--html", "/dev/stdout", "true", stdout=out)
    assert_fails(done, 125, "--html: /dev/stdout is where the table goes")


def test_a_link_stays(tmp_path):
    """Whether there is something at its end yet or not; where that cannot be, it is told first."""
    (tmp_path / "folder").mkdir()
    for link, target in (("a", "b"), ("b", "folder/report"), ("c", tmp_path / "page")):
        (tmp_path / link).symlink_to(target)
    for _ in range(2):
        sweep("--points", "fresh", "--junit", "a", "--html", "c", "true", cwd=tmp_path)
        assert (tmp_path / "a").is_symlink() and (tmp_path / "c").is_symlink()
        assert_valid_junit(tmp_path / "folder/report")
        assert (tmp_path / "page").read_text().startswith("<!DOCTYPE html>")
    (tmp_path / "d").symlink_to("none/report")
    (tmp_path / "e").symlink_to("e")
    for link, text in (("d", "--junit: none: No such file"), ("e", "--junit: e: Too many levels")):
        done = timens("sweep", "--junit", link, "true", cwd=tmp_path)
        assert_fails(done, 125, text)
        assert len(done.stderr.splitlines()) == 1


def test_special_files():
    done = sweep("--points", "fresh", "--junit", "/dev/stdout", "true")
    assert done.stdout.startswith("<?xml")
    assert "</testsuites>\n" in done.stdout
    done = timens("sweep", "--points", "fresh", "--junit", "/dev/full", "true")
    assert_fails(done, 125, "/dev/full: No space left on device")
    assert table(done.stdout)["fresh"] == "passed"


# -- Shards --


def shard(folder, words, *command, status=0):
    file = folder / f"{words.replace('/', '-')}.xml"
    sweep(*WORDS, "--shard", words, "--junit", str(file), *command, status=status)
    return file


def merge(*words, status=0):
    done = timens("sweep", "merge", *map(str, words))
    assert done.returncode == status, done.stderr + done.stdout
    return done


def names_of(file):
    names = [case.get("name") for case in ET.parse(file).getroot().iter("testcase")]
    return [name for name in names if not name.startswith("control")]


@pytest.mark.parametrize("count", [1, 3, 20])
def test_shards_are_the_whole(tmp_path, count):
    files = [shard(tmp_path, f"{i}/{count}", "true") for i in range(1, count + 1)]
    whole = tmp_path / "whole.xml"
    sweep(*WORDS, "--junit", str(whole), "true")
    parts = [names_of(file) for file in files]
    assert sorted(name for part in parts for name in part) == sorted(names_of(whole))
    sizes = list(map(len, parts))
    assert max(sizes) - min(sizes) <= 1
    # In any order.
    done = merge("--json", *reversed(files))
    assert json.loads(done.stdout)["passed"] == len(POINTS)


def test_shards_of_repeats(tmp_path):
    words = ("--points", "u32-ms,max", "--repeat", "3", "--lead", "0s")
    parts = []
    for i in (1, 2, 3, 4):
        file = tmp_path / f"{i}.xml"
        sweep(*words, "--shard", f"{i}/4", "--junit", str(file), "true")
        parts.append(names_of(file))
    assert sorted(map(len, parts)) == [1, 1, 2, 2]
    merged = json.loads(merge("--json", *tmp_path.glob("*.xml")).stdout)
    runs = [(case["point"], run["repeat"]) for suite in merged["suites"]
            for case in suite["points"] for run in case["runs"]]  # fmt: skip
    assert sorted(runs) == [(p, r) for p in ("max", "u32-ms") for r in (1, 2, 3)]


def test_shards_have_as_much_of_each_lead(tmp_path):
    for i in (1, 2):
        file = tmp_path / f"{i}.xml"
        words = ("--points", "u32-us,u32-ms,i32-s,u32-s", "--lead", "1s,1h", "--shard", f"{i}/2")
        sweep(*words, "--junit", str(file), "true", status=125)
        leads = [name.split(", ")[1] for name in names_of(file)]
        assert sorted(leads) == ["1h before"] * 2 + ["1s before"] * 2


def test_merge_keeps_everything(tmp_path, reports):
    out = tmp_path / "merged.xml", tmp_path / "merged.html"
    done = merge("--junit", out[0], "--html", out[1], reports / "r.xml", status=1)
    assert out[0].read_text() == (reports / "r.xml").read_text()
    assert out[1].read_text() == (reports / "r.html").read_text()
    assert {name for name, result in table(done.stdout).items() if result == "FAILED"} == set(BAD)


def test_merge_of_output_that_xml_cannot_hold(tmp_path):
    """U+FFFE and U+FFFF are no characters there."""
    file = tmp_path / "report.xml"
    words = ("printf", r"\357\277\276 \357\277\277", "\uffff")
    sweep("--points", "fresh", "--junit", str(file), *words)
    assert_valid_junit(file)
    assert r"\xef\xbf\xbe \xef\xbf\xbf" in merge("--json", file).stdout.replace("\\\\", "\\")


CORPUS = Path(__file__).parent.parent / "fuzz" / "corpus" / "junit"


def test_merge_of_long_runs():
    lines = merge(CORPUS / "long-times.xml").stdout.splitlines()
    assert [line.split()[3] for line in lines[1:4]] == ["3m12s", "1h06m", "59.99s"]


@pytest.mark.parametrize(
    ("file", "complaint"),
    [
        ("unknown-type.xml", "a result has an unknown type"),
        ("no-control.xml", "the control is missing"),
    ],
)
def test_merge_of_strange_reports(file, complaint):
    assert_fails(timens("sweep", "merge", str(CORPUS / file)), 125, file, complaint)


def test_merge_of_several(tmp_path):
    command = shell('test "$TIMENS_POINT" != u32-ms')
    files = [shard(tmp_path, f"{i}/3", *command, status=int(i == 1)) for i in (1, 2, 3)]
    out = tmp_path / "merged.xml"
    done = merge("--junit", out, "--html", tmp_path / "merged.html", *files, status=1)
    assert_valid_junit(out)
    assert "10 passed, 1 failed. It fails at: u32-ms, 0s before." in done.stdout
    assert done.stdout.startswith("SHARD  POINT")
    assert "Shard 2 of 3" in (tmp_path / "merged.html").read_text()
    assert_fails(timens("sweep", "merge", str(out)), 125, "merge the shards' own reports")


def test_merge_of_a_failing_control(tmp_path):
    files = [shard(tmp_path, f"{i}/2", *shell("exit 1"), status=2) for i in (1, 2)]
    assert "also fails with its clocks as they are" in merge(*files, status=2).stdout


def test_a_shard_is_missing_or_twice(tmp_path):
    files = [shard(tmp_path, f"{i}/3", "true") for i in (1, 2, 3)]
    (tmp_path / "other").mkdir()
    for given, text in (
        (files[1:], "shard 1 of 3 is missing"),
        (files[::2], "shard 2 of 3 is missing"),
        (files[:2], "shard 3 of 3 is missing"),
        ([*files, files[1]], "shard 2 of 3 is there twice"),
        ([files[0], shard(tmp_path / "other", "2/2", "true")], "different sweeps"),
        ([*files[:2], shard(tmp_path / "other", "3/3", "true", "x")], "different sweeps"),
    ):
        out = tmp_path / "merged.xml"
        done = timens("sweep", "merge", "--junit", str(out), *map(str, given))
        assert_fails(done, 125, "timens sweep merge: ", text)
        assert not out.exists()


ENTITIES = '<!DOCTYPE x [<!ENTITY a "b">]><testsuites><testsuite name="&a;"/></testsuites>'


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("", "no element found; it is no JUnit report"),
        ("<testsuites>", "no element found"),
        ("<testsuites/>", "no report of timens sweep"),
        ('<testsuite name="pytest"><testcase name="a"/></testsuite>', "not those of a sweep"),
        ("plain text", "r.xml: "),
        ('<testsuite time="-1"/>', "a measured time is none"),
        ('<testsuite time="1e300"/>', "a measured time is none"),
        ('<testcase name="control, -9223372036854775808s before, #1"/>', "not those of a sweep"),
        (ENTITIES, "document type"),
    ],
)
def test_no_report_of_ours(tmp_path, text, complaint):
    (tmp_path / "r.xml").write_text(text)
    assert_fails(timens("sweep", "merge", str(tmp_path / "r.xml")), 125, "r.xml: ", complaint)
    done = timens("sweep", "merge", str(tmp_path))
    assert done.stderr == f"timens sweep merge: {tmp_path}: Is a directory\n"


def test_no_such_report():
    assert_fails(timens("sweep", "merge", "/no/such.xml"), 125, "/no/such.xml: No such file")


# -- Whose share it is --


def share(*words, **variables):
    points = ("--points", "u32-us,u32-ms,u32-s", "--lead", "0s")
    done = timens("sweep", "--json", *points, *words, "true", env=variables)
    if done.returncode:
        return done
    (suite,) = json.loads(done.stdout)["suites"]
    return suite["shard"], suite["shards"], [case["point"] for case in suite["points"]]


SLURM = {"SLURM_ARRAY_TASK_COUNT": "3", "SLURM_ARRAY_TASK_MIN": "0", "SLURM_ARRAY_TASK_STEP": "1"}


@pytest.mark.parametrize(
    ("words", "variables", "shard_of"),
    [
        (("--shard", "2/3"), {}, (2, 3, ["u32-ms"])),
        (("--shard", "auto/3"), {"JOB_COMPLETION_INDEX": "1"}, (2, 3, ["u32-ms"])),
        (("--shard", "auto"), {"SLURM_ARRAY_TASK_ID": "2", **SLURM}, (3, 3, ["u32-s"])),
        (
            ("--shard", "auto"),
            {"SLURM_ARRAY_TASK_ID": "14", **SLURM, "SLURM_ARRAY_TASK_MIN": "10",
             "SLURM_ARRAY_TASK_STEP": "2"},
            (3, 3, ["u32-s"]),
        ),
        (
            ("--shard", "auto"),
            {"CI_NODE_INDEX": "1", "CI_NODE_TOTAL": "2"},
            (1, 2, ["u32-us", "u32-s"]),
        ),
        # Nobody asked for a share.
        ((), {"CI_NODE_INDEX": "1", "CI_NODE_TOTAL": "2"}, (1, 1, ["u32-us", "u32-ms", "u32-s"])),
    ],
)  # fmt: skip
def test_share(words, variables, shard_of):
    assert share(*words, **variables) == shard_of


@pytest.mark.parametrize(
    ("words", "variables", "text"),
    [
        ("0/3", {}, "0/3"),
        ("4/3", {}, "I from 1 to N"),
        ("1", {}, "give I/N"),
        ("x/3", {}, "give I/N"),
        ("1/", {}, "give I/N"),
        ("-1/3", {}, "give I/N"),
        ("auto", {}, "none of JOB_COMPLETION_INDEX"),
        ("auto", {"JOB_COMPLETION_INDEX": "0"}, "use auto/N"),
        ("auto/2", {"JOB_COMPLETION_INDEX": "2"}, "JOB_COMPLETION_INDEX"),
        ("auto", {"SLURM_ARRAY_TASK_ID": "7", **SLURM}, "SLURM_ARRAY_TASK_ID"),
        ("auto", {"CI_NODE_INDEX": "x", "CI_NODE_TOTAL": "2"}, "CI_NODE_INDEX"),
    ],
)
def test_no_share(words, variables, text):
    assert_fails(share("--shard", words, **variables), 125, "--shard", text)
