# SPDX-License-Identifier: MIT
"""examples/sweep/slurm.sbatch, in a Slurm cluster of two nodes on this machine."""

import json
import os
import shutil
import socket
import subprocess
import time
from pathlib import Path

import pytest
from conftest import COMMAND, skip, timens
from sweeps import POINTS

SCRIPT = Path(__file__).parents[2] / "examples/sweep/slurm.sbatch"
NODES = ("alpha", "beta")
SECONDS = 120

CONFIG = """
ClusterName=timens
SlurmctldHost={host}(127.0.0.1)
SlurmctldPort={ctld}
SlurmUser={user}
SlurmdUser={user}
AuthType=auth/munge
AuthInfo=socket={folder}/munge.socket
CryptoType=crypto/munge
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool-%n
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/slurmd-%n.pid
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
MpiDefault=none
MailProg=/bin/true
ReturnToService=2
SchedulerParameters=sched_min_interval=100000,batch_sched_delay=0
{nodes}
PartitionName=all Nodes=ALL Default=YES State=UP
"""


def free_ports(count):
    sockets = [socket.socket() for _ in range(count)]
    for each in sockets:
        each.bind(("127.0.0.1", 0))
    ports = [each.getsockname()[1] for each in sockets]
    for each in sockets:
        each.close()
    return ports


def write_config(folder):
    ctld, *ports = free_ports(1 + len(NODES))
    host = socket.gethostname().split(".")[0]
    nodes = "\n".join(
        f"NodeName={name} NodeHostname={host} NodeAddr=127.0.0.1 Port={port} CPUs=1"
        for name, port in zip(NODES, ports, strict=True)
    )
    (folder / "state").mkdir()
    (folder / "slurm.conf").write_text(
        CONFIG.format(host=host, ctld=ctld, user="root", folder=folder, nodes=nodes)
    )


class Cluster:
    """munged, slurmctld and a slurmd per node; each is ended by its own process id."""

    def __init__(self, folder):
        self.folder = folder
        self.env = {**os.environ, "SLURM_CONF": str(folder / "slurm.conf")}
        self.daemons = []

    def start(self, name, *words):
        path = shutil.which(name, path=f"{os.environ['PATH']}:/usr/sbin")
        if not path:
            skip(f"there is no {name} here")
        log = (self.folder / f"{name}-{len(self.daemons)}.log").open("w")
        self.daemons.append(
            subprocess.Popen(
                [path, *words], env=self.env, stdout=log, stderr=log, stdin=subprocess.DEVNULL
            )
        )

    def up(self):
        key = self.folder / "munge.key"
        key.write_bytes(os.urandom(128))
        key.chmod(0o600)
        files = ("key-file", "socket", "pid-file", "log-file", "seed-file")
        words = [f"--{name}={self.folder}/munge.{name.removesuffix('-file')}" for name in files]
        self.start("munged", "--foreground", "--force", *words)
        self.wait_for((self.folder / "munge.socket").exists)
        write_config(self.folder)
        self.start("slurmctld", "-D")
        for name in NODES:
            self.start("slurmd", "-D", "-N", name)
        self.wait_for(lambda: self.output("sinfo", "-h", "-o", "%D %t").strip() == "2 idle")

    def down(self):
        for daemon in reversed(self.daemons):
            daemon.terminate()
            try:
                daemon.wait(timeout=20)
            except subprocess.TimeoutExpired:
                daemon.kill()
                daemon.wait()

    def output(self, *words):
        done = subprocess.run(
            words, env=self.env, capture_output=True, text=True, timeout=60, check=False
        )
        return done.stdout

    def wait_for(self, condition):
        end = time.monotonic() + SECONDS
        while time.monotonic() < end:
            if condition():
                return
            assert all(daemon.poll() is None for daemon in self.daemons), self.logs()
            time.sleep(0.1)
        pytest.fail(self.logs())

    def logs(self):
        return "\n".join(f"{path.name}:\n{path.read_text()}" for path in self.folder.glob("*.log"))


@pytest.fixture
def cluster(tmp_path):
    if os.geteuid() != 0:
        skip("Slurm's daemons need root")
    folder = tmp_path / "cluster"
    folder.mkdir(mode=0o755)
    cluster = Cluster(folder)
    try:
        cluster.up()
        yield cluster
    finally:
        cluster.down()


def test_job_array(cluster, tmp_path):
    work = tmp_path / "work"
    work.mkdir()
    path = f"{os.path.dirname(COMMAND)}:/usr/bin:/bin"
    script = 'echo "$SLURMD_NODENAME"; test "$TIMENS_POINT" != u32-ms'
    words = ("sbatch", "--parsable", "--array=1-4", f"--chdir={work}", f"--export=ALL,PATH={path}")
    job = cluster.output(*words, str(SCRIPT), "sh", "-c", script).strip()
    assert job.isdigit(), cluster.logs()
    cluster.wait_for(lambda: not cluster.output("squeue", "-h", "-j", job).strip())
    reports = sorted(work.glob("sweep-*.xml"))
    assert len(reports) == 4, cluster.logs()
    page = work / "sweep.html"
    done = timens("sweep", "merge", "--json", "--html", str(page), *map(str, reports))
    assert done.returncode == 1, done.stderr
    found = json.loads(done.stdout)
    # The script is done before its point, but for the one where every clock begins.
    assert (found["passed"], found["ended_early"], found["failed"]) == (1, len(POINTS) - 2, 1)
    nodes = {suite["control"]["runs"][0]["output"].strip() for suite in found["suites"]}
    assert nodes == set(NODES)
    assert "Shard 4 of 4" in page.read_text()
    assert timens("sweep", "merge", *map(str, reports[1:])).returncode == 125
