#!/usr/bin/env python3
"""Runs clang-tidy on the sources of the library, as build/release compiles them: several at a time.

A source that passed is not checked again until it, a header of the project that its batch includes,
the command line or .clang-tidy changes (CI=true: checked always); one that changed alone is checked
alone, in a fraction of its batch's time. Embedded files, which the build writes, are left out.
Needs a finished build, from which it knows what includes what.
"""

import concurrent.futures
import functools
import hashlib
import json
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BUILD = ROOT / "build" / "release"
CLANG_TIDY = ROOT / "build" / "venv" / "bin" / "clang-tidy"
PASSED = ROOT / "build" / "passed" / "clang-tidy"
ALWAYS = os.environ.get("CI") == "true"


@functools.cache
def resolved(path):
    return (BUILD / path).resolve()


def files_by_object():
    """The files that each object file was compiled from: Ninja's log of dependencies."""
    text = subprocess.run(
        ["ninja", "-C", BUILD, "-t", "deps"], capture_output=True, text=True, check=True
    ).stdout
    files, current = {}, []
    for line in text.splitlines():
        if line.startswith("    "):
            current.append(resolved(line.strip()))
        elif ": #deps" in line:
            current = files[line.partition(": ")[0]] = []
    return files


class Batch:
    """What one command compiles: a source, or a file that includes several."""

    def __init__(self, command, files):
        self.file = Path(command["file"])
        self.options = shlex.split(command["command"])[1:-4]  # it ends with -o OBJECT -c SOURCE
        own = sorted(f for f in {self.file, *files} if f.is_relative_to(ROOT))
        common = hashlib.sha256(command["command"].encode())
        for path in [
            ROOT / ".clang-tidy",
            ROOT / "scripts" / "requirements.txt",
            *(f for f in own if f.suffix != ".cc"),
        ]:
            common.update(path.read_bytes())
        sources = [f for f in own if f.suffix == ".cc"] or [self.file]
        self.stamps = {
            source: PASSED / hashlib.sha256(common.digest() + source.read_bytes()).hexdigest()
            for source in sources
        }

    def changed(self):
        """What to check: the sources that have not passed, or the whole batch if none has."""
        sources = [source for source, stamp in self.stamps.items() if ALWAYS or not stamp.exists()]
        if len(sources) == len(self.stamps):
            return [(self.file, self.options, list(self.stamps.values()))]
        return [(source, self.options, [self.stamps[source]]) for source in sources]


def check(source, options, stamps):
    """What clang-tidy has to say of a source, nothing if it passes."""
    # The options are GCC's and its warnings its own; the Clang build has Clang's. Files of several
    # sources include these.
    done = subprocess.run(
        [
            CLANG_TIDY,
            "--quiet",
            "--extra-arg=-w",
            "--checks=-bugprone-suspicious-include",
            source,
            "--",
            *options,
        ],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    if done.returncode != 0:
        return done.stdout or done.stderr
    for stamp in stamps:
        stamp.touch()
    return ""


def main():
    PASSED.mkdir(parents=True, exist_ok=True)
    files = files_by_object()
    batches = []
    for command in json.loads((BUILD / "compile_commands.json").read_text()):
        object_file = re.search(r" -o (\S+)", command["command"])[1]
        if (
            object_file.startswith("CMakeFiles/palate_library.dir/")
            and "/embedded/" not in object_file
        ):
            batches.append(Batch(command, files[object_file]))
    to_check = [work for batch in batches for work in batch.changed()]
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        findings = [text for text in pool.map(lambda work: check(*work), to_check) if text]
    print(*findings, sep="\n", end="")
    print(
        f"clang-tidy: {len(to_check)} files checked of what {len(batches)} commands compile, "
        f"{len(findings)} with findings"
    )
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
