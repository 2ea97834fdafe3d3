"""No figure for what was not measured, and none that is too good in silence."""

import re
import unittest

from situations import Situation, lines, ratings

HEADER = ("user", "item", "rating")


class Measures(Situation):
    def table(self, name, rows, header=HEADER):
        return self.write(name, lines(rows, header))

    def parts(self, share=5):
        """The table in two files: every fifth rating measures."""
        rows = ratings()
        train = [row for k, row in enumerate(rows) if k % share != 0]
        test = [row for k, row in enumerate(rows) if k % share == 0]
        return self.table("train.csv", train), self.table("test.csv", test)

    def assert_no_figure(self, *words, says):
        done = self.palate(*words, status=2)
        self.assertNotIn("RMSE", done.stdout)
        self.assert_told(done.stderr, *says)


class RatingsThatAreMissing(Measures):
    def setUp(self):
        super().setUp()
        self.train_file, self.test_file = self.parts()
        rows = ratings()[:60]
        self.likes = self.table("likes.csv", [row[:2] for row in rows], HEADER[:2])
        self.reviews = self.table(
            "reviews.csv", [(u, i, f"{r}.0 out of 5 stars") for u, i, r in rows]
        )

    def test_a_table_without_them_is_good_for_lists_alone(self):
        for verb in ("train", "compare"):
            done = self.palate(verb, self.likes)
            self.assertNotIn("RMSE", done.stdout + done.stderr)
            self.assertIn("NDCG@10", done.stdout)
            self.assertIn("implicit feedback", done.stderr)
        page = self.json("report", self.likes, "-o", "page.html")["report"]
        self.assertNotIn(
            '"rmse"', open(self.path(page), encoding="utf-8").read().split("<body")[-1]
        )

    def test_a_table_without_them_is_refused_where_ratings_are_predicted(self):
        for words in (
            ["train", "--task", "ratings"],
            ["train", "--algorithm", "als"],
            ["compare", "--algorithms", "ials,bias"],
            ["demo"],
        ):
            self.assert_no_figure(
                *words, self.likes, says=["likes.csv", "no column of ratings", "--value"]
            )

    def test_a_test_file_without_them_is_refused(self):
        self.train(self.train_file, "--algorithm", "als")
        says = ["likes.csv", "no column of ratings"]
        self.assert_no_figure("evaluate", "model.safetensors", self.likes, says=says)
        for verb in ("train", "compare", "report"):
            self.assert_no_figure(verb, self.train_file, "--test", self.likes, says=says)
            self.palate(verb, self.train_file, "--test", self.likes, "--task", "lists")

    def test_text_is_no_column_of_ratings(self):
        self.train(self.train_file)
        for words in (
            ["train", self.reviews],
            ["compare", self.reviews],
            ["report", self.reviews],
            ["evaluate", "model.safetensors", self.reviews],
            ["compare", self.train_file, "--test", self.reviews],
        ):
            said = self.palate(*words, status=2).stderr
            self.assertRegex(said, "no column of ratings|is not a number")

    def test_columns_that_were_left_out_by_a_flag_are_no_ratings_either(self):
        said = self.palate("compare", self.train_file, "--value", "none")
        self.assertNotIn("RMSE", said.stdout)
        self.assertIn("implicit feedback", said.stderr)


class TestRatingsOfStrangers(Measures):
    def setUp(self):
        super().setUp()
        self.train_file, _ = self.parts()
        self.train(self.train_file)

    def test_measure_nothing_where_neither_user_nor_item_is_known(self):
        test = self.table("test.csv", [(f"{u}.0", f"{i}.0", r) for u, i, r in ratings()[::5]])
        says = ["none of the 60 test ratings", '"1.0"', '"1"']
        self.assert_no_figure("evaluate", "model.safetensors", test, says=says)
        for verb in ("train", "compare", "report"):
            self.assert_no_figure(verb, self.train_file, "--test", test, says=says)

    def test_of_a_split_are_refused_too(self):
        table = self.table("once.csv", [(k, k, 1 + k % 5) for k in range(40)])
        self.assert_no_figure("compare", table, says=["none of the 8 test ratings"])

    def test_are_measured_with_a_warning_where_one_side_is_known(self):
        rows = ratings()[::5]
        for name, test, biases in (
            ("users", [(f"new {u}", i, r) for u, i, r in rows], "the items' biases"),
            ("items", [(u, f"new {i}", r) for u, i, r in rows], "the users' biases"),
            (
                "either",
                [(f"new {u}", i, r) if u % 2 else (u, f"new {i}", r) for u, i, r in rows],
                "one bias for each",
            ),
        ):
            with self.subTest(name):
                test = self.table("test.csv", test)
                for words in (
                    ["evaluate", "model.safetensors", test],
                    ["compare", self.train_file, "--test", test],
                    ["train", self.train_file, "--test", test, "-o", "other.safetensors"],
                    ["report", self.train_file, "--test", test],
                ):
                    said = self.palate(*words).stderr
                    self.assert_told(said, "warning: none of the 60 test ratings", biases)

    def test_do_not_warn_where_a_pair_is_known(self):
        rows = ratings()
        test = self.table("test.csv", [rows[0], *[(f"new {u}", i, r) for u, i, r in rows[1:20]]])
        for words in (
            ["evaluate", "model.safetensors", test],
            ["compare", self.train_file, "--test", test],
        ):
            self.assertNotIn("none of the", self.palate(*words).stderr)


class TestRatingsOfAnotherScale(Measures):
    def said(self, train, test):
        """What each verb says that measures the one table by the other."""
        self.train(train)
        for words in (
            ["evaluate", "model.safetensors", test],
            ["compare", train, "--test", test],
            ["train", train, "--test", test, "-o", "other.safetensors"],
            ["report", train, "--test", test],
        ):
            yield self.palate(*words).stderr

    def scaled(self, factor=1.0, shift=0.0):
        train, test = [], []
        for k, (user, item, rating) in enumerate(ratings()):
            (test if k % 5 == 0 else train).append((user, item, rating))
        changed = [(u, i, factor * r + shift) for u, i, r in test]
        return self.table("train.csv", train), self.table("test.csv", changed)

    def test_are_told_with_both_ranges(self):
        for said in self.said(*self.scaled(20)):
            self.assert_told(
                said, "another scale", "from 20 to 100", "from 1 to 5", "60 of 60 lie outside"
            )

    def test_are_told_where_some_lie_inside(self):
        train, test = self.scaled()
        test = self.table("test.csv", [(u, i, int(r > 3)) for u, i, r in ratings()[::5]])
        for said in self.said(train, test):
            self.assert_told(said, "another scale", "from 0 to 1")

    def test_are_told_where_all_lie_inside_but_far_from_the_mean(self):
        _, test = self.scaled()
        hundred = [(user, item, 20 * rating) for user, item, rating in ratings()[1::2]]
        train = self.table("train.csv", [*hundred, (31, 1, 1)])
        for said in self.said(train, test):
            self.assert_told(said, "another scale", "from 1 to 5", "their mean is")

    def test_are_told_of_a_model_without_a_history(self):
        train, test = self.scaled(20)
        self.train(train, "--no-history")
        said = self.palate("evaluate", "model.safetensors", test).stderr
        self.assert_told(said, "another scale", "from 20 to 100", "from 1 to 5")

    def test_nothing_is_said_of_the_same_scale(self):
        train, test = self.scaled()
        for said in self.said(train, test):
            self.assertNotIn("scale", said)
        fives = self.table("test.csv", [(u, i, r) for u, i, r in ratings()[::5] if r == 5])
        for said in self.said(train, fives):
            self.assertNotIn("lie outside", said)

    def test_are_in_the_document(self):
        train, test = self.scaled(20)
        self.train(train)
        for scale in (
            self.json("evaluate", "model.safetensors", test)["ratings"]["scale"],
            self.json("compare", train, "--test", test)["ratings"]["split"]["scale"],
        ):
            self.assertEqual(scale["train"], {"low": 1, "high": 5})
            self.assertEqual(scale["test"], {"low": 20, "high": 100})
            self.assertEqual((scale["outside"], scale["in_doubt"]), (60, True))
        self.assertNotIn("scale", self.json("compare", train)["ratings"]["split"])


class TrainRatingsInTheTestFile(Measures):
    def test_are_counted_for_every_verb(self):
        rows = ratings()
        train = self.table("train.csv", rows[:-1])
        test = self.table("test.csv", rows[::5] + rows[-1:])
        words = [train, "--test", test]
        says = "60 of 61 test ratings are train ratings, too: the figures are too optimistic"
        for verb in ("train", "compare", "report"):
            self.assert_told(self.palate(verb, *words).stderr, "warning: " + says)
        self.assert_told(self.palate("compare", *words, "--quiet").stdout, says)
        self.assertEqual(self.json("compare", *words)["ratings"]["split"]["leak"]["in_train"], 60)
        self.assertEqual(self.json("train", *words)["ratings"]["split"]["leak"]["in_train"], 60)

    def test_of_the_validation_part_count(self):
        rows = ratings()
        train, test = self.table("train.csv", rows), self.table("test.csv", rows)
        leak = self.json("compare", train, "--test", test, "--validation", "0.5")["ratings"][
            "split"
        ]["leak"]
        self.assertEqual(leak["in_train"], len(rows))

    def test_nothing_is_said_where_there_are_none(self):
        train, test = self.parts()
        done = self.palate("compare", train, "--test", test)
        self.assertNotIn("optimistic", done.stdout + done.stderr)
        self.assertEqual(
            self.json("compare", train, "--test", test)["ratings"]["split"]["leak"]["in_train"], 0
        )
        self.assertNotIn("in_train", self.json("compare", train)["ratings"]["split"]["leak"])


class FlagsWithoutEffect(Measures):
    def setUp(self):
        super().setUp()
        self.train_file, self.test_file = self.parts()

    def test_beside_a_test_file_are_refused(self):
        for flag, value in (
            ("--split", "random"),
            ("--split", "kfold"),
            ("--test-share", "0.2"),
            ("--fold-in-share", "0.8"),
            ("--leave-last", "1"),
        ):
            for verb in ("train", "compare", "report"):
                words = [verb, self.train_file, "--test", self.test_file, flag, value]
                self.assert_refused(*words, says=[f"{flag} has no effect beside --test"])
        words = ["compare", self.train_file, "--test", self.test_file]
        self.assert_refused(*words, "--folds", "3", says=["--folds has no effect beside --test"])
        self.assert_refused(*words, "--split-seed", "3", says=["--split-seed has no effect"])
        self.palate(*words, "--split-seed", "3", "--validation", "0.1", "--patience", "2")
        self.palate(*words, "--seed", "3")

    def test_beside_another_split_are_refused(self):
        for words, flag in (
            (["--folds", "3", "--split", "random"], "--folds"),
            (["--folds", "3", "--split", "time"], "--folds"),
            (["--folds", "3", "--test-share", "0.5"], "--test-share"),
            (["--split", "kfold", "--test-share", "0.5"], "--test-share"),
            (["--split", "notebook", "--test-share", "0.5"], "--test-share"),
            (["--split", "leave-last-out", "--test-share", "0.5"], "--test-share"),
            (["--leave-last", "2"], "--leave-last"),
            (["--split", "per-user", "--leave-last", "2"], "--leave-last"),
            (["--split", "users", "--leave-last", "2"], "--leave-last"),
            (["--split", "users", "--folds", "3"], "--folds"),
            (["--split", "per-user", "--fold-in-share", "0.5"], "--fold-in-share"),
            (["--fold-in-share", "0.5"], "--fold-in-share"),
            (["--patience", "3"], "--patience"),
        ):
            self.assert_refused("compare", self.train_file, *words, says=[f"{flag} has no effect"])
        for words in (
            ["--folds", "3", "--split", "kfold"],
            ["--split", "per-user", "--test-share", "0.5"],
            ["--split", "users", "--test-share", "0.5", "--fold-in-share", "0.5"],
            ["--split-seed", "3"],
        ):
            self.palate("compare", self.train_file, "--algorithms", "mean", *words)

    def test_on_a_saved_comparison_are_refused(self):
        words = ["compare", self.train_file, "--algorithms", "mean", "--json"]
        saved = self.write("saved.json", self.palate(*words).stdout)
        self.palate("report", saved)
        self.assert_refused("report", saved, "--split", "time", says=["--split has no effect"])
        self.assert_refused("report", saved, "--test", saved, says=["--test has no effect"])


class Folds(Measures):
    def setUp(self):
        super().setUp()
        self.file = self.table("ratings.csv", ratings())

    def test_are_counted_together(self):
        done = self.palate("compare", self.file, "--algorithms", "bias,mean", "--folds", "3")
        self.assert_told(done.stdout, "298 test ratings (3 folds", "in the first fold:")
        self.assertNotIn("surer", done.stdout)
        split = self.json("compare", self.file, "--algorithms", "mean", "--folds", "3")["ratings"][
            "split"
        ]
        self.assertEqual((split["tested"], split["tested_users"]), (298, 30))
        self.assertEqual(split["test"], 100)
        split = self.json("compare", self.file, "--algorithms", "mean")["ratings"]["split"]
        self.assertEqual(split["tested"], split["test"])

    def test_are_all_in_the_models_measurement(self):
        model, said = self.train(self.file, "--split", "kfold")
        self.assert_told(said, "298 test ratings (5 folds")
        measured = self.json("inspect", model)["ratings"]["measured"]
        self.assertEqual((measured["test_ratings"], measured["seen"]), (298, 0))

    def test_are_named_by_the_progress(self):
        for verb in ("train", "compare", "report"):
            said = self.palate(verb, self.file, "--split", "kfold").stderr
            for fold in range(1, 6):
                self.assert_told(said, f"als, fold {fold} of 5: ")
        done = self.palate("train", self.file, "--split", "kfold").stderr
        self.assertRegex(done, r"(?m)^als on all rows: \d+ epochs", "it is of no fold")


class OneTestUser(Measures):
    def test_has_neither_intervals_nor_comparisons(self):
        table = self.table("three.csv", [(1, 1, 5), (1, 2, 4), (2, 1, 3)])
        said = self.palate("compare", table, "--algorithms", "als,mean").stdout
        self.assert_told(said, "a single test user tells nothing of others", "not compared")
        self.assertNotIn("95 %", said)
        self.assertNotIn("interrupted", said)
        self.assertNotIn("p:", said)


class ModelsThatHaveSeenTheTest(Measures):
    def setUp(self):
        super().setUp()
        self.file = self.table("ratings.csv", ratings())
        self.first, _ = self.train(self.file, output="first.safetensors")

    def figures(self, said):
        """The lines of the table by the model's name."""
        return {line.split()[0]: line for line in said.splitlines() if re.search(r"\[.*\]", line)}

    def test_are_marked_and_not_compared(self):
        model, said = self.train(self.file, "--init", self.first)
        rows = self.figures(said)
        self.assertRegex(rows["als"], r"\] †.*\] †.*not compared")
        self.assertNotIn("†", rows["bias"] + rows["mean"])
        self.assert_told(
            said,
            "† the model that it started from was trained on 60 of the 60 test ratings: its figure "
            "is too optimistic, and is not compared",
        )
        best = [name for name in ("als", "bias", "mean") if " best " in rows[name]]
        self.assertEqual(len(best), 1, best)
        told = self.json("train", self.file, "--init", self.first)
        als, *others = told["ratings"]["models"]
        self.assertEqual((als["seen"], told["model"]["init"]["ratings"]["seen"]), (60, 60))
        self.assertIsNone(als["difference_to_best"])
        self.assertFalse(als["same_as_best"])
        self.assertNotIn("p_value", als)
        self.assertEqual(sum("p_value" in other for other in others), 1)
        self.assertTrue(any(other["same_as_best"] for other in others))
        for other in others:
            self.assertNotIn("seen", other)

        self.assertEqual(self.json("inspect", model)["ratings"]["measured"]["seen"], 60)
        self.assert_told(self.palate("inspect", model).stdout, "seen       60 of these")

    def test_are_counted_over_all_folds(self):
        told = self.json("train", self.file, "--init", self.first, "--split", "kfold")
        self.assertEqual(told["ratings"]["models"][0]["seen"], 298)

    def test_are_not_known_without_a_history(self):
        secret, _ = self.train(self.file, "--no-history", output="secret.safetensors")
        model, said = self.train(self.file, "--init", secret)
        self.assertRegex(self.figures(said)["als"], "†.*not compared")
        self.assert_told(said, "it is not known whether", "may be too optimistic")
        told = self.json("train", self.file, "--init", secret)
        self.assertIsNone(told["ratings"]["models"][0]["seen"])
        self.assertIsNone(told["model"]["init"]["ratings"]["seen"])
        self.assertIsNone(self.json("inspect", model)["ratings"]["measured"]["seen"])
        self.assert_told(self.palate("inspect", model).stdout, "not known")

    def test_are_not_forgotten_by_a_model_between(self):
        train, test = self.parts()
        between, _ = self.train(
            train, "--test", test, "--init", self.first, output="between.safetensors"
        )
        told = self.json("train", train, "--test", test, "--init", between)
        self.assertIsNone(told["ratings"]["models"][0]["seen"])
        self.assertIsNone(self.json("evaluate", between, test)["seen"])

    def test_are_not_those_that_start_from_other_ratings(self):
        train, test = self.parts()
        earlier, _ = self.train(train, output="earlier.safetensors")
        model, said = self.train(train, "--test", test, "--init", earlier)
        self.assertNotIn("†", said)
        self.assertNotIn("optimistic", said)
        self.assertEqual(self.json("inspect", model)["ratings"]["measured"]["seen"], 0)
        self.assertNotIn("seen  ", self.palate("inspect", model).stdout)
        als = self.json("train", train, "--test", test, "--init", earlier)["ratings"]["models"][0]
        self.assertNotIn("seen", als)

    def test_are_marked_where_they_are_evaluated(self):
        train, test = self.parts()
        out = self.palate("evaluate", self.first, test).stdout
        self.assertRegex(self.figures(out)["als"], r"\] †.*\] †")
        self.assert_told(out, "† the model was trained on 60 of the 60 ratings")
        told = self.json("evaluate", self.first, test)
        self.assertEqual((told["seen"], told["ratings"]["optimistic"]), (60, True))
        earlier, _ = self.train(train, output="earlier.safetensors")
        self.assertNotIn("†", self.palate("evaluate", earlier, test).stdout)
        told = self.json("evaluate", earlier, test)
        self.assertEqual((told["seen"], told["ratings"]["optimistic"]), (0, False))
        secret, _ = self.train(train, "--no-history", output="secret.safetensors")
        done = self.palate("evaluate", secret, test)
        self.assert_told(
            done.stderr, "it is not known whether the model was trained on test ratings"
        )
        told = self.json("evaluate", secret, test)
        self.assertEqual((told["seen"], told["ratings"]["optimistic"]), (None, None))


if __name__ == "__main__":
    unittest.main()
