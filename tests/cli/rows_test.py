#!/usr/bin/env python3
"""Every row of a table of pairs is answered, and every row of test ratings is measured or told.
PALATE_BINARY names the program.
"""

import csv
import gzip
import math
import unittest

from situations import Situation, lines, ratings


class Rows(Situation):
    def setUp(self):
        super().setUp()
        self.write("ratings.csv", lines(ratings(), ("user", "item", "rating")))
        self.train("ratings.csv", "-q")

    def predicted(self, *words, **kwargs):
        done = self.palate("predict", "model.safetensors", *words, **kwargs)
        return list(csv.DictReader(done.stdout.splitlines())), done.stderr

    def test_pairs_are_answered_row_by_row_with_their_other_columns(self):
        pairs = [(0, 2, 4, "a, b"), (1, 1, 7, ""), (2, 2, 4, 'say "x"'), (3, "new", 5, "é")]
        with open(self.path("pairs.csv"), "w", newline="") as file:
            csv.writer(file).writerows([("id", "user", "item", "note"), *pairs])
        rows, told = self.predicted("pairs.csv")
        self.assertEqual(list(rows[0]), ["id", "user", "item", "note", "prediction"])
        self.assertEqual(
            [tuple(row.values())[:4] for row in rows], [tuple(map(str, p)) for p in pairs]
        )
        self.assertEqual(rows[0]["prediction"], rows[2]["prediction"])
        for row in rows[:3]:
            one = self.palate(
                "predict", "model.safetensors", "--user", row["user"], "--item", row["item"]
            )
            self.assertEqual(one.stdout.strip(), row["prediction"])
        self.assertIn("1 pair with", told)

        document = self.json("predict", "model.safetensors", "pairs.csv")
        self.assertEqual([row["columns"]["id"] for row in document], ["0", "1", "2", "3"])
        self.assertEqual([row["columns"]["note"] for row in document], [p[3] for p in pairs])
        self.assertEqual([row["known_user"] for row in document], [True, True, True, False])
        for row, asked in zip(document, rows):
            self.assertAlmostEqual(row["prediction"], float(asked["prediction"]), delta=1e-4)

    def test_columns_of_one_name_are_told_apart(self):
        self.write("pairs.csv", "user,item,x,x\n1,2,a,b\n")
        document = self.json("predict", "model.safetensors", "pairs.csv")
        self.assertEqual(document[0]["columns"], {"x": "a", "x_2": "b"})

    def test_pairs_come_packed_in_parts_and_from_standard_input(self):
        pairs = lines([(item % 3 + 1, item % 20 + 1, item) for item in range(60000)])
        with gzip.open(self.path("pairs.csv.gz"), "wt") as file:
            file.write(pairs)
        rows, _ = self.predicted("pairs.csv.gz")
        self.assertEqual([row["column 3"] for row in rows], [str(row) for row in range(60000)])
        self.write("part-1.csv", "user,item\n1,2\n1,2\n")
        self.write("part-2.csv", "user,item\n1,2\n")
        self.assertEqual(len(self.predicted("part-*.csv")[0]), 3)
        with open(self.path("part-1.csv")) as file:
            self.assertEqual(len(self.predicted("-", stdin=file)[0]), 2)

    def test_the_columns_of_pairs_can_be_told(self):
        self.write("pairs.csv", "2;1\n3;1\n")
        rows, _ = self.predicted("pairs.csv", "--user", "2", "--item", "1")
        self.assertEqual([(row["user"], row["item"]) for row in rows], [("1", "2"), ("1", "3")])
        self.write("named.csv", "a b,c\nx,y\n")
        rows, _ = self.predicted("named.csv", "--header", "yes", "--delimiter", ",")
        self.assertEqual(list(rows[0]), ["a b", "c", "prediction"])
        self.assert_refused(
            *("predict", "model.safetensors", "pairs.csv", "--user", "z"), says=['no column "z"']
        )
        self.assert_refused(
            *("predict", "model.safetensors", "pairs.csv", "--title", "z"), says=["a file of pairs"]
        )
        self.assert_refused("predict", "model.safetensors", "pairs.csv", "--header", "perhaps")

    def test_evaluate_measures_each_row_or_says_which_it_left_out(self):
        test = [(2, 4, 5), (1, 7, 1), (2, 4, 1), (3, 5, 2), (1, 7, 5)]
        self.write("test.csv", lines(test, ("user", "item", "rating")))
        rows, _ = self.predicted("test.csv")
        errors = [(float(row["prediction"]) - float(row["rating"])) ** 2 for row in rows]
        document = self.json("evaluate", "model.safetensors", "test.csv")
        self.assertEqual(document["test_ratings"], 5)
        self.assertAlmostEqual(
            document["ratings"]["metrics"]["rmse"]["value"], math.sqrt(sum(errors) / 5), delta=1e-3
        )
        said = self.palate("evaluate", "model.safetensors", "test.csv").stderr
        self.assert_told(said, "2 repeated (user, item) pairs measured as well")

        last = self.palate("evaluate", "model.safetensors", "test.csv", "--duplicates", "last")
        self.assert_told(last.stderr, "2 repeated (user, item) pairs left out")
        self.assertRegex(last.stdout, r"(?m)^als .* 3$")
        self.assert_refused("evaluate", "model.safetensors", "test.csv", "--duplicates", "error")
        self.assert_refused("evaluate", "model.safetensors", "test.csv", "--duplicates", "")

    def test_a_test_file_is_measured_row_by_row_and_a_train_file_is_not(self):
        self.write("test.csv", lines([(2, 4, 5), (2, 4, 1), (3, 5, 2)]))
        words = ("compare", "ratings.csv", "--test", "test.csv", "--algorithms", "mean")
        self.assertEqual(self.json(*words)["ratings"]["split"]["test"], 3)
        self.assert_told(
            self.palate(*words).stderr, "1 repeated (user, item) pair measured as well"
        )
        self.assertEqual(self.json(*words, "--duplicates", "first")["ratings"]["split"]["test"], 2)
        self.write("train.csv", lines([(2, 4, 5), (2, 4, 1), (3, 4, 2), (4, 4, 3)]))
        twice = self.json("compare", "train.csv", "--algorithms", "mean", "--test-share", "0.3")
        self.assertEqual((twice["data"]["ratings"], twice["data"]["duplicates"]), (3, 1))


if __name__ == "__main__":
    unittest.main()
