#!/usr/bin/env python3
"""Ids that are not found, and others that differ little: what every verb says of them.

PALATE_BINARY=path/to/palate python3 tests/cli/twins_test.py
"""

import subprocess
import unittest

from cli_test import PALATE
from situations import Situation, lines, ratings

HEADER = ("user", "item", "rating")


def dressed(dress):
    """The ratings with ids in another dress."""
    return [(dress(user), dress(item), rating) for user, item, rating in ratings()]


DRESSES = {
    "spaces": lambda id: f" {id}",
    '".0"': lambda id: f"{id}.0",
    "leading zeros": lambda id: f"{id:04}",
    "quotes": lambda id: f"'{id}'",
    "case": lambda id: f"Id{id}",
}


class Twins(Situation):
    def model(self, name="plain", rows=None):
        table = self.write(name + ".csv", lines(rows or ratings(), HEADER))
        return self.train(table, output=name + ".safetensors")[0]

    def said(self, *words):
        """What is told, whether or not ratings of which none is known are refused."""
        words = [PALATE, *words, "-t", "1"]
        return subprocess.run(
            words, check=False, capture_output=True, text=True, cwd=self.folder
        ).stderr

    def test_a_test_file_without_a_known_id_is_told_of_its_twins(self):
        self.model()
        self.model("capitals", dressed(DRESSES["case"]))
        for difference, dress in DRESSES.items():
            model, of = ("capitals", "Id1") if difference == "case" else ("plain", "1")
            rows = dressed((lambda id: f"ID{id}") if difference == "case" else dress)
            test = self.write("test.csv", lines(rows[:60], HEADER))
            for verb in ("evaluate", "predict"):
                with self.subTest(difference=difference, verb=verb):
                    said = self.said(verb, model + ".safetensors", test)
                    self.assert_told(said, f'may be "{of}": they differ by {difference}', test)
            with self.subTest(difference=difference, verb="compare --test"):
                said = self.said(
                    *("compare", model + ".csv", "--test", test, "--algorithms", "bias")
                )
                self.assert_told(said, f'may be "{of}": they differ by {difference}')

    def test_nothing_is_said_of_ids_that_are_known_or_have_no_twin(self):
        model = self.model()
        new = [(user + 1000, item + 1000, rating) for user, item, rating in ratings()]
        for rows in (ratings(), ratings()[:5] + dressed(DRESSES['".0"'])[:5], new):
            test = self.write("test.csv", lines(rows, HEADER))
            said = self.said("evaluate", model, test)
            self.assertNotIn("differ by", said)

    def test_spaces_are_read_by_either_flag(self):
        plain = self.model()
        spaces = self.write("spaces.csv", lines(ratings(), HEADER, delimiter=", "))
        for flags in (["--trim-ids"], ["--delimiter", ", "]):
            with self.subTest(flags=flags):
                self.train(spaces, *flags, output="other.safetensors")
                self.assertEqual(
                    self.json("recommend", "other.safetensors", "--user", "3"),
                    self.json("recommend", plain, "--user", "3"),
                )
                done = self.palate("evaluate", plain, spaces, *flags)
                self.assertNotIn("does not know", done.stderr)
        warned = self.palate("inspect", spaces).stdout
        self.assert_told(
            warned,
            '20 of 20 items begin or end with spaces, as in " 1"',
            '--trim-ids, or --delimiter ", "',
        )
        self.assertNotIn("begin or end", self.palate("inspect", spaces, "--trim-ids").stdout)
        answers = [
            [line.rsplit(",", 1)[1] for line in self.palate(*words, "-q").stdout.splitlines()]
            for words in (
                ["predict", plain, spaces, "--trim-ids"],
                ["predict", plain, "plain.csv"],
            )
        ]
        self.assertEqual(*answers)

    def test_an_id_of_spaces_alone_is_a_bad_row(self):
        table = self.write("r.csv", lines([*ratings(), (1, "  ", 3)], HEADER))
        self.palate("inspect", table)
        self.assert_refused("inspect", table, "--trim-ids", says=("column 2 'item'", "empty id"))

    def test_a_lookup_asks_whether_the_twin_is_meant(self):
        model = self.model("floats", dressed(DRESSES['".0"']))
        meant = 'did you mean "1.0"? They differ by ".0"'
        for words in (["recommend"], ["predict", "--item", "2.0"]):
            done = self.palate(words[0], model, *words[1:], "--user", "1")
            self.assert_told(done.stderr, "user 1 is not in the model", meant)
        said = self.palate("predict", model, "--user", "1.0", "--item", "1").stderr
        self.assert_told(said, "item 1 is not in the model", meant)
        for words in (
            ["explain", "--user", "1", "--item", "1.0"],
            ["explain", "--user", "1.0", "--item", "1"],
            ["similar", "--item", "1"],
            ["similar", "--user", "1"],
            ["recommend", "--user", "1.0", "--item", "1"],
            ["recommend", "--likes", "1:5"],
        ):
            with self.subTest(words=words):
                self.assert_refused(words[0], model, *words[1:], says=(meant,))
        said = self.palate("recommend", model, "--user", "999").stderr
        self.assertNotIn("did you mean", said)

    def test_a_lookup_tells_how_ids_are_read_without_spaces(self):
        model = self.model("spaces", dressed(DRESSES["spaces"]))
        said = self.palate("recommend", model, "--user", "1").stderr
        self.assert_told(said, 'did you mean " 1"?', "--trim-ids")

    def test_a_list_of_items_without_a_known_id_is_told_of_its_twins(self):
        model = self.model()
        items = self.write("items.csv", "2 \n4 \n6 \n")
        for flag in ("--items", "--deny"):
            said = self.palate("recommend", model, "--user", "1", flag, items).stderr
            self.assert_told(said, "items.csv", '"2 " may be "2": they differ by spaces')
        trimmed = self.json("recommend", model, "--user", "1", "--items", items, "--trim-ids")
        plain = self.write("plain_items.csv", "2\n4\n6\n")
        self.assertEqual(trimmed, self.json("recommend", model, "--user", "1", "--items", plain))

    def test_titles_that_know_no_item_are_told(self):
        titles = lines([(f"{item}.0", f"Film {item}") for item in range(1, 21)], ("id", "title"))
        self.write("movies.csv", titles)
        table = self.write("ratings.csv", lines(ratings(), HEADER))
        self.assert_told(
            self.palate("inspect", table).stdout,
            "movies.csv: none of its items is rated",
            '"1.0" may be "1": they differ by ".0"',
        )
        self.assert_refused("inspect", table, "--items", "movies.csv", says=('"1.0" may be "1"',))
        self.assertNotIn("movies", self.palate("inspect", table, "--items", "none").stdout)
        self.write("movies.csv", "id,title\n900,Another film\n")
        self.assert_told(self.palate("inspect", table).stdout, "movies.csv: none", "--items none")

    def test_titles_with_spaces_are_read_trimmed(self):
        rows = [(f" {item}", f"Film {item}") for item in range(1, 21)]
        self.write("movies.csv", lines(rows, ("id", "title")))
        table = self.write("ratings.csv", lines(ratings(), HEADER))
        said = self.palate("inspect", table).stdout
        self.assert_told(said, "movies.csv: none of its items is rated", "--trim-ids")
        self.assert_told(
            self.palate("inspect", table, "--trim-ids").stdout, "titles     movies.csv"
        )


if __name__ == "__main__":
    unittest.main()
