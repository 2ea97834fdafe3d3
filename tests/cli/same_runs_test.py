"""Each run hashes ids with keys of its own, so that nobody can choose ids that meet in one place of
a table. Nothing that is shown or written tells which.
"""

import unittest

from situations import Situation, lines, ratings

RUNS = 4
TRAIN = ("train", "ratings.csv", "--items", "titles.csv", "-t", "1", "--epochs", "3", "--quiet")


class SameRuns(Situation):
    def setUp(self):
        super().setUp()
        names = [(f"user {user}", f"item-{item}", value) for user, item, value in ratings()]
        self.write("ratings.csv", lines(names, ("user", "item", "rating")))
        # Some pairs are there twice.
        self.write("twice.csv", lines([*names, *names[:40]], ("user", "item", "rating")))
        titles = [
            (f"item-{item}", f"Title {item}", f"tag{item * 7 % 5}|tag{item % 11}", item % 3)
            for item in range(1, 21)
        ]
        self.write("titles.csv", lines(titles, ("item", "title", "genres", "size")))
        others = [(f"USER {user}", f"Item-{item}") for user, item, _ in ratings()]
        self.write("others.csv", lines(others, ("user", "item")))
        self.palate(*TRAIN, "-o", "model.safetensors")

    def assert_same(self, *words):
        """Several runs print and tell the same, which is given back."""
        seen = set()
        for _ in range(RUNS):
            done = self.palate(*words)
            self.assertTrue(done.stdout)
            seen.add(done.stdout + done.stderr)
        self.assertEqual(len(seen), 1)
        return seen.pop()

    def test_what_is_read_is_in_the_order_of_the_file(self):
        self.assert_same("inspect", "ratings.csv")
        self.assert_same("inspect", "ratings.csv", "--json")
        for policy in ("last", "first", "mean", "sum"):
            self.assert_same("inspect", "twice.csv", "--duplicates", policy, "--json")
        least = ("--min-user-ratings", "9", "--min-item-ratings", "9")
        self.assert_same("inspect", "ratings.csv", *least, "--json")

    def test_models_are_the_same_byte_for_byte(self):
        seen = set()
        for _ in range(RUNS):
            self.palate(*TRAIN, "-o", "again.safetensors")
            with open(self.path("again.safetensors"), "rb") as file:
                seen.add(file.read())
        self.assertEqual(len(seen), 1)

    def test_answers_are_the_same(self):
        self.assert_same("recommend", "model.safetensors", "--all-users")
        self.assert_same("predict", "model.safetensors", "ratings.csv")
        self.assert_same("predict", "model.safetensors", "ratings.csv", "--json")
        self.assert_same("similar", "model.safetensors", "--title", "title 3", "--json")
        self.assert_same("inspect", "model.safetensors", "--json")

    def test_warnings_are_the_same(self):
        told = self.assert_same("predict", "model.safetensors", "others.csv")
        self.assertIn('its "USER 1" may be "user 1"', told)


if __name__ == "__main__":
    unittest.main()
