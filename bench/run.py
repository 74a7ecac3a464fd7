# SPDX-License-Identifier: MIT
"""Measures starts and clocks; prints the figures as Markdown, and keeps them as JSON and pictures.

run.py BUILD FOLDER; ROUNDS in the environment (1000).
"""

import json
import os
import platform
import sys
import time
from pathlib import Path

import plots
from report import markdown
from sections import all_sections


def processor() -> str:
    text = Path("/proc/cpuinfo").read_text(encoding="utf-8")
    names = [line for line in text.splitlines() if line.startswith("model name")]
    return names[0].split(":")[1].strip() if names else platform.machine()


def machine(rounds: int) -> dict:
    return {
        "kernel": f"{platform.release()} {platform.machine()}",
        "processor": processor(),
        "cpus": os.cpu_count(),
        "load": " ".join(f"{load:.1f}" for load in os.getloadavg()),
        "date": time.strftime("%Y-%m-%d"),
        "rounds": rounds,
    }


def main() -> None:
    build, folder = (Path(word).resolve() for word in sys.argv[1:3])
    rounds = int(os.environ.get("ROUNDS", "1000"))
    about = machine(rounds)
    sections, about["notes"] = all_sections(build, str(build / "programs/clocks"), rounds)
    text = markdown(about, sections)
    plots.draw(sections, folder)
    (folder / "figures.md").write_text(text, encoding="utf-8")
    figures = json.dumps({"machine": about, "sections": sections}, indent=1, ensure_ascii=False)
    (folder / "figures.json").write_text(figures + "\n", encoding="utf-8")
    print(text)


main()
