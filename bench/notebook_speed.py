#!/usr/bin/env python3
"""The notebook's two methods, whole processes from start to end: Palate beside the notebook's own
code and torch pair by pair.

Usage: notebook_speed.py RATINGS.csv [--palate build/release/palate] [--peers VENV] [--rounds 3]

VENV is a virtual environment with bench/peers/requirements.txt. Every round runs each peer once and
Palate ten times; of each the least is taken. Palate runs `compare` with the preset alone: reading,
split, training with the test loss of each epoch, table. One JSON line for each peer.
"""

import argparse
import json
import pathlib
import subprocess
import time

HERE = pathlib.Path(__file__).resolve().parent
# preset, peer's script, how many times as fast Palate must be
FIGURES = [
    ("notebook-adam", "notebook_adam.py", 150),
    ("notebook-sgd", "notebook_sgd.py", 400),
    ("notebook-sgd", "notebook_sgd_pairs.py", 40),
]


def run(*command):
    began = time.perf_counter()
    output = subprocess.run(
        command, check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ).stdout
    return time.perf_counter() - began, output


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("ratings")
    parser.add_argument("--palate", default="build/release/palate")
    parser.add_argument("--peers", default="build/peers")
    parser.add_argument("--rounds", type=int, default=3)
    arguments = parser.parse_args()
    for preset, script, must in FIGURES:
        peer_seconds, palate_seconds = [], []
        for _ in range(arguments.rounds):
            seconds, output = run(
                f"{arguments.peers}/bin/python", HERE / "peers" / script, arguments.ratings
            )
            peer_seconds.append(seconds)
            peer = json.loads(output)
            for _ in range(10):
                seconds, output = run(
                    arguments.palate,
                    "compare",
                    arguments.ratings,
                    "--algorithms",
                    preset,
                    "--split",
                    "notebook",
                    "--no-clip",
                    "--json",
                    "--quiet",
                )
                palate_seconds.append(seconds)
        (model,) = json.loads(output)["ratings"]["models"]
        peer_least, palate_least = min(peer_seconds), min(palate_seconds)
        print(
            json.dumps(
                {
                    "preset": preset,
                    "peer": peer["peer"],
                    "torch": peer["torch"],
                    "peer_seconds": round(peer_least, 3),
                    "palate_seconds": round(palate_least, 4),
                    "times_as_fast": round(peer_least / palate_least),
                    "must_be": must,
                    "test_mse": {
                        "peer": round(peer["test_loss"], 5),
                        "palate": round(model["curve"][-1]["test_loss"], 5),
                    },
                }
            ),
            flush=True,
        )


if __name__ == "__main__":
    main()
