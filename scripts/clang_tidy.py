#!/usr/bin/env python3
"""Runs clang-tidy on the sources of the library, as build/release compiles them: several at a time.

What passed is not checked again until a source, a header of the project that it includes, the command line or .clang-tidy
changes (CI=true: checked always). Needs a finished build, from which it knows what includes what.
"""

import concurrent.futures
import hashlib
import json
import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BUILD = ROOT / "build" / "release"
CLANG_TIDY = ROOT / "build" / "venv" / "bin" / "clang-tidy"
PASSED = ROOT / "build" / "passed" / "clang-tidy"


def headers_by_object():
    """The files that each object file was compiled from: Ninja's log of dependencies."""
    text = subprocess.run(["ninja", "-C", BUILD, "-t", "deps"], capture_output=True, text=True, check=True).stdout
    headers, current = {}, []
    for line in text.splitlines():
        if line.startswith("    "):
            current.append((BUILD / line.strip()).resolve())
        elif ": #deps" in line:
            current = headers[line.partition(": ")[0]] = []
    return headers


def key_of(command, headers):
    """Changes with whatever could change the verdict, the system's headers aside."""
    digest = hashlib.sha256(command["command"].encode())
    for path in [ROOT / ".clang-tidy", ROOT / "scripts" / "requirements.txt", Path(command["file"]), *sorted(headers)]:
        if path.is_relative_to(ROOT):
            digest.update(path.read_bytes())
    return digest.hexdigest()


def check(source):
    # The compile commands are GCC's and its warnings its own; the Clang build has Clang's. Files of several sources include these.
    options = ["--quiet", "-p", BUILD, "--extra-arg=-w", "--checks=-bugprone-suspicious-include"]
    return subprocess.run([CLANG_TIDY, *options, source], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def main():
    commands = json.loads((BUILD / "compile_commands.json").read_text())
    headers = headers_by_object()
    keys = {}
    for command in commands:
        object_file = re.search(r" -o (\S+)", command["command"])[1]
        if object_file.startswith("CMakeFiles/palate_library.dir/"):
            keys[Path(command["file"])] = key_of(command, headers[object_file])
    PASSED.mkdir(parents=True, exist_ok=True)
    always = os.environ.get("CI") == "true"
    to_check = [source for source, key in keys.items() if always or not (PASSED / key).exists()]
    failures = 0
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for source, done in zip(to_check, pool.map(check, to_check)):
            if done.returncode == 0:
                (PASSED / keys[source]).touch()
            else:
                failures += 1
                print(done.stdout or done.stderr)
    print(f"clang-tidy: {len(to_check)} of {len(keys)} files checked, {failures} with findings")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
