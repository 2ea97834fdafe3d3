"""The model file as other programs see it: the reader of docs/model_format.md, and the official
safetensors package.

    model_file_test.py [PALATE_BINARY | MODEL.safetensors]    $PALATE_BINARY without an argument

A model that is given is only read; a binary trains one first, and exports it.
"""

import csv
import hashlib
import itertools
import json
import os
import random
import re
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

import numpy as np
from safetensors import safe_open

SUBJECT = (
    sys.argv.pop(1)
    if len(sys.argv) > 1 and not sys.argv[1].startswith("-")
    else os.environ.get("PALATE_BINARY", "palate")
)
DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "model_format.md"

# The document's code, as it stands there.
documented = {}
for block in re.findall(r"```python\n(.*?)```", DOCUMENT.read_text(), re.DOTALL):
    exec(block, documented)
read_model, texts = documented["read_model"], documented["texts"]
score, fold_in = documented["score"], documented["fold_in"]
weights, fold_in_choices = documented["weights"], documented["fold_in_choices"]
score_of_history = documented["score_of_history"]


def palate(*words):
    return subprocess.run(
        [SUBJECT, *words], check=True, capture_output=True, text=True, timeout=120
    ).stdout


def relevant(metadata, values):
    """Which of these values of the users' rows are liked."""
    at_least = json.loads(metadata["lists.weighting"])["at_least"]
    return values > 0 if at_least is None else values >= at_least


def write_ratings(folder):
    """Ratings by users with text ids, of items with integer ids and titles."""
    rng = random.Random(1)
    with open(folder / "ratings.csv", "w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["userId", "movieId", "rating"])
        rows.writerows(
            [f"ü{user:02}", item, rng.randint(1, 10) / 2]
            for user in range(40)
            for item in range(30)
            if rng.random() < 0.5
        )
    with open(folder / "movies.csv", "w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["movieId", "title", "genres"])
        rows.writerows([item, f'Film "{item}", the 😀', "Drama"] for item in range(30))


class TheFile(unittest.TestCase):
    flags = ()

    @classmethod
    def setUpClass(cls):
        if SUBJECT.endswith(".safetensors"):
            cls.path = SUBJECT
        else:
            folder = tempfile.TemporaryDirectory()
            cls.addClassCleanup(folder.cleanup)
            write_ratings(Path(folder.name))
            cls.path = str(Path(folder.name) / "model.safetensors")
            palate("train", f"{folder.name}/ratings.csv", "-o", cls.path, "--quiet", *cls.flags)
        cls.metadata, cls.tensors = read_model(cls.path)

    def test_the_documents_reader_and_safetensors_agree(self):
        with safe_open(self.path, framework="numpy") as official:
            self.assertEqual(official.metadata(), self.metadata)
            self.assertEqual(set(official.keys()), set(self.tensors))
            for name, tensor in self.tensors.items():
                expected = official.get_tensor(name)
                self.assertEqual(expected.dtype, tensor.dtype, name)
                self.assertEqual(expected.shape, tensor.shape, name)
                self.assertEqual(expected.tobytes(), tensor.tobytes(), name)

    def test_the_digest_is_that_of_the_bytes_before_it(self):
        file = Path(self.path).read_bytes()
        self.assertEqual(
            hashlib.sha256(file[:-32]).digest(), self.tensors["palate.sha256"].tobytes()
        )
        self.assertEqual(file[-32:], self.tensors["palate.sha256"].tobytes())

    def test_tensors_begin_at_multiples_of_64(self):
        file = Path(self.path).read_bytes()
        start = 8 + int.from_bytes(file[:8], "little")
        for name, entry in json.loads(file[8:start]).items():
            if name != "__metadata__" and not name.startswith("palate.pad."):
                self.assertEqual((start + entry["data_offsets"][0]) % 64, 0, name)

    def test_the_document_names_all_that_is_there(self):
        document = DOCUMENT.read_text()
        for name in [*self.tensors, *self.metadata]:
            stem = re.sub(r"^(ratings|lists)\.|\.(bytes|offsets)$", "", name)
            stem = re.sub(r"(_moment)\.\w+", r"\1.T", stem)
            stem = re.sub(r"\.\d+\b", ".0" if name.startswith("palate") else ".C", stem)
            self.assertRegex(document, rf"`{re.escape(stem)}(\.bytes)?`", name)

    def test_shapes_are_as_documented(self):
        tasks = [task for task in ["ratings", "lists"] if f"{task}.name" in self.metadata]
        self.assertTrue(tasks)
        for task in tasks:
            t = {name.removeprefix(task + "."): tensor for name, tensor in self.tensors.items()}
            users, items = len(t["user_bias"]), len(t["item_bias"])
            self.assertEqual(t["user_factors"].shape[0], users)
            self.assertEqual(t["item_factors"].shape, (items, t["user_factors"].shape[1]))
            self.assertEqual(t["item_support"].shape, (items,))
            if "seen.indptr" in t:
                self.assertEqual(t["seen.indptr"].shape, (users + 1,))
                counted = np.ones(len(t["seen.values"]), bool)
                if f"{task}.weighting" in self.metadata:
                    counted = relevant(self.metadata, t["seen.values"])
                counts = np.bincount(t["seen.indices"][counted], minlength=items)
                self.assertEqual(counts.tolist(), t["item_support"].tolist())
                if f"{task}.rating_range" in self.metadata:
                    low, high = json.loads(self.metadata[f"{task}.rating_range"])
                    self.assertEqual(low, t["seen.values"].min())
                    self.assertEqual(high, t["seen.values"].max())

    def test_the_strings_are_as_documented(self):
        task = "ratings" if "ratings.name" in self.metadata else "lists"
        curve = json.loads(self.metadata[f"{task}.curve"])
        self.assertEqual(set(curve), {"names", "epochs"})
        self.assertLessEqual(len(curve["epochs"]), 1001)
        for record in curve["epochs"]:
            self.assertEqual(len(record), 1 + len(curve["names"]))
        if f"{task}.measured" in self.metadata:
            measured = json.loads(self.metadata[f"{task}.measured"])
            self.assertEqual(
                set(measured) - {"seen"}, {"metrics", "test_ratings", "split", "refitted"}
            )
            self.assertTrue(measured["metrics"])
            for name, value in measured["metrics"]:
                self.assertIsInstance(name, str)
                self.assertIsInstance(value, float)


@unittest.skipIf(SUBJECT.endswith(".safetensors"), "a model was given, not the binary")
class TheExport(TheFile):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.folder = Path(cls.path).parent
        palate("export", cls.path, "--format", "npy", "-o", str(cls.folder / "npy"))
        palate("export", cls.path, "--format", "csv", "-o", str(cls.folder / "csv"))

    def npy(self, name):
        return np.load(self.folder / "npy" / f"{name}.npy")

    def rows(self, name):
        with open(self.folder / "csv" / f"{name}.csv", newline="", encoding="utf-8") as file:
            return list(csv.reader(file))

    def test_numpy_loads_every_tensor(self):
        for task in ["ratings", "lists"]:
            for name in ["global_mean", "user_bias", "item_bias", "user_factors", "item_factors"]:
                np.testing.assert_array_equal(
                    self.npy(f"{task}/{name}"), self.tensors[f"{task}.{name}"]
                )
        self.assertEqual(self.npy("users").tolist(), texts(self.tensors, "user_ids"))
        self.assertEqual(self.npy("items").tolist(), self.tensors["item_ids"].tolist())
        self.assertEqual(self.npy("item_titles").tolist(), texts(self.tensors, "item_titles"))

    def test_the_tables_have_ids_in_front_and_every_digit(self):
        users, items = (
            texts(self.tensors, "user_ids"),
            [str(item) for item in self.tensors["item_ids"]],
        )
        for task, (side, ids) in itertools.product(
            ["ratings", "lists"], [("user", users), ("item", items)]
        ):
            factors = self.tensors[f"{task}.{side}_factors"]
            header, *rows = self.rows(f"{task}/{side}_factors")
            self.assertEqual(header, [side] + [f"factor_{f}" for f in range(factors.shape[1])])
            self.assertEqual([row[0] for row in rows], ids)
            np.testing.assert_array_equal(np.array([row[1:] for row in rows], "f4"), factors)
            header, *rows = self.rows(f"{task}/{side}_bias")
            self.assertEqual(header, [side, "bias"])
            self.assertEqual([row[0] for row in rows], ids)
            np.testing.assert_array_equal(
                np.array([row[1] for row in rows], "f4"), self.tensors[f"{task}.{side}_bias"]
            )
        self.assertEqual(self.rows("users"), [["user"]] + [[user] for user in users])
        self.assertEqual(
            self.rows("items"),
            [["item", "title"]]
            + [list(row) for row in zip(items, texts(self.tensors, "item_titles"))],
        )
        self.assertEqual(
            np.float32(self.rows("ratings/global_mean")[1][0]),
            self.tensors["ratings.global_mean"][0],
        )

    def test_the_header_names_the_tasks(self):
        for form in ["npy", "csv"]:
            header = json.loads((self.folder / form / f"header-{form}.json").read_text())
            for task in ["ratings", "lists"]:
                self.assertEqual(header[task]["algorithm"], self.metadata[f"{task}.name"])
                self.assertEqual(
                    header[task]["factors"], self.tensors[f"{task}.user_factors"].shape[1]
                )

    def test_the_documents_score_is_what_predict_says(self):
        user, item = texts(self.tensors, "user_ids")[3], self.tensors["item_ids"][5]
        said = palate(
            "predict", self.path, "--user", user, "--item", str(item), "--no-clip", "--json"
        )
        self.assertAlmostEqual(
            json.loads(said)["prediction"], float(score(self.tensors, 3, 5)), places=5
        )

    def test_the_documents_fold_in_is_where_training_put_the_users(self):
        starts = self.tensors["seen.indptr"]
        for user in range(len(starts) - 1):
            row = slice(starts[user], starts[user + 1])
            x, b = fold_in(
                self.metadata,
                self.tensors,
                self.tensors["seen.indices"][row],
                self.tensors["seen.values"][row],
            )
            self.assertAlmostEqual(b, self.tensors["ratings.user_bias"][user], places=4)
            np.testing.assert_allclose(x, self.tensors["ratings.user_factors"][user], atol=1e-4)
            x = fold_in_choices(
                self.metadata,
                self.tensors,
                self.tensors["seen.indices"][row],
                self.tensors["seen.values"][row],
            )
            np.testing.assert_allclose(x, self.tensors["lists.user_factors"][user], atol=1e-4)

    def test_the_documents_weights_are_those_of_the_rule(self):
        rule = json.loads(self.metadata["lists.weighting"])
        least = rule["at_least"]
        low, high = least - 0.5, least + 0.5
        sizes = [(value / least) ** rule["exponent"] for value in (low, least, high)]
        self.assertGreater(rule["exponent"], 0)
        np.testing.assert_allclose(
            weights(self.metadata, np.array([low, least, high])),
            [rule["lower"] * sizes[0], 1, sizes[2]],
        )
        np.testing.assert_array_equal(weights(self.metadata, np.array([low, low])), [0, 0])


@unittest.skipIf(SUBJECT.endswith(".safetensors"), "a model was given, not the binary")
class TheFileOfAdam(TheFile):
    flags = ("--algorithm", "gradient", "--factors", "3", "--validation", "0")


@unittest.skipIf(SUBJECT.endswith(".safetensors"), "a model was given, not the binary")
class TheFileOfSampled(TheFile):
    flags = ("--algorithm", "sampled", "--negatives", "40", "--item-bias", "true")

    def test_the_documents_fold_in_gives_the_list_of_somebody_new(self):
        items = [str(item) for item in self.tensors["item_ids"]]
        likes = ", ".join(f"{items[item]}:{value}" for item, value in ((0, 5), (3, 4)))
        said = palate("recommend", self.path, "--likes", likes, "--json", "--quiet")
        listed = json.loads(said)["items"]
        self.assertGreater(len(listed), 5)
        x = fold_in_choices(self.metadata, self.tensors, np.array([0, 3]), np.array([5.0, 4.0]))
        for one in listed:
            item = items.index(str(one["item"]))
            of_document = x @ self.tensors["lists.item_factors"][item]
            of_document += self.tensors["lists.item_bias"][item]
            self.assertAlmostEqual(one["score"], of_document, places=4)


@unittest.skipIf(SUBJECT.endswith(".safetensors"), "a model was given, not the binary")
class TheFileOfItemWeights(TheFile):
    flags = ("--algorithm", "item-knn")

    def test_the_documents_score_is_that_of_the_lists(self):
        starts = self.tensors["seen.indptr"]
        items = [str(item) for item in self.tensors["item_ids"]]
        for user, name in enumerate(texts(self.tensors, "user_ids")[:5]):
            row = slice(starts[user], starts[user + 1])
            rated, values = self.tensors["seen.indices"][row], self.tensors["seen.values"][row]
            every = ["--include-seen", "--count", "30", "--min-support", "0"]
            said = palate("recommend", self.path, "--user", name, *every, "--json", "--quiet")
            listed = json.loads(said)["items"]
            self.assertEqual(len(listed), 30)
            self.assertGreater(listed[0]["score"], 0)
            for one in listed:
                item = items.index(str(one["item"]))
                of_document = score_of_history(self.metadata, self.tensors, rated, values, item)
                self.assertAlmostEqual(one["score"], of_document, places=5)

    def test_the_export_has_them(self):
        folder = Path(self.path).parent / "exported"
        names = ["indptr", "indices", "values"]
        starts, others, adds = (self.tensors[f"lists.item_weights.{name}"] for name in names)
        palate("export", self.path, "--format", "npy", "-o", str(folder))
        for name in names:
            exported = np.load(folder / "lists" / f"item_weights_{name}.npy")
            np.testing.assert_array_equal(exported, self.tensors[f"lists.item_weights.{name}"])
        palate("export", self.path, "--format", "csv", "-o", str(folder))
        with open(folder / "lists" / "item_weights.csv", newline="", encoding="utf-8") as file:
            header, *rows = csv.reader(file)
        self.assertEqual(header, ["item", "other", "weight"])
        ids = self.tensors["item_ids"]
        self.assertEqual([int(row[0]) for row in rows], np.repeat(ids, np.diff(starts)).tolist())
        self.assertEqual([int(row[1]) for row in rows], ids[others].tolist())
        np.testing.assert_array_equal(np.array([row[2] for row in rows], "f4"), adds)


if __name__ == "__main__":
    unittest.main()
