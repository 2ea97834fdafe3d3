#!/usr/bin/env python3
"""The notebook's two methods, whole processes, next to torch.

Usage: scripts/bench notebook_speed [--rounds 3] [--palate build/release/palate]
                                    [--python /usr/bin/python3] [--data FOLDER]

The peers are the notebook's own code, and its second method done pair by pair. They run in a Python
with torch, pandas and scikit-learn: the distribution's, whose torch is built for processors alone.
FOLDER has ml-latest-small/ratings.csv ($PALATE_DATA).

Every round runs each peer once and Palate ten times; of each the least is taken. Palate runs
`compare` with the preset alone: reading, split, training with the test loss of each epoch, table.
One JSON line for each peer.
"""

import argparse
import json
import os
import pathlib
import subprocess
import time

from accuracy import ratings_of

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
    parser.add_argument("--palate", default="build/release/palate")
    parser.add_argument("--python", default="/usr/bin/python3")
    parser.add_argument("--data", default=os.environ.get("PALATE_DATA", ""))
    parser.add_argument("--rounds", type=int, default=3)
    arguments = parser.parse_args()
    ratings = ratings_of(arguments.data, "ml-latest-small")
    for preset, script, must in FIGURES:
        peer_seconds, palate_seconds = [], []
        for _ in range(arguments.rounds):
            seconds, output = run(arguments.python, HERE / "peers" / script, ratings)
            peer_seconds.append(seconds)
            peer = json.loads(output)
            for _ in range(10):
                seconds, output = run(
                    arguments.palate,
                    "compare",
                    ratings,
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
