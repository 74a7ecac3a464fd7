# SPDX-License-Identifier: MIT
"""A small real workload for a server, from before a rollover until after it; for timens sweep.

workload.py NAME: starts the program NAME in a directory of its own, uses it until TIMENS_LEAD + 4
seconds have passed, and fails if anything is late, early or wrong.
"""

import contextlib
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

HERE = Path(__file__).parent
# What must come at once may take so long on a busy machine; what must take a second, so much more.
SLACK = 1.5
# By the wall clock, which nobody has moved: it is the judge here.
now = time.time
END = now() + float(os.environ.get("TIMENS_LEAD", "0")) + 4


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def until_the_end():
    """Round after round, and at least one that begins after the rollover."""
    while now() < END:
        yield
        time.sleep(0.05)


@contextlib.contextmanager
def running(*words, **how):
    """A server, which must still be there at the end."""
    with subprocess.Popen(words, **how) as process:
        try:
            yield process
            assert process.poll() is None, f"{words[0]} ended with {process.returncode}"
        finally:
            process.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(timeout=5)
            process.kill()


def connect(port):
    for _ in range(400):
        with contextlib.suppress(OSError):
            return socket.create_connection(("127.0.0.1", port), timeout=10)
        time.sleep(0.05)
    sys.exit(f"nothing listens on port {port}")


@contextlib.contextmanager
def takes(seconds, what):
    begin = now()
    yield
    took = now() - begin
    assert seconds - 0.1 <= took <= seconds + SLACK, f"{what} took {took:.2f}s, not {seconds}s"


class Lines:
    """A connection of a protocol of lines."""

    def __init__(self, port):
        self.socket = connect(port)
        self.file = self.socket.makefile("rwb")

    def ask(self, text):
        self.file.write(text.encode() + b"\r\n")
        self.file.flush()
        return self.file.readline().decode().strip()


# -- Programs --


def redis(folder):
    """Keys expire when they shall, and a blocking read ends when it shall."""
    port = free_port()
    words = ("redis-server", "--port", str(port), "--save", "", "--hz", "50")
    with running(*words, cwd=folder, stdout=subprocess.DEVNULL):
        client = Lines(port)
        for _ in until_the_end():
            assert client.ask("SET k v PX 700") == "+OK"
            assert 0 < int(client.ask("PTTL k")[1:]) <= 700
            with takes(0.5, "BLPOP with a timeout of 0.5s"):
                assert client.ask("BLPOP none 0.5") == "*-1"
            assert client.ask("EXISTS k") == ":1", "the key expired early"
            time.sleep(0.4)
            assert client.ask("EXISTS k") == ":0", "the key expired late"


def memcached(folder):
    """Items live as many seconds as they shall."""
    port = free_port()
    with running("memcached", "-u", "nobody", "-p", str(port), "-l", "127.0.0.1", cwd=folder):
        client = Lines(port)
        for _ in until_the_end():
            assert client.ask("set k 0 2 1\r\nv") == "STORED"
            time.sleep(0.5)
            assert client.ask("get k").startswith("VALUE"), "the item expired early"
            assert (client.file.readline(), client.file.readline()) == (b"v\r\n", b"END\r\n")
            time.sleep(2.6)
            assert client.ask("get k") == "END", "the item expired late"


NGINX = """
daemon off; pid {folder}/pid; error_log {folder}/error.log;
events {{}}
http {{
  access_log off; client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/fcgi; uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
  limit_req_zone $uri zone=slow:1m rate=2r/s;
  server {{ listen 127.0.0.1:{port}; root {folder}; client_header_timeout 1s;
    location /slow {{ limit_req zone=slow burst=1; try_files /file =404; }} }}
}}
"""


def nginx(folder):
    """Files are served, a slow client is cut off after a second, and a rate limit holds."""
    port = free_port()
    (folder / "file").write_text("content")
    folder.chmod(0o755)
    (folder / "nginx.conf").write_text(NGINX.format(folder=folder, port=port))
    with running("nginx", "-c", str(folder / "nginx.conf"), "-e", str(folder / "error.log")):
        connect(port).close()
        for _ in until_the_end():
            url = f"http://127.0.0.1:{port}"
            assert urllib.request.urlopen(f"{url}/file", timeout=10).read() == b"content"
            with takes(1, "the cut of a client that does not finish its header"):
                slow = connect(port)
                slow.sendall(b"GET / HTTP/1.1\r\n")
                while slow.recv(4096):
                    pass
            urllib.request.urlopen(f"{url}/slow", timeout=10).read()
            with takes(0.5, "the second of two requests at 2 per second"):
                urllib.request.urlopen(f"{url}/slow", timeout=10).read()
            time.sleep(0.5)


HAPROXY = """
defaults
  mode http
  timeout connect 1s
  timeout client 1s
  timeout server 1s
frontend front
  bind 127.0.0.1:{port}
  default_backend back
backend back
  server one 127.0.0.1:{backend} check inter 200ms fall 2 rise 1
"""


def haproxy(folder):
    """Health checks stay green, requests pass, and an idle client is cut off after a second."""
    port, backend = free_port(), free_port()
    (folder / "index.html").write_text("content")
    (folder / "config").write_text(HAPROXY.format(port=port, backend=backend))
    http = (sys.executable, "-m", "http.server", "-b", "127.0.0.1", str(backend))
    with running(*http, cwd=folder, stderr=subprocess.DEVNULL):
        connect(backend).close()
        with running("haproxy", "-db", "-f", str(folder / "config"), stdout=subprocess.DEVNULL):
            connect(port).close()
            for _ in until_the_end():
                url = f"http://127.0.0.1:{port}/"
                assert urllib.request.urlopen(url, timeout=10).read() == b"content"
                with takes(1, "the cut of an idle client"):
                    idle = connect(port)
                    idle.sendall(b"GET")
                    while idle.recv(4096):
                        pass


def mqtt_connect(port, name, keepalive):
    """MQTT 3.1.1, sections 3.1 and 3.2."""
    client = connect(port)
    payload = b"\0\4MQTT\4\2" + keepalive.to_bytes(2, "big")
    payload += len(name).to_bytes(2, "big") + name.encode()
    client.sendall(bytes([0x10, len(payload)]) + payload)
    assert client.recv(4) == b"\x20\2\0\0"
    return client


def mosquitto(folder):
    """A client that pings stays connected, and one that does not is dropped after its keepalive."""
    port = free_port()
    (folder / "config").write_text(f"listener {port} 127.0.0.1\nallow_anonymous true\n")
    words = ("mosquitto", "-c", str(folder / "config"))
    with running(*words, stderr=subprocess.DEVNULL):
        alive = mqtt_connect(port, "alive", 2)
        for i, _ in enumerate(until_the_end()):
            begin, silent = now(), mqtt_connect(port, f"silent{i}", 1)
            silent.settimeout(0.5)
            dropped = False
            while not dropped:
                alive.sendall(b"\xc0\0")
                assert alive.recv(2) == b"\xd0\0", "a client that pings was dropped"
                with contextlib.suppress(TimeoutError):
                    dropped = silent.recv(1) == b""
                assert now() - begin < 10, "a silent client was not dropped"
            assert now() - begin > 1, "a silent client was dropped early"


def postgresql(folder):
    """pg_sleep sleeps, a statement_timeout strikes, and rows can be written."""
    tools = Path("/usr/lib/postgresql")
    tools = max(tools.iterdir(), key=lambda path: float(path.name)) / "bin"
    shutil.chown(folder, "postgres", "postgres")
    user = ("setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups")
    data, port = folder / "data", str(free_port())
    subprocess.run(
        [*user, tools / "initdb", "-A", "trust", "-N", "-D", data],
        check=True, stdout=subprocess.DEVNULL, cwd=folder,
    )  # fmt: skip
    words = ("-k", str(folder), "-p", port, "-c", "autovacuum_naptime=1s")
    with running(*user, tools / "postgres", "-D", data, *words, cwd=folder,
                 stderr=subprocess.DEVNULL):  # fmt: skip
        connect(int(port)).close()
        psql = [*user, tools / "psql", "-h", folder, "-p", port, "-XqAt", "postgres", "-c"]

        def ask(text):
            done = subprocess.run([*psql, text], capture_output=True, text=True, check=False)
            return done.stdout + done.stderr

        while ask("select 1") != "1\n":
            time.sleep(0.1)
        ask("create table t (i int)")
        for _ in until_the_end():
            with takes(0.5, "pg_sleep(0.5)"):
                ask("select pg_sleep(0.5)")
            with takes(0.3, "a statement_timeout of 0.3s"):
                text = ask("set statement_timeout = 300; select pg_sleep(20)")
            assert "statement timeout" in text, text
            text = ask("insert into t values (1) returning i")
            assert text == "1\n", text


def interpreter(*words):
    """Programs that judge themselves: timers of their language, until the end."""
    left = str(max(1.0, END - now()))
    done = subprocess.run([*words, left], check=False, timeout=120)
    assert done.returncode == 0, f"{words[0]} ended with {done.returncode}"


def node(_folder):
    """setTimeout, setInterval, performance.now and an http server with a timeout."""
    interpreter("node", str(HERE / "timers.js"))


def lru_cache(_folder):
    """The npm package lru-cache: items live as long as their ttl says."""
    interpreter("node", os.environ["LRU_CACHE"] + "/ttl.mjs")


def go(_folder):
    """Timers, tickers, deadlines of contexts and of connections."""
    interpreter(os.environ["GO_PROGRAM"])


def java(_folder):
    """Scheduled executors, timed waits, nanoTime."""
    interpreter("java", "-cp", os.environ["JAVA_CLASSES"], "Timers")


def milliseconds():
    return int(time.monotonic() * 1000) & 0xFFFFFFFF


def counter(_folder):
    """No program but a check of this page: a deadline of 0.5s in 32 bits of milliseconds."""
    for _ in until_the_end():
        with takes(0.5, "a deadline of 0.5s"):
            deadline = milliseconds() + 500 & 0xFFFFFFFF
            while milliseconds() < deadline:
                time.sleep(0.01)


PROGRAMS = {
    f.__name__: f
    for f in (
        *(redis, memcached, nginx, haproxy, mosquitto, postgresql),
        *(node, lru_cache, go, java, counter),
    )
}
# Where the check must fail, and nowhere else: at the multiples of 2^32 ms.
CHECK, CHECK_FAILS = counter.__name__, ["u32-ms", "i32-cs", "u32-cs", "i32-s", "u32-s"]

if __name__ == "__main__":
    with tempfile.TemporaryDirectory(prefix="timens-") as name:
        try:
            PROGRAMS[sys.argv[1]](Path(name))
        except AssertionError as error:
            sys.exit(f"{sys.argv[1]}: {error}")
