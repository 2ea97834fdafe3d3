"""The random search behind the default options of an algorithm.

Usage: scripts/bench search_defaults als|sgd|gradient|ials|item-knn|ease|sampled [--trials 200]
                                     [--data FOLDER] [--palate build/release/palate]

Every trial is measured on a validation part (20 %) of the train part (80 %) of each data set; the
remaining 20 % of a data set are never read. For ratings its score on a set is its RMSE over the
bias model's there, and the least is best; for lists it is its NDCG@10 over that of the set's best
trial, and the greatest is best. A trial's score is the mean over the sets. The table shows the best
trials, the present defaults among them, and how far the score moves with the seed.

Data sets for both: ml-100k and ml-latest-small. Three planted ones for ratings: `tall` (many users,
few items, a strong low-rank taste), `sparse` (a long tail, few ratings a user), `noisy` (biases and
noise, hardly any taste). For lists `thin`, half of the rows of ml-100k, and three planted ones in
which a user chooses by popularity and taste: `tall` (many users, few items, stars), `sparse` (a
long tail, no values) and `counts` (how often an item was chosen, with a long tail).
"""

import argparse
import csv
import json
import math
import operator
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
    "ials": {
        "factors": [16, 32, 48, 64, 96, 128],
        "epochs": [5, 8, 10, 12, 16],
        "unobserved": (2.0, 40.0),
        "regularization": (0.15, 0.8),
        "regularization_exponent": [0.25, 0.5, 0.75],
        "rating_exponent": [0, 1, 1.5, 2],
        "lower_weight": [0, 0.1, 0.2, 0.3, 0.5, 1],
        "weight_exponent": [0, 0.25, 0.5, 1],
    },
    "item-knn": {
        "neighbours": [20, 50, 100, 200, 400],
        "shrinkage": (1.0, 100.0),
        "asymmetry": [0.4, 0.5, 0.6, 0.7, 0.8],
        "rating_exponent": [0, 1, 1.5, 2],
        "lower_weight": [0, 0.1, 0.2, 0.3, 0.5, 1],
        "weight_exponent": [0, 0.25, 0.5, 1],
    },
    "ease": {
        "regularization": (20.0, 1000.0),
        "rating_exponent": [0, 1, 1.5, 2],
        "lower_weight": [0, 0.1, 0.2, 0.3, 0.5, 1],
        "weight_exponent": [0, 0.25, 0.5, 1],
    },
    "sampled": {
        "factors": [32, 48, 64, 96, 128],
        "epochs": [10, 15, 20, 30, 45],
        "negatives": [128, 256, 512, 1024],
        "temperature": (0.08, 0.3),
        "negative_exponent": [1, 1.1, 1.2, 1.3, 1.4],
        "learning_rate": (0.2, 1.0),
        "rating_exponent": [0, 1, 1.5, 2],
        "lower_weight": [0, 0.1, 0.2, 0.3, 0.5, 1],
        "weight_exponent": [0, 0.25, 0.5, 1],
    },
}
LISTS = {"ials", "item-knn", "ease", "sampled"}
# Users, items, ratings, factors, spread of the taste, noise, exponents of the users' and the items'
# popularity.
PLANTED = {
    "tall": (3000, 200, 60000, 8, 0.9, 0.5, 0.4, 0.5),
    "sparse": (4000, 3000, 60000, 4, 0.7, 0.7, 0.6, 0.9),
    "noisy": (800, 1200, 60000, 2, 0.2, 0.9, 0.6, 0.8),
}

# Users, items, pairs, factors, strength of the taste, exponents of the users' and the items'
# popularity, what a pair's value is.
CHOSEN = {
    "tall": (2500, 300, 60000, 20, 1.8, 0.5, 0.8, "stars"),
    "sparse": (2000, 3000, 40000, 20, 4.0, 0.6, 0.8, "none"),
    "counts": (1200, 1500, 45000, 20, 3.0, 0.5, 0.8, "counts"),
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


def chosen(users, items, count, factors, taste, user_exponent, item_exponent, kind):
    """Rows (user, item, value) of users who each choose the best of some popular items by taste and
    chance. The first factors tell most. Stars and counts rise with the taste for the item.
    """
    rng = random.Random(7)
    spread = [(k + 1) ** -0.5 for k in range(factors)]
    length = sum(s * s for s in spread) ** 0.5
    p = [[rng.gauss(0, s / length) for s in spread] for _ in range(users)]
    q = [[rng.gauss(0, 1) for _ in range(factors)] for _ in range(items)]
    weights = [(n + 10) ** -item_exponent for n in range(items)]
    rng.shuffle(weights)
    activity = [
        (n + users / 20) ** -user_exponent * rng.lognormvariate(0, 0.5) for n in range(users)
    ]
    share = count / sum(activity)
    item_bias = [rng.gauss(0, 0.4) for _ in range(items)]
    rows = []
    for user in range(users):
        size = min(items // 3, max(8, round(share * activity[user])))
        tastes = {
            item: sum(map(operator.mul, p[user], q[item]))
            for item in rng.choices(range(items), weights, k=20 * size)
        }
        scores = {item: taste * t - math.log(rng.expovariate(1)) for item, t in tastes.items()}
        user_bias = rng.gauss(0, 0.4)
        for item in sorted(scores, key=scores.get, reverse=True)[:size]:
            value = 1
            if kind == "stars":
                mean = 2.9 + user_bias + item_bias[item] + 0.4 * tastes[item]
                value = min(5, max(1, round(rng.gauss(mean, 0.7))))
            elif kind == "counts":
                value = math.ceil(math.exp(rng.gauss(2 * user_bias + 0.6 * tastes[item] - 0.5, 1)))
            rows.append((user, item, value))
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


def values(palate, path, task, names, seed=1):
    """Of each name, RMSE over the bias model's, or NDCG@10, on the validation part. A divergence
    counts as 2, or 0.
    """
    baseline, metric, worst = ("popular", "ndcg@10", 0) if task == "lists" else ("bias", "rmse", 2)
    command = [palate, "compare", path, "--task", task]
    command += ["--algorithms", ",".join([*names, baseline]), "--seed", str(seed)]
    command += ["--split-seed", "1", "--json", "--quiet"]
    result = json.loads(subprocess.run(command, check=True, capture_output=True).stdout)
    models = result[task]["models"]
    unit = 1 if task == "lists" else models[-1]["metrics"][metric]["value"]
    return {
        model["name"]: worst
        if model["ending"] == "diverged"
        else model["metrics"][metric]["value"] / unit
        for model in models[:-1]
    }


def data_sets(task, folder):
    """The data sets for the task, by name."""
    sets = {name: real(ratings_of(folder, name)) for name in ("ml-100k", "ml-latest-small")}
    if task == "ratings":
        return sets | {name: planted(*shape) for name, shape in PLANTED.items()}
    rows = sets["ml-100k"]
    sets["thin"] = random.Random(5).sample(rows, len(rows) // 2)
    return sets | {name: chosen(*shape) for name, shape in CHOSEN.items()}


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("algorithm", choices=SPACES)
    parser.add_argument("--trials", type=int, default=200)
    parser.add_argument("--palate", default="build/release/palate")
    parser.add_argument("--data", default=os.environ.get("PALATE_DATA", ""))
    options = parser.parse_args()

    task = "lists" if options.algorithm in LISTS else "ratings"

    with tempfile.TemporaryDirectory() as folder:
        sets = data_sets(task, options.data)
        paths = {name: os.path.join(folder, name + ".csv") for name in sets}
        for name, rows in sets.items():
            write_train_part(rows, paths[name])

        rng = random.Random(3)
        trials = [options.algorithm]
        while len(trials) <= options.trials:
            drawn = draw(SPACES[options.algorithm], rng)
            trials.append(
                ":".join([options.algorithm, *(f"{name}={value}" for name, value in drawn.items())])
            )
        trials = list(dict.fromkeys(trials))
        found = {trial: {} for trial in trials}
        for begin in range(0, len(trials), 20):
            for name, path in paths.items():
                batch = values(options.palate, path, task, trials[begin : begin + 20])
                for trial, value in batch.items():
                    found[trial][name] = value
        best = {
            name: max(found[trial][name] for trial in trials) if task == "lists" else 1
            for name in paths
        }

        def mean(of_sets):
            return statistics.mean(of_sets[name] / best[name] for name in paths)

        ranked = sorted(trials, key=lambda trial: mean(found[trial]), reverse=task == "lists")
        by_seed = []
        for seed in (1, 2, 3):
            of_sets = {
                name: values(options.palate, path, task, ranked[:1], seed)[ranked[0]]
                for name, path in paths.items()
            }
            by_seed.append(mean(of_sets))

    what = "NDCG@10" if task == "lists" else "RMSE over the bias model's"
    print(
        f"{len(trials)} trials of {options.algorithm}; {what}, "
        "on a validation part of the train part\n"
    )
    print(f"{'mean':>7}  " + "  ".join(f"{name:>15}" for name in paths) + "  options")
    shown = ranked[:15] + [t for t in (options.algorithm,) if t not in ranked[:15]]
    for trial in shown:
        row = "  ".join(f"{found[trial][name]:15.4f}" for name in paths)
        print(
            f"{mean(found[trial]):7.4f}  {row}  {trial}"
            + (" (the defaults)" if trial == options.algorithm else "")
        )
    print("\nthe best with seeds 1, 2, 3: " + ", ".join(f"{score:.4f}" for score in by_seed))


if __name__ == "__main__":
    main()
