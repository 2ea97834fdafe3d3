"""Models that fold in approximately: every answer that rests on it says so."""

import hashlib
import json
import pathlib
import re
import unittest

from situations import Situation, lines, ratings


def resealed(file, change):
    """The model's file with metadata that `change` has changed, and the right digest."""
    start = 8 + int.from_bytes(file[:8], "little")
    header = json.loads(file[8:start])
    change(header["__metadata__"])
    text = json.dumps(header, ensure_ascii=False).encode()
    text += b" " * (-(8 + len(text)) % 64)
    body = len(text).to_bytes(8, "little") + text + file[start:-32]
    return body + hashlib.sha256(body).digest()


class Approximate(Situation):
    """Of a model of ials whose file says that its row is approximate."""

    def setUp(self):
        super().setUp()
        file = self.write("ratings.csv", lines(ratings(), ("user", "item", "rating")))
        self.palate("train", file, "--algorithm", "ials", "-o", "exact.safetensors", "--quiet")
        self.exact = pathlib.Path(self.folder, "exact.safetensors").read_bytes()
        self.write_model("measured.safetensors", {"users": 9, "trained": 0.33, "folded_in": 0.31})
        self.write_model("unmeasured.safetensors", None)

    def write_model(self, name, fold_in):
        def change(metadata):
            row = json.loads(metadata["lists.row_objective"])
            row |= {"approximate": True, "target": 2, "unobserved": 3 * row["unobserved"]}
            metadata["lists.row_objective"] = json.dumps(row)
            if fold_in:
                metadata["lists.fold_in"] = json.dumps(fold_in)

        pathlib.Path(self.folder, name).write_bytes(resealed(self.exact, change))

    MEASURED = (
        "approximate; known users folded in have NDCG@10 0.3100 instead of 0.3300 (validation part)"
    )

    def test_inspect_tells_what_is_lost(self):
        said = self.palate("inspect", "measured.safetensors").stdout
        self.assertIn(f"\nfold-in    {self.MEASURED}\n", said)
        said = self.palate("inspect", "unmeasured.safetensors").stdout
        self.assertIn("\nfold-in    approximate; not measured\n", said)
        self.assertNotIn("fold-in", self.palate("inspect", "exact.safetensors").stdout)
        for name, expected in (
            ("measured", {"approximate": True, "users": 9, "trained": 0.33, "folded_in": 0.31}),
            (
                "unmeasured",
                {"approximate": True, "users": None, "trained": None, "folded_in": None},
            ),
            ("exact", None),
        ):
            document = self.json("inspect", f"{name}.safetensors")
            self.assertEqual(document["lists"]["fold_in"], expected)

    def test_a_list_of_somebody_new_says_so(self):
        likes = ("--likes", "1, 2")
        done = self.palate("recommend", "measured.safetensors", *likes)
        self.assertIn(f"fold-in: {self.MEASURED}\n", done.stderr)
        document = self.json("recommend", "measured.safetensors", *likes)
        self.assertIs(document["approximate"], True)
        done = self.palate("recommend", "exact.safetensors", *likes)
        self.assertNotIn("approximate", done.stderr)
        document = self.json("recommend", "exact.safetensors", *likes)
        self.assertIs(document["approximate"], False)

    def test_a_list_of_a_known_user_does_not(self):
        done = self.palate("recommend", "measured.safetensors", "--user", "1")
        self.assertNotIn("approximate", done.stderr + done.stdout)
        self.assertNotIn(
            "approximate", self.json("recommend", "measured.safetensors", "--user", "1")
        )

    def test_an_explanation_says_so_and_what_training_did_otherwise(self):
        words = ("--user", "1", "--item", "3")
        said = self.palate("explain", "measured.safetensors", *words).stdout
        self.assertRegex(said, r"\ndifference to training +[+-]")
        self.assertIn(
            "\napproximate: the shares are those of a new user with the same history", said
        )
        self.assertNotIn("optimum", said)
        lists = self.json("explain", "measured.safetensors", *words)["lists"]
        self.assertIs(lists["approximate"], True)
        total = sum(one["contribution"] for one in lists["contributions"]) + lists["off_optimum"]
        self.assertAlmostEqual(total, lists["taste"], places=4)
        said = self.palate("explain", "exact.safetensors", *words).stdout
        self.assertNotIn("approximate", said)
        self.assertIs(
            self.json("explain", "exact.safetensors", *words)["lists"]["approximate"], False
        )

    def test_train_tells_what_is_lost_and_the_model_keeps_it(self):
        words = ("--algorithm", "sampled", "--negatives", "50", "-o", "sampled.safetensors")
        done = self.palate("train", "ratings.csv", *words)
        found = re.search(r"^fold-in: (approximate; known users folded in .*)$", done.stdout, re.M)
        self.assertTrue(found, done.stdout)
        self.assertIn(f"\nfold-in    {found[1]}\n", self.palate("inspect", words[-1]).stdout)
        models = self.json("train", "ratings.csv", *words)["lists"]["models"]
        told = {model["name"]: model.get("fold_in") for model in models}
        self.assertIs(told["sampled"]["approximate"], True)
        self.assertIsNone(told["popular"])


if __name__ == "__main__":
    unittest.main()
