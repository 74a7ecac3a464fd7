# SPDX-License-Identifier: MIT
"""`cmake --install` from the source archive, and a project that uses what is there then."""

import os
import subprocess

import pytest
from conftest import EXAMPLES, SHIFT, SOURCE, VERSION, output, starts

CONSUMER = SOURCE / "tests/packages/consumer"


@pytest.fixture(scope="module")
def built(tree, bare, tmp_path_factory):
    folder = tmp_path_factory.mktemp("built")
    options = ["-DTIMENS_LUA=ON", "-DTIMENS_PYTHON=ON", "-DPython_EXECUTABLE=/usr/bin/python3"]
    output("cmake", "-S", tree, "-B", folder, "-G", "Ninja", *options, env=bare)
    output("cmake", "--build", folder, "-j", "2", env=bare)
    return folder


@pytest.fixture(scope="module")
def prefix(built, bare, tmp_path_factory):
    folder = tmp_path_factory.mktemp("prefix")
    output("cmake", "--install", built, "--prefix", folder, env=bare)
    return folder


def configure(prefix, folder, wanted, version="", check=True):
    command = ["cmake", "-S", CONSUMER, "-B", folder, f"-DCMAKE_PREFIX_PATH={prefix}"]
    command += [f"-DWANTED={wanted}", f"-DWANTED_VERSION={version}"]
    command += [f"-DSTART={EXAMPLES}/demo/start.c", f"-DHOST={EXAMPLES}/embed/host.c"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert not check or done.returncode == 0, done.stderr
    return done


@pytest.fixture(scope="module")
def consumer(prefix, tmp_path_factory):
    folder = tmp_path_factory.mktemp("consumer")
    configure(prefix, folder, "shared;static;lua;command", VERSION)
    output("cmake", "--build", folder)
    return folder


def needed(program):
    return "libtimens.so.0" in output("readelf", "-d", program)


@pytest.mark.parametrize("kind", ["timens", "static"])
def test_cmake_package(consumer, kind):
    program = consumer / f"start_{kind}"
    assert needed(program) == (kind == "timens")
    starts(program)


def test_cmake_package_lua(consumer):
    text = output(consumer / "host", EXAMPLES / "embed/uptimes.lua", "2")
    assert "thread 2: up 2 days, 1 hour" in text


def test_cmake_package_says_what_is_missing(prefix, tmp_path):
    done = configure(prefix, tmp_path / "component", "shared;nonsense", check=False)
    assert done.returncode != 0 and "nonsense" in done.stderr
    newer = f"{int(VERSION.split('.')[0]) + 1}.0"
    done = configure(prefix, tmp_path / "version", "shared", newer, check=False)
    assert done.returncode != 0 and newer in done.stderr


def test_source_in_a_folder(tree, tmp_path):
    options = [f"-DTIMENS_SOURCE={tree}", f"-DSTART={EXAMPLES}/demo/start.c"]
    output("cmake", "-S", CONSUMER, "-B", tmp_path, "-G", "Ninja", *options)
    output("cmake", "--build", tmp_path, "-j", "2")
    for kind in ("timens", "static"):
        starts(tmp_path / f"start_{kind}")


@pytest.mark.parametrize("static", [False, True])
def test_pkg_config(prefix, tmp_path, static):
    env = os.environ | {"PKG_CONFIG_PATH": str(prefix / "lib/pkgconfig")}
    assert output("pkg-config", "--modversion", "timens", env=env).strip() == VERSION
    kind = ["-static"] if static else [f"-Wl,-rpath,{prefix}/lib"]
    flags = output("pkg-config", "--cflags", "--libs", "timens", env=env).split()
    output("cc", EXAMPLES / "demo/start.c", "-o", tmp_path / "start", *kind, *flags)
    assert static or needed(tmp_path / "start")
    starts(tmp_path / "start")


def test_library_has_versions(prefix):
    library = prefix / f"lib/libtimens.so.0.{VERSION}"
    assert "SONAME" in (dynamic := output("readelf", "-d", library))
    assert "[libtimens.so.0]" in dynamic
    symbols = output("nm", "-D", "--defined-only", library).split("\n")
    functions = {line.split()[-1] for line in symbols if " T " in line}
    assert functions and all("@@TIMENS_" in name for name in functions)


def test_command(prefix):
    assert output(prefix / "bin/timens", "--version").strip() == f"timens {VERSION}"
    starts(prefix / "bin/timens", "run", "--boottime")


def test_command_has_its_surroundings(prefix):
    share = prefix / "share"
    pages = {page.name for page in (share / "man").glob("man*/*")}
    assert pages >= {page.name for page in (SOURCE / "docs/man").glob("*.[137]")} != set()
    completion = share / "bash-completion/completions/timens"
    script = f"source {completion}; complete -p timens"
    assert "timens" in output("bash", "-c", script)
    assert (share / "fish/vendor_completions.d/timens.fish").stat().st_size
    assert (share / "zsh/site-functions/_timens").read_text().startswith("#compdef timens")


def test_lua(prefix):
    path = prefix / "share/lua/5.4"
    env = os.environ | {
        "LUA_PATH": f"{path}/?.lua;{path}/?/init.lua",
        "LUA_CPATH": f"{prefix}/lib/lua/5.4/?.so",
    }
    starts("lua5.4", EXAMPLES / "demo/start.lua", env=env)


def test_python(prefix, bare):
    (packages,) = (prefix / "lib").glob("python3*/site-packages")
    env = bare | {"PYTHONPATH": str(packages)}
    starts("/usr/bin/python3", EXAMPLES / "demo/start.py", env=env)
    ask = "import importlib.metadata as m; print(m.version('timens'), m.entry_points())"
    told = output("/usr/bin/python3", "-c", ask, env=env)
    assert told.startswith(VERSION) and "pytest_timens" in told


def test_destdir_and_uninstall(built, bare, tmp_path):
    """What is put there is taken away again, and nothing else."""
    env = bare | {"DESTDIR": str(tmp_path)}
    other = tmp_path / "usr/local/lib/python3/other"
    other.mkdir(parents=True)
    output("cmake", "--install", built, env=env)
    assert (tmp_path / "usr/local/lib/libtimens.so").is_symlink()
    output("cmake", "--build", built, "--target", "uninstall", env=env)
    left = [path for path in tmp_path.rglob("*") if not path.is_dir() or "timens" in path.name]
    assert left == [] and other.is_dir()
    done = subprocess.run(
        ["cmake", "--build", built, "--target", "uninstall"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode != 0 and "was not installed" in done.stdout + done.stderr


def test_consumer_uses_the_command(prefix, tmp_path):
    configure(prefix, tmp_path, "command")
    text = output("cmake", "--build", tmp_path, "--target", "command")
    seconds = [float(line.split()[0]) for line in text.split("\n") if line[:1].isdigit()]
    assert seconds and seconds[0] > 49 * 86400, f"{SHIFT}: {text}"
