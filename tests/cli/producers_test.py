"""Every way to make a model against every verb that uses one, on files whose ids differ."""

import csv
import json
import os
import random
import signal
import subprocess
import tempfile
import time
import unittest
from pathlib import Path

PALATE = os.environ["PALATE_BINARY"]
# The binary would go on ignoring what the tests were started to ignore, in the background, say.
signal.signal(signal.SIGINT, signal.default_int_handler)

USERS = range(1, 41)
ITEMS = range(101, 131)


def write(path, rows):
    with open(path, "w", newline="") as file:
        out = csv.writer(file)
        out.writerow(["user", "item", "rating"])
        out.writerows(rows)
    return str(path)


class Producers(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder_object = tempfile.TemporaryDirectory()
        cls.folder = Path(cls.folder_object.name)
        rng = random.Random(1)
        pairs = [(user, item) for user in USERS for item in ITEMS]
        rng.shuffle(pairs)
        rows = [(u, i, 1 + (u * i + rng.randrange(3)) % 5) for u, i in pairs[:700]]
        cls.train = write(cls.folder / "train.csv", rows)
        cls.rated = {}
        for user, item, value in rows:
            cls.rated.setdefault(str(user), {})[str(item)] = value
        known = [(u, i, 3) for u, i in pairs[700:760]]
        cls.tests = {
            "known": write(cls.folder / "known.csv", known),
            # Users and items that the train file has not, between those that it has.
            "new_user": write(cls.folder / "new_user.csv", [(900, 105, 4), *known, (901, 106, 2)]),
            "new_item": write(cls.folder / "new_item.csv", [(3, 777, 4), *known, (4, 778, 2)]),
            "new_both": write(cls.folder / "new_both.csv", [(950, 990, 4), *known[:3]]),
        }
        cls.first = str(cls.folder / "first.safetensors")
        cls.palate_of("train", cls.train, "-q", "-o", cls.first, "--epochs", "3")

    @classmethod
    def tearDownClass(cls):
        cls.folder_object.cleanup()

    @classmethod
    def run_palate(cls, *words):
        return subprocess.run(
            [PALATE, *map(str, words)], capture_output=True, text=True, cwd=cls.folder
        )

    @classmethod
    def palate_of(cls, *words):
        done = cls.run_palate(*words)
        if done.returncode != 0:
            raise AssertionError(f"{words}: status {done.returncode}: {done.stderr}")
        return done.stdout

    def document(self, *words):
        return json.loads(self.palate_of(*words, "--json", "-q"))

    def producers(self):
        """The flags of train, by a name, and whether the model keeps who rated what."""
        for test, path in self.tests.items():
            yield f"--test {test}", ["--test", path], True
            yield f"--test {test} --sample", ["--test", path, "--sample", "0.5"], True
            yield f"--test {test} --init", ["--test", path, "--init", self.first], True
            yield f"--test {test}, no history", ["--test", path, "--no-history"], False
        for split in ("random", "per-user"):
            yield split, ["--split", split], True
        yield "--min", ["--min-user-ratings", "10", "--min-item-ratings", "12"], True
        yield (
            "--min --test",
            [
                "--min-user-ratings",
                "10",
                "--min-item-ratings",
                "12",
                "--test",
                self.tests["new_both"],
            ],
            True,
        )
        yield "--sample", ["--sample", "0.4"], True
        yield "--no-refit", ["--no-refit"], True
        yield "--no-refit --sample", ["--no-refit", "--sample", "0.5"], True
        yield "--no-history", ["--no-history"], False
        yield "--init", ["--init", self.first], True
        yield "--validation 0", ["--validation", "0"], True

    def test_every_consumer_agrees_with_what_the_model_was_trained_on(self):
        for name, flags, keeps in self.producers():
            with self.subTest(name):
                model = str(self.folder / "model.safetensors")
                told = self.document(
                    "train", self.train, "-o", model, "--epochs", "3", "--seed", "2", *flags
                )
                self.check(model, told, keeps)

    def test_of_every_algorithm(self):
        for algorithm in ("sgd", "gradient", "bias", "mean", "notebook-adam"):
            with self.subTest(algorithm):
                model = str(self.folder / "model.safetensors")
                flags = ["--algorithm", algorithm, "--test", self.tests["new_both"]]
                told = self.document("train", self.train, "-o", model, *flags)
                self.check(model, told, True)

    def check(self, model, told, keeps):
        held = self.document("inspect", model)
        train_rows = told["data"]["ratings"]
        if not told["model"]["ratings"]["refitted"]:
            train_rows = told["ratings"]["split"]["train"]
        if keeps:
            self.assertEqual(held["seen"], train_rows)
        self.assertEqual(
            held["ratings"]["measured"]["test_ratings"], told["ratings"]["split"]["test"]
        )

        lists = {}
        for row in csv.DictReader(self.palate_of("recommend", model, "--all-users").splitlines()):
            lists.setdefault(row["user"], []).append(row["item"])
        self.assertEqual(len(self.users_of(model)), held["users"])
        for user in list(self.users_of(model))[:3]:
            listed = self.document("recommend", model, "--user", user)
            self.assertTrue(listed["known_user"])
            items = [entry["item"] for entry in listed["items"]]
            self.assertEqual(items, lists.get(user, []))
            for entry in listed["items"]:
                self.assertGreaterEqual(entry["support"], 1 if held["lists"] else 5)
        if keeps and told["model"]["ratings"]["refitted"]:
            for user, items in lists.items():
                self.assertFalse(set(items) & set(self.rated[user]), "what was rated is listed")
        self.check_explanations(model, keeps)
        self.check_strangers(model)

    def users_of(self, model):
        folder = self.folder / "exported"
        self.palate_of("export", model, "--format", "csv", "-o", folder, "-q")
        with open(folder / "users.csv", newline="") as file:
            return [row["user"] for row in csv.DictReader(file)]

    def check_explanations(self, model, keeps):
        user = self.users_of(model)[0]
        item = next(iter(self.rated[user]))
        algorithm = self.document("inspect", model)["ratings"]["algorithm"]
        done = self.run_palate("explain", model, "--user", user, "--item", item, "--json", "-q")
        if not keeps:
            self.assertEqual(done.returncode, 2)
            self.assertIn("--no-history", done.stderr)
            return
        self.assertEqual(done.returncode, 0, done.stderr)
        explained = json.loads(done.stdout)["ratings"]
        predicted = self.document("predict", model, "--user", user, "--item", item)
        self.assertAlmostEqual(explained["prediction"], predicted["prediction"], places=6)
        parts = explained["global_mean"] + explained["user_bias"] + explained["item_bias"]
        self.assertAlmostEqual(parts + explained["taste"], explained["score"], places=4)
        if algorithm == "mean":
            self.assertIsNone(explained["contributions"])
            return
        contributions = sum(rating["contribution"] for rating in explained["contributions"])
        self.assertAlmostEqual(
            contributions + explained["off_optimum"],
            explained["user_bias"] + explained["taste"],
            places=4,
        )
        for rating in explained["contributions"]:
            self.assertEqual(rating["rating"], self.rated[user][rating["item"]])

    def check_strangers(self, model):
        """Those of the test files are answered as any unknown ones are, and counted."""
        known_users = set(self.users_of(model))
        for stranger in ("900", "950"):
            listed = self.document("recommend", model, "--user", stranger)
            self.assertEqual(listed["known_user"], stranger in known_users)
            self.assertEqual(listed["known_user"], False)
        pair = self.document("predict", model, "--user", "900", "--item", "777")
        self.assertEqual((pair["known_user"], pair["known_item"]), (False, False))
        both = self.document("evaluate", model, self.tests["new_both"])
        self.assertGreaterEqual(both["unknown_users"], 1)
        self.assertGreaterEqual(both["unknown_items"], 1)

    def test_strangers_in_the_test_file_are_counted(self):
        done = self.run_palate("train", self.train, "--test", self.tests["new_user"], "-o", "m")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("2 of 62 test ratings are by users without a train rating", done.stderr)
        done = self.run_palate("train", self.train, "--test", self.tests["new_item"], "-o", "m")
        self.assertIn("2 of 62 test ratings are of items without a train rating", done.stderr)

    def test_a_page_has_no_model_trained_twice_on_the_same_rows(self):
        """Once on the train part, and the one of each task that is kept once more on all rows."""
        page = ["report", self.train, "-o", "page.html"]
        for command, again in (
            (page, 2),
            (["demo", self.train, "--to", "."], 2),
            ([*page, "--test", self.tests["known"]], 0),  # all rows are the train part
        ):
            with self.subTest(command):
                done = self.run_palate(*command)
                self.assertEqual(done.returncode, 0, done.stderr)
                lines = [line for line in done.stderr.splitlines() if " epochs, train loss" in line]
                names = [line.split(":")[0] for line in lines]
                self.assertTrue(all(names.count(name) <= 2 for name in names), names)
                self.assertLessEqual(len(names) - len(set(names)), again)

    def interrupted(self, after, *flags):
        """What train tells that is interrupted after a line of its progress that has `after`."""
        process = subprocess.Popen(
            [PALATE, "train", self.train, "--epochs", "100000000", "--json", *flags],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            cwd=self.folder,
        )
        for line in process.stderr:
            if after in line:
                break
        time.sleep(0.5)  # so that an epoch has ended
        process.send_signal(signal.SIGINT)
        told = json.loads(process.communicate(timeout=60)[0])
        self.assertEqual(process.returncode, 130)
        return told

    def test_an_interrupted_training_leaves_a_model_that_every_verb_takes(self):
        for flags in ([], ["--test", self.tests["new_both"]]):
            with self.subTest(flags=flags):
                model = str(self.folder / f"interrupted{len(flags)}.safetensors")
                told = self.interrupted("700 ratings", "-o", model, "--validation", "0", *flags)
                self.assertFalse(told["model"]["ratings"]["refitted"])
                self.check(model, told, True)

    def test_an_interrupt_after_the_measurement_keeps_what_was_measured(self):
        """While a baseline runs; the model is not trained again for an epoch."""
        model = str(self.folder / "measured.safetensors")
        flags = ["--algorithm", "notebook-adam", "-o", model, "--validation", "0"]
        told = self.interrupted("notebook-adam: ", *flags)
        self.assertFalse(told["model"]["ratings"]["refitted"])
        self.assertEqual(
            told["model"]["ratings"]["epochs"], told["ratings"]["models"][0]["epochs_kept"]
        )
        self.check(model, told, True)


if __name__ == "__main__":
    unittest.main()
