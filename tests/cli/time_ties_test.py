#!/usr/bin/env python3
"""Ratings of one time: their place in the file decides nothing in a split by time, and what lot
decides is said. PALATE_BINARY names the program.
"""

import random
import unittest

from situations import Situation, lines, ratings

TIMED = [(user, item, value, 1300000000 + 1000 * user) for user, item, value in ratings()]
TIMED_HEADER = ("user", "item", "rating", "timestamp")


class TimeTies(Situation):
    """Users whose ratings all have one time: time says nothing of which of them is the last."""

    def comparison(self, rows, *words):
        self.write("timed.csv", lines(rows, TIMED_HEADER))
        return self.json("compare", "timed.csv", "--algorithms", "bias", *words)

    def test_the_order_of_the_file_decides_nothing(self):
        shuffled = list(TIMED)
        random.Random(3).shuffle(shuffled)
        for words in (
            ("--split", "leave-last-out"),
            ("--split", "time"),
            ("--split", "leave-last-out", "--leave-last", "2", "--validation", "0.2"),
            ("--split", "time", "--validation", "0.2"),
        ):
            with self.subTest(words=words):
                one, other = (
                    self.comparison(rows, *words)["ratings"]["models"][0]["metrics"]["rmse"][
                        "value"
                    ]
                    for rows in (TIMED, shuffled)
                )
                self.assertAlmostEqual(one, other, places=4)
                drawn_otherwise = self.comparison(TIMED, *words, "--split-seed", "2")
                self.assertNotAlmostEqual(
                    one,
                    drawn_otherwise["ratings"]["models"][0]["metrics"]["rmse"]["value"],
                    places=4,
                )

    def test_what_lot_decides_is_said(self):
        document = self.comparison(TIMED, "--split", "leave-last-out")
        leak = document["ratings"]["split"]["leak"]
        self.assertEqual(leak["by_lot"], leak["test"])
        line = (
            "30 of 30 test ratings (100.0 %) were chosen by chance, not by time: "
            "other ratings of the same user have the same time"
        )
        words = ("timed.csv", "--split", "leave-last-out")
        self.assert_told(self.palate("compare", *words, "--algorithms", "bias").stdout, line)
        self.assert_told(self.train(*words)[1], line)
        self.assert_told(self.palate("inspect", "timed.csv").stdout, "leave-last-out: " + line)
        by_time = self.comparison(TIMED, "--split", "time")["ratings"]["split"]["leak"]["by_lot"]
        self.assertTrue(0 < by_time < 20)

        one_time = [(*row[:3], 1300000000) for row in TIMED]
        self.write("one.csv", lines(one_time, TIMED_HEADER))
        said = self.palate("compare", "one.csv", "--split", "time", "--algorithms", "bias").stdout
        self.assert_told(said, "(100.0 %) were chosen by chance, not by time")

    def test_times_that_differ_leave_nothing_to_lot(self):
        apart = [(*row[:3], 1300000000 + r) for r, row in enumerate(TIMED)]
        for method in ("time", "leave-last-out"):
            leak = self.comparison(apart, "--split", method)["ratings"]["split"]["leak"]
            self.assertEqual(leak["by_lot"], 0)
        self.assertNotIn("by_lot", self.comparison(apart)["ratings"]["split"]["leak"])
        said = self.palate(*("compare", "timed.csv", "--split", "time", "--algorithms", "bias"))
        self.assertNotIn("by lot", said.stdout)


if __name__ == "__main__":
    unittest.main()
