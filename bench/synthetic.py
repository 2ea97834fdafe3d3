#!/usr/bin/env python3
"""Plants ratings of MovieLens' shape and of any size.

Usage: scripts/bench synthetic USERS ITEMS RATINGS OUT.csv  (6040 3449 1000000: like MovieLens 1M)

Users and items are as popular as Zipf's law has them; a rating is 3.5 + b_u + b_i + p_u . q_i +
noise with 16 factors, rounded to halves between 0.5 and 5. Nine in ten of the ratings are written,
drawn at random: the train part. Needs numpy and pandas.
"""

import argparse

import numpy as np
import pandas as pd

FACTORS = 16


def distinct_pairs(rng, users, items, count):
    """`count` different (user, item) pairs as user * items + item, popular ones first in index."""
    user_share = np.cumsum((np.arange(1, users + 1) + 30.0) ** -0.65)
    item_share = np.cumsum((np.arange(1, items + 1) + 20.0) ** -0.95)
    pairs = np.empty(0, np.int64)
    while len(pairs) < count:
        draws = int((count - len(pairs)) * 1.25) + 1000
        user = np.searchsorted(user_share / user_share[-1], rng.random(draws)).clip(max=users - 1)
        item = np.searchsorted(item_share / item_share[-1], rng.random(draws)).clip(max=items - 1)
        pairs = np.unique(np.concatenate([pairs, user * items + item]))
    return rng.permutation(pairs)[:count]


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    for name in ("users", "items", "ratings"):
        parser.add_argument(name, type=int)
    parser.add_argument("out")
    arguments = parser.parse_args()
    users, items, count = arguments.users, arguments.items, arguments.ratings
    rng = np.random.default_rng(7)
    user, item = np.divmod(distinct_pairs(rng, users, items, count), items)
    p = 0.35 * rng.standard_normal((users, FACTORS))
    q = 0.35 * rng.standard_normal((items, FACTORS))
    value = 3.5 + 0.42 * rng.standard_normal(users)[user] + 0.5 * rng.standard_normal(items)[item]
    value += np.einsum("tf,tf->t", p[user], q[item]) + 0.72 * rng.standard_normal(count)
    value = np.clip(np.round(value * 2) / 2, 0.5, 5)
    # Popularity is not to be read off the index.
    user, item = rng.permutation(users)[user], rng.permutation(items)[item]
    train = rng.random(count) >= 0.1
    labels = np.array([f"{half / 2:g}" for half in range(11)], object)
    table = pd.DataFrame({"user": user, "item": item, "rating": labels[(2 * value).astype(int)]})
    table[train].to_csv(arguments.out, index=False)


if __name__ == "__main__":
    main()
