"""palate tune: a search for better options, from the table to the model."""

import csv
import json
import re
import unittest

from cli_test import write_ratings
from situations import Situation


class Tune(Situation):
    def setUp(self):
        super().setUp()
        write_ratings(self.path("ratings.csv"))

    def test_its_model_is_measured_beside_the_defaults(self):
        document = self.json(
            *("tune", "ratings.csv", "--factors", "4", "--trials", "3", "--log", "trials.csv")
        )
        tuned, before = document["lists"]["models"]
        self.assertEqual((tuned["name"], before["name"]), ("ials:tuned", "ials"))
        self.assertEqual(before["options"]["factors"], 4)
        self.assertEqual(tuned["options"]["factors"], 4, "what a flag gives is not searched")
        told = document["tune"]
        self.assertEqual((told["options"], told["metric"]), (3, "ndcg@10"))
        with open(self.path("trials.csv"), encoding="utf-8") as file:
            rows = list(csv.DictReader(file))
        self.assertEqual(len(rows), told["trainings"])
        values = [float(row["ndcg@10"]) for row in rows]
        self.assertAlmostEqual(max(values), told["best_on_validation"])
        self.assertEqual(rows[0]["unobserved"], str(before["options"]["unobserved"]))
        held = self.json("inspect", "model.safetensors")["lists"]
        self.assertEqual(held["options"], tuned["options"])
        self.assertTrue(held["measured"]["refitted"])
        self.palate("recommend", "model.safetensors", "--user", "1")

    def test_a_search_by_trials_is_the_same_again(self):
        words = ("tune", "ratings.csv", "--algorithm", "als", "--factors", "3", "--trials", "2")
        first, second = (self.json(*words, "-o", name) for name in ("a.st", "b.st"))
        self.assertEqual(first["tune"]["best"], second["tune"]["best"])
        self.assertEqual(first["model"]["version"], second["model"]["version"])
        self.assertIn("ratings", first)

    def test_it_says_how_far_it_is_and_what_was_gained(self):
        done = self.palate("tune", "ratings.csv", "--factors", "4", "--time", "0.2s")
        self.assertIn("trial 0: NDCG@10", done.stderr)
        self.assertIn(" left", done.stderr)
        self.assertRegex(done.stdout, r"cannot be told from chance|tuning gained|tuning lost")
        again = done.stdout.split("to train it again:\n  palate ")[1].split()
        self.assertEqual(again[:4], ["train", "ratings.csv", "--algorithm", "ials"])
        figure = re.search(r"^ials:tuned \(exact\) +(\S+) ", done.stdout, re.MULTILINE)[1]
        said = self.palate(*again, "-o", "again.safetensors").stdout
        self.assertRegex(said, rf"\nials \(exact\) +{figure} ")

    def test_what_it_is_not_given_rightly_is_named(self):
        for words, says in (
            (["--time", "soon"], '--time "soon" is not like'),
            (["--time", "0s"], '--time "0s" is not like'),
            (["--algorithm", "popular"], "popular has no option left to search"),
            (["--algorithm", "notebook-sgd"], "is a preset"),
            (["--algorithm", "nothing"], "nothing"),
            (["--log", "ratings.csv"], "ratings.csv"),
            (["--validation", "0"], "validation share 0"),
        ):
            with self.subTest(words):
                done = self.palate("tune", "ratings.csv", *words, status=2)
                self.assertIn(says, done.stderr)


if __name__ == "__main__":
    unittest.main()
