"""Metrics of lists against ir_measures, which asks trec_eval for all but the reciprocal rank: on
random rankings they are the same.
"""

import os
import random
import subprocess
import unittest

import ir_measures

BINARY = os.environ["PALATE_LIST_METRICS"]
THEIRS = {
    "ndcg": ir_measures.nDCG,
    "recall": ir_measures.R,
    "precision": ir_measures.P,
    "map": ir_measures.AP,
    "mrr": ir_measures.RR,
    "hit_rate": ir_measures.Success,
}
CUTOFFS = [1, 3, 10, 20, 100]
ITEMS = 300


def random_rankings(count):
    """Pairs of a list of 0 to 150 items and 1 to 120 relevant items, of which some are listed."""
    rng = random.Random(1)
    for _ in range(count):
        listed = rng.sample(range(ITEMS), rng.choice([0, 1, 5, 10, 50, 150]))
        relevant = rng.sample(range(ITEMS), rng.choice([1, 2, 9, 10, 11, 40, 120]))
        yield listed, sorted(relevant)


def our_values(names, rankings):
    lines = (f"{' '.join(map(str, one))} | {' '.join(map(str, two))}\n" for one, two in rankings)
    printed = subprocess.run(
        [BINARY, *names], input="".join(lines), check=True, capture_output=True, text=True
    ).stdout
    return [[float(word) for word in line.split()] for line in printed.splitlines()]


def their_values(measures, rankings):
    qrels = {
        str(user): {str(item): 1 for item in relevant}
        for user, (_, relevant) in enumerate(rankings)
    }
    run = {
        str(user): {str(item): -float(place) for place, item in enumerate(listed)}
        for user, (listed, _) in enumerate(rankings)
    }
    found = {
        (int(figure.query_id), figure.measure): figure.value
        for figure in ir_measures.iter_calc(measures, qrels, run)
    }
    return [[found[user, measure] for measure in measures] for user in range(len(rankings))]


class ListMetrics(unittest.TestCase):
    def test_random_rankings_have_the_same_metrics(self):
        names = [f"{kind}@{cutoff}" for kind in THEIRS for cutoff in CUTOFFS]
        measures = [theirs @ cutoff for theirs in THEIRS.values() for cutoff in CUTOFFS]
        rankings = list(random_rankings(1000))
        ours, theirs = our_values(names, rankings), their_values(measures, rankings)
        self.assertEqual(len(ours), len(theirs))
        for ranking, row, their_row in zip(rankings, ours, theirs):
            self.assertEqual(len(row), len(names))
            for name, value, their_value in zip(names, row, their_row):
                self.assertAlmostEqual(value, their_value, delta=1e-9, msg=f"{name} of {ranking}")
        # Rankings that tell nothing apart would agree, too.
        for name, column in zip(names, zip(*ours)):
            self.assertGreater(len(set(column)), 1, name)


if __name__ == "__main__":
    unittest.main()
