#!/usr/bin/env python3
"""Seconds an epoch of iALS, next to irspack and implicit.

Usage: scripts/bench ials_speed [--rounds 5] [--factors 64 128]
                                [--build build/release] [--peers build/peers]

Palate's solvers and the peers' alternate on the same data, with one thread. Seconds are those of
the fastest round, since noise only adds. The ratio is to Palate's `cg`, taken within each round,
and its median is printed. irspack minimizes the same loss with the same options; after as many
epochs the losses tell whether less time is less work done.
"""

import argparse
import csv
import json
import pathlib
import statistics
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
EPOCHS = 8
PEERS = [("irspack", "cg"), ("irspack", "subspace"), ("implicit", "cg")]
SOLVERS = ["cg", "subspace", "exact"]
OPTIONS = {"unobserved": 10, "regularization": 0.42, "regularization_exponent": 0.5}


def measured(*command):
    return json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout)


def write_pairs(ratings, pairs):
    with open(ratings, newline="") as source, open(pairs, "w", newline="") as target:
        csv.writer(target).writerows(row[:2] for row in csv.reader(source))


def measured_round(arguments, pairs, factors):
    results = {}
    for solver in SOLVERS:
        options = [f"factors={factors}", f"epochs={EPOCHS}", f"solver={solver}"]
        options += [f"{name}={value}" for name, value in OPTIONS.items()]
        bench = f"{arguments.build}/bench/bench_epochs"
        results["palate", solver] = measured(bench, pairs, "ials", "1", *options)
    for name, solver in PEERS:
        command = [f"{arguments.peers}/bin/python", HERE / "peers/ials.py", pairs, name, solver]
        values = [factors, EPOCHS, *OPTIONS.values()]
        results[name, solver] = measured(*command, *map(str, values))
    return results


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--build", default="build/release")
    parser.add_argument("--peers", default="build/peers")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--factors", type=int, nargs="+", default=[64, 128])
    arguments = parser.parse_args()

    with tempfile.TemporaryDirectory() as folder:
        ratings, pairs = f"{folder}/ratings.csv", f"{folder}/pairs.csv"
        subprocess.run(
            [
                f"{arguments.peers}/bin/python",
                HERE / "synthetic.py",
                "6040",
                "3449",
                "1000000",
                ratings,
            ],
            check=True,
        )
        write_pairs(ratings, pairs)
        print("factors  program   solver    seconds  ratio  loss")
        for factors in arguments.factors:
            rounds = [measured_round(arguments, pairs, factors) for _ in range(arguments.rounds)]
            for name, solver in rounds[0]:
                seconds = [results[name, solver]["least_seconds"] for results in rounds]
                own = [results["palate", "cg"]["least_seconds"] for results in rounds]
                ratio = statistics.median(a / b for a, b in zip(seconds, own))
                loss = rounds[0][name, solver]["train_loss"]
                print(
                    f"{factors:7}  {name:8}  {solver:8}  {min(seconds):.4f}   {ratio:5.2f}  "
                    + (f"{loss:.6f}" if loss is not None else "-")
                )
            sys.stdout.flush()


if __name__ == "__main__":
    main()
