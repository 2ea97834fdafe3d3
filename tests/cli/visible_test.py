#!/usr/bin/env python3
"""Text of others never steers a terminal: ids, titles, names of columns and files, and what a model
says of itself, with control characters in them, in every verb.

PALATE_BINARY=path/to/palate python3 tests/cli/visible_test.py
"""

import csv
import hashlib
import os
import re
import subprocess
import unittest

from cli_test import PALATE, VERBS
from situations import Situation, lines, ratings

# Clears the screen in two ways, starts a new line, turns the direction around.
STEERING = "\x1b[2J\u009b2J\n\u202e"
SHOWN = r"\x1b[2J\u009b2J\x0a\u202e"
# Whatever a terminal would not draw, and what is not UTF-8.
STEERS = re.compile(
    "[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\udc80-\udcff]"
)

TABLE, TEST, TITLES, PAIRS, MODEL, HISTORY = (
    f"{name}{STEERING}.{kind}"
    for name, kind in (
        ("ratings", "csv"),
        ("test", "csv"),
        ("titles", "csv"),
        ("pairs", "csv"),
        ("model", "safetensors"),
        ("history", "csv"),
    )
)
HEADER = [f"user{STEERING}", f"item{STEERING}", f"rating{STEERING}"]
USER, ITEM = f"u3{STEERING}", f"i4{STEERING}"
COLUMNS = ["--user", "1", "--item", "2", "--value", "3"]


def quoted(rows):
    return [[f'"{cell}"' for cell in row] for row in rows]


class Visible(Situation):
    def setUp(self):
        super().setUp()
        rows = [(f"u{u}{STEERING}", f"i{i}{STEERING}", r) for u, i, r in ratings()]
        self.write(TABLE, lines(quoted([HEADER, *rows])))
        self.write(TEST, lines(quoted([HEADER, *rows[:60]])))
        self.write(PAIRS, lines(quoted([["user", "item", HEADER[2]], *rows[:5]])))
        self.write(HISTORY, lines(quoted([["title", "rating"], [f"Film 4{STEERING}", 5]])))
        titles = [(f"i{i}{STEERING}", f"Film {i}{STEERING}", "Drama") for i in range(1, 21)]
        self.write(TITLES, lines(quoted([["item", "title", f"genres{STEERING}"], *titles])))
        self.run_palate(
            *("train", TABLE, *COLUMNS, "--items", TITLES, "--test", TEST, "-o", MODEL),
            *("--factors", "2"),
        )

    def run_palate(self, *words, status=0):
        """What is printed and told by a command of that status. None of it steers a terminal."""
        done = subprocess.run(
            [PALATE, *words], cwd=self.folder, stdin=subprocess.DEVNULL, capture_output=True
        )
        said = (
            done.stdout.decode(errors="surrogateescape"),
            done.stderr.decode(errors="surrogateescape"),
        )
        self.assertEqual(done.returncode, status, said)
        for text in said:
            self.assertIsNone(STEERS.search(text), (words, text))
        return said

    def on_a_terminal(self, *words, stdout=None):
        """What a terminal gets of a command that is done, with the line ends of a file."""
        reader, writer = os.openpty()
        shown = subprocess.Popen(
            [PALATE, *words], cwd=self.folder, stdout=stdout or writer, stderr=writer
        )
        os.close(writer)
        text = b""
        with open(reader, "rb", buffering=0) as terminal:
            try:
                while part := terminal.read(1 << 16):
                    text += part
            except OSError:  # how Linux says that nobody writes any more
                pass
        self.assertEqual(shown.wait(), 0, text)
        return text.decode().replace("\r\n", "\n")

    def test_results_of_every_verb(self):
        experiment = [TABLE, *COLUMNS, "--items", TITLES, "--algorithms", "bias"]
        for words, shown in (
            (["inspect", TABLE, *COLUMNS, "--items", TITLES], (TABLE, TITLES, HEADER[0])),
            (["inspect", MODEL], (MODEL,)),
            (["compare", *experiment], (TABLE,)),
            (["compare", *experiment[:-2], "--test", TEST, "--algorithms", "bias"], (TEST,)),
            (["evaluate", MODEL, TEST, *COLUMNS], (TEST,)),
            (["predict", MODEL, "--user", USER, "--item", ITEM], ()),
            (["predict", MODEL, "--user", STEERING, "--item", STEERING], (STEERING,)),
            (["predict", MODEL, "--user", USER, "--title", f"film 4{STEERING}"], (ITEM,)),
            (["recommend", MODEL, "--user", USER], ()),
            (["recommend", MODEL, "--user", STEERING], (f"user {STEERING}", f"Film 4{STEERING}")),
            (["recommend", MODEL, "--user", USER, "--item", ITEM], (ITEM,)),
            (["recommend", MODEL, "--likes", f"{ITEM}:5"], (ITEM,)),
            (["recommend", MODEL, "--history", HISTORY], (HISTORY, ITEM)),
            (["recommend", MODEL, "--user", USER, "--items", TITLES], (TITLES,)),
            (["recommend", MODEL, "--all-users", "-o", f"all{STEERING}.csv"], (STEERING,)),
            (["similar", MODEL, "--item", ITEM, "--min-support", "0"], (STEERING,)),
            (["similar", MODEL, "--user", USER, "--min-support", "0"], (STEERING,)),
            (["explain", MODEL, "--user", USER, "--item", ITEM], (USER, ITEM)),
            (["report", *experiment, "-o", f"page{STEERING}.html"], (STEERING,)),
            (["export", MODEL, "-o", f"folder{STEERING}"], (STEERING,)),
        ):
            with self.subTest(words=words):
                said = "".join(self.run_palate(*words))
                for text in shown:
                    self.assertIn(text.replace(STEERING, SHOWN), said)
            with self.subTest(words=words, json=True):
                if words[0] != "export" and "-o" not in words:
                    self.run_palate(*words, "--json")

    def test_documents_say_the_same(self):
        document = self.json("recommend", MODEL, "--user", USER)
        self.assertEqual(document["user"], USER)
        self.assertTrue(document["items"][0]["title"].endswith(STEERING))

    def test_errors_of_every_verb(self):
        for verb in VERBS:
            with self.subTest(verb=verb):
                flag = f"--{STEERING}"
                self.assertIn(SHOWN, self.run_palate(verb, flag, status=64)[1])
        missing = f"missing{STEERING}"
        for status, *words in (
            (64, STEERING),
            (3, "inspect", missing),
            (2, "inspect", TABLE, "--user", missing),
            (2, "train", TABLE, "--algorithm", missing),
            (2, "train", TABLE, "--delimiter", missing),
            (2, "compare", TABLE, *COLUMNS, "--algorithms", f"als:{missing}=3"),
            (3, "evaluate", missing, TEST),
            (2, "recommend", MODEL, "--likes", missing),
            (2, "similar", MODEL, "--item", missing),
            (2, "explain", MODEL, "--user", missing, "--item", ITEM),
            (2, "predict", MODEL, "--user", USER, "--title", missing),
            (2, "fetch", missing),
            (3, "train", "--options", missing),
        ):
            with self.subTest(words=words):
                self.assertIn(SHOWN, self.run_palate(*words, status=status)[1])

    def test_bad_rows_and_damaged_files(self):
        table = self.write(f"bad{STEERING}.csv", lines(quoted([HEADER, *[("u", "i", STEERING)]])))
        self.run_palate("inspect", table, *COLUMNS, status=2)
        rejects = f"rejects{STEERING}.csv"
        rows = lines(quoted([HEADER, ("u", "i", STEERING), ("v", "j", 3), ("w", "i", 4)]))
        table = self.write(f"some{STEERING}.csv", rows)
        self.run_palate("inspect", table, *COLUMNS, "--rejects", rejects, "--max-rejects", "50%")
        os.rename(self.path(rejects), self.path("rejects.csv"))
        with open(self.path(MODEL), "rb") as file:
            bytes_of = bytearray(file.read())
        bytes_of = bytes_of.replace(b'"data_digest"', b'"\\u001b[31md"')
        bytes_of[-32:] = hashlib.sha256(bytes_of[:-32]).digest()
        with open(self.path(f"lies{STEERING}.safetensors"), "wb") as file:
            file.write(bytes_of)
        said = self.run_palate("inspect", f"lies{STEERING}.safetensors", status=4)[1]
        self.assertIn(SHOWN, said)

    def test_names_that_are_not_utf8(self):
        name = b"r\x9b2J.csv"
        os.rename(os.path.join(self.folder, TABLE), os.path.join(self.folder.encode(), name))
        for words in (["inspect", name, *COLUMNS], ["inspect", name, *COLUMNS, "--json"]):
            self.run_palate(*words)
        said = self.run_palate("inspect", b"missing\x9b", status=3)[1]
        self.assertIn(r"missing\x9b", said)

    def test_rows_are_as_they_were_but_on_a_terminal(self):
        for words in (["predict", MODEL, PAIRS], ["recommend", MODEL, "--all-users"]):
            with self.subTest(words=words):
                done = subprocess.run(
                    [PALATE, *words, "-q"], cwd=self.folder, capture_output=True, check=True
                )
                rows = list(csv.reader(done.stdout.decode().splitlines(keepends=True)))
                self.assertIn(STEERING, rows[1][0])
                text = self.on_a_terminal(*words, "-q")
                self.assertIsNone(STEERS.search(text), text)
                self.assertIn(r"\x1b[2J", text)

    def test_progress_leaves_nothing_before_what_is_told(self):
        words = ["train", TABLE, *COLUMNS, "-o", MODEL, "--epochs", "200", "-t", "1"]
        text = self.on_a_terminal(*words, stdout=subprocess.DEVNULL)
        self.assertIn("epoch 1 of 200, train loss", text)
        shown = [line.rsplit("\r\x1b[K", 1)[-1] for line in text.split("\n")]
        self.assertNotIn("epoch 1, train loss", "".join(shown))
        self.assertTrue(any(line.startswith("als: ") for line in shown), shown)

    def test_a_file_that_begins_as_a_flag_is_none_in_a_command(self):
        said = self.run_palate("train", TABLE, *COLUMNS, "--algorithm", "bias", "-o", "-m.st")[0]
        self.assertIn("palate inspect ./-m.st\n", said)

    def test_a_command_can_be_pasted(self):
        said = self.run_palate(*("train", TABLE, *COLUMNS, "--algorithm", "bias", "-o", MODEL))[0]
        command = next(line for line in said.splitlines() if line.startswith("  palate recommend"))
        command = command.replace("palate", PALATE, 1)
        done = subprocess.run(
            ["bash", "-c", command],
            cwd=self.folder,
            capture_output=True,
            env={"LC_ALL": "C.UTF-8"},
        )
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertNotIn(b"not in the model", done.stderr)


if __name__ == "__main__":
    unittest.main()
