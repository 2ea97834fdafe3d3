"""Factors of other programs: `palate import` makes a model of them, of which every verb knows what
to do.
"""

import csv
import os
import unittest

import numpy as np
from situations import ITEMS, USERS, Situation, lines, ratings

FACTORS = 5


def factors(rows, seed):
    return np.random.default_rng(seed).normal(size=(rows, FACTORS)).astype("<f4")


class Import(Situation):
    """Factors that were made elsewhere, of the users and items of a table of ratings."""

    def setUp(self):
        super().setUp()
        self.users = factors(USERS, 1)
        self.items = factors(ITEMS, 2)
        np.save(self.path("u.npy"), self.users)
        np.save(self.path("i.npy"), self.items)
        # in the order of the rows, which is none in particular
        self.user_ids = [str((7 * n) % USERS + 1) for n in range(USERS)]
        self.item_ids = [str((3 * n) % ITEMS + 1) for n in range(ITEMS)]
        self.write("users.txt", "".join(f"{name}\n" for name in self.user_ids))
        self.write("items.txt", "item\n" + "".join(f"{name}\n" for name in self.item_ids))
        self.rows = ratings()
        self.write("ratings.csv", lines(self.rows, ("user", "item", "rating")))
        self.write("events.csv", lines([row[:2] for row in self.rows], ("user", "item")))

    pair = ("--users", "u.npy", "--items", "i.npy")
    ids = ("--user-ids", "users.txt", "--item-ids", "items.txt")

    def imported(self, *words):
        """What is told."""
        done = self.palate("import", *words)
        self.assertEqual(done.stdout, "model.safetensors\n")
        return done.stderr

    def titled(self):
        rows = [
            (item, f"Film {item} ({1980 + item})", "Drama|War" if item % 2 else "Comedy")
            for item in range(1, ITEMS + 1)
        ]
        return self.write("movies.csv", lines(rows, ("movieId", "title", "genres")))

    def expected_list(self, user, count=10, seen=()):
        row = self.user_ids.index(user)
        order = np.argsort(-(self.items @ self.users[row]), kind="stable")
        return [self.item_ids[i] for i in order if self.item_ids[i] not in seen][:count]

    def listed(self, *words):
        answer = self.json("recommend", "model.safetensors", *words)
        return [one["item"] for one in answer["items"]]

    def seen_by(self, user):
        return {str(row[1]) for row in self.rows if str(row[0]) == user}


class Pairs(Import):
    def test_are_ranked_by_their_products(self):
        said = self.imported(*self.pair)
        self.assert_told(
            said,
            f"lists: {FACTORS} factors of {USERS} users and {ITEMS} items\n",
            "without --seen no item is left out of a list, and nothing tells which items most",
        )
        order = np.argsort(-(self.items @ self.users[4]), kind="stable")[:10]
        self.assertEqual(self.listed("--user", "4"), [str(item) for item in order])

    def test_have_ids_and_leave_out_what_was_seen(self):
        self.imported(*self.pair, *self.ids)
        self.assertEqual(self.listed("--user", "4"), self.expected_list("4"))
        for table in ("events.csv", "ratings.csv"):
            self.imported(*self.pair, *self.ids, "--seen", table)
            seen = self.seen_by("4")
            self.assertGreater(len(seen), 2)
            self.assertEqual(
                self.listed("--user", "4", "-k", "8"), self.expected_list("4", 8, seen)
            )

    def test_may_be_of_either_order_width_and_wrapping(self):
        self.imported(*self.pair, *self.ids)
        expected = self.palate("recommend", "model.safetensors", "--all-users").stdout
        np.save(self.path("u.npy"), np.asfortranarray(self.users.astype("<f8")))
        np.save(self.path("items"), self.items)
        self.palate("import", "--users", "u.npy", "--items", "items.npy", *self.ids)
        self.assertEqual(
            self.palate("recommend", "model.safetensors", "--all-users").stdout, expected
        )

    def test_count_what_has_no_factors(self):
        table = lines(
            [*self.rows, ("x", 1, 5), ("y", 1, 5), (1, "z", 5)], ("user", "item", "rating")
        )
        self.write("more.csv", table)
        said = self.imported(*self.pair, *self.ids, "--seen", "more.csv")
        self.assert_told(
            said,
            "2 rows are by users without factors: left out\n",
            "1 rows are of items without factors: left out\n",
        )

    def test_are_answered_by_every_verb(self):
        self.titled()
        self.imported(*self.pair, *self.ids, "--seen", "ratings.csv")
        model = "model.safetensors"
        with self.subTest("recommend"):
            dramas = self.listed("--user", "4", "--where", "genres has Drama and year > 1985")
            self.assertTrue(dramas)
            self.assertTrue(all(int(item) % 2 and int(item) > 5 for item in dramas))
            self.assertNotIn("3", self.listed("--likes", "Film 3, Film 5:4"))
            self.write("mine.csv", "title,rating\nFilm 3,5\nFilm 4,1\n")
            self.assertTrue(set(self.listed("--history", "mine.csv")).isdisjoint("34"))
            said = self.palate("recommend", model, "--user", "nobody").stderr
            self.assertIn("these are the items that most users have chosen", said)
            self.write("some.txt", "4\nnobody\n")
            rows = self.palate("recommend", model, "--users", "some.txt", "-k", "2").stdout
            self.assertEqual(len(list(csv.DictReader(rows.splitlines()))), 4)
        with self.subTest("similar"):
            self.assertIn("Film", self.palate("similar", model, "--title", "Film 3").stdout)
            self.palate("similar", model, "--user", "4")
        with self.subTest("explain"):
            said = self.palate("explain", model, "--user", "4", "--item", "3").stdout
            self.assert_told(said, "listed by the score", "difference to training")
        with self.subTest("inspect"):
            said = self.palate("inspect", model).stdout
            self.assert_told(said, f'algorithm  imported {{"factors": {FACTORS}}}', "titles")
        with self.subTest("evaluate"):
            pairs = {(row[0], row[1]) for row in self.rows}
            new = [
                (user, item, 5)
                for user in range(1, USERS + 1)
                for item in range(1, ITEMS + 1)
                if (user, item) not in pairs
            ]
            self.write("new.csv", lines(new, ("user", "item", "rating")))
            lists = self.json("evaluate", model, "new.csv")["lists"]
            self.assertEqual(lists["users"], USERS)
        with self.subTest("export"):
            self.palate("export", model, "-o", "parts")
            written = np.load(self.path("parts/lists/user_factors.npy"))
            np.testing.assert_array_equal(written, self.users)
        with self.subTest("predict"):
            self.assert_refused(
                "predict", model, "--user", "4", "--item", "3", says=("import them with --ratings",)
            )
        with self.subTest("train"):
            words = ("ratings.csv", "--task", "lists", "--init", model, "-o", "x")
            cannot = "factors that another program made: training cannot go on from them"
            self.assert_refused("train", *words, says=(cannot,))
        self.assert_refused(
            "train", "ratings.csv", "--algorithm", "imported", says=("imported is",)
        )

    def test_say_without_what_was_seen_what_they_do_not_know(self):
        self.imported(*self.pair, *self.ids)
        model = "model.safetensors"
        said = self.palate("recommend", model, "--user", "nobody")
        self.assertIn("which does not know which most users have chosen", said.stderr)
        self.assertEqual(len(self.listed("--likes", "3")), 10)
        self.assert_refused(
            "explain", model, "--user", "4", "--item", "3", says=("import it with what was seen",)
        )

    def test_that_cannot_be_used_are_refused_in_a_line(self):
        np.save(self.path("short.npy"), self.items[:, :3])
        np.save(self.path("whole.npy"), np.arange(6).reshape(2, 3))
        np.save(self.path("list.npy"), np.zeros(6))
        np.savez(self.path("other.npz"), a=np.zeros(3))
        bad = self.items.copy()
        bad[3, 1] = np.nan
        np.save(self.path("bad.npy"), bad)
        for words, says in (
            (("--users", "u.npy", "--items", "short.npy"), "both need as many factors"),
            (("--users", "u.npy", "--items", "whole.npy"), 'are "<i8", and not floats'),
            (("--users", "u.npy", "--items", "list.npy"), "it is 6, where a row for each"),
            (("--users", "u.npy", "--items", "bad.npy"), "bad.npy: row 3, column 1 is nan"),
            (("--users", "u.npy", "--items", "other.npz"), "it is an .npz of several arrays"),
            (("--users", "u.npy", "--items", "ratings.csv"), "it is no .npy file"),
            ((*self.pair, "--user-ids", "items.txt"), "21 ids for 30 rows of factors of users"),
            (("other.npz",), "it is no .npz with user_factors and item_factors"),
            (("ratings.csv",), "it is no .npz with user_factors and item_factors"),
            ((), "import needs --users and --items"),
            (("--users", "u.npy"), "import needs --users and --items"),
            ((*self.pair, "other.npz"), "import needs --users and --items"),
            ((*self.pair, "--relevant", "4"), "--relevant is of the ratings in --seen"),
            ((*self.pair, "--alpha", "0"), "alpha 0 is not above 0"),
            ((*self.pair, "--ratings", "--alpha", "1"), "alpha is what choices weigh"),
            ((*self.pair, "--ratings", "--seen", "events.csv"), "ratings"),
            ((*self.pair, "-o", "u.npy"), "are the same file"),
        ):
            with self.subTest(words):
                self.assert_refused("import", *words, says=(says,))
        self.assertEqual(self.palate("import", "no.npz", status=3).stderr.count("\n"), 1)
        self.assertFalse(os.path.exists(self.path("model.safetensors")))

    def test_are_named_where_a_model_or_a_table_was_meant(self):
        for words in (("recommend", "u.npy", "--user", "1"), ("train", "u.npy")):
            status = 4 if words[0] == "recommend" else 2
            said = self.palate(*words, status=status).stderr
            self.assertIn("palate import makes a model of factors", said)


class Ratings(Import):
    def test_are_predicted_with_biases_and_mean(self):
        user_bias = self.users[:, 0] / 4
        item_bias = self.items[:, 0] / 4
        np.save(self.path("user_bias.npy"), user_bias)
        np.save(self.path("item_bias.npy"), item_bias.reshape(-1, 1))
        np.save(self.path("mean.npy"), np.float64(3.25))
        self.imported(
            *self.pair,
            *self.ids,
            "--ratings",
            "--user-bias",
            "user_bias.npy",
            "--item-bias",
            "item_bias.npy",
            "--mean",
            "mean.npy",
        )
        user, item = self.user_ids.index("4"), self.item_ids.index("3")
        expected = 3.25 + user_bias[user] + item_bias[item] + self.users[user] @ self.items[item]
        found = self.json("predict", "model.safetensors", "--user", "4", "--item", "3")
        self.assertAlmostEqual(found["prediction"], float(expected), places=4)
        self.assertEqual(len(self.listed("--user", "4")), 10)
        self.assertEqual(len(self.listed("--likes", "3:5, 4:1")), 10)
        self.palate("evaluate", "model.safetensors", "ratings.csv")

    def test_are_clipped_to_the_range_of_what_was_seen(self):
        self.imported(*self.pair, *self.ids, "--ratings", "--seen", "ratings.csv")
        rows = self.palate("predict", "model.safetensors", "ratings.csv", "--quiet").stdout
        predicted = [float(row["prediction"]) for row in csv.DictReader(rows.splitlines())]
        values = [row[2] for row in self.rows]
        self.assertEqual((min(predicted), max(predicted)), (min(values), max(values)))
        self.palate("explain", "model.safetensors", "--user", "4", "--item", "3")


class Exports(Import):
    def test_come_back_with_the_same_lists_and_predictions(self):
        self.titled()
        self.train("ratings.csv", "--algorithm", "als,ials", output="first.safetensors")
        self.palate("export", "first.safetensors", "-o", "parts")
        self.imported("parts", "--seen", "ratings.csv")
        for words in (
            ("recommend", "{}", "--all-users", "--quiet"),
            ("recommend", "{}", "--user", "3", "--where", "genres has Comedy"),
            ("predict", "{}", "ratings.csv", "--quiet"),
        ):
            first, second = (
                self.palate(*(word.format(model) for word in words)).stdout
                for model in ("first.safetensors", "model.safetensors")
            )
            self.assertEqual(first, second)
            self.assertIn("Film", first + "Film" * (words[0] == "predict"))

    def test_say_what_they_are_made_of(self):
        self.palate("export", self.train("ratings.csv", "--algorithm", "ease")[0], "-o", "weights")
        self.assert_refused("import", "weights", says=("made of item weights",))
        self.palate("export", self.train("ratings.csv", "--algorithm", "popular")[0], "-o", "none")
        self.assert_refused("import", "none", says=("of which no model can be made",))
        os.mkdir(self.path("empty"))
        self.assert_refused("import", "empty", says=("neither ratings nor lists have factors",))
        self.assert_refused("import", "none", "--ratings", says=("the folder of an export says",))


class OfImplicit(Import):
    """What implicit 0.7.3 saves, with what its models are."""

    def save(self, name, **others):
        np.savez(
            self.path(name),
            user_factors=self.users,
            item_factors=self.items,
            factors=FACTORS,
            num_threads=0,
            dtype="float32",
            random_state=1,
            **others,
        )

    def folded_in(self, chosen, alpha, regularization):
        items = self.items.astype(float)
        rows = items[chosen]
        left = items.T @ items + (alpha - 1) * rows.T @ rows + regularization * np.eye(FACTORS)
        return items @ np.linalg.solve(left, alpha * rows.sum(axis=0))

    def test_least_squares_fold_in_as_they_do_there(self):
        for alpha in (1, 40):
            self.save("als.npz", regularization=0.01, iterations=15, cg_steps=3, alpha=alpha)
            self.imported("als.npz", *self.ids)
            scores = self.folded_in([3, 8], alpha, 0.01)
            order = [i for i in np.argsort(-scores) if i not in (3, 8)]
            likes = ", ".join(self.item_ids[i] for i in (3, 8))
            answer = self.json("recommend", "model.safetensors", "--likes", likes, "-k", "5")
            self.assertEqual(
                [one["item"] for one in answer["items"]], [self.item_ids[i] for i in order[:5]]
            )
            for one, i in zip(answer["items"], order):
                self.assertAlmostEqual(one["score"], scores[i], delta=0.005)

    def test_a_packed_file_is_the_same(self):
        self.save("bpr.npz", regularization=0.01, learning_rate=0.01)
        self.imported("bpr.npz", "--seen", "events.csv", *self.ids)
        expected = self.palate("recommend", "model.safetensors", "--all-users").stdout
        np.savez_compressed(
            self.path("packed.npz"), user_factors=self.users, item_factors=self.items
        )
        self.imported("packed.npz", "--seen", "events.csv", *self.ids)
        self.assertEqual(
            self.palate("recommend", "model.safetensors", "--all-users").stdout, expected
        )

    def test_columns_of_ones_are_told_as_biases(self):
        self.users = np.hstack([self.users, np.ones((USERS, 1), "<f4")])
        self.items = np.hstack([self.items, factors(ITEMS, 3)[:, :1]])
        self.save("bpr.npz", regularization=0.01, learning_rate=0.01)
        said = self.imported("bpr.npz", *self.ids)
        self.assert_told(
            said,
            f"{FACTORS} factors of {USERS} users and {ITEMS} items, and biases from 1 column",
            "new users are folded in approximately",
        )
        self.assertEqual(self.listed("--user", "4"), self.expected_list("4"))


if __name__ == "__main__":
    unittest.main()
