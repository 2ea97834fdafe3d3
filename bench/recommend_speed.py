#!/usr/bin/env python3
"""Lists of ten for every user, next to implicit's recommend.

Usage: scripts/bench recommend_speed [--rounds 3] [--users 20000] [--items 60000]
                                     [--factors 64] [--threads 2]
                                     [--build build/release] [--peers build/peers]

Programs alternate on the same factors. Two models: `als` trained on synthetic ratings, and random
factors, which are the hardest, since nothing tells where the best items are. What users have rated
is left out; both programs compute exact lists, whose mean scores agree. Of the rounds the least
seconds are taken, since noise only adds.
"""

import argparse
import json
import pathlib
import subprocess
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
MUST = 5


def measured(*command):
    return json.loads(
        subprocess.run(
            [str(word) for word in command], check=True, stdout=subprocess.PIPE, text=True
        ).stdout
    )


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--build", default="build/release")
    parser.add_argument("--peers", default="build/peers")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--items", type=int, default=60000)
    parser.add_argument("--users", type=int, default=20000)
    parser.add_argument("--factors", type=int, default=64)
    parser.add_argument("--threads", type=int, default=2)
    arguments = parser.parse_args()
    python = f"{arguments.peers}/bin/python"

    with tempfile.TemporaryDirectory() as folder:
        data, trained, random = (
            f"{folder}/{name}"
            for name in ("ratings.csv", "trained.safetensors", "random.safetensors")
        )
        subprocess.run(
            [
                python,
                HERE / "synthetic.py",
                str(arguments.users),
                str(arguments.items),
                "2000000",
                data,
            ],
            check=True,
        )
        subprocess.run(
            [
                f"{arguments.build}/palate",
                "train",
                data,
                "--algorithm",
                "als",
                "--factors",
                str(arguments.factors),
                "--epochs",
                "8",
                "-o",
                trained,
                "--quiet",
            ],
            check=True,
            stdout=subprocess.DEVNULL,
        )
        subprocess.run(
            [
                f"{arguments.build}/bench/bench_random_model",
                str(arguments.users),
                str(arguments.items),
                str(arguments.factors),
                "50",
                random,
            ],
            check=True,
        )
        print("model    users  items  palate users/s  implicit users/s  ratio (must)  mean scores")
        for name, model in (("trained", trained), ("random", random)):
            rounds = []
            for _ in range(arguments.rounds):
                palate = measured(
                    f"{arguments.build}/bench/bench_lists", model, arguments.threads, 10
                )
                peer = measured(
                    python, "-W", "ignore", HERE / "peers/lists.py", model, arguments.threads, 10
                )
                rounds.append((palate, peer))
            palate, peer = (
                min(column, key=lambda result: result["seconds"]) for column in zip(*rounds)
            )
            print(
                f"{name:7}  {palate['users']:5}  {palate['items']:5}"
                f"  {palate['users'] / palate['seconds']:14.0f}"
                f"  {peer['users'] / peer['seconds']:16.0f}"
                f"  {peer['seconds'] / palate['seconds']:5.1f} ({MUST})"
                f"    {palate['mean_score']:.5f} {peer['mean_score']:.5f}",
                flush=True,
            )


if __name__ == "__main__":
    main()
