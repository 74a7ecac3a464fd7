# SPDX-License-Identifier: MIT
"""Keeps the interface of a release: renew.py VERSION, as `make abi-renew` calls it at a release."""

import shutil
import sys

from interface import CORE, HERE, LIBRARY, dump

folder = HERE / sys.argv[1]
folder.mkdir(exist_ok=True)
shutil.copy2(CORE / "include/timens.h", folder)
(folder / "libtimens.abi").write_text(dump(LIBRARY))
print(f"abi: {folder} is what later libraries are compared with")
