"""Errors of predicted ratings, each next to what it must reach.

Usage: scripts/bench accuracy [--sets ml-100k,ml-latest-small]
                              [--palate build/release/palate] [--data FOLDER]

FOLDER has ml-latest-small/ratings.csv and ml-100k/ml-100k.inter or ml-100k/u.data ($PALATE_DATA).
Nothing is tuned here: the defaults run as they are, and with the number of factors that a row
names.
"""

import argparse
import json
import os
import statistics
import subprocess

# data set, arguments of `compare`, models with the metric's bound, metric.
FOLDS = ["--folds", "5", "--split-seed", "0"]
NOTEBOOK = ["--split", "notebook", "--no-clip"]
FIGURES = [
    (
        "ml-latest-small",
        NOTEBOOK,
        "mse",
        {
            "notebook-sgd": 0.747,
            "sgd:factors=2": 0.74,
            "sgd": 0.73,
            "als:factors=2": 0.735,
            "als": 0.725,
            "bias": None,
        },
    ),
    ("ml-100k", FOLDS, "rmse", {"sgd": 0.918, "als": 0.918, "gradient": None, "bias": 0.94402}),
    ("ml-latest-small", FOLDS, "rmse", {"sgd": None, "als": 0.858, "gradient": None, "bias": None}),
    (
        "ml-100k",
        ["--split", "time"],
        "rmse",
        {"sgd": 1.03, "als": 1.03, "gradient": 1.03, "bias": None},
    ),
    (
        "ml-latest-small",
        ["--split", "time"],
        "rmse",
        {"sgd": 1.016, "als": 1.016, "gradient": 1.016, "bias": None},
    ),
]
SEEDS = (1, 2, 3)


def find_ratings(folder):
    """The ratings in the folder of a data set; None where there are none."""
    for file in ("ratings.csv", "ml-100k.inter", "u.data"):
        path = os.path.join(folder, file)
        if os.path.exists(path):
            return path
    return None


def ratings_of(folder, name):
    path = find_ratings(os.path.join(folder, name))
    if path is None:
        raise SystemExit(
            f"{folder}/{name}: no ratings there; "
            "--data or PALATE_DATA names the folder of the data sets"
        )
    return path


def compare(palate, path, models, arguments, seed):
    """The models of one run, by name.

    The split's seed is the protocol's, the training's is `seed`.
    """
    seeds = [] if "--split-seed" in arguments else ["--split-seed", "1"]
    command = [
        palate,
        "compare",
        path,
        "--algorithms",
        ",".join(models),
        "--json",
        "--quiet",
        "--seed",
        str(seed),
        *arguments,
        *seeds,
    ]
    printed = subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout
    return {model["name"]: model for model in json.loads(printed)["ratings"]["models"]}


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--sets", default="ml-100k,ml-latest-small")
    parser.add_argument("--palate", default="build/release/palate")
    parser.add_argument("--data", default=os.environ.get("PALATE_DATA", ""))
    options = parser.parse_args()
    print(
        f"{'data':16}  {'protocol':32}  {'model':14}  {'metric':6}  {'mean':>8}  "
        f"{'seeds +-':>8}  {'bound':>8}  {'seconds':>8}"
    )
    for name, arguments, metric, models in FIGURES:
        if name not in options.sets.split(","):
            continue
        runs = [
            compare(options.palate, ratings_of(options.data, name), models, arguments, seed)
            for seed in SEEDS
        ]
        for model, bound in models.items():
            values = [run[model]["metrics"][metric]["value"] for run in runs]
            mean, spread = statistics.mean(values), (max(values) - min(values)) / 2
            verdict = "" if bound is None else "reached" if mean <= bound else "MISSED"
            seconds = statistics.median(run[model]["seconds"] for run in runs)
            limit = "" if bound is None else f"{bound:.4f}"
            print(
                f"{name:16}  {' '.join(arguments):32}  {model:14}  {metric:6}  "
                f"{mean:8.5f}  {spread:8.5f}  {limit:>8}  {seconds:8.3f}  {verdict}",
                flush=True,
            )


if __name__ == "__main__":
    main()
