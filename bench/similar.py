#!/usr/bin/env python3
"""Several ways to list what is like an item, on held-out users.

Usage: scripts/bench similar [--sets ml-100k,ml-latest-small,mild,strong]
                             [--palate build/release/palate] [--data FOLDER]

The users of a data set are dealt out to two halves. A model is trained on one of them; in the other
an item's list of ten is good if those who like the item like what stands in it. For a user with the
relevant items R, and an item i of them, with the list L of i,

    recall = sum of w_j over j in L and R, j != i / the largest that ten items could give

with w_j = (train users of j)^-beta: the popularity-stratified recall of H. Steck, Item popularity
and recommendation accuracy, RecSys 2011. With beta = 0 a list of popular items is rewarded for
nothing but their popularity; with beta = 1 any list would score alike if items were chosen
independently, and all depends on rare ones. beta = 1/2 stands between the two, and still rewards
popularity alone where taste is hard to tell. What is shown should be beaten by no other way at both
1/2 and 1. The mean is over the items of a user, then over users, then over both ways to take the
halves; in brackets is the difference to `fold-in` with its standard error over users.

    fold-in      the list of somebody who liked just this item, by the row objective of the scorer:
                 by what the like adds to the score, so that no item's bias counts
    .../ own     the same, over the root of what liking the neighbour adds to itself
    cosine       of the factors
    ..., 5       the same, of items that five train users like alone
    n/(n+s)      cosine times n/(n+s) for n train users of the neighbour
    co-occurrence  n_ij / (sqrt(n_i n_j) + s) of the train half: item-kNN's shrunk cosine
    popular      the items with most train users, the same for each

Data sets: ml-100k, ml-latest-small, and two planted ones, in which a user's taste makes both what
is chosen and what is liked of it: `mild`, and `strong` with a long tail. Needs numpy.
"""

import argparse
import csv
import itertools
import json
import os
import pathlib
import random
import subprocess
import tempfile

import numpy as np
from accuracy import ratings_of
from search_defaults import real

CUTOFF = 10
# Users, items, ratings of a user on average, how much taste counts in a choice, exponent of the
# items' popularity.
PLANTED = {"mild": (2000, 800, 40, 1.5, 0.5), "strong": (2000, 3000, 40, 3.0, 0.9)}
BETAS = (0.5, 0, 1)
SHRINKAGES = (10, 50)


def read_model(path):
    """The strings and the tensors of a model's file: docs/model_format.md."""
    file = pathlib.Path(path).read_bytes()
    start = 8 + int.from_bytes(file[:8], "little")
    header = json.loads(file[8:start])
    metadata = header.pop("__metadata__")
    dtypes = {"U8": "u1", "U32": "<u4", "I64": "<i8", "F32": "<f4"}
    return metadata, {
        name: np.frombuffer(file[start:][slice(*entry["data_offsets"])], dtypes[entry["dtype"]])
        .reshape(entry["shape"])
        .astype(np.float64 if entry["dtype"] == "F32" else np.int64)
        for name, entry in header.items()
    }


def fold_in(row, y):
    """What liking one item (rows) adds to the scores of all (columns)."""
    ridge = row["factors"] * (1 + row["offset"]) ** row["exponent"]
    if row["unobserved"] > 0:
        # The item's own weight scales its row and does not change the order of the others.
        matrix = row["unobserved"] * y.T @ y + ridge * np.eye(y.shape[1])
        return y @ np.linalg.solve(matrix, y.T)
    # One rating of r gives x = y_i e / lambda and b = e / kappa, whose sum is the same for all
    # items, with e for what is left of r: the order is that of y_i . y_j.
    return y @ y.T / ridge


def candidates(metadata, tensors, task, liked, kept):
    """For each way its scores, items x items, of the items that are kept."""
    y = tensors[task + ".item_factors"][kept]
    n = liked.sum(0).astype(float)
    length = np.sqrt((y * y).sum(1))
    length[length == 0] = np.inf
    cosine = (y / length[:, None]) @ (y / length[:, None]).T
    together = liked.T.astype(np.float32) @ liked.astype(np.float32)
    row = json.loads(metadata[task + ".row_objective"])
    folded_in = fold_in(row, y)
    yield "fold-in", folded_in
    yield "fold-in, 5", np.where(n >= 5, folded_in, -np.inf)
    own = np.sqrt(np.maximum(np.diag(folded_in), 1e-9))
    yield "fold-in / own", folded_in / own
    yield "fold-in / own, 5", np.where(n >= 5, folded_in / own, -np.inf)
    yield "cosine", cosine
    yield "cosine, 5", np.where(n >= 5, cosine, -np.inf)
    for s in SHRINKAGES:
        yield f"cosine n/(n+{s})", cosine * (n / (n + s))
    for s in SHRINKAGES:
        yield (
            f"co-occurrence, {s}",
            together / (np.sqrt(np.outer(n, n)) + s),
        )
    yield "popular", np.broadcast_to(n, cosine.shape)


def best(scores):
    """The ten best items of each row, but for the row's own; -1 where there is none."""
    scores = np.array(scores)
    np.fill_diagonal(scores, -np.inf)
    part = np.argpartition(-scores, CUTOFF, axis=1)[:, :CUTOFF]
    part[np.take_along_axis(scores, part, 1) == -np.inf] = -1
    return part


def recalls(lists, held_out, n, beta):
    """By user of the held-out half."""
    weight = n.astype(float) ** -beta
    found = []
    for user in held_out:
        items = np.flatnonzero(user)
        if len(items) < 2:
            continue
        hits = (np.append(user * weight, 0)[lists[items]]).sum(1)
        largest = np.sort(weight[items])[::-1]
        top = largest[: CUTOFF + 1].sum() if len(items) > CUTOFF else largest.sum()
        # One of these is the item itself, or the least of the eleven.
        last = largest[CUTOFF] if len(items) > CUTOFF else 0
        ideal = top - np.maximum(weight[items], last)
        found.append((hits / ideal).mean())
    return np.array(found)


def least_relevant(rows):
    """The least value that the upper half holds, above the lowest: Dataset::relevant()."""
    values = sorted(float(row[2]) for row in rows)
    return next((v for v in values[len(values) // 2 :] if v > values[0]), values[0])


def item_ids(tensors):
    if "item_ids" in tensors:
        return [str(item) for item in tensors["item_ids"]]
    text = bytes(tensors["item_ids.bytes"].tolist())
    return [text[a:b].decode() for a, b in itertools.pairwise(tensors["item_ids.offsets"])]


def liked_by(rows, least, ids):
    """users x items: who gave at least that."""
    place = {user: k for k, user in enumerate(sorted({row[0] for row in rows}, key=str))}
    index = {item: k for k, item in enumerate(ids)}
    liked = np.zeros((len(place), len(ids)), bool)
    for user, item, value in rows:
        if float(value) >= least and str(item) in index:
            liked[place[user], index[str(item)]] = True
    return liked


def trained(palate, rows, algorithm):
    with tempfile.TemporaryDirectory() as folder:
        data, model = f"{folder}/train.csv", f"{folder}/model.safetensors"
        with open(data, "w", newline="") as file:
            csv.writer(file).writerows([("user", "item", "rating"), *rows])
        subprocess.run(
            [palate, "train", data, "--algorithm", algorithm, "-o", model, "--quiet"],
            check=True,
            stdout=subprocess.DEVNULL,
        )
        return read_model(model)


def measured(palate, rows, algorithm, task):
    """For each way: for each beta, the recalls of all users in one order."""
    users = sorted({row[0] for row in rows}, key=str)
    random.Random(1).shuffle(users)
    half = set(users[: len(users) // 2])
    parts = [[row for row in rows if (row[0] in half) == is_first] for is_first in (True, False)]
    found = {}
    for train, test in (parts, parts[::-1]):
        metadata, tensors = trained(palate, train, algorithm)
        least = least_relevant(train)
        liked, held_out = (liked_by(part, least, item_ids(tensors)) for part in (train, test))
        # Items without train users are like nothing, whatever the way.
        kept = liked.any(0)
        liked, held_out = liked[:, kept], held_out[:, kept]
        for name, scores in candidates(metadata, tensors, task, liked, kept):
            lists = best(scores)
            for beta in BETAS:
                found.setdefault(name, {}).setdefault(beta, []).append(
                    recalls(lists, held_out, liked.sum(0), beta)
                )
    return {
        name: {beta: np.concatenate(of_halves) for beta, of_halves in by_beta.items()}
        for name, by_beta in found.items()
    }


def planted(users, items, mean, taste, exponent):
    """Rows (user, item, rating). A user draws items without replacement, each in proportion to its
    popularity times exp(taste x . y), by the largest of their logarithms with Gumbel noise.
    """
    rng = np.random.default_rng(7)
    x, y = (rng.standard_normal((count, 8)) / 8**0.5 for count in (users, items))
    popularity = -exponent * np.log(rng.permutation(items) + 10.0)
    rows = []
    for user in range(users):
        drawn = popularity + taste * (y @ x[user]) + rng.gumbel(size=items)
        count = min(5 + rng.geometric(1 / (mean - 5)), items // 2)
        for item in np.argsort(-drawn)[:count]:
            value = 3.5 + y[item] @ x[user] + 0.7 * rng.standard_normal()
            rows.append((user, int(item), float(np.clip(np.round(value * 2) / 2, 0.5, 5))))
    return rows


def data_sets(names, folder):
    for name in names:
        if name in PLANTED:
            yield name, planted(*PLANTED[name])
        else:
            rows = real(ratings_of(folder, name))
            yield name, [(user, item, float(value)) for user, item, value in rows]


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--palate", default="build/release/palate")
    parser.add_argument("--sets", default="ml-100k,ml-latest-small,mild,strong")
    parser.add_argument("--data", default=os.environ.get("PALATE_DATA", ""))
    arguments = parser.parse_args()
    for name, rows in data_sets(arguments.sets.split(","), arguments.data):
        for algorithm, task in (("ials", "lists"), ("als", "ratings")):
            found = measured(arguments.palate, rows, algorithm, task)
            users = len(found["fold-in"][BETAS[0]])
            print(f"\n{name}, {algorithm}: {users} users")
            print(f"{'':20}" + "".join(f"beta = {beta:<17}" for beta in BETAS))
            for way, by_beta in found.items():
                line = f"{way:20}"
                for beta in BETAS:
                    difference = by_beta[beta] - found["fold-in"][beta]
                    error = difference.std() / len(difference) ** 0.5
                    line += f"{by_beta[beta].mean():.4f} ({difference.mean():+.4f} ± {error:.4f}) "
                print(line)


if __name__ == "__main__":
    main()
