"""bench/ranking.py on two small files of pairs: two groups of users, each with items of its own."""

import json
import math
import os
import random
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SCRIPT = ROOT / "bench" / "ranking.py"
PALATE = os.environ.get("PALATE_BINARY", str(ROOT / "build/release/palate"))


def parts():
    rng = random.Random(1)
    train, test = [], []
    for user in range(40):
        for item in range(60):
            if rng.random() < (0.5 if user % 2 == item % 2 else 0.05):
                (train if rng.random() < 0.8 else test).append((f"u{user}", f"i{item}"))
    return train, test


def of_popular(train, test):
    """recall@20 and NDCG@20 of the most frequent items; equals in order of first appearance."""
    count, seen, relevant = {}, {}, {}
    for user, item in train:
        count[item] = count.get(item, 0) + 1
        seen.setdefault(user, set()).add(item)
    for user, item in test:
        relevant.setdefault(user, set()).add(item)
    best = sorted(count, key=count.get, reverse=True)
    gains = [1 / math.log2(rank + 2) for rank in range(20)]
    recall = ndcg = 0.0
    for user, items in relevant.items():
        listed = [item for item in best if item not in seen[user]][:20]
        hits = [gain for gain, item in zip(gains, listed) if item in items]
        recall += len(hits) / len(items) / len(relevant)
        ndcg += sum(hits) / sum(gains[: len(items)]) / len(relevant)
    return recall, ndcg


class Ranking(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)

    def write(self, name, pairs, delimiter=" ", header=None):
        rows = pairs if header is None else [header, *pairs]
        path = self.folder / name
        path.write_text("".join(delimiter.join(row) + "\n" for row in rows))
        return str(path)

    def run_script(self, train, test, *flags):
        command = [
            sys.executable,
            str(SCRIPT),
            "--train",
            train,
            "--test",
            test,
            "--palate",
            PALATE,
        ]
        command += ["--factors", "4", "--trials", "2", *flags]
        return subprocess.run(command, capture_output=True, text=True)

    def lines(self, train, test, algorithms="ials,popular"):
        done = self.run_script(train, test, "--json", "--algorithms", algorithms)
        self.assertEqual(done.returncode, 0, done.stderr)
        return {line["algorithm"]: line for line in map(json.loads, done.stdout.splitlines())}

    def test_figures_are_those_of_a_plain_computation(self):
        train, test = parts()
        lines = self.lines(self.write("train.txt", train), self.write("test.txt", test))
        recall, ndcg = of_popular(train, test)
        self.assertAlmostEqual(lines["popular"]["recall@20"], recall, places=9)
        self.assertAlmostEqual(lines["popular"]["ndcg@20"], ndcg, places=9)
        self.assertGreater(lines["ials"]["ndcg@20"], ndcg + 0.05)
        for line in lines.values():
            self.assertGreater(line["seconds"], 0)
            self.assertGreater(line["peak_mb"], 1)

    def test_every_algorithm_finds_the_groups(self):
        train, test = parts()
        files = self.write("train.txt", train), self.write("test.txt", test)
        lines = self.lines(*files, "ials,item-knn,sampled,bpr,ease,popular")
        popular = lines.pop("popular")
        self.assertEqual(len(lines), 5)
        for line in lines.values():
            self.assertGreater(line["ndcg@20"], popular["ndcg@20"] + 0.05)
        # The search alone trains for fewer epochs.
        self.assertNotIn("epochs", lines["sampled"]["options"])

    def test_a_refusal_is_told_and_the_next_algorithm_is_measured(self):
        train, test = parts()
        train += [("collector", f"rare{item}") for item in range(12_000)]
        files = self.write("train.txt", train), self.write("test.txt", test)
        lines = self.lines(*files, "ease,popular")
        self.assertIn("10000 items", lines["ease"]["refused"])
        self.assertAlmostEqual(lines["popular"]["recall@20"], of_popular(train, test)[0], places=9)
        table = self.run_script(*files, "--algorithms", "ease,popular")
        self.assertEqual(table.returncode, 0, table.stderr)
        self.assertIn("10000 items", table.stdout.splitlines()[1])

    def test_every_dress_of_the_same_pairs_gives_the_same_figures(self):
        train, test = parts()
        plain = self.lines(self.write("train.txt", train), self.write("test.txt", test))
        dressed = self.lines(
            self.write("train.csv", [(*pair, "5") for pair in train], ",", ("user", "item", "n")),
            self.write("test.tsv", test, "\t", ("user_id", "item_id")),
        )
        for algorithm, line in plain.items():
            for metric in ("recall@20", "ndcg@20"):
                self.assertEqual(line[metric], dressed[algorithm][metric])

    def test_a_file_of_one_column_is_refused(self):
        pairs = self.write("train.txt", parts()[0])
        done = self.run_script(pairs, self.write("test.txt", [("u1",), ("u2",)]))
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("test.txt: row 1 has one column", done.stderr)


if __name__ == "__main__":
    unittest.main()
