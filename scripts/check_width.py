#!/usr/bin/env python3
"""Checks that no line of code is longer than 100 characters.

Prints file:line: length for each one that is, of the files that git knows; exits 1 if there is any.
"""

import subprocess
import sys
from pathlib import Path

WIDTH = 100
ROOT = Path(__file__).resolve().parent.parent
# Prose, pictures, licences, and what programs wrote or tests read as it stands.
EXEMPT_SUFFIXES = {".md", ".png", ".svg"}
EXEMPT = [
    "LICENSE",
    "docs/comparison.schema.json",  # its descriptions are strings, which JSON cannot break
    "fuzz/corpus/",
    "tests/data/recorded_splits.h",
    "tests/golden/algorithms.json",
    "web/licences/",
    "web/package-lock.json",
    "web/template/",
    "web/tests/fixture.json",
]


def files():
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True)
    for name in listed.stdout.decode().split("\0"):
        path = ROOT / name
        exempt = path.suffix in EXEMPT_SUFFIXES or name.startswith(tuple(EXEMPT))
        if path.is_file() and not exempt:
            yield name, path


def main():
    too_long = False
    for name, path in files():
        for number, line in enumerate(path.read_text(encoding="utf-8").split("\n"), 1):
            if len(line) > WIDTH:
                print(f"{name}:{number}: {len(line)} characters")
                too_long = True
    return 1 if too_long else 0


if __name__ == "__main__":
    sys.exit(main())
