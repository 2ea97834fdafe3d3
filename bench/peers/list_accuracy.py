"""Lists of ten items for every user by a peer whose options are tuned on a validation part.

Usage: list_accuracy.py TRAIN.csv RELEVANT PEER TRIALS SEED      prints one JSON document

TRAIN.csv has columns user, item and rating. A fifth of its rows is the validation part, on which
the mean NDCG@10 of TRIALS random draws is compared: its rows that are rated RELEVANT or more, and
all items ranked but those of the rows that train. What trains is a choice of the draw, too: the
relevant rows alone, or all of them. The best draw is trained on all of TRAIN.csv.

PEER is one of
  ials          irspack's IALSRecommender
  ease          the closed form of H. Steck. Embarrassingly shallow autoencoders for sparse data.
                WWW 2019, by the smaller of the two Gram matrices
  implicit-bpr  implicit's BayesianPersonalizedRanking
  cornac-bpr    cornac's BPR
"""

import json
import os
import sys

for variable in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[variable] = "2"

import numpy as np  # noqa: E402
import pandas as pd  # noqa: E402
import scipy.sparse as sp  # noqa: E402

CUTOFF = 10
DISCOUNTS = 1 / np.log2(np.arange(2, CUTOFF + 2))


def ials(matrix, options):
    """Scores of all users and items."""
    from irspack import IALSRecommender

    model = IALSRecommender(matrix, n_threads=2, random_seed=1, **options)
    model.learn()
    return model.get_user_embedding() @ model.get_item_embedding().T


def ease(matrix, options):
    """x B with B = I - P / diag(P), P = (X'X + l I)^-1 = (I - X'(XX' + l I)^-1 X) / l."""
    x, l = matrix.toarray().astype(np.float64), options["reg"]
    if x.shape[1] <= x.shape[0]:
        p = np.linalg.inv(x.T @ x + l * np.eye(x.shape[1]))
        return x - (x @ p) / np.diag(p)
    kx = np.linalg.solve(x @ x.T + l * np.eye(x.shape[0]), x)
    return x - kx / ((1 - (x * kx).sum(0)) / l)


def implicit_bpr(matrix, options):
    """The last factor of an item is its bias, and that of a user is 1."""
    from implicit.cpu.bpr import BayesianPersonalizedRanking

    model = BayesianPersonalizedRanking(num_threads=2, random_state=1, **options)
    model.fit(matrix, show_progress=False)
    return model.user_factors @ model.item_factors.T


def cornac_bpr(matrix, options):
    from cornac.data import Dataset
    from cornac.models import BPR

    pairs = matrix.tocoo()
    names = [{index: index for index in range(size)} for size in matrix.shape]
    rows = pairs.row.astype(np.int32), pairs.col.astype(np.int32), pairs.data
    model = BPR(seed=1, verbose=False, **options).fit(Dataset(*matrix.shape, *names, rows))
    return model.u_factors @ model.i_factors.T + model.i_biases


PEERS = {"ials": ials, "ease": ease, "implicit-bpr": implicit_bpr, "cornac-bpr": cornac_bpr}


def draw(peer, rng):
    """Options, in the ranges that irspack itself tunes in, and for BPR around what is published and
    both libraries' defaults; whether relevant rows alone train.
    """

    def log_uniform(low, high):
        return float(np.exp(rng.uniform(np.log(low), np.log(high))))

    rows = bool(rng.random() < 0.5)
    if peer == "ease":
        return {"reg": log_uniform(1, 10000)}, rows
    if peer == "implicit-bpr":
        return {
            "factors": int(log_uniform(8, 256)),
            "learning_rate": log_uniform(0.001, 0.1),
            "regularization": log_uniform(0.001, 0.1),
            "iterations": int(log_uniform(30, 300)),
        }, rows
    if peer == "cornac-bpr":
        return {
            "k": int(log_uniform(8, 256)),
            "learning_rate": log_uniform(0.001, 0.1),
            "lambda_reg": log_uniform(0.001, 0.1),
            "max_iter": int(log_uniform(30, 300)),
        }, rows
    return {
        "n_components": int(rng.integers(4, 301)),
        "alpha0": log_uniform(3e-3, 1),
        "reg": log_uniform(1e-4, 1e-1),
        "train_epochs": int(rng.integers(4, 17)),
    }, rows


def lists_of(scores, seen):
    """The best items of every user, without those that the user has in `seen`."""
    scores = scores.astype(np.float32)
    rows, columns = seen.nonzero()
    scores[rows, columns] = -np.inf
    top = np.argpartition(-scores, CUTOFF, axis=1)[:, :CUTOFF]
    order = np.argsort(-np.take_along_axis(scores, top, 1), axis=1, kind="stable")
    return np.take_along_axis(top, order, 1)


def mean_ndcg(lists, relevant):
    users = np.flatnonzero(np.diff(relevant.indptr))
    table = np.zeros(relevant.shape, bool)
    table[relevant.nonzero()] = True
    hits = np.take_along_axis(table[users], lists[users], 1)
    ideal = np.cumsum(DISCOUNTS)[np.minimum(np.diff(relevant.indptr)[users], CUTOFF) - 1]
    return float(((hits * DISCOUNTS).sum(1) / ideal).mean())


def main():
    path, relevant, peer = sys.argv[1], float(sys.argv[2]), sys.argv[3]
    trials, seed = map(int, sys.argv[4:6])
    table = pd.read_csv(path, dtype={"user": str, "item": str})
    user_codes, users = table.user.factorize()
    item_codes, items = table.item.factorize()
    is_relevant = table.rating.to_numpy() >= relevant

    def matrix(rows):
        pairs = user_codes[rows], item_codes[rows]
        return sp.csr_matrix(
            (np.ones(len(pairs[0]), np.float32), pairs), shape=(len(users), len(items))
        )

    def lists(rows, options, relevant_alone):
        chosen = rows[is_relevant[rows]] if relevant_alone else rows
        return lists_of(PEERS[peer](matrix(chosen), options), matrix(rows))

    printed, sys.stdout = sys.stdout, sys.stderr  # irspack tells its progress on stdout
    rng = np.random.default_rng(seed)
    shuffled = rng.permutation(len(table))
    rest, validation = np.split(shuffled, [len(table) * 4 // 5])
    target = matrix(validation[is_relevant[validation]])
    draws = [draw(peer, rng) for _ in range(trials)]
    best = max(draws, key=lambda trial: mean_ndcg(lists(rest, *trial), target))
    found = lists(np.arange(len(table)), *best)
    print(
        json.dumps(
            {
                "peer": peer,
                "options": {**best[0], "relevant_alone": best[1]},
                "lists": {user: items[row].tolist() for user, row in zip(users, found)},
            }
        ),
        file=printed,
    )


if __name__ == "__main__":
    main()
