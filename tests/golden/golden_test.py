"""Losses and metrics of every algorithm on small generated data, with the scalar kernels, as
algorithms.json has them recorded.

A change that moves a figure is a change in results: say so in its commit, and record anew with
`golden_test.py --record`. $PALATE_BINARY is the binary.
"""

import json
import os
import pathlib
import random
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/cli"))
from cli_test import algorithm_names

PALATE = os.environ.get("PALATE_BINARY", "palate")
RECORDED = pathlib.Path(__file__).with_name("algorithms.json")


def write_ratings(path):
    """Some 1,800 ratings by 90 users of 60 items, from biases, two planted factors and noise."""
    rng = random.Random(1)
    users, items = (
        [[rng.gauss(0, 0.7) for _ in range(3)] for _ in range(count)] for count in (90, 60)
    )
    with open(path, "w", encoding="ascii") as file:
        file.write("user,item,rating\n")
        for u, (user_bias, *p) in enumerate(users):
            for i, (item_bias, *q) in enumerate(items):
                if rng.random() < 1 / 3:
                    rating = (
                        3.5
                        + 0.5 * (user_bias + item_bias)
                        + sum(x * y for x, y in zip(p, q))
                        + rng.gauss(0, 0.5)
                    )
                    file.write(f"{u},{i},{min(max(round(rating * 2) / 2, 0.5), 5)}\n")


def measure():
    """Of each model: the first and the last record of its curve, and its metrics on the test
    rows.
    """
    with tempfile.TemporaryDirectory() as folder:
        write_ratings(f"{folder}/ratings.csv")
        command = [
            PALATE,
            "compare",
            f"{folder}/ratings.csv",
            "--algorithms",
            ",".join(algorithm_names()),
            "--json",
            "--quiet",
        ]
        done = subprocess.run(
            command,
            env={**os.environ, "PALATE_SIMD": "scalar"},
            check=True,
            capture_output=True,
            text=True,
        )
    document = json.loads(done.stdout)
    return {
        model["name"]: {
            "first": model["curve"][0],
            "last": model["curve"][-1],
            "metrics": model["metrics"],
        }
        for task in ("ratings", "lists")
        for model in document[task]["models"]
    }


class Golden(unittest.TestCase):
    def compare(self, measured, recorded, place):
        """Equal, figures to 1e-4 of themselves: compilers and their libraries round differently."""
        if isinstance(recorded, dict):
            self.assertEqual(measured.keys(), recorded.keys(), place)
            for key, value in recorded.items():
                self.compare(measured[key], value, f"{place} {key}")
        else:
            self.assertLessEqual(
                abs(measured - recorded),
                1e-4 * abs(recorded),
                f"{place}: {measured}, recorded {recorded}",
            )

    def test_losses_and_metrics_are_as_recorded(self):
        self.compare(measure(), json.loads(RECORDED.read_text()), "models:")


if __name__ == "__main__":
    if sys.argv[1:] == ["--record"]:
        RECORDED.write_text(json.dumps(measure(), indent=1) + "\n")
    else:
        unittest.main()
