"""What a person does with a model: titles, similar items."""

import csv
import json
import os
import subprocess
import tempfile
import unittest

from cli_test import PALATE, palate, write_ratings

TITLES = {1: "Toy Story (1995)", 2: "Toy Story 2 (1999)", 3: "Matrix, The (1999)", 4: "Sabrina (1995)", 5: "Sabrina (1954)",
          6: "Amélie (Fabuleux destin d'Amélie Poulain, Le) (2001)"}


class WithModel(unittest.TestCase):
    """A folder with ratings.csv, movies.csv and model.safetensors; read only."""

    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cls.folder = folder.name
        write_ratings(cls.path("ratings.csv"))
        with open(cls.path("movies.csv"), "w") as file:
            file.write("movieId,title,genres\n")
            file.writelines(f'{item},"{TITLES.get(item, f"Film, The {item}")}",Drama\n' for item in range(1, 41))
        for name in ("als", "sgd", "gradient", "bias", "mean"):
            cls.palate("train", "ratings.csv", "--algorithm", name, "-o", name + ".safetensors", "--quiet")
        cls.palate("train", "ratings.csv", "--no-history", "-o", "forgetful.safetensors", "--quiet")
        cls.palate("train", "ratings.csv", "--items", "none", "-o", "untitled.safetensors", "--quiet")
        with open(cls.path("ratings.csv")) as file:
            cls.seen = {}
            for row in csv.DictReader(file):
                cls.seen.setdefault(row["userId"], {})[row["movieId"]] = float(row["rating"])

    @classmethod
    def path(cls, name):
        return os.path.join(cls.folder, name)

    @classmethod
    def palate(cls, *words, **kwargs):
        return palate(*words, cwd=cls.folder, **kwargs)

    def json(self, *words, **kwargs):
        return json.loads(self.palate(*words, "--json", "--quiet", **kwargs).stdout)

    def write(self, name, text):
        with open(self.path(name), "w") as file:
            file.write(text)
        return name

    def assert_refuses(self, *words, says):
        self.assertIn(says, self.palate(*words, status=2).stderr)


class Titles(WithModel):
    def test_a_title_is_as_good_as_an_id(self):
        by_id = float(self.palate("predict", "als.safetensors", "--user", "1", "--item", "3").stdout)
        for title in ("Matrix, The (1999)", "the matrix", "matrix", "matrx"):
            done = self.palate("predict", "als.safetensors", "--user", "1", "--title", title)
            self.assertEqual(float(done.stdout), by_id)
            self.assertIn("item 3, Matrix, The (1999)", done.stderr)
        self.assertEqual(self.json("predict", "als.safetensors", "--user", "1", "--title", "amelie")["item"], "6")

    def test_a_title_of_several_items_names_them(self):
        self.assert_refuses("predict", "als.safetensors", "--user", "1", "--title", "sabrina", says="may be 2 items: 5 Sabrina (1954), 4 Sabrina (1995)")
        self.assertEqual(self.json("predict", "als.safetensors", "--user", "1", "--title", "sabrina (1954)")["item"], "5")

    def test_a_title_of_none_names_the_nearest(self):
        self.assert_refuses("predict", "als.safetensors", "--user", "1", "--title", "toy stories of tomorrow", says="Toy Story")

    def test_a_model_without_titles_says_so(self):
        self.assert_refuses("predict", "untitled.safetensors", "--user", "1", "--title", "matrix", says="no titles")

    def test_an_item_by_id_and_by_title_is_one_too_many(self):
        self.palate("predict", "als.safetensors", "--user", "1", "--title", "matrix", "--item", "3", status=64)


class Similar(WithModel):
    def test_items_of_the_same_taste_are_near(self):
        document = self.json("similar", "als.safetensors", "--item", "1", "-k", "5")
        self.assertEqual(document["title"], "Toy Story (1995)")
        self.assertEqual(len(document["items"]), 5)
        self.assertTrue(all(int(entry["item"]) % 2 == 1 for entry in document["items"]), "odd items are liked together")
        cosines = [entry["cosine"] for entry in document["items"]]
        self.assertEqual(cosines, sorted(cosines, reverse=True))
        by_title = self.json("similar", "als.safetensors", "--title", "toy story", "-k", "5")
        self.assertEqual(by_title["items"], document["items"])
        self.assertRegex(self.palate("similar", "als.safetensors", "--item", "1").stdout, r"item +cosine +ratings +title")

    def test_users_too(self):
        document = self.json("similar", "als.safetensors", "--user", "1", "-k", "3")
        self.assertTrue(all(int(entry["user"]) % 2 == 1 for entry in document["users"]))
        self.assertEqual(document["users"][0]["support"], len(self.seen[document["users"][0]["user"]]))
        self.assertIsNone(self.json("similar", "forgetful.safetensors", "--user", "1")["users"][0]["support"])

    def test_min_support_leaves_out(self):
        done = self.palate("similar", "als.safetensors", "--item", "1", "--min-support", "1000")
        self.assertIn("--min-support", done.stderr)

    def test_bad_input_is_told(self):
        self.assert_refuses("similar", "als.safetensors", says="one of --item, --title and --user")
        self.assert_refuses("similar", "als.safetensors", "--item", "1", "--user", "1", says="one of --item, --title and --user")
        self.assert_refuses("similar", "als.safetensors", "--item", "999", says="item 999 is not in the model")
        self.assert_refuses("similar", "als.safetensors", "--user", "nobody", says="user nobody is not in the model")
        self.assert_refuses("similar", "bias.safetensors", "--item", "1", says="has no factors")
        self.palate("similar", "missing.safetensors", "--item", "1", status=3)
        self.palate("similar", "als.safetensors", "--item", "1", "-k", "0", status=64)


if __name__ == "__main__":
    unittest.main()
