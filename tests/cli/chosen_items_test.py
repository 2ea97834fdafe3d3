"""Lists of the items that --where, --items and --deny choose."""

import csv
import unittest

from situations import Situation, lines, ratings

HEADER = ("movieId", "title", "genres", "minutes")


class ChosenItems(Situation):
    def setUp(self):
        super().setUp()
        rows = self.write("ratings.csv", lines(ratings(), ("user", "item", "rating")))
        self.items = sorted({int(item) for _, item, _ in ratings()})
        titles = [
            (item, f"Film {item} ({self.year(item)})", self.genres(item), 60 + item)
            for item in self.items
        ]
        self.write("movies.csv", lines(titles, HEADER))
        self.palate("train", rows, "-o", "m.safetensors", "--task", "lists", "-q")

    @staticmethod
    def year(item):
        return 1980 + item % 25

    @staticmethod
    def genres(item):
        return "Comedy|Sci-Fi" if item % 3 == 0 else "Drama"

    def listed(self, *words):
        found = self.json("recommend", "m.safetensors", "--user", "1", "-k", "1000", *words)
        return {int(entry["item"]) for entry in found["items"]}

    def test_are_those_of_the_expression(self):
        everything = self.listed("--include-seen")
        self.assertGreater(len(everything), 10)
        for expression, holds in (
            ("year >= 1990", lambda item: self.year(item) >= 1990),
            ("genres has 'sci fi'", lambda item: item % 3 == 0),
            ("minutes < 70 or genres has Drama", lambda item: item < 10 or item % 3 != 0),
            ("not (year > 1985 and genres has Comedy)",
             lambda item: not (self.year(item) > 1985 and item % 3 == 0)),
        ):  # fmt: skip
            expected = {item for item in everything if holds(item)}
            self.assertLess(len(expected), len(everything))
            self.assertGreater(len(expected), 0)
            self.assertEqual(self.listed("--include-seen", "--where", expression), expected)

    def test_have_to_pass_all_flags(self):
        self.write("some.txt", "\n".join(str(item) for item in self.items[:15]))
        self.write("never.txt", "\n".join(str(item) for item in self.items[:5]))
        words = ["--items", "some.txt", "--deny", "never.txt", "--where", "genres has Drama"]
        expected = {item for item in self.items[5:15] if item % 3 != 0}
        self.assertEqual(self.listed("--include-seen", *words), expected)

    def test_are_those_of_all_users(self):
        words = ["--all-users", "--where", "genres has Comedy", "-o", "lists.csv"]
        self.palate("recommend", "m.safetensors", *words, "-q")
        with open(self.path("lists.csv"), newline="", encoding="utf-8") as file:
            listed = [int(row["item"]) for row in csv.DictReader(file)]
        self.assertGreater(len(listed), 10)
        self.assertTrue(all(item % 3 == 0 for item in listed))

    def test_are_alike_to_an_item(self):
        found = self.json(
            "similar", "m.safetensors", "--item", "3", "--where", "genres has Drama", "-k", "5"
        )
        self.assertGreater(len(found["items"]), 0)
        self.assertTrue(all(int(entry["item"]) % 3 != 0 for entry in found["items"]))

    def test_are_not_users(self):
        words = ["similar", "m.safetensors", "--user", "1", "--where", "year > 1990"]
        self.assertIn("--user asks for users", self.palate(*words, status=2).stderr)

    def test_have_errors_that_point_at_the_character(self):
        expression = "year >= 1990 and genres has comdy"
        words = ["recommend", "m.safetensors", "--user", "1", "--where"]
        said = self.palate(*words, expression, status=2).stderr.splitlines()
        self.assertEqual(
            said,
            [
                "  " + expression,
                "  " + " " * expression.index("comdy") + "^",
                'palate: --where, character 29: no item has the tag "comdy" in "genres"; did you '
                'mean "Comedy"?',
            ],
        )
        long = " or ".join(["year = 1990"] * 20) + " or yer = 1" + " or year = 1990" * 20
        shown, mark, _ = self.palate(*words, long, status=2).stderr.splitlines()
        self.assertTrue(shown.startswith("  ...") and shown.endswith("..."), shown)
        self.assertEqual(shown[mark.index("^") :][:3], "yer")


if __name__ == "__main__":
    unittest.main()
