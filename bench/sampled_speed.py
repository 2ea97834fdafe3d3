#!/usr/bin/env python3
"""Gradients a second of `sampled` and `bpr`, next to implicit.

Usage: scripts/bench sampled_speed [--rounds 5] [--factors 64] [--negatives 1024]
                                   [--build build/release] [--peers build/peers]

Programs alternate on the same data. `sampled` is told in millions of pairs of a positive and a
negative whose gradients are taken in a second, `bpr` and implicit in millions of positives, each of
which has one negative. Rates are those of the fastest round, since noise only adds; ratios are
taken within each round, and their median is printed. `cores` is what two threads compute over one
where neither needs memory.
"""

import argparse
import csv
import json
import pathlib
import statistics
import subprocess
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
THREADS = (1, 2)
EPOCHS = {"sampled": 3, "bpr": 8, "implicit": 8}


def measured(*command):
    words = [str(word) for word in command]
    return json.loads(subprocess.run(words, check=True, stdout=subprocess.PIPE, text=True).stdout)


def write_pairs(ratings, pairs):
    with open(ratings, newline="") as source, open(pairs, "w", newline="") as target:
        csv.writer(target).writerows(row[:2] for row in csv.reader(source))


def measured_round(arguments, pairs):
    """Seconds an epoch of each program and number of threads, and what two threads are worth."""
    seconds = {}
    for threads in THREADS:
        for name, more in (("sampled", [f"negatives={arguments.negatives}"]), ("bpr", [])):
            options = [f"factors={arguments.factors}", f"epochs={EPOCHS[name]}", *more]
            bench = f"{arguments.build}/bench/bench_epochs"
            seconds[name, threads] = measured(bench, pairs, name, threads, *options)
        peer = f"{arguments.peers}/bin/python", HERE / "peers/bpr.py", pairs
        seconds["implicit", threads] = measured(
            *peer, arguments.factors, threads, EPOCHS["implicit"]
        )
    seconds = {key: result["least_seconds"] for key, result in seconds.items()}
    cores = measured(f"{arguments.build}/bench/bench_cores")["two_threads_over_one"]
    return seconds, cores


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--build", default="build/release")
    parser.add_argument("--peers", default="build/peers")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--factors", type=int, default=64)
    parser.add_argument("--negatives", type=int, default=1024)
    arguments = parser.parse_args()

    with tempfile.TemporaryDirectory() as folder:
        ratings, pairs = f"{folder}/ratings.csv", f"{folder}/pairs.csv"
        synthetic = [f"{arguments.peers}/bin/python", HERE / "synthetic.py"]
        subprocess.run([*synthetic, "6040", "3449", "1000000", ratings], check=True)
        write_pairs(ratings, pairs)
        with open(pairs, encoding="ascii") as file:
            positives = sum(1 for _ in file) - 1
        rounds = [measured_round(arguments, pairs) for _ in range(arguments.rounds)]

    def of(name, threads):
        return [seconds[name, threads] for seconds, _ in rounds]

    def rate(name, threads, negatives=1):
        return round(positives * negatives / min(of(name, threads)) / 1e6, 1)

    def ratio(above, below):
        return round(statistics.median(a / b for a, b in zip(above, below)), 2)

    for threads in THREADS:
        line = {
            "factors": arguments.factors,
            "threads": threads,
            "negatives": arguments.negatives,
            "sampled_million_pairs_per_second": rate("sampled", threads, arguments.negatives),
            "bpr_million_positives_per_second": rate("bpr", threads),
            "implicit_million_positives_per_second": rate("implicit", threads),
            "bpr_over_implicit": ratio(of("implicit", threads), of("bpr", threads)),
        }
        if threads == 2:
            line |= {
                "must_pairs": 200,
                "must_over_implicit": 3,
                "two_threads_over_one": {
                    name: ratio(of(name, 1), of(name, 2)) for name in ("sampled", "bpr")
                },
                "cores": statistics.median(cores for _, cores in rounds),
            }
        print(json.dumps(line))


if __name__ == "__main__":
    main()
