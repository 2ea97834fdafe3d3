"""The search behind the default options: random trials on several data sets at once.

    bench/search_defaults.py als|sgd|gradient [--trials 200] [--palate build/release/palate]
                             [--data FOLDER]

Every trial is measured on a validation part (20 %) of the train part (80 %) of each data set; the
remaining 20 % of a data set are never read. Its score on a set is its RMSE over the bias model's
there; a trial's score is the mean over the sets. The table shows the best trials, the present
defaults among them, and how far the score moves with the seed.

Data sets: ml-100k, ml-latest-small, and three planted ones: `tall` (many users, few items, a strong
low-rank taste), `sparse` (a long tail, few ratings a user), `noisy` (biases and noise, hardly any
taste).
"""

import argparse
import csv
import json
import os
import random
import statistics
import subprocess
import tempfile

from accuracy import ratings_of

# What a trial draws from: a list of choices, or (low, high) on a logarithmic scale.
SPACES = {
    "als": {
        "factors": [8, 16, 24, 32, 48, 64],
        "epochs": [6, 8, 10, 15, 20, 30],
        "regularization": (0.1, 1.2),
        "regularization_exponent": [0, 0.25, 0.5, 0.75, 1],
        "bias_regularization": (1.0, 12.0),
    },
    "sgd": {
        "factors": [8, 16, 32, 48, 64, 96],
        "epochs": [15, 20, 30, 40, 60],
        "learning_rate": (0.1, 1.0),
        "regularization": (0.5, 4.0),
        "bias_regularization": (1.0, 12.0),
    },
    "gradient": {
        "factors": [2, 4, 8, 16],
        "epochs": [50, 100, 150, 200, 300],
        "learning_rate": (0.003, 0.1),
        "regularization": (0.003, 0.3),
    },
}
# Users, items, ratings, factors, spread of the taste, noise, exponents of the users' and the items'
# popularity.
PLANTED = {
    "tall": (3000, 200, 60000, 8, 0.9, 0.5, 0.4, 0.5),
    "sparse": (4000, 3000, 60000, 4, 0.7, 0.7, 0.6, 0.9),
    "noisy": (800, 1200, 60000, 2, 0.2, 0.9, 0.6, 0.8),
}


def planted(users, items, count, factors, taste, noise, user_exponent, item_exponent):
    """Rows (user, item, rating) of a planted model, in halves from 0.5 to 5."""
    rng = random.Random(7)
    spread = (taste / factors**0.5) ** 0.5
    p = [[rng.gauss(0, spread) for _ in range(factors)] for _ in range(users)]
    q = [[rng.gauss(0, spread) for _ in range(factors)] for _ in range(items)]
    user_bias = [rng.gauss(0, 0.4) for _ in range(users)]
    item_bias = [rng.gauss(0, 0.5) for _ in range(items)]
    user_weights = [(n + 10) ** -user_exponent for n in range(users)]
    item_weights = [(n + 10) ** -item_exponent for n in range(items)]
    pairs = set()
    while len(pairs) < count:
        pairs.update(
            zip(
                rng.choices(range(users), user_weights, k=count),
                rng.choices(range(items), item_weights, k=count),
            )
        )
    rows = []
    for user, item in rng.sample(sorted(pairs), count):
        score = (
            3.5
            + user_bias[user]
            + item_bias[item]
            + sum(a * b for a, b in zip(p[user], q[item]))
            + rng.gauss(0, noise)
        )
        rows.append((user, item, min(5.0, max(0.5, round(score * 2) / 2))))
    return rows


def real(path):
    with open(path, newline="") as file:
        rows = list(csv.reader(file, delimiter="\t" if path.endswith((".inter", ".data")) else ","))
    return [row[:3] for row in rows if row[2].replace(".", "", 1).isdigit()]


def write_train_part(rows, path):
    random.Random(1).shuffle(rows)
    with open(path, "w", newline="") as file:
        out = csv.writer(file)
        out.writerow(["user", "item", "rating"])
        out.writerows(rows[: len(rows) * 4 // 5])


def draw(space, rng):
    values = {}
    for name, choices in space.items():
        if isinstance(choices, list):
            values[name] = rng.choice(choices)
        else:
            low, high = choices
            values[name] = float(f"{low * (high / low) ** rng.random():.3g}")
    return values


def ratios(palate, path, names, seed=1):
    """RMSE over the bias model's on the validation part, by name. A divergence counts as 2."""
    command = [
        palate,
        "compare",
        path,
        "--algorithms",
        ",".join([*names, "bias"]),
        "--seed",
        str(seed),
        "--split-seed",
        "1",
        "--json",
        "--quiet",
    ]
    models = json.loads(subprocess.run(command, check=True, capture_output=True).stdout)["ratings"][
        "models"
    ]
    bias = models[-1]["metrics"]["rmse"]["value"]
    return {
        m["name"]: 2.0 if m["ending"] == "diverged" else m["metrics"]["rmse"]["value"] / bias
        for m in models[:-1]
    }


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("algorithm", choices=SPACES)
    parser.add_argument("--trials", type=int, default=200)
    parser.add_argument("--palate", default="build/release/palate")
    parser.add_argument("--data", default=os.environ.get("PALATE_DATA", ""))
    options = parser.parse_args()

    with tempfile.TemporaryDirectory() as folder:
        sets = {
            name: real(ratings_of(options.data, name)) for name in ("ml-100k", "ml-latest-small")
        }
        sets |= {name: planted(*shape) for name, shape in PLANTED.items()}
        paths = {name: os.path.join(folder, name + ".csv") for name in sets}
        for name, rows in sets.items():
            write_train_part(rows, paths[name])

        rng = random.Random(3)
        trials = [options.algorithm]
        while len(trials) <= options.trials:
            values = draw(SPACES[options.algorithm], rng)
            trials.append(
                ":".join(
                    [options.algorithm, *(f"{name}={value}" for name, value in values.items())]
                )
            )
        trials = list(dict.fromkeys(trials))
        scores = {trial: {} for trial in trials}
        for begin in range(0, len(trials), 20):
            for name, path in paths.items():
                for trial, ratio in ratios(
                    options.palate, path, trials[begin : begin + 20]
                ).items():
                    scores[trial][name] = ratio
        ranked = sorted(trials, key=lambda trial: statistics.mean(scores[trial].values()))

        print(
            f"{len(trials)} trials of {options.algorithm}; RMSE over the bias model's, "
            "on a validation part of the train part\n"
        )
        print(f"{'mean':>7}  " + "  ".join(f"{name:>15}" for name in paths) + "  options")
        shown = ranked[:15] + [t for t in (options.algorithm,) if t not in ranked[:15]]
        for trial in shown:
            row = "  ".join(f"{scores[trial][name]:15.4f}" for name in paths)
            print(
                f"{statistics.mean(scores[trial].values()):7.4f}  {row}  {trial}"
                + (" (the defaults)" if trial == options.algorithm else "")
            )
        by_seed = [
            statistics.mean(
                ratios(options.palate, path, ranked[:1], seed)[ranked[0]] for path in paths.values()
            )
            for seed in (1, 2, 3)
        ]
        print(f"\nthe best with seeds 1, 2, 3: " + ", ".join(f"{score:.4f}" for score in by_seed))


if __name__ == "__main__":
    main()
