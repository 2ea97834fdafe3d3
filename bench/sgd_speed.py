#!/usr/bin/env python3
"""Biased SGD, millions of ratings a second: Palate beside LIBMF, in alternation on the same data; and how it grows with the data.

Usage: sgd_speed.py [--build build/release] [--peers VENV] [--rounds 3] [--factors 32 64 128] [--growth 1 10 30]

VENV is a virtual environment with bench/peers/requirements.txt. Configure the build with -DPALATE_BENCH=ON. LIBMF is measured as PyPI
builds it, without SIMD (pip ignores CFLAGS), and as its authors' Makefile would for a machine with AVX. Of the rounds the least is
taken, since noise only adds. --growth names millions of ratings; users and items grow with their root.
"""

import argparse
import json
import pathlib
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
LIBMF = "libmf==0.9.2"


def least_seconds(*command):
    output = subprocess.run(command, check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True).stdout
    return json.loads(output.splitlines()[-1])["least_seconds"]


def libmf_with_avx(python, folder):
    """LIBMF's library built from PyPI's source distribution with its own flags for AVX."""
    subprocess.run([python, "-m", "pip", "download", "-q", "--no-deps", "--no-binary", ":all:", "--no-build-isolation", "-d", folder, LIBMF],
                   check=True, stdout=sys.stderr)
    (archive,) = pathlib.Path(folder).glob("libmf-*.tar.gz")
    subprocess.run(["tar", "xzf", archive, "-C", folder], check=True)
    library = f"{folder}/libmf_avx.so"
    sources = pathlib.Path(folder).glob("libmf-*/src_cpp/*.cpp")
    subprocess.run(["g++", "-O3", "-march=native", "-DUSEAVX", "-std=c++11", "-pthread", "-shared", "-fPIC", "-w", *sources, "-o", library],
                   check=True)
    return library


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", default="build/release")
    parser.add_argument("--peers", default="build/peers")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--factors", type=int, nargs="*", default=[32, 64, 128])
    parser.add_argument("--growth", type=float, nargs="*", default=[])
    arguments = parser.parse_args()
    python = f"{arguments.peers}/bin/python"

    def synthetic(millions, path):
        users, items = (round(n * millions**0.5) for n in (6040, 3449))
        subprocess.run([python, HERE / "synthetic.py", str(users), str(items), str(round(millions * 1e6)), path], check=True)

    def palate(data, threads, factors, epochs):
        return least_seconds(f"{arguments.build}/bench/bench_epochs", data, "sgd", str(threads), f"factors={factors}", f"epochs={epochs}")

    def libmf(data, threads, factors, *library):
        return least_seconds(python, "-W", "ignore", HERE / "peers/libmf_speed.py", data, str(factors), str(threads), *library)

    with tempfile.TemporaryDirectory() as folder:
        data = f"{folder}/ratings.csv"
        if arguments.factors:
            synthetic(1, data)
            with open(data, encoding="ascii") as file:
                ratings = sum(1 for _ in file) - 1
            avx = libmf_with_avx(python, folder)
            for factors in arguments.factors:
                measured = [(palate(data, 1, factors, 20), palate(data, 2, factors, 20), libmf(data, 2, factors), libmf(data, 2, factors, avx))
                            for _ in range(arguments.rounds)]
                one, two, pypi, built = (min(column) for column in zip(*measured))
                rate = {name: round(ratings / seconds / 1e6, 1)
                        for name, seconds in (("palate", two), ("palate_one_thread", one), ("libmf_pypi", pypi), ("libmf_avx", built))}
                print(json.dumps({"factors": factors, "threads": 2, "million_ratings_per_second": rate,
                                  "over_libmf_pypi": round(pypi / two, 1), "must_pypi": 10, "over_libmf_avx": round(built / two, 2), "must_avx": 3,
                                  "two_threads_over_one": round(one / two, 2), "must_two": 1.6}), flush=True)
        first = None
        for millions in arguments.growth:
            synthetic(millions, data)
            with open(data, encoding="ascii") as file:
                ratings = sum(1 for _ in file) - 1
            nanoseconds = min(palate(data, 2, 32, 6) for _ in range(arguments.rounds)) / ratings * 1e9
            first = first or nanoseconds
            print(json.dumps({"factors": 32, "threads": 2, "ratings": ratings, "nanoseconds_per_rating": round(nanoseconds, 2),
                              "over_the_smallest": round(nanoseconds / first, 3), "must_be_at_most": 1.25}), flush=True)


if __name__ == "__main__":
    main()
