#!/usr/bin/env python3
"""Plants visits of places by people who live in towns.

Usage: scripts/bench checkins USERS ITEMS PAIRS OUT_TRAIN.csv OUT_TEST.csv

       scripts/bench checkins 30000 41000 1030000 train.csv test.csv  (the shape of the Gowalla set)

Towns lie on a map and are as large as Zipf's law has them. People visit places of their home town
and of other towns, half of these near ones. Of the places of a town, one is visited with a
probability that is proportional to

  fame * exp(-distance / REACH + likes . kind)

where the distance is that to where the person lives or stays in the town, the kind of a place is a
vector, and so is what a crowd of friends likes. Guests mind the fame more. Everybody visits MINIMUM
places at least, each of them once, so that there are a few pairs fewer than PAIRS. A fifth of each
person's places, drawn at random, are the test part. Needs numpy.
"""

import argparse

import numpy as np

MINIMUM = 10
PLACES_OF_A_TOWN = 1200  # on average
REACH = 1.8  # most places of a town lie within 1.5 of its middle
KINDS = 6  # length of the vectors
TASTE = 1.3  # standard deviation of likes . kind
CROWD = 25  # people who like the same
FAME = 1.6  # standard deviation of the logarithm of a place's fame, above a floor
FLOOR = 0.6
GUEST = 1.45  # exponent of the fame for guests
TOWNS = 6  # that a person travels to
CHUNK = 256  # people at a time, to save memory


def activity(rng, users, pairs):
    """How many places each person visits: heavy-tailed, some `pairs` together."""
    extra = rng.lognormal(0, 1.2, users)
    return MINIMUM + np.rint(extra * (pairs - MINIMUM * users) / extra.sum()).astype(int)


def stays(rng, size, home, count):
    """Person, town and visits of each stay: one at home, one in each town that is travelled to."""
    users, towns = len(home), len(size)
    middle = 10 * np.sqrt(towns) * rng.random((towns, 2))
    distance = np.linalg.norm(middle[:, None] - middle, axis=2)
    near = size * np.exp(-distance / (2 * np.sqrt(towns)))
    drawn_from = 0.5 * near / near.sum(1, keepdims=True) + 0.5 * size
    away = rng.binomial(count, rng.random(users))
    trips = rng.multinomial(away, rng.dirichlet(np.ones(TOWNS)))
    visits = np.column_stack([count - away, trips])
    town = np.array([[own, *rng.choice(towns, TOWNS, p=drawn_from[own])] for own in home])
    # Who travels to the same town twice, or to the own one, stays there longer.
    stay, index = np.unique(np.arange(users)[:, None] * towns + town, return_inverse=True)
    return *np.divmod(stay, towns), np.bincount(index.ravel(), visits.ravel()).astype(int)


def drawn(rng, scores, counts):
    """Of each row, as many columns as `counts` says, without replacement: (rows, columns).

    The largest sums of a logarithm and Gumbel noise are a draw in proportion to the probabilities.
    """
    order = np.argsort(-(scores + rng.gumbel(size=scores.shape)), axis=1)
    chosen = np.arange(scores.shape[1]) < counts[:, None]
    return np.nonzero(chosen)[0], order[chosen]


def visited(rng, users, items, pairs):
    """(user, item) of each visit."""
    towns = max(2, items // PLACES_OF_A_TOWN)
    size = (np.arange(towns) + 3.0) ** -1.2
    size /= size.sum()
    town_of, home = (rng.choice(towns, count, p=size) for count in (items, users))
    place, lives = (rng.normal(0, 0.7, (count, 2)) for count in (items, users))
    fame = np.log(FLOOR + np.exp(FAME * rng.standard_normal(items)))
    kind = rng.standard_normal((items, KINDS))
    # Friends live in the same town.
    crowd = np.empty(users, int)
    crowd[np.argsort(home, kind="stable")] = np.arange(users) // CROWD
    likes = TASTE / KINDS**0.5 * rng.standard_normal((crowd.max() + 1, KINDS))[crowd]

    person, town, visits = stays(rng, size, home, activity(rng, users, pairs))
    found = []
    for t in range(towns):
        places, here = np.flatnonzero(town_of == t), np.flatnonzero(town == t)
        for chunk in np.split(here, range(CHUNK, len(here), CHUNK)):
            who = person[chunk]
            guest = (home[who] != t)[:, None]
            centre = np.where(guest, rng.normal(0, 0.5, (len(who), 2)), lives[who])
            distance = np.linalg.norm(centre[:, None] - place[places], axis=2)
            scores = np.where(guest, GUEST, 1) * fame[places] - distance / REACH
            row, column = drawn(rng, scores + likes[who] @ kind[places].T, visits[chunk])
            found.append(np.column_stack([who[row], places[column]]))
    return np.concatenate(found)


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    for name in ("users", "items", "pairs"):
        parser.add_argument(name, type=int)
    for name in ("train", "test"):
        parser.add_argument(name)
    arguments = parser.parse_args()
    users, items, pairs = arguments.users, arguments.items, arguments.pairs
    rng = np.random.default_rng(7)
    table = rng.permutation(visited(rng, users, items, pairs))
    # By person, in the random order that they are in already.
    table = table[np.argsort(table[:, 0], kind="stable")]
    own = np.bincount(table[:, 0], minlength=users)
    rank = np.arange(len(table)) - np.repeat(np.cumsum(own) - own, own)
    is_test = rank < np.repeat(np.rint(0.2 * own), own)
    # Neither activity nor fame is to be read off the index.
    table = np.column_stack(
        [rng.permutation(users)[table[:, 0]], rng.permutation(items)[table[:, 1]]]
    )
    for path, rows in ((arguments.train, ~is_test), (arguments.test, is_test)):
        with open(path, "w", encoding="ascii", newline="") as file:
            file.write("user,item\n")
            file.writelines(f"{user},{item}\n" for user, item in table[rows].tolist())


if __name__ == "__main__":
    main()
