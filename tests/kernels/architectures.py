# SPDX-License-Identifier: MIT
"""What differs between the architectures that kernels are booted for."""

import subprocess
from dataclasses import dataclass


@dataclass(frozen=True)
class Architecture:
    debian: str
    gnu: str
    emulator: tuple[str, ...]
    console: str

    @property
    def triplet(self) -> str:
        return f"{self.gnu}-linux-gnu"

    @property
    def is_native(self) -> bool:
        done = subprocess.run(
            ["dpkg", "--print-architecture"], check=True, capture_output=True, text=True
        )
        return done.stdout.strip() == self.debian


_ALL = (
    # Without cmpxchg16b, which this emulator gets wrong: later kernels keep their slabs by it, and
    # panic.
    Architecture("amd64", "x86_64", ("qemu-system-x86_64", "-cpu", "max,-cx16"), "ttyS0"),
    # Pointer authentication by the architecture's own cipher takes half of the emulator's time.
    Architecture(
        "arm64",
        "aarch64",
        ("qemu-system-aarch64", "-M", "virt", "-cpu", "max,pauth-impdef=on"),
        "ttyAMA0",
    ),
)


def architecture_of(package: str) -> Architecture:
    """By the end of a kernel package's name."""
    return next(a for a in _ALL if package.endswith("-" + a.debian))
