#!/usr/bin/env python3
"""Ratings a second of SGD, next to LIBMF, and how they grow.

Usage: scripts/bench sgd_speed [--rounds 5] [--factors 32 64 128] [--growth 1 10 30]
                               [--build build/release] [--peers build/peers]

Programs alternate on the same data. LIBMF is measured as PyPI builds it, without SIMD (pip ignores
CFLAGS), and as its authors' Makefile would for a machine with AVX. Rates are those of the fastest
round, since noise only adds; ratios are taken within each round, and their median is printed.
`cores` is what two threads compute over one where neither needs memory: some 1.0, and nothing can
be twice as fast, where the machine's two processors are halves of one core. --growth names millions
of ratings; users and items grow with their root.
"""

import argparse
import json
import pathlib
import statistics
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
LIBMF = "libmf==0.9.2"


def last_line(*command):
    return json.loads(
        subprocess.run(
            command, check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        ).stdout.splitlines()[-1]
    )


def median_ratio(above, below):
    return statistics.median(a / b for a, b in zip(above, below))


def libmf_with_avx(python, folder):
    """LIBMF's library built from PyPI's source distribution with its own flags for AVX."""
    subprocess.run(
        [
            python,
            "-m",
            "pip",
            "download",
            "-q",
            "--no-deps",
            "--no-binary",
            ":all:",
            "-d",
            folder,
            LIBMF,
        ],
        check=True,
        stdout=sys.stderr,
    )
    (archive,) = pathlib.Path(folder).glob("libmf-*.tar.gz")
    subprocess.run(["tar", "xzf", archive, "-C", folder], check=True)
    library = f"{folder}/libmf_avx.so"
    sources = pathlib.Path(folder).glob("libmf-*/src_cpp/*.cpp")
    subprocess.run(
        [
            "g++",
            "-O3",
            "-march=native",
            "-DUSEAVX",
            "-std=c++11",
            "-pthread",
            "-shared",
            "-fPIC",
            "-w",
            *sources,
            "-o",
            library,
        ],
        check=True,
    )
    return library


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--build", default="build/release")
    parser.add_argument("--peers", default="build/peers")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--factors", type=int, nargs="*", default=[32, 64, 128])
    parser.add_argument("--growth", type=float, nargs="*", default=[])
    arguments = parser.parse_args()
    python = f"{arguments.peers}/bin/python"

    def synthetic(millions, path):
        users, items = (round(n * millions**0.5) for n in (6040, 3449))
        subprocess.run(
            [
                python,
                HERE / "synthetic.py",
                str(users),
                str(items),
                str(round(millions * 1e6)),
                path,
            ],
            check=True,
        )
        with open(path, encoding="ascii") as file:
            return sum(1 for _ in file) - 1

    def cores():
        return last_line(f"{arguments.build}/bench/bench_cores")["two_threads_over_one"]

    def palate(data, threads, factors, epochs):
        options = [f"factors={factors}", f"epochs={epochs}"]
        return last_line(
            f"{arguments.build}/bench/bench_epochs", data, "sgd", str(threads), *options
        )["least_seconds"]

    def libmf(data, threads, factors, *library):
        return last_line(
            python,
            "-W",
            "ignore",
            HERE / "peers/libmf_speed.py",
            data,
            str(factors),
            str(threads),
            *library,
        )["least_seconds"]

    with tempfile.TemporaryDirectory() as folder:
        data = f"{folder}/ratings.csv"
        if arguments.factors:
            ratings = synthetic(1, data)
            avx = libmf_with_avx(python, folder)
            for factors in arguments.factors:
                measured = [
                    (
                        palate(data, 1, factors, 20),
                        palate(data, 2, factors, 20),
                        cores(),
                        libmf(data, 2, factors),
                        libmf(data, 2, factors, avx),
                    )
                    for _ in range(arguments.rounds)
                ]
                one, two, core_ratios, pypi, built = zip(*measured)
                rate = {
                    name: round(ratings / min(seconds) / 1e6, 1)
                    for name, seconds in (
                        ("palate", two),
                        ("palate_one_thread", one),
                        ("libmf_pypi", pypi),
                        ("libmf_avx", built),
                    )
                }
                print(
                    json.dumps(
                        {
                            "factors": factors,
                            "threads": 2,
                            "million_ratings_per_second": rate,
                            "over_libmf_pypi": round(median_ratio(pypi, two), 1),
                            "must_pypi": 10,
                            "over_libmf_avx": round(median_ratio(built, two), 2),
                            "must_avx": 3,
                            "two_threads_over_one": round(median_ratio(one, two), 2),
                            "must_two": 1.6,
                            "cores": statistics.median(core_ratios),
                        }
                    ),
                    flush=True,
                )
        files = {millions: f"{folder}/{millions}.csv" for millions in arguments.growth}
        ratings = [synthetic(millions, file) for millions, file in files.items()]
        measured = [
            [palate(file, 2, 32, 6) / count for file, count in zip(files.values(), ratings)]
            for _ in range(arguments.rounds)
        ]
        for count, seconds in zip(ratings, zip(*measured)):
            print(
                json.dumps(
                    {
                        "factors": 32,
                        "threads": 2,
                        "ratings": count,
                        "nanoseconds_per_rating": round(min(seconds) * 1e9, 2),
                        "over_the_smallest": round(
                            median_ratio(seconds, [first for first, *_ in measured]), 3
                        ),
                        "must_be_at_most": 1.25,
                    }
                )
            )


if __name__ == "__main__":
    main()
