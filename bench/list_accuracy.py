"""NDCG@10 of lists, next to irspack's iALS and EASE, tuned.

Usage: scripts/bench list_accuracy [--trials 40] [--tune] [--bpr] [--splits 5]
                                   [--sets ml-100k,ml-latest-small] [--peers build/peers]
                                   [--palate build/release/palate] [--data FOLDER]

FOLDER has ml-latest-small/ratings.csv and ml-100k/ml-100k.inter or ml-100k/u.data ($PALATE_DATA).

Each split holds out a random fifth of the ratings. All items are ranked, what a user rated in the
train part is left out, and ratings of 4 or more are relevant; users without a relevant test rating
are not measured. Everybody gets the same train part as a file, and one function here measures the
lists. Palate trains as it does without a flag; the peers choose the best of TRIALS draws on a
validation part of the train part. With --tune, `palate tune` has as many trials. With --bpr the
peers are implicit's and cornac's BPR, and it is `sampled` and `bpr` that are tuned.

A difference between two models is measured for each user, as the mean over the splits in which the
user has a relevant test rating; its interval is that of a bootstrap over users.
"""

import argparse
import csv
import json
import math
import os
import pathlib
import random
import statistics
import subprocess
import tempfile

from accuracy import ratings_of
from search_defaults import real

HERE = pathlib.Path(__file__).resolve().parent
CUTOFF = 10
RELEVANT = 4
WITHIN = 0.005
PALATE = {"palate train": "ials", **{name: name for name in ("item-knn", "ease", "popular")}}
TUNED = {"palate tune": "ials"}
PEERS = {"irspack iALS": "ials", "irspack EASE": "ease"}
# A preset is not tuned, but the options of `bpr` can be given, which are then not searched.
BPR = "--negatives 1 --cosine false --temperature 1 --item-bias true"
BPR += " --negative-exponent 1 --user-regularization 0.02 --item-regularization 0.005"
TUNED_BPR = {"palate sampled": "sampled", "palate bpr": f"sampled {BPR}"}
PEERS_BPR = {"implicit BPR": "implicit-bpr", "cornac BPR": "cornac-bpr"}


def ndcg(listed, relevant):
    gains = [1 / math.log2(rank + 2) for rank in range(CUTOFF)]
    ideal = sum(gains[: len(relevant)])
    return sum(gain for gain, item in zip(gains, listed) if item in relevant) / ideal


def by_user(lists, test):
    """NDCG of each user that has a relevant test rating."""
    relevant = {}
    for user, item, rating in test:
        if float(rating) >= RELEVANT:
            relevant.setdefault(user, set()).add(item)
    return {user: ndcg(lists.get(user, []), items) for user, items in relevant.items()}


def write(path, rows):
    with open(path, "w", newline="") as file:
        out = csv.writer(file)
        out.writerow(["user", "item", "rating"])
        out.writerows(rows)


def lists_of_model(palate, model, path):
    command = [palate, "recommend", model, "--all-users", "-k", str(CUTOFF), "-o", path, "--quiet"]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    lists = {}
    with open(path, newline="") as file:
        for row in csv.DictReader(file):
            lists.setdefault(row["user"], []).append(row["item"])
    return lists


def lists_of_palate(palate, verb, algorithm, train, folder):
    """The lists of a model that `train` alone has made: what the verb itself would hold out of it,
    and measure, is trained again before the model is kept.
    """
    model = os.path.join(folder, "model.safetensors")
    command = [palate, *verb, train, "--task", "lists", "-o", model]
    command += ["--algorithm", *algorithm.split()]
    subprocess.run([*command, "--quiet"], check=True, stdout=subprocess.DEVNULL)
    return lists_of_model(palate, model, os.path.join(folder, "lists.csv"))


def lists_of_peer(python, peer, train, trials, seed):
    command = [python, "-W", "ignore", HERE / "peers/list_accuracy.py", train, RELEVANT, peer]
    done = subprocess.run(
        [str(word) for word in [*command, trials, seed]],
        check=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    return json.loads(done.stdout)["lists"]


def interval(ours, theirs, draws=2000):
    """The mean difference between the users' means, and its 95 % interval by bootstrap."""
    differences = [ours[user] - theirs[user] for user in ours]
    rng = random.Random(1)
    means = sorted(
        statistics.fmean(rng.choices(differences, k=len(differences))) for _ in range(draws)
    )
    return statistics.fmean(differences), means[draws // 40], means[-1 - draws // 40]


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--trials", type=int, default=40)
    parser.add_argument("--tune", action="store_true")
    parser.add_argument("--bpr", action="store_true")
    parser.add_argument("--splits", type=int, default=5)
    parser.add_argument("--sets", default="ml-100k,ml-latest-small")
    parser.add_argument("--peers", default="build/peers")
    parser.add_argument("--palate", default="build/release/palate")
    parser.add_argument("--data", default=os.environ.get("PALATE_DATA", ""))
    arguments = parser.parse_args()
    python = f"{arguments.peers}/bin/python"
    tuned = TUNED_BPR if arguments.bpr else TUNED if arguments.tune else {}
    peers = PEERS_BPR if arguments.bpr else PEERS

    for name in arguments.sets.split(","):
        rows = real(ratings_of(arguments.data, name))
        users = {}  # model -> user -> NDCG of each split
        splits = {}  # model -> mean of each split
        for split in range(1, arguments.splits + 1):
            shuffled = random.Random(split).sample(rows, len(rows))
            test, train = shuffled[: len(rows) // 5], shuffled[len(rows) // 5 :]
            with tempfile.TemporaryDirectory() as folder:
                path = os.path.join(folder, "train.csv")
                write(path, train)
                lists = {
                    model: lists_of_palate(arguments.palate, ["train"], algorithm, path, folder)
                    for model, algorithm in PALATE.items()
                }
                verb = ["tune", "--trials", str(arguments.trials)]
                for model, algorithm in tuned.items():
                    lists[model] = lists_of_palate(arguments.palate, verb, algorithm, path, folder)
                for model, peer in peers.items():
                    lists[model] = lists_of_peer(python, peer, path, arguments.trials, split)
            for model, listed in lists.items():
                values = by_user(listed, test)
                splits.setdefault(model, []).append(statistics.fmean(values.values()))
                for user, value in values.items():
                    users.setdefault(model, {}).setdefault(user, []).append(value)

        means = {
            model: {user: statistics.fmean(values) for user, values in of_user.items()}
            for model, of_user in users.items()
        }
        best = max(peers, key=lambda model: statistics.fmean(splits[model]))
        print(f"\n{name}: NDCG@{CUTOFF}, {arguments.splits} splits, {arguments.trials} trials")
        print(f"{'model':14}  {'mean':>7}  {'splits +-':>9}  less {best}, per user (95 %)")
        for model, values in sorted(splits.items(), key=lambda entry: -statistics.fmean(entry[1])):
            spread = (max(values) - min(values)) / 2
            line = f"{model:14}  {statistics.fmean(values):7.4f}  {spread:9.4f}"
            if model != best:
                mean, low, high = interval(means[model], means[best])
                line += f"  {mean:+.4f} ({low:+.4f} to {high:+.4f})"
                if model.startswith("palate "):
                    behind = statistics.fmean(splits[best]) - statistics.fmean(values)
                    line += "  reached" if high >= 0 or behind <= WITHIN else "  MISSED"
            print(line, flush=True)


if __name__ == "__main__":
    main()
