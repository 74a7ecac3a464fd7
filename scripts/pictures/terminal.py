# SPDX-License-Identifier: MIT
"""Records commands in a terminal and draws the recording: terminal.py OUT.svg

The commands are run, here and now, in a pseudo-terminal that pyte reads; only the typing is played.
Run it from the root of the tree, with the command's folder in PATH.
"""

import os
import pty
import select
import struct
import sys
import termios
import time
from fcntl import ioctl
from pathlib import Path

import pyte
from svg import Cell, Recording, draw

COLUMNS, ROWS = 90, 19
COMMANDS = (
    "uptime -p",
    "timens run --uptime 49d17h -- uptime -p",
    "timens sweep --points i32-ms,u32-ms -j 4 -- python3 examples/rollover/wait.py",
)
TYPING = 0.05  # seconds per letter
READING = 1.2  # before the next command
END = 7.0
PROMPT = "\x1b[32m$\x1b[0m "


class Terminal:
    """A screen, and what it showed when; its clock stands still but for what is told."""

    def __init__(self) -> None:
        self.screen = pyte.Screen(COLUMNS, ROWS)
        self.stream = pyte.ByteStream(self.screen)
        self.recording = Recording(COLUMNS, ROWS)
        self.now = 0.0

    def show(self, data: bytes | str) -> None:
        self.stream.feed(data.encode() if isinstance(data, str) else data)
        rows = [self._row(number) for number in range(ROWS)]
        self.recording.add(self.now, rows)

    def _row(self, number: int) -> tuple[Cell, ...]:
        line = self.screen.buffer[number]
        cells = [Cell(line[x].data, line[x].fg, line[x].bold) for x in range(COLUMNS)]
        while cells and cells[-1].text == " ":
            cells.pop()
        return tuple(cells)

    def type(self, command: str) -> None:
        self.show(PROMPT)
        self.now += 0.6
        for start in range(0, len(command), 3):
            self.show(command[start : start + 3])
            self.now += 3 * TYPING
        self.show("\r\n")

    def run(self, command: str) -> None:
        child, master = pty.fork()
        if child == 0:
            os.environ["TERM"] = "xterm"
            os.execlp("sh", "sh", "-c", command)
        ioctl(master, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLUMNS, 0, 0))
        begun, at = time.monotonic(), self.now
        while data := _read(master):
            self.now = at + time.monotonic() - begun
            self.show(data)
        os.close(master)
        os.waitpid(child, 0)


def _read(master: int) -> bytes:
    """All that comes within a moment, so that no half-drawn picture is taken."""
    data = b""
    while not data or select.select([master], [], [], 0.03)[0]:
        try:
            data += (piece := os.read(master, 65536))
        except OSError:  # EIO: nobody has the other side open
            break
        if not piece:
            break
    return data


def main() -> None:
    terminal = Terminal()
    for command in COMMANDS:
        terminal.type(command)
        terminal.run(command)
        terminal.now += READING
    terminal.show(PROMPT)
    terminal.recording.end = terminal.now + END
    Path(sys.argv[1]).write_text(draw(terminal.recording), encoding="utf-8")


main()
