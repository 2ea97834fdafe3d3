#!/usr/bin/env python3
"""Seconds an epoch of exact ALS, next to irspack and implicit.

Usage: scripts/bench als_speed [--rounds 5] [--factors 32 64 128]
                               [--build build/release] [--peers build/peers]

Programs alternate on the same data. Seconds are those of the fastest round, since noise only adds;
ratios are taken within each round, and their median is printed. `cores` is what two threads compute
over one where neither needs memory: some 1.0 where the machine's two processors are halves of one
core.
"""

import argparse
import json
import pathlib
import statistics
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
REQUIRED = {
    ("irspack", 32): 1.4,
    ("irspack", 64): 1.4,
    ("irspack", 128): 1.2,
    ("implicit", 32): 8,
    ("implicit", 64): 7,
    ("implicit", 128): 5,
}


def measured(key, *command):
    return json.loads(
        subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout
    )[key]


def median_ratio(above, below):
    return statistics.median(a / b for a, b in zip(above, below))


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--build", default="build/release")
    parser.add_argument("--peers", default="build/peers")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--factors", type=int, nargs="+", default=[32, 64, 128])
    arguments = parser.parse_args()
    peers_python = f"{arguments.peers}/bin/python"

    with tempfile.TemporaryDirectory() as folder:
        data = f"{folder}/ratings.csv"
        subprocess.run(
            [peers_python, HERE / "synthetic.py", "6040", "3449", "1000000", data], check=True
        )
        print("factors  threads  palate   irspack  ratio (must)  implicit  ratio (must)")
        for factors in arguments.factors:

            def palate(threads):
                options = [f"factors={factors}", "epochs=6"]
                return measured(
                    "least_seconds",
                    f"{arguments.build}/bench/bench_epochs",
                    data,
                    "als",
                    str(threads),
                    *options,
                )

            def peer(name):
                return measured(
                    "least_seconds",
                    peers_python,
                    HERE / "peers/als.py",
                    data,
                    name,
                    str(factors),
                    "1",
                    "3",
                )

            def cores():
                return measured("two_threads_over_one", f"{arguments.build}/bench/bench_cores")

            rounds = [
                (palate(1), peer("irspack"), peer("implicit"), palate(1), palate(2), cores())
                for _ in range(arguments.rounds)
            ]
            one, irspack, implicit, again, two, core_ratios = zip(*rounds)
            print(
                f"{factors:7}  {1:7}  {min(one):.4f}   {min(irspack):.4f}   "
                f"{median_ratio(irspack, one):5.2f} ({REQUIRED.get(('irspack', factors), '-')})"
                f"   {min(implicit):.4f}    "
                f"{median_ratio(implicit, one):5.2f} ({REQUIRED.get(('implicit', factors), '-')})"
            )
            print(
                f"{factors:7}  {2:7}  {min(two):.4f}   {median_ratio(again, two):.2f} "
                f"times as fast as one thread (must 1.85), "
                f"cores {statistics.median(core_ratios):.2f}"
            )
            sys.stdout.flush()


if __name__ == "__main__":
    main()
