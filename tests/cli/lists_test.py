"""Lists that are measured: what the terminal, the JSON and the page tell of them."""

import json
import re
import unittest

from situations import Situation, lines, ratings

BOTH = ("--algorithms", "als,mean,ials,popular")


class MeasuredLists(Situation):
    def setUp(self):
        super().setUp()
        self.file = self.write("ratings.csv", lines(ratings(), ("user", "item", "rating")))

    def compare(self, *words):
        return self.palate("compare", self.file, *words, "--quiet").stdout

    def heads(self, said):
        """The first lines of the tables."""
        return [line for line in said.splitlines() if line.startswith("model ")]

    def test_have_a_table_of_their_own(self):
        said = self.compare(*BOTH)
        of_ratings, of_lists = self.heads(said)
        self.assertRegex(of_ratings, r"RMSE \[95 % interval\] .*to the best .*seconds$")
        self.assertRegex(
            of_lists,
            r"NDCG@10 \[95 % interval\] +Recall@20 +Coverage@10 +to the best +p +seconds$",
        )
        for line in said.splitlines():
            if re.match(r"(model|als|mean|ials|popular|---)", line):
                self.assertLessEqual(len(line), 120, line)

    def test_name_ease_unless_there_are_many_items(self):
        few = [(user, item, 5) for user in range(1, 30) for item in range(user % 3, 12, 2)]
        for items, has_ease in ((4000, True), (4001, False)):
            disliked = [(0, item, 1) for item in range(items)]
            rows = self.write("items.csv", lines(few + disliked, ("user", "item", "rating")))
            found = self.json("compare", rows, "--task", "lists", "--relevant", "4")
            names = [model["name"] for model in found["lists"]["models"]]
            self.assertEqual("ease" in names, has_ease)
            self.assertIn("item-knn", names)

    def test_say_once_what_the_intervals_hold(self):
        said = self.compare(*BOTH)
        self.assertEqual(
            said.count("intervals say how far the figures may move with other users"), 1
        )
        self.assertEqual(said.count("Holm's correction for 1 and 1 comparisons, each table"), 1)
        self.assertIn("correction for 1 comparison\n", self.compare("--algorithms", "als,mean"))

    def test_say_what_is_relevant_and_who_is_left_out(self):
        said = self.compare("--algorithms", "popular")
        lists = self.json("compare", self.file, "--algorithms", "popular")["lists"]
        split, without = lists["split"], lists["users_without_relevant"]
        self.assertGreater(without, 0)
        self.assertIn(
            f"lists of {split['tested_users']} users, by {split['tested']} test ratings of at "
            f"least {lists['relevant']:g}, which are relevant (random, 20 % test, seed 1)\n"
            f"{without} users without one are left out; more metrics of lists, and their "
            "coverage, novelty and Gini, are in --json\n",
            said,
        )
        rows = self.write(
            "likes.csv", lines([row[:2] for row in ratings() if row[2] > 3], ("user", "item"))
        )
        done = self.palate("compare", rows, "--algorithms", "ials,popular", "--quiet")
        self.assertRegex(done.stdout, r"by \d+ test rows, which are all relevant \(random")
        self.assertNotIn("RMSE", done.stdout)

    def test_are_compared_by_the_metric_that_is_named(self):
        for name, label in (("mrr@3", "MRR@3"), ("hit_rate@10", "Hit rate@10")):
            _, of_lists = self.heads(self.compare(*BOTH, "--metric", name))
            self.assertRegex(of_lists, rf"^model +{label} \[95 % interval\]")
            lists = self.json("compare", self.file, *BOTH, "--metric", name)["lists"]
            self.assertEqual(lists["primary"], name)
            self.assertIn(f"test_{name}", lists["models"][0]["curve"][-1])
        of_ratings, of_lists = self.heads(self.compare(*BOTH, "--metric", "MAE"))
        self.assertRegex(of_ratings, r"^model +MAE \[95 % interval\] +RMSE")
        self.assertRegex(of_lists, r"^model +NDCG@10")

    def test_are_measured_at_the_cutoffs_that_are_named(self):
        words = ("--algorithms", "popular", "--cutoffs", "5,2,7")
        (of_lists,) = self.heads(self.compare(*words))
        self.assertRegex(of_lists, r"NDCG@5 .*Recall@2 +Coverage@5")
        model = self.json("compare", self.file, *words)["lists"]["models"][0]
        self.assertEqual(
            [name for name in model["metrics"] if name.startswith(("ndcg", "map"))],
            ["ndcg@5", "map@5", "ndcg@2", "ndcg@7"],
        )
        self.assertAlmostEqual(sum(model["exposure_by_popularity"]), 1)

    def test_flags_that_name_nothing_are_refused(self):
        for words, says in (
            (["--metric", "accuracy"], ['"accuracy"', "ndcg@k", "rmse, mae, mse"]),
            (["--metric", "rmse", "--task", "lists"], ["metric rmse is of ratings"]),
            (["--cutoffs", "10,x"], ["--cutoffs", '"10,x"']),
            (["--cutoffs", "0"], ["cutoff 0 is not from 1 to 10000"]),
            (["--cutoffs", "3,3"], ["cutoff 3 is named twice"]),
            (["--cutoffs", "3", "--task", "ratings"], ["--cutoffs has no effect"]),
        ):
            self.assert_refused("compare", self.file, *words, says=says)
        saved = self.write("saved.json", self.compare("--algorithms", "mean", "--json"))
        for flag, value in (("--metric", "mae"), ("--cutoffs", "5")):
            self.assert_refused("report", saved, flag, value, says=[f"{flag} has no effect"])

    def test_an_option_is_of_what_is_kept_before_the_baselines_beside(self):
        document = self.json(
            "train", self.file, "--lower-weight", "0.3", "--user-regularization", "3"
        )
        options = {
            model["name"]: model["options"]
            for task in ("ratings", "lists")
            for model in document[task]["models"]
        }
        self.assertEqual(options["ials"]["lower_weight"], 0.3)
        self.assertEqual(options["bias"]["user_regularization"], 3)
        form = "ials:lower_weight=0.3,item-knn:lower_weight=0.3"
        both = ("--algorithms", "ials,item-knn", "--lower-weight", "0.3")
        self.assert_refused("compare", self.file, *both, says=[form])
        self.assert_refused(
            "train", self.file, "--regularization", "1", says=["als:regularization=1,ials:"]
        )

    def test_are_on_the_page_at_five_cutoffs(self):
        self.palate("report", self.file, *BOTH, "-o", "page.html")
        with open(self.path("page.html"), encoding="utf-8") as page:
            data = re.search(r'id="palate-data">(.*?)</script>', page.read(), re.DOTALL)[1]
        document = json.loads(data)
        names = [metric["name"] for metric in document["lists"]["metrics"]]
        for cutoff in (5, 10, 20, 50, 100):
            self.assertIn(f"recall@{cutoff}", names)
        taste = document["taste"]
        self.assertEqual(
            (taste["model"], taste["task"], taste["ratings_model"]), ("ials", "lists", "als")
        )
        for user in taste["users"]:
            for item in user["recommended"]:
                self.assertIn("rating", item)
                self.assertNotIn("score", item)
        self.palate("report", self.write("saved.json", json.dumps(document)), "-o", "again.html")


class UnmeasuredLists(Situation):
    """No user of the test part has anything relevant there."""

    def setUp(self):
        super().setUp()
        head = ("user", "item", "rating")
        rows = ratings()
        known = {row[:2] for row in rows}
        items = sorted({row[1] for row in rows})
        users = sorted({row[0] for row in rows})[:5]
        self.write("train.csv", lines(rows, head))
        low = [(user, item, 1) for user in users for item in items if (user, item) not in known]
        self.write("low.csv", lines(low, head))
        self.files = ("train.csv", "--test", "low.csv", "--relevant", ">=4")

    def assert_told(self, said):
        self.assertIn(
            "lists are not measured: none of the 5 test users has anything relevant, "
            "which is a test rating of at least 4 of an item that is new to them "
            "(a test file of its own)\n",
            said,
        )
        self.assertRegex(said, r"\nmodel +to the best +p +seconds\n")
        self.assertNotIn("interrupted", said)
        self.assertNotIn("NDCG", said)
        self.assertNotIn("0 users", said)

    def test_are_said_to_be_so_by_all_that_measure(self):
        for words in (("--seeds", "2"), ("--task", "lists"), BOTH):
            self.assert_told(self.palate("compare", *self.files, *words, "-q").stdout)
        self.assert_told(self.palate("train", *self.files, "-q").stdout)
        done = self.palate("tune", *self.files, "--factors", "4", "--trials", "2", "-q")
        self.assert_told(done.stdout)
        self.assertNotIn("tuning", done.stdout)
        self.json("recommend", "model.safetensors", "--user", "1")

    def test_have_no_figure_in_any_document(self):
        document = self.json("compare", *self.files)
        lists = document["lists"]
        self.assertEqual(lists["split"]["tested_users"], 0)
        for model in lists["models"]:
            self.assertEqual(model["metrics"], {})
            self.assertNotIn("exposure", model)
            self.assertIsNone(model["difference_to_best"])
        self.assertIn("rmse", document["ratings"]["models"][0]["metrics"])
        self.palate("report", self.write("saved.json", json.dumps(document)), "-o", "page.html")
        self.palate("report", *self.files, "-o", "page.html")
        tuned = self.json("tune", *self.files, "--factors", "4", "--trials", "2")["tune"]
        self.assertFalse(tuned["told_apart"])

    def test_have_no_figure_in_the_model(self):
        self.palate("train", *self.files)
        measured = self.json("inspect", "model.safetensors")["lists"]["measured"]
        self.assertEqual(sorted(measured), ["refitted", "seen", "split", "test_ratings"])
        said = self.palate("inspect", "model.safetensors").stdout
        self.assertIn("measured   not: no test user had anything relevant (a test file of", said)


class ListsThatStartFromOthers(Situation):
    """What is told of test rows that the earlier model had been trained on."""

    def test_of_ratings_count_the_relevant_ones(self):
        table = self.write("ratings.csv", lines(ratings(), ("user", "item", "rating")))
        words = ("train", table, "--relevant", ">=4", "-o")
        self.palate(*words, "first.st")
        done = self.palate(*words, "second.st", "--init", "first.st")
        tested = self.json("inspect", "second.st")["lists"]["measured"]["test_ratings"]
        self.assertLess(tested, 60)
        self.assert_told(
            done.stderr,
            "warning: 60 of 60 test ratings are in that model's history",
            f"warning: {tested} of {tested} relevant test ratings are in that model's history",
        )
        self.assertIn(f"trained on {tested} of the {tested} relevant test ratings:", done.stdout)
        said = self.palate("inspect", "second.st").stdout
        self.assertIn(", 298 ratings of history,", said)
        self.assertRegex(said, rf"measured   RMSE .* on 60 test ratings \(random")
        self.assertRegex(said, rf"measured   NDCG.* on {tested} relevant test ratings \(random")
        self.assertIn(f"seen       {tested} of these", said)

    def test_of_events_count_rows(self):
        events = ("view", "cart", "buy")
        rows = [(u, i, events[(u + i) % 3]) for u, i, _ in ratings()]
        table = self.write("events.csv", lines(rows + rows[:50], ("user", "item", "type")))
        reading = ("--event", "type", "--weights", "view=1,cart=3,buy=5")
        self.palate("train", table, *reading, "-o", "first.st")
        done = self.palate("train", table, *reading, "--init", "first.st", "-o", "second.st")
        self.assert_told(done.stderr, "warning: 60 of 60 test rows are in that model's history")
        self.assertIn("trained on 60 of the 60 test rows:", done.stdout)
        said = self.palate("inspect", "second.st").stdout
        self.assertIn(", 298 rows of history,", said)
        self.assertRegex(said, r"measured   NDCG.* on 60 test rows \(random")
        told = self.palate("compare", table, *reading, "-q").stdout
        self.assertRegex(told, r"new in the test part: .* \(\d+\.\d % of rows\)")
        self.assertNotIn("rating", told.split("A random split")[0].split("seconds")[-1])

    def test_count_a_repeated_pair_once(self):
        rows = ratings()
        table = self.write("ratings.csv", lines(rows, ("user", "item", "rating")))
        some = [row for row in rows if row[0] < 15]
        self.write("train.csv", lines(some, ("user", "item", "rating")))
        others = [row for row in rows if row[0] >= 15]
        self.write("test.csv", lines(others + others, ("user", "item", "rating")))
        self.palate("train", table, "-o", "first.st")
        words = ("train.csv", "--test", "test.csv", "--relevant", ">=1", "--init", "first.st")
        done = self.palate("train", *words, "-o", "second.st")
        pairs = len(others)
        self.assert_told(
            done.stderr,
            f"{2 * pairs} of {2 * pairs} test ratings are in",
            f"{pairs} of {pairs} relevant test ratings are in",
        )
        measured = self.json("inspect", "second.st")["lists"]["measured"]
        self.assertEqual((measured["test_ratings"], measured["seen"]), (pairs, pairs))


class ListsWithoutFactors(Situation):
    """Lists of item weights and of popularity, as every verb makes them."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.table = lines(ratings(), ("user", "item", "rating"))

    def setUp(self):
        super().setUp()
        self.write("ratings.csv", self.table)

    def train(self, algorithm, *words):
        return self.palate(
            *("train", "ratings.csv", "--algorithm", algorithm, "-o", "m.safetensors"), *words
        )

    def listed(self, *words):
        document = self.json("recommend", "m.safetensors", *words)
        return [(item["item"], item["score"]) for item in document["items"]]

    def test_item_knn_lists_explains_and_finds_kin(self):
        self.train("item-knn")
        user = self.listed("--user", "1")
        seen = {str(item) for someone, item, _ in ratings() if someone == 1}
        self.assertFalse(seen & {item for item, _ in user})
        best, score = user[0]
        lists = self.json("explain", "m.safetensors", "--user", "1", "--item", best)["lists"]
        self.assertAlmostEqual(lists["score"], score, places=5)
        self.assertAlmostEqual(
            sum(one["contribution"] for one in lists["contributions"]), score, places=5
        )
        kin = self.json("similar", "m.safetensors", "--item", "3")["items"]
        liked = self.listed("--likes", "3")
        self.assertEqual([(one["item"], one["score"]) for one in kin], liked[: len(kin)])
        self.write("history.csv", "movie,stars\n3,5\n")
        self.assertEqual(self.listed("--history", "history.csv"), liked)
        self.assert_refused(
            *("similar", "m.safetensors", "--user", "1"),
            says=("a model of item-knn has no factors, by which users are alike: train one of",),
        )
        said = self.palate("inspect", "m.safetensors").stdout
        self.assertRegex(said, r"(?m)^weights    \d")
        self.assertNotIn("factors", said)

    def test_likes_of_a_whole_user_give_that_users_list(self):
        # A newcomer's dislikes weigh nothing.
        self.train("item-knn", "--lower-weight", "0")
        likes = ",".join(f"{item}:{r}" for user, item, r in ratings() if user == 1)
        for (item, score), (other, same) in zip(
            self.listed("--user", "1"), self.listed("--likes", likes), strict=True
        ):
            self.assertEqual(item, other)
            self.assertAlmostEqual(score, same, places=5)

    def test_popular_lists_the_same_for_all_and_knows_of_no_kin(self):
        self.train("popular")
        seen = ("--include-seen", "-k", "5")
        everybody = self.listed("--user", "1", *seen)
        for words in (("--user", "2"), ("--user", "nobody"), ("--likes", "3")):
            self.assertEqual(self.listed(*words, *seen), everybody)
        self.assert_refused(
            *("similar", "m.safetensors", "--item", "3"),
            says=("a model of popular has no factors or item weights, by which", "item-knn"),
        )
        self.assert_told(
            self.palate("explain", "m.safetensors", "--user", "1", "--item", "3").stdout,
            "lists hold what most users have chosen; this item was chosen by",
        )

    def test_are_exported_with_their_weights(self):
        for algorithm, weights in (("item-knn", True), ("popular", False)):
            self.train(algorithm)
            for form, name in (("npy", "item_weights_values.npy"), ("csv", "item_weights.csv")):
                folder = f"{algorithm}-{form}"
                self.palate("export", "m.safetensors", "--format", form, "-o", folder)
                with open(self.path(f"{folder}/header-{form}.json"), encoding="utf-8") as file:
                    header = json.load(file)
                self.assertEqual(header["lists"], {"algorithm": algorithm, "factors": 0})
                self.assertEqual(f"lists/{name}" in header["files"], weights)

    def test_of_ease_explain_and_keep_as_many_weights_as_asked_for(self):
        for neighbours, all_kept in (("5", False), ("0", True)):
            self.train(f"ease:neighbours={neighbours}")
            kept = self.json("inspect", "m.safetensors")["lists"]["item_weights"]
            chosen = len({item for _, item, _ in ratings()})
            self.assertEqual(kept > 5 * chosen, all_kept)
            best, score = self.listed("--user", "1")[0]
            why = self.json("explain", "m.safetensors", "--user", "1", "--item", best)["lists"]
            self.assertAlmostEqual(why["score"], score, places=5)

    def test_of_item_weights_without_a_history_are_for_newcomers(self):
        done = self.train("als,item-knn", "--no-history")
        self.assert_told(done.stderr, "for new users alone (recommend --likes, --history)")
        (next_step,) = re.findall(r"(?m)^  palate (recommend .*)$", done.stdout)
        self.assertIn("--likes", next_step)
        self.palate(*next_step.split())
        self.assertEqual(len(self.listed("--user", "nobody")), 10)
        for words in (("--user", "1"), ("--all-users",)):
            said = self.assert_refused(
                "recommend", "m.safetensors", *words, says=("train without --no-history",)
            )
            self.assertNotIn("are not left out", said)
        self.assertIn("no history", self.palate("inspect", "m.safetensors").stdout)
        done = self.palate("evaluate", "m.safetensors", "ratings.csv")
        self.assert_told(done.stderr, "lists are not measured: the model does not keep who rated")
        document = self.json("evaluate", "m.safetensors", "ratings.csv")
        self.assertIsNone(document["lists"])
        self.assertIn("rmse", document["ratings"]["metrics"])
        self.train("item-knn", "--no-history")
        self.assert_refused("evaluate", "m.safetensors", "ratings.csv", says=("--no-history",))

    def test_of_an_item_that_is_nobodys_neighbour(self):
        rows = [(u, i) for u, i, _ in ratings()] + [(99, 99), (98, 99), (97, 99), (96, 99)]
        self.write("ratings.csv", lines(rows, ("user", "item")))
        self.train("item-knn")
        done = self.palate("similar", "m.safetensors", "--item", "99")
        self.assert_told(done.stderr, "no items are similar: this one is a neighbor of no other\n")
        done = self.palate("similar", "m.safetensors", "--item", "3", "--min-support", "500")
        self.assert_told(
            done.stderr,
            "nothing is similar enough to list: no other has 500 ratings (--min-support)",
        )


if __name__ == "__main__":
    unittest.main()
