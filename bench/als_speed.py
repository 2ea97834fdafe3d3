#!/usr/bin/env python3
"""Exact ALS, seconds an epoch: Palate beside irspack and implicit, in alternation on the same data.

Usage: als_speed.py [--build build/release] [--peers VENV] [--rounds 3] [--factors 32 64 128]

VENV is a virtual environment with bench/peers/requirements.txt. Configure the build with -DPALATE_BENCH=ON. Of the rounds the
least is taken, since noise only adds.
"""

import argparse
import json
import pathlib
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
REQUIRED = {("irspack", 32): 1.4, ("irspack", 64): 1.4, ("irspack", 128): 1.2, ("implicit", 32): 8, ("implicit", 64): 7, ("implicit", 128): 5}


def least_seconds(*command):
    return json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout)["least_seconds"]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", default="build/release")
    parser.add_argument("--peers", default="build/peers")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--factors", type=int, nargs="+", default=[32, 64, 128])
    arguments = parser.parse_args()
    peers_python = f"{arguments.peers}/bin/python"

    with tempfile.TemporaryDirectory() as folder:
        data = f"{folder}/ratings.csv"
        subprocess.run([peers_python, HERE / "synthetic.py", "6040", "3449", "1000000", data], check=True)
        print("factors  threads  palate   irspack  ratio (must)  implicit  ratio (must)")
        for factors in arguments.factors:
            def palate(threads):
                return least_seconds(f"{arguments.build}/bench/bench_epochs", data, "als", str(threads), f"factors={factors}", "epochs=6")

            def peer(name):
                return least_seconds(peers_python, HERE / "peers/als.py", data, name, str(factors), "1", "3")

            measured = [(palate(1), peer("irspack"), peer("implicit"), palate(2)) for _ in range(arguments.rounds)]
            one, irspack, implicit, two = (min(column) for column in zip(*measured))
            print(f"{factors:7}  {1:7}  {one:.4f}   {irspack:.4f}   {irspack / one:5.2f} ({REQUIRED.get(('irspack', factors), '-')})"
                  f"   {implicit:.4f}    {implicit / one:5.2f} ({REQUIRED.get(('implicit', factors), '-')})")
            print(f"{factors:7}  {2:7}  {two:.4f}   {one / two:.2f} times as fast as one thread (must 1.85)")
            sys.stdout.flush()


if __name__ == "__main__":
    main()
