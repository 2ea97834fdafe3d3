#!/usr/bin/env python3
"""Reading two million rows of which every other one is bad.

Usage: scripts/bench rejects [--threads 2] [--repeats 9]
                             [--reader build/release/bench/reading/bench_reading]

Whole processes alternate with such that read as many good rows. The files are those of
tests/cli/rejects_test.py. Both are read, mapped and built into CSR and CSC. Median of the repeats.
"""

import argparse
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/cli"))
import rejects_test


def seconds(*command):
    start = time.perf_counter()
    subprocess.run(list(map(str, command)), check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - start


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--reader", default=ROOT / "build/release/bench/reading/bench_reading")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--repeats", type=int, default=9)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        clean, half_bad = folder / "clean.csv", folder / "half_bad.csv"
        rejects_test.write_tables(folder)
        pairs = []
        for _ in range(options.repeats):
            rejects = folder / "rejects.csv"
            rejects.unlink(missing_ok=True)  # to take away an old one's pages is no part of reading
            pairs.append(
                (
                    seconds(options.reader, clean, options.threads),
                    seconds(options.reader, half_bad, options.threads, rejects),
                )
            )
    print(
        f"clean {statistics.median(c for c, _ in pairs):.3f} s, "
        f"half of it bad {statistics.median(b for _, b in pairs):.3f} s, "
        f"ratio {statistics.median(b / c for c, b in pairs):.2f} (at most 2 is asked for)"
    )


if __name__ == "__main__":
    main()
