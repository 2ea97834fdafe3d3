"""What a person does with a model: titles, similar items, new users, explanations, everybody's
lists.
"""

import csv
import itertools
import json
import os
import subprocess
import tempfile
import unittest

from cli_test import PALATE, palate, write_ratings

TITLES = {
    1: "Toy Story (1995)",
    2: "Toy Story 2 (1999)",
    3: "Matrix, The (1999)",
    4: "Sabrina (1995)",
    5: "Sabrina (1954)",
    6: "Amélie (Fabuleux destin d'Amélie Poulain, Le) (2001)",
}
# Models that were trained without history.
FORGETFUL = {"als": "forgetful", "sgd": "sgd-forgetful"}


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
            file.writelines(
                f'{item},"{TITLES.get(item, f"Film, The {item}")}",Drama\n' for item in range(1, 41)
            )
        for name in ("als", "sgd", "gradient", "bias", "mean"):
            cls.palate(
                "train", "ratings.csv", "--algorithm", name, "-o", name + ".safetensors", "--quiet"
            )
        cls.palate(
            *("train", "ratings.csv", "--algorithm", "als", "--no-history", "--quiet"),
            *("-o", "forgetful.safetensors"),
        )
        cls.palate("train", "ratings.csv", "-o", "both.safetensors", "--quiet")
        cls.palate(
            *("train", "ratings.csv", "--algorithm", "ials", "-o", "lists.safetensors", "--quiet")
        )
        cls.palate(
            "train",
            "ratings.csv",
            "--algorithm",
            "sgd",
            "--no-history",
            "-o",
            "sgd-forgetful.safetensors",
            "--quiet",
        )
        cls.palate(
            *("train", "ratings.csv", "--algorithm", "als", "--items", "none", "--quiet"),
            *("-o", "untitled.safetensors"),
        )
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

    def text(self, name):
        with open(self.path(name)) as file:
            return file.read()

    def write(self, name, text):
        with open(self.path(name), "w") as file:
            file.write(text)
        return name

    def assert_refuses(self, *words, says):
        self.assertIn(says, self.palate(*words, status=2).stderr)


class Titles(WithModel):
    def test_a_title_is_as_good_as_an_id(self):
        by_id = float(
            self.palate("predict", "als.safetensors", "--user", "1", "--item", "3").stdout
        )
        for title in ("Matrix, The (1999)", "the matrix", "matrix", "matrx"):
            done = self.palate("predict", "als.safetensors", "--user", "1", "--title", title)
            self.assertEqual(float(done.stdout), by_id)
            self.assertIn("item 3, Matrix, The (1999)", done.stderr)
        self.assertEqual(
            self.json("predict", "als.safetensors", "--user", "1", "--title", "amelie")["item"], "6"
        )

    def test_a_title_of_several_items_names_them(self):
        self.assert_refuses(
            "predict",
            "als.safetensors",
            "--user",
            "1",
            "--title",
            "sabrina",
            says="may be 2 items: 5 Sabrina (1954), 4 Sabrina (1995)",
        )
        self.assertEqual(
            self.json("predict", "als.safetensors", "--user", "1", "--title", "sabrina (1954)")[
                "item"
            ],
            "5",
        )

    def test_a_title_of_none_names_the_nearest(self):
        self.assert_refuses(
            "predict",
            "als.safetensors",
            "--user",
            "1",
            "--title",
            "toy stories of tomorrow",
            says="Toy Story",
        )

    def test_a_model_without_titles_says_so(self):
        self.assert_refuses(
            "predict", "untitled.safetensors", "--user", "1", "--title", "matrix", says="no titles"
        )

    def test_an_item_by_id_and_by_title_is_one_too_many(self):
        self.palate(
            "predict",
            "als.safetensors",
            "--user",
            "1",
            "--title",
            "matrix",
            "--item",
            "3",
            status=64,
        )


class Standing(WithModel):
    def test_says_where_an_item_stands(self):
        full = self.json("recommend", "als.safetensors", "--user", "1", "-k", "40")["items"]
        for rank, entry in enumerate(full, 1):
            document = self.json(
                "recommend", "als.safetensors", "--user", "1", "--item", entry["item"]
            )
            self.assertEqual(document["standing"]["rank"], rank)
            self.assertEqual(document["standing"]["score"], entry["score"])
            self.assertFalse(document["standing"]["seen"])
        item, rating = next(iter(self.seen["1"].items()))
        document = self.json("recommend", "als.safetensors", "--user", "1", "--item", item)
        self.assertEqual(
            (document["standing"]["seen"], document["standing"]["rating"]), (True, rating)
        )

    def test_the_score_is_the_prediction_before_it_is_clipped(self):
        scores = {
            entry["item"]: entry["score"]
            for entry in self.json(
                "recommend",
                "als.safetensors",
                "--user",
                "1",
                "-k",
                "40",
                "--include-seen",
                "--min-support",
                "0",
            )["items"]
        }
        self.write("pairs.csv", "user,item\n" + "".join(f"1,{item}\n" for item in scores))
        scale = self.json("inspect", "als.safetensors")["ratings"]["range"]
        predictions = {
            entry["item"]: entry["prediction"]
            for entry in self.json("predict", "als.safetensors", "pairs.csv")
        }
        self.assertEqual(predictions.keys(), scores.keys())
        for item, score in scores.items():
            self.assertAlmostEqual(
                predictions[item], min(max(score, scale[0]), scale[1]), delta=1e-4
            )
        self.assertRegex(
            self.palate("recommend", "als.safetensors", "--user", "1").stdout,
            r"(?m)^item +score +title$",
        )

    def test_strictly_what_is_unknown_is_an_error(self):
        self.write("some.csv", "user,item\n1,3\nnobody,4\n")
        self.write("taken.csv", "item\n3\nnothing\n")
        for words, says in (
            (["predict", "--user", "nobody", "--item", "3"], "user nobody is not in the model"),
            (["predict", "--user", "1", "--item", "nothing"], "item nothing is not in the model"),
            (["predict", "some.csv"], "user nobody is not in the model"),
            (["recommend", "--user", "nobody"], "user nobody is not in the model"),
            (["recommend", "--users", "some.csv"], "some.csv: 1 user is not in the model"),
            (["recommend", "--user", "1", "--items", "taken.csv"], "taken.csv: 1 item is"),
        ):
            verb, *others = words
            self.palate(verb, "als.safetensors", *others)
            self.assert_refuses(verb, "als.safetensors", *others, "--strict", says=says)

    def test_predictions_go_to_a_file(self):
        pairs = self.write("two.csv", "user,item,note\n1,3,a\nnobody,4,b\n")
        words = ["predict", "als.safetensors", pairs]
        self.assertEqual(self.palate(*words, "-o", "two.out.csv").stdout, "two.out.csv\n")
        self.assertEqual(self.text("two.out.csv"), self.palate(*words).stdout)
        self.assertEqual(self.json(*words, "-o", "two.json"), {"file": "two.json", "pairs": 2})
        self.assertEqual(json.loads(self.text("two.json")), self.json(*words))
        self.assert_refuses(*words, "-o", pairs, says="--output")
        self.assert_refuses(
            *("predict", "als.safetensors", "--user", "1", "--item", "3", "-o", "x.csv"),
            says="--output needs a file of pairs",
        )

    def test_a_path_that_is_not_utf8_is_printed(self):
        name = os.fsdecode(b"lists\xff.csv")
        self.assertEqual(
            self.json("recommend", "als.safetensors", "--all-users", "-o", name)["file"],
            "lists\ufffd.csv",
        )
        self.assertTrue(os.path.exists(self.path(name)))

    def test_takes_titles(self):
        done = self.palate("recommend", "als.safetensors", "--user", "1", "--title", "toy story")
        self.assertRegex(done.stdout, r"(?m)^item +rank +score +seen +title$")
        self.assertIn("Toy Story (1995)", done.stdout)

    def test_an_item_that_is_not_there_is_refused(self):
        self.assert_refuses(
            "recommend",
            "als.safetensors",
            "--user",
            "1",
            "--item",
            "999",
            says="item 999 is not in the model",
        )


class Similar(WithModel):
    def test_items_of_the_same_taste_are_near(self):
        document = self.json("similar", "als.safetensors", "--item", "1", "-k", "5")
        self.assertEqual(document["title"], "Toy Story (1995)")
        self.assertEqual(len(document["items"]), 5)
        self.assertTrue(
            all(int(entry["item"]) % 2 == 1 for entry in document["items"]),
            "odd items are liked together",
        )
        scores = [entry["score"] for entry in document["items"]]
        self.assertEqual(scores, sorted(scores, reverse=True))
        by_title = self.json("similar", "als.safetensors", "--title", "toy story", "-k", "5")
        self.assertEqual(by_title["items"], document["items"])
        self.assertRegex(
            self.palate("similar", "als.safetensors", "--item", "1").stdout,
            r"item +score +ratings +title",
        )

    def test_a_model_of_ratings_alone_says_so(self):
        for name, found in (("als", True), ("both", False), ("lists", False)):
            said = self.palate("similar", f"{name}.safetensors", "--item", "7").stderr
            self.assertEqual("was not trained for lists" in said, found, name)

    def test_of_lists_they_are_the_list_of_who_likes_just_the_item(self):
        similar = self.json("similar", "both.safetensors", "--item", "7")["items"]
        listed = self.json("recommend", "both.safetensors", "--likes", "7")["items"]
        self.assertEqual([e["item"] for e in similar], [e["item"] for e in listed])
        for one, other in zip(similar, listed):
            self.assertAlmostEqual(one["score"], other["score"], places=5)

    def test_users_too(self):
        document = self.json("similar", "als.safetensors", "--user", "1", "-k", "3")
        self.assertTrue(all(int(entry["user"]) % 2 == 1 for entry in document["users"]))
        self.assertEqual(
            document["users"][0]["support"], len(self.seen[document["users"][0]["user"]])
        )
        self.assertIsNone(
            self.json("similar", "forgetful.safetensors", "--user", "1")["users"][0]["support"]
        )

    def test_min_support_leaves_out(self):
        done = self.palate("similar", "als.safetensors", "--item", "1", "--min-support", "1000")
        self.assertIn("--min-support", done.stderr)

    def test_bad_input_is_told(self):
        self.assert_refuses("similar", "als.safetensors", says="one of --item, --title and --user")
        self.assert_refuses(
            "similar",
            "als.safetensors",
            "--item",
            "1",
            "--user",
            "1",
            says="one of --item, --title and --user",
        )
        self.assert_refuses(
            "similar", "als.safetensors", "--item", "999", says="item 999 is not in the model"
        )
        self.assert_refuses(
            "similar", "als.safetensors", "--user", "nobody", says="user nobody is not in the model"
        )
        self.assert_refuses("similar", "bias.safetensors", "--item", "1", says="has no factors")
        self.palate("similar", "missing.safetensors", "--item", "1", status=3)
        self.palate("similar", "als.safetensors", "--item", "1", "-k", "0", status=64)


class NewUser(WithModel):
    """One who likes what has an odd number, as users with an odd number do."""

    LIKES = "Toy Story:5, Matrix, The (1999):4.5, sabrina (1995):1.5, 8:2"

    def recommended(self, *words, model="als.safetensors"):
        return self.json("recommend", model, *words, "-k", "5")

    def test_likes_are_titles_or_ids_with_commas_in_them(self):
        document = self.recommended("--likes", self.LIKES)
        self.assertIsNone(document["user"])
        self.assertEqual(
            {entry["item"]: entry["rating"] for entry in document["likes"]},
            {"1": 5, "3": 4.5, "4": 1.5, "8": 2},
        )
        items = [int(entry["item"]) for entry in document["items"]]
        self.assertFalse({1, 3, 4, 8} & set(items))
        self.assertTrue(all(item % 2 == 1 for item in items), items)

    def test_every_algorithm_takes_them(self):
        for name in ("als", "sgd", "gradient", "bias", "mean"):
            document = self.recommended("--likes", self.LIKES, model=name + ".safetensors")
            self.assertEqual(len(document["items"]), 5)
            if name in ("als", "sgd", "gradient"):
                self.assertTrue(
                    all(int(entry["item"]) % 2 == 1 for entry in document["items"]), name
                )

    def test_a_model_without_history_takes_them_too(self):
        for name in ("als", "sgd"):
            whole, forgetful = (
                self.recommended("--likes", self.LIKES, model=model)
                for model in (f"{name}.safetensors", f"{FORGETFUL[name]}.safetensors")
            )
            self.assertEqual(forgetful, whole)

    def test_a_users_own_history_gives_the_users_own_list(self):
        self.write(
            "history.csv",
            "movieId,rating\n"
            + "".join(f"{item},{rating}\n" for item, rating in self.seen["7"].items()),
        )
        known = self.recommended("--user", "7")
        self.assertEqual(self.recommended("--history", "history.csv")["items"], known["items"])
        seen = self.json(
            "recommend", "als.safetensors", "--history", "history.csv", "-k", "40", "--include-seen"
        )
        self.assertEqual(len(seen["items"]), 40)

    def test_history_comes_in_several_dresses(self):
        expected = self.recommended("--likes", "1:5, 4:1.5")["items"]
        for text in (
            "item,value\n1,5\n4,1.5\n",
            "1,5\n4,1.5\n",
            "rating;movie\n5;1\n1.5;4\n",
            "1\t5\n4\t1.5\n",
            "1,2\n1,5\n4,1.5\n",
            "userId,movieId,rating\n9,1,5\n9,4,1.5\n",
        ):
            self.assertEqual(
                self.recommended("--history", self.write("h.csv", text))["items"], expected, text
            )
        self.assertEqual(
            self.recommended("--history", self.write("h.csv", "1,5\n"), "--likes", "4:1.5")[
                "items"
            ],
            expected,
        )
        done = self.palate(
            "recommend", "als.safetensors", "--history", self.write("h.csv", "1,5\n4,1.5\n999,3\n")
        )
        self.assertIn("left out: 1 rating of items that are not in the model", done.stderr)

    def test_where_an_item_stands(self):
        document = self.json(
            "recommend", "als.safetensors", "--likes", self.LIKES, "--title", "toy story"
        )
        self.assertEqual((document["standing"]["seen"], document["standing"]["rating"]), (True, 5))

    def test_what_was_understood_is_told(self):
        done = self.palate("recommend", "als.safetensors", "--likes", "toy story:5, 8:9")
        self.assertIn("5  Toy Story (1995) (item 1)", done.stderr)
        self.assertIn("9 is outside the scale", done.stderr)

    def test_bad_input_is_told(self):
        self.assert_refuses(
            "recommend",
            "als.safetensors",
            says="one of --user, --users, --all-users, and --likes or --history",
        )
        self.assert_refuses(
            "recommend",
            "als.safetensors",
            "--user",
            "1",
            "--likes",
            "1:5",
            says="one of --user, --users, --all-users, and --likes or --history",
        )
        for likes in (
            "Toy Story",
            "Toy Story:",
            "Toy Story:good",
            "1:5, 3",
            "",
            "1:nan",
            "1:1e999",
        ):
            self.assert_refuses(
                "recommend", "als.safetensors", "--likes", likes, says="has no rating"
            )
        self.assert_refuses(
            "recommend",
            "als.safetensors",
            "--likes",
            "sabrina:5",
            says="may be 2 items: 5 Sabrina (1954), 4 Sabrina (1995)",
        )
        self.assert_refuses(
            "recommend", "als.safetensors", "--likes", "no such film at all:5", says="nearest are"
        )
        self.assert_refuses(
            "recommend", "untitled.safetensors", "--likes", "999:5", says="no titles"
        )
        self.assert_refuses(
            "recommend",
            "als.safetensors",
            "--history",
            self.write("h.csv", "1,5\n4,good\n"),
            says='h.csv:2: column 2: "good" is not a number',
        )
        self.assert_refuses(
            "recommend",
            "als.safetensors",
            "--history",
            self.write("h.csv", "7,1,5\n7,4,3\n"),
            says="item,rating",
        )
        self.assert_refuses(
            "recommend",
            "als.safetensors",
            "--history",
            self.write("h.csv", "1\n2\n"),
            says="item,rating",
        )
        self.assert_refuses(
            "recommend", "als.safetensors", "--history", self.write("h.csv", ""), says="empty"
        )
        self.palate("recommend", "als.safetensors", "--history", "missing.csv", status=3)


class Lists(WithModel):
    """What a model that was trained for lists makes of likes, and of whom it knows nothing."""

    LIKES = "Toy Story, Matrix, The (1999), 7"

    def recommended(self, *words, model="both.safetensors"):
        return self.json("recommend", model, *words, "-k", "5")

    def items(self, *words, **kwargs):
        return [entry["item"] for entry in self.recommended(*words, **kwargs)["items"]]

    def said(self, *words, model="both.safetensors"):
        return self.palate("recommend", model, *words).stderr

    def test_ratings_of_likes_are_optional(self):
        document = self.recommended("--likes", self.LIKES)
        self.assertEqual(
            {entry["item"]: entry["rating"] for entry in document["likes"]},
            {"1": None, "3": None, "7": None},
        )
        self.assertFalse(document["most_chosen"])
        items = [entry["item"] for entry in document["items"]]
        self.assertGreater(sum(int(item) % 2 == 1 for item in items), 3, items)
        for likes in (
            "1:5, 3:5, 7:5",
            "7, Toy Story, the matrix:5",
            "Toy Story,Matrix, The,7:4.5",
            "Matrix, The (1999):5, 7, 1",
            " 1 , 3 ,7,",
        ):
            self.assertEqual(self.items("--likes", likes), items, likes)
        self.assertIn("liked  Toy Story (1995) (item 1)", self.said("--likes", self.LIKES))
        self.assert_refuses(
            *("recommend", "both.safetensors", "--likes", "1, sabrina"),
            says="may be 2 items: 5 Sabrina (1954), 4 Sabrina (1995)",
        )
        self.assert_refuses(
            *("recommend", "both.safetensors", "--likes", "1, no such film at all"),
            says="nearest are",
        )
        self.assert_refuses(
            *("recommend", "als.safetensors", "--likes", self.LIKES),
            says="was not trained for lists, which do without",
        )

    def test_predicted_ratings_rest_on_the_ratings_that_are_told(self):
        def ratings(*words):
            words = (*words, "--include-seen", "-k", "40")
            found = self.json("recommend", "both.safetensors", *words)["items"]
            return {entry["item"]: entry["rating"] for entry in found}

        unrated = ratings("--likes", "1, 3")
        unknown = ratings("--user", "nobody")
        for item, rating in unrated.items():
            self.assertAlmostEqual(rating, unknown[item], places=5)
        self.assertNotEqual(ratings("--likes", "1:5, 3:5"), unrated)

    def test_what_is_not_relevant_is_only_left_out(self):
        both = self.recommended("--likes", self.LIKES + ", 9:1, 8:1.5")
        alone = self.json("recommend", "both.safetensors", "--likes", self.LIKES, "-k", "40")
        scores = {entry["item"]: entry["score"] for entry in alone["items"]}
        self.assertIn("9", scores)
        for entry in both["items"]:
            self.assertNotIn(entry["item"], ("8", "9"))
            self.assertEqual(entry["score"], scores[entry["item"]])
        self.assertIn("2 rated below", self.said("--likes", self.LIKES + ", 9:1, 8:1.5"))

    def test_a_history_without_ratings_is_one_of_likes(self):
        expected = self.items("--likes", "1, 3, 7")
        for text in (
            "movieId\n1\n3\n7\n",
            "1\n3\n7\n",
            "Date,Name\n2024-03-01,Toy Story\n2024-03-02,The Matrix\n2024-03-03,The Film 7\n",
        ):
            name = self.write("h.csv", text)
            self.assertEqual(self.items("--history", name), expected, text)
            self.assertIn("no ratings: each is liked", self.said("--history", name))
            self.assert_refuses("recommend", "als.safetensors", "--history", name, says="rating")
        name = self.write("h.csv", "movieId,rating\n1,1\n3,5\n7,2\n")
        self.assertNotEqual(self.items("--history", name), expected)
        self.assertEqual(self.items("--history", name, "--value", "none"), expected)

    def test_of_whom_nothing_is_known_gets_what_most_have_chosen(self):
        said = "these are the items that most users have chosen"
        unknown = self.recommended("--user", "nobody")
        self.assertTrue(unknown["most_chosen"])
        supports = [entry["support"] for entry in unknown["items"]]
        self.assertEqual(supports, sorted(supports, reverse=True))
        self.assertEqual([entry["score"] for entry in unknown["items"]], supports)
        with open(self.path("ratings.csv")) as file:
            order = list(dict.fromkeys(row["movieId"] for row in csv.DictReader(file)))
        for one, other in itertools.pairwise(unknown["items"]):
            if one["support"] == other["support"]:
                self.assertLess(order.index(one["item"]), order.index(other["item"]))
        self.assertIn("user nobody is not in the model: " + said, self.said("--user", "nobody"))
        for likes in ("", "40:1"):
            document = self.recommended("--likes", likes)
            self.assertTrue(document["most_chosen"])
            listed = [(entry["item"], entry["score"]) for entry in document["items"]]
            expected = [
                (entry["item"], entry["score"])
                for entry in unknown["items"]
                if likes == "" or entry["item"] != "40"
            ]
            self.assertEqual(listed[: len(expected)], expected)
            self.assertIn("no item of the model is liked: " + said, self.said("--likes", likes))
        self.assertFalse(self.recommended("--user", "1")["most_chosen"])

    def test_a_user_who_likes_nothing_gets_it_too_and_is_counted(self):
        with open(self.path("ratings.csv")) as file:
            table = file.read()
        self.write("cold.csv", table + "1000,1,0.5,1\n1001,2,0.5,1\n")
        self.palate("train", "cold.csv", "-o", "cold.safetensors", "--quiet")
        document = self.recommended("--user", "1000", model="cold.safetensors")
        self.assertTrue(document["known_user"] and document["most_chosen"])
        self.assertIn(
            "nothing is known of what user 1000 likes",
            self.said("--user", "1000", model="cold.safetensors"),
        )
        self.assertIn(
            "nothing is known of 2 users", self.said("--all-users", model="cold.safetensors")
        )
        self.assertNotIn("nothing is known", self.said("--all-users"))
        explained = self.json("explain", "cold.safetensors", "--user", "1000", "--item", "1")
        self.assertTrue(explained["lists"]["most_chosen"])

    def test_the_predicted_rating_stands_beside(self):
        words = ("recommend", "both.safetensors", "--user", "1", "-k", "5")
        document = self.json(*words)
        for entry in document["items"]:
            predicted = self.json(
                *("predict", "both.safetensors", "--user", "1", "--item", entry["item"])
            )
            self.assertAlmostEqual(entry["rating"], predicted["prediction"], places=5)
        self.assertRegex(self.palate(*words).stdout, r"item +score +rating +title")
        rows = list(
            csv.DictReader(
                self.palate("recommend", "both.safetensors", "--all-users").stdout.splitlines()
            )
        )
        mine = [row for row in rows if row["user"] == "1"][:5]
        self.assertEqual([row["item"] for row in mine], [e["item"] for e in document["items"]])
        for row, entry in zip(mine, document["items"]):
            self.assertAlmostEqual(float(row["rating"]), entry["rating"], places=5)
        for name in ("als", "lists"):
            document = self.json("recommend", f"{name}.safetensors", "--user", "1")
            self.assertNotIn("rating", document["items"][0])

    def test_a_model_of_ratings_alone_says_so_and_wants_support(self):
        said = "was not trained for lists"
        self.assertIn(said, self.said("--user", "1", model="als.safetensors"))
        self.assertIn(said, self.said("--all-users", model="als.safetensors"))
        for name in ("both", "lists"):
            self.assertNotIn(said, self.said("--user", "1", model=f"{name}.safetensors"))
        with open(self.path("ratings.csv")) as file:
            table = file.read()
        self.write("rare.csv", table + "1,999,5,1\n3,999,5,1\n")
        for algorithm, found in (("als", False), ("ials", True)):
            self.palate(
                *("train", "rare.csv", "--algorithm", algorithm, "-o", "rare.safetensors", "-q")
            )
            words = ("recommend", "rare.safetensors", "--user", "5", "-k", "50")
            for support, is_listed in (((), found), (("--min-support", "2"), True)):
                items = {entry["item"] for entry in self.json(*words, *support)["items"]}
                self.assertEqual("999" in items, is_listed, (algorithm, support))

    def test_a_model_of_lists_alone_predicts_nothing(self):
        pairs = self.write("pairs.csv", "userId,movieId\n1,1\n")
        for words in (("--user", "1", "--item", "1"), (pairs,)):
            self.assert_refuses(
                "predict", "lists.safetensors", *words, says="does not predict ratings"
            )

    def test_explain_tells_of_both_tasks_what_the_model_has(self):
        for name, tasks in (
            ("both", (True, True)),
            ("als", (True, False)),
            ("lists", (False, True)),
        ):
            words = ("explain", f"{name}.safetensors", "--user", "1", "--item", "7")
            document = self.json(*words)
            self.assertEqual(
                tuple(document[task] is not None for task in ("ratings", "lists")), tasks
            )
            text = self.palate(*words).stdout
            self.assertEqual("predicted rating" in text, tasks[0])
            self.assertEqual("listed by the score" in text, tasks[1])
        lists = self.json("explain", "both.safetensors", "--user", "1", "--item", "7")["lists"]
        self.assertAlmostEqual(
            sum(entry["contribution"] for entry in lists["contributions"]), lists["score"], places=4
        )
        self.assertEqual(
            {entry["item"]: entry["value"] for entry in lists["contributions"]}, self.seen["1"]
        )
        listed = self.json("recommend", "both.safetensors", "--user", "1", "-k", "40")["items"]
        explained = self.json(
            *("explain", "both.safetensors", "--user", "1", "--item", listed[0]["item"])
        )
        self.assertAlmostEqual(explained["lists"]["score"], listed[0]["score"], places=5)

    def test_inspect_names_the_tasks(self):
        text = self.palate("inspect", "both.safetensors").stdout
        self.assertRegex(
            text, r"(?s)task       ratings\nalgorithm  als.*task       lists\nalgorithm  ials"
        )
        held = self.json("inspect", "both.safetensors")
        self.assertIsNone(held["ratings"]["relevant"])
        self.assertIn(f"relevant   ratings of at least {held['lists']['relevant']:g}", text)


class Evaluate(WithModel):
    """Both tasks, of a model of a part of the ratings, on the others."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        with open(cls.path("ratings.csv")) as file:
            header, *rows = file.read().splitlines()
        for name, part in (
            ("test.csv", rows[::5]),
            ("train.csv", [row for n, row in enumerate(rows) if n % 5 > 0]),
        ):
            with open(cls.path(name), "w") as file:
                file.write("\n".join([header, *part]) + "\n")
        cls.pairs = [row.split(",")[:3] for row in rows[::5]]
        with open(cls.path("choices.csv"), "w") as file:
            file.write("userId,movieId\n" + "".join(f"{u},{i}\n" for u, i, _ in cls.pairs))
        for name, words in (
            ("both", ()),
            ("als", ("--algorithm", "als")),
            ("ials", ("--algorithm", "ials")),
        ):
            cls.palate("train", "train.csv", *words, "-o", f"part-{name}.safetensors", "--quiet")

    def test_measures_both_tasks(self):
        document = self.json("evaluate", "part-both.safetensors", "test.csv")
        for name, task in (("als", "ratings"), ("ials", "lists")):
            alone = self.json("evaluate", f"part-{name}.safetensors", "test.csv")
            self.assertEqual(alone[task], document[task])
            other = {"ratings": "lists", "lists": "ratings"}[task]
            self.assertIsNone(alone[other])
        self.assertEqual(document["test_ratings"], len(self.pairs))
        text = self.palate("evaluate", "part-both.safetensors", "test.csv").stdout
        self.assertRegex(text, r"(?s)RMSE.*als.*NDCG@10.*ials")

    def test_lists_are_measured_by_what_is_relevant(self):
        lists = self.json("evaluate", "part-both.safetensors", "test.csv")["lists"]
        liked = {}
        for user, item, rating in self.pairs:
            if float(rating) >= lists["relevant"]:
                liked.setdefault(user, set()).add(item)
        self.assertEqual(lists["users"], len(liked))
        self.assertEqual(lists["tested"], sum(map(len, liked.values())))
        self.assertEqual(
            lists["users"] + lists["users_without_relevant"], len({u for u, _, _ in self.pairs})
        )
        recalls = []
        for user, items in liked.items():
            listed = self.json("recommend", "part-both.safetensors", "--user", user)["items"]
            found = items & {entry["item"] for entry in listed}
            recalls.append(len(found) / len(items))
        self.assertAlmostEqual(
            lists["metrics"]["recall@10"]["value"], sum(recalls) / len(recalls), places=6
        )

    def test_a_table_without_ratings_measures_lists_alone(self):
        document = self.json("evaluate", "part-both.safetensors", "choices.csv")
        self.assertIsNone(document["ratings"])
        self.assertIsNone(document["lists"]["relevant"])
        self.assertEqual(document["lists"]["users"], len({user for user, _, _ in self.pairs}))
        self.assertNotIn(
            "RMSE", self.palate("evaluate", "part-both.safetensors", "choices.csv").stdout
        )
        self.assert_refuses("evaluate", "part-als.safetensors", "choices.csv", says="ratings")

    def test_what_was_seen_measures_no_list(self):
        done = self.palate("evaluate", "part-both.safetensors", "train.csv")
        self.assertIn("lists are not measured", done.stderr)
        self.assertIn("RMSE", done.stdout)
        self.assert_refuses(
            *("evaluate", "part-ials.safetensors", "train.csv"),
            says="lists cannot be measured",
        )


class Explain(WithModel):
    def explained(self, name, item):
        words = ("explain", f"{name}.safetensors", "--user", "1", "--item", item)
        return self.json(*words)["ratings"]

    def test_the_ratings_add_up_to_the_prediction(self):
        for name, item in itertools.product(("als", "sgd", "gradient", "bias"), ("1", "2", "17")):
            document = self.explained(name, item)
            self.assertEqual(
                {entry["item"]: entry["rating"] for entry in document["contributions"]},
                self.seen["1"],
            )
            total = (
                document["global_mean"]
                + document["item_bias"]
                + sum(entry["contribution"] for entry in document["contributions"])
                + document["off_optimum"]
            )
            self.assertAlmostEqual(total, document["score"], delta=1e-4)
            sizes = [abs(entry["contribution"]) for entry in document["contributions"]]
            self.assertEqual(sizes, sorted(sizes, reverse=True))
            predicted = float(
                self.palate("predict", f"{name}.safetensors", "--user", "1", "--item", item).stdout
            )
            self.assertAlmostEqual(document["prediction"], predicted, delta=1e-4)

    def test_of_a_solved_row_the_ratings_are_all(self):
        for name, item in itertools.product(("als", "bias"), ("1", "2", "17")):
            document = self.explained(name, item)
            self.assertAlmostEqual(document["off_optimum"], 0, delta=1e-4)
            self.assertAlmostEqual(
                sum(entry["to_bias"] for entry in document["contributions"]),
                document["user_bias"],
                delta=1e-4,
            )
            self.assertAlmostEqual(
                sum(entry["to_taste"] for entry in document["contributions"]),
                document["taste"],
                delta=1e-4,
            )

    def test_what_gradients_left_undone_is_told(self):
        for name in ("sgd", "gradient"):
            self.assertGreater(abs(self.explained(name, "3")["off_optimum"]), 1e-3)
            done = self.palate("explain", f"{name}.safetensors", "--user", "1", "--item", "3")
            self.assertIn("difference to the best fit", done.stdout)

    def test_the_mean_rests_on_no_rating_of_the_user(self):
        document = self.explained("mean", "1")
        self.assertIsNone(document["contributions"])
        self.assertNotIn("off_optimum", document)
        self.assertEqual(document["score"], document["global_mean"])

    def test_the_parts_add_up_to_the_score(self):
        for name in ("als", "sgd", "gradient", "bias", "mean"):
            document = self.json(
                "explain", name + ".safetensors", "--user", "1", "--title", "toy story"
            )["ratings"]
            self.assertAlmostEqual(sum(document["factors"]), document["taste"], delta=1e-4)
            parts = (
                document["global_mean"]
                + document["user_bias"]
                + document["item_bias"]
                + sum(document["factors"])
            )
            self.assertAlmostEqual(parts, document["score"], delta=1e-4)

    def test_prints_tables_with_titles(self):
        done = self.palate(
            "explain", "als.safetensors", "--user", "1", "--title", "matrix", "-k", "3"
        )
        self.assertRegex(
            done.stdout, r"user 1, item 3, Matrix, The \(1999\)\n\npredicted rating \d"
        )
        for part in (
            "global mean",
            "item bias",
            "taste",
            "sum",
            "rated item",
            "user bias and taste",
            f"{len(self.seen['1']) - 3} more",
        ):
            self.assertIn(part, done.stdout)
        self.assertNotIn("optimum", done.stdout)

    def test_bad_input_is_told(self):
        self.assert_refuses(
            "explain",
            "forgetful.safetensors",
            "--user",
            "1",
            "--item",
            "1",
            says="the model does not keep who rated what",
        )
        self.assert_refuses(
            "explain", "als.safetensors", "--user", "1", says="one of --item and --title"
        )
        self.assert_refuses(
            "explain",
            "als.safetensors",
            "--user",
            "nobody",
            "--item",
            "1",
            says="user nobody is not in the model",
        )
        self.assert_refuses(
            "explain",
            "als.safetensors",
            "--user",
            "1",
            "--item",
            "999",
            says="item 999 is not in the model",
        )
        self.assert_refuses(
            "explain",
            "als.safetensors",
            "--user",
            "1",
            "--title",
            "sabrina",
            says="4 Sabrina (1995)",
        )
        self.palate("explain", "als.safetensors", "--item", "1", status=64)


class AllUsers(WithModel):
    def lists(self, text):
        """{user: [(item, score), ...]} of a CSV document, whose ranks count from 1."""
        lists = {}
        for row in csv.DictReader(text.splitlines()):
            lists.setdefault(row["user"], []).append((row["item"], float(row["score"])))
            self.assertEqual(int(row["rank"]), len(lists[row["user"]]))
        return lists

    def test_has_the_list_of_each_user(self):
        for name in ("als", "sgd", "bias", "mean"):
            lists = self.lists(
                self.palate("recommend", name + ".safetensors", "--all-users", "-k", "7").stdout
            )
            self.assertEqual(len(lists), 60)
            for user in ("1", "2", "37", "60"):
                document = self.json("recommend", name + ".safetensors", "--user", user, "-k", "7")
                self.assertEqual(
                    [item for item, _ in lists[user]],
                    [entry["item"] for entry in document["items"]],
                )
                for (_, score), entry in zip(lists[user], document["items"]):
                    self.assertAlmostEqual(score, entry["score"], 5)

    def test_files_standard_output_and_threads_say_the_same(self):
        text = self.palate("recommend", "als.safetensors", "--all-users", "--threads", "1").stdout
        done = self.palate(
            "recommend", "als.safetensors", "--all-users", "--threads", "3", "-o", "all.csv"
        )
        self.assertEqual(done.stdout, "all.csv\n")
        with open(self.path("all.csv")) as file:
            self.assertEqual(file.read(), text)
        self.assertEqual(
            self.json("recommend", "als.safetensors", "--all-users", "-o", "all.jsonl"),
            {"file": "all.jsonl", "users": 60},
        )
        with open(self.path("all.jsonl")) as file:
            rows = [json.loads(line) for line in file]
        self.assertEqual(self.json("recommend", "als.safetensors", "--all-users"), rows)
        self.assertEqual(
            {
                row["user"]: [(entry["item"], entry["score"]) for entry in row["items"]]
                for row in rows
            },
            self.lists(text),
        )

    def test_a_file_of_users_has_a_list_for_each_row(self):
        self.write("some.csv", "when,user\n1,37\n2,nobody\n3,1\n4,37\n")
        words = ["recommend", "als.safetensors", "--users", "some.csv", "-k", "3"]
        done = self.palate(*words)
        self.assertIn("some.csv: 4 users by column 2 'user'", done.stderr)
        self.assertIn("1 user is not in the model", done.stderr)
        found = list(csv.DictReader(done.stdout.splitlines()))
        self.assertEqual(
            [row["user"] for row in found], ["37"] * 3 + ["nobody"] * 3 + ["1"] * 3 + ["37"] * 3
        )
        self.assertEqual(found[:3], found[9:])
        for first, user in ((0, "37"), (3, "nobody"), (6, "1")):
            entries = self.json("recommend", "als.safetensors", "--user", user, "-k", "3")["items"]
            for row, entry in zip(found[first : first + 3], entries):
                self.assertEqual((row["item"], row["title"]), (entry["item"], entry["title"]))
                self.assertAlmostEqual(float(row["score"]), entry["score"], 5)
        self.assertEqual([row["user"] for row in self.json(*words)], ["37", "nobody", "1", "37"])

    def test_the_list_of_one_can_be_csv_and_a_file(self):
        words = ["recommend", "als.safetensors", "--user", "1", "-k", "3"]
        text = self.palate(*words, "--format", "csv").stdout
        entries = self.json(*words)["items"]
        rows = list(csv.DictReader(text.splitlines()))
        self.assertEqual(
            [(row["rank"], row["item"], row["title"]) for row in rows],
            [(str(n + 1), entry["item"], entry["title"]) for n, entry in enumerate(entries)],
        )
        self.assertEqual(self.palate(*words, "-o", "one.csv").stdout, "one.csv\n")
        self.assertEqual(self.text("one.csv"), text)
        self.palate(*words, "-o", "one.json")
        self.assertEqual(json.loads(self.text("one.json"))["items"], entries)
        self.assertEqual(self.palate(*words, "--format", "json").stdout, self.text("one.json"))
        self.write("liked.csv", "Name,stars\n3,5\n4,4\n")
        liked = ["recommend", "als.safetensors", "--history", "liked.csv", "--item", "Name"]
        self.assertTrue(
            self.palate(*liked, "--value", "stars", "--format", "csv").stdout.startswith("rank,")
        )
        self.assert_refuses(*words, "--item", "3", "-o", "x.csv", says="one item's place")

    def test_seen_items_are_left_out_unless_asked_for(self):
        for words, found in (([], False), (["--include-seen"], True)):
            lists = self.lists(
                self.palate(
                    "recommend", "als.safetensors", "--all-users", "-k", "40", *words
                ).stdout
            )
            self.assertEqual(bool(self.seen["1"].keys() & {item for item, _ in lists["1"]}), found)
        self.assertIn(
            "no history", self.palate("recommend", "forgetful.safetensors", "--all-users").stderr
        )

    def test_items_and_deny_restrict(self):
        self.write("some.csv", "item,note\n1,a\n2,b\n3,c\n999,d\n")
        self.write("never.txt", "2\n5\n")
        words = ["--items", "some.csv", "--deny", "never.txt", "--include-seen"]
        done = self.palate("recommend", "als.safetensors", "--all-users", *words)
        self.assertIn("; 1 ids are not of items of the model", done.stderr)
        self.assertTrue(
            all(
                {item for item, _ in entries} == {"1", "3"}
                for entries in self.lists(done.stdout).values()
            )
        )
        for words in (words, ["--likes", "4:5", *words]):
            document = self.json(
                "recommend",
                "als.safetensors",
                *(["--user", "1"] if "--likes" not in words else []),
                *words,
            )
            self.assertEqual({entry["item"] for entry in document["items"]}, {"1", "3"})

    def test_bad_input_is_told(self):
        self.assert_refuses(
            "recommend",
            "als.safetensors",
            "--all-users",
            "--user",
            "1",
            says="one of --user, --users, --all-users",
        )
        self.assert_refuses(
            "recommend", "als.safetensors", "--all-users", "--item", "1", says="one user's list"
        )
        self.assert_refuses(
            "recommend",
            "als.safetensors",
            "--all-users",
            "-o",
            "all.txt",
            says="ends in none of .csv, .json and .jsonl",
        )
        for words, says in (
            (["--all-users", "--format", "xml"], '"xml" is none of: csv, json, jsonl'),
            (["--all-users", "--format", "csv", "--json"], "two formats"),
            (["--user", "1", "--format", "jsonl"], "is for several users"),
            (["--user", "1", "-o", "one.jsonl"], "is for several users"),
            (["--users", self.write("none.csv", "user\n")], "has no users"),
            (["--users", "no.csv"], "no.csv"),
        ):
            status = 3 if words[-1] == "no.csv" else 2
            done = self.palate("recommend", "als.safetensors", *words, status=status)
            self.assertIn(says, done.stderr)
        self.assert_refuses(
            "recommend",
            "als.safetensors",
            "--all-users",
            "--items",
            self.write("e.csv", ""),
            says="empty",
        )
        self.palate(
            "recommend", "als.safetensors", "--all-users", "--deny", "missing.csv", status=3
        )
        self.palate(
            "recommend", "als.safetensors", "--all-users", "-o", "nowhere/all.csv", status=3
        )


if __name__ == "__main__":
    unittest.main()
