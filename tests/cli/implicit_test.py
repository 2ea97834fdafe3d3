"""Tables without ratings: what every verb says of them, and what it asks."""

import unittest

from situations import Situation, lines, ratings

EVENTS = ("view", "cart", "buy")


def counts():
    """The pairs of ratings() with counts that have a long tail."""
    return [(u, i, 1 + 400 * r // (u * i % 23 + 1)) for u, i, r in ratings()]


class Told(Situation):
    def inspected(self, rows, header, *words):
        """What inspect prints and tells, and its document."""
        table = self.write("table.csv", lines(rows, header))
        done = self.palate("inspect", table, *words)
        return done.stdout + done.stderr, self.json("inspect", table, *words)

    def test_a_table_without_ratings(self):
        said, found = self.inspected([(u, i) for u, i, _ in ratings()], ("user", "item"))
        self.assert_told(
            said,
            "table.csv: 298 rows of 20 items by 30 users; user = column 1 'user', item = column 2 "
            "'item', no ratings, no times; implicit feedback: no ratings\n",
        )
        self.assertEqual((found["feedback"], found["ratings"]), ("weights", 298))
        self.assertEqual((found["mean"], found["lowest"], found["highest"]), (None, None, None))
        self.assertNotIn("scale", said)

    def test_ratings_that_are_all_one(self):
        said, found = self.inspected([(u, i, "1.0") for u, i, _ in ratings()], None)
        self.assert_told(said, "; implicit feedback: all values are 1\n")
        self.assertEqual(found["feedback"], "weights")

    def test_ratings_are_ratings(self):
        said, found = self.inspected(ratings(), ("user", "item", "rating"))
        self.assertNotIn("implicit", said)
        self.assertEqual(found["feedback"], "ratings")

    def test_counts_are_weights(self):
        said, found = self.inspected(counts(), ("user", "artist", "plays"))
        self.assert_told(said, "weight = column 3 'plays'", "; implicit feedback: weights from 1")
        self.assertEqual(found["feedback"], "weights")
        self.assertGreater(found["mean"], 1)
        said, found = self.inspected(counts(), None, "--feedback", "ratings")
        self.assertEqual(found["feedback"], "ratings")

    def test_repeated_rows_are_added_up(self):
        rows = [(u, i) for u, i, _ in ratings()]
        said, found = self.inspected(rows + rows[:3], ("user", "item"))
        self.assert_told(said, "; 3 repeated (user, item) pairs added up (--duplicates says")
        self.assertEqual(found["ratings"], 298)
        said, _ = self.inspected(rows + rows[:3], ("user", "item"), "--duplicates", "last")
        self.assert_told(said, "; 3 repeated (user, item) pairs left out (--duplicates says")

    def test_a_rating_in_words(self):
        rows = [(u, i, f"{r}.0 out of 5 stars") for u, i, r in ratings()]
        for name in ("stars", "review_rating", "rating in words"):
            table = self.write("table.csv", lines(rows, ("user", "item", name)))
            for verb in ("inspect", "train", "compare"):
                self.assert_refused(
                    verb,
                    table,
                    says=(f"table.csv:2: column 3 '{name}': ", 'stars" is not', "--value none"),
                )


class Asked(Situation):
    def test_what_may_be_ratings_or_counts(self):
        rows = [(u, i, 1 + (u * 7 + i * 3) % 60) for u, i, _ in ratings()]
        table = self.write("table.csv", lines(rows, ("user", "item", "n")))
        for verb in ("train", "compare"):
            self.assert_refused(
                verb,
                table,
                says=(
                    "table.csv: column 3 'n' has numbers from 1 to 60",
                    "--feedback ratings or --task ratings",
                    "--feedback weights or --task lists",
                    "--value none",
                ),
            )
        warnings = self.json("inspect", table)["warnings"]
        self.assert_told(warnings[0]["message"], "may be ratings or counts")
        told = self.json("inspect", table, "--feedback", "weights")
        self.assertNotIn("may be ratings", str(told["warnings"]))
        self.assert_told(self.train(table, "--feedback", "ratings")[1], "60")

    def test_a_negative_weight(self):
        rows = [*counts(), (1, 1, -2)]
        table = self.write("table.csv", lines(rows, ("user", "artist", "plays")))
        says = "table.csv:300: column 3 'plays': \"-2\" is negative, and a weight is not"
        self.assert_refused("inspect", table, says=(says, "(--missing ", "--feedback ratings"))
        self.assertEqual(self.json("inspect", table, "--missing", "-2")["ratings"], 298)


class Events(Situation):
    def setUp(self):
        super().setUp()
        rows = [(u, i, EVENTS[(u + i) % 3]) for u, i, _ in ratings()]
        rows += [(u, i, "buy") for u, i, _ in rows[:5]] + [(1, 1, "click")] * 2
        self.table = self.write("table.csv", lines(rows, ("user", "item", "type")))

    def test_events_become_one_weight_of_a_pair(self):
        words = ("inspect", self.table, "--event", "type", "--weights", "view=1,cart=3,buy=5")
        said = self.palate(*words).stderr
        self.assert_told(
            said,
            "table.csv: 298 rows of 20 items by 30 users; ",
            "event = column 3 'type'",
            "; implicit feedback: events",
            "; 5 repeated (user, item) pairs added up",
            "; 2 rows left out: events without a weight: click 2",
        )
        found = self.json(*words)
        self.assertEqual(found["feedback"], "weights")
        pairs = [(u + i) % 3 for u, i, _ in ratings()]
        total = sum((1, 3, 5)[event] for event in pairs) + 5 * 5
        self.assertAlmostEqual(found["mean"], total / 298)

    def test_events_that_are_not_told(self):
        said = self.palate("inspect", self.table).stdout
        self.assert_told(said, "holds buy, cart, view", "(--event 3 --weights buy=1,cart=1,view=1)")
        self.assertEqual(self.json("inspect", self.table)["ratings"], 298)

    def test_weights_that_are_stated_are_taken_as_they_are(self):
        words = ("--event", "type", "--weights", "view=1,cart=3,buy=5")

        def exponents(*more):
            models = self.json("compare", self.table, *words, *more)["lists"]["models"]
            return {one["name"]: one["options"].get("weight_exponent") for one in models}

        self.assertEqual(exponents(), {"ials": 1, "item-knn": 1, "ease": 1, "popular": None})
        self.assertEqual(
            exponents("--algorithms", "ials:weight_exponent=0.5,item-knn"),
            {"ials:weight_exponent=0.5": 0.5, "item-knn": 1},
        )
        given = exponents("--algorithms", "ials", "--weight-exponent", "0.25")
        self.assertEqual(given, {"ials": 0.25})
        self.palate("train", self.table, *words, "-o", "one.st")
        lists = self.json("recommend", "one.st", "--user", "1")["items"]
        less = ("--algorithm", "ials:weight_exponent=0.25", "-o", "less.st")
        self.palate("train", self.table, *words, *less)
        less = self.json("recommend", "less.st", "--user", "1")["items"]
        self.assertNotEqual(lists[0]["score"], less[0]["score"])
        tuned = self.json("tune", self.table, *words, "--factors", "4", "--trials", "1")
        before = tuned["lists"]["models"][1]["options"]
        self.assertEqual(before["weight_exponent"], 1)
        counted = self.json("compare", self.table, "--algorithms", "ials")["lists"]["models"][0]
        self.assertEqual(counted["options"]["weight_exponent"], 0.25)

    def test_what_is_told_of_them_is_checked(self):
        for words, says in (
            (("--event", "type"), "--event needs --weights"),
            (("--event", "kind", "--weights", "view=1"), 'no column "kind" for the event'),
            (("--event", "type", "--weights", "view"), '--weights "view" is not of the form'),
            (("--event", "type", "--weights", "view=much"), '--weights "view=much" is not of the'),
            (("--event", "type", "--weights", "view=-1"), '--weights: "view" has -1'),
            (("--event", "type", "--weights", "view=1", "--value", "3"), "exclude each other"),
            (("--event", "type", "--weights", "look=1"), "none of its events has a weight"),
        ):
            self.assert_refused("inspect", self.table, *words, says=(says,))


if __name__ == "__main__":
    unittest.main()
