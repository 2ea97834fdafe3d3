"""Tables as strangers have them, made up: one small table of ratings in many formats. What a test
of a situation needs to write its inputs and to read what the binary says of them.
"""

import json
import os
import tempfile
import unittest

from cli_test import palate

USERS = 30
ITEMS = 20


def ratings():
    """(user, item, rating) of 30 users and 20 items, whole ratings from 1 to 5, in order of user
    and item. Users like the items of their own parity.
    """
    return [
        (user, item, (4 if user % 2 == item % 2 else 2) + (user * item % 3 - 1))
        for user in range(1, USERS + 1)
        for item in range(1, ITEMS + 1)
        if (user * user + 3 * item * item + user * item) % 13 < 7
    ]


def lines(rows, header=None, delimiter=","):
    """The rows as text, below the header where there is one."""
    rows = rows if header is None else [header, *rows]
    return "".join(delimiter.join(map(str, row)) + "\n" for row in rows)


class Situation(unittest.TestCase):
    """A folder of its own for each test."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name

    def path(self, name):
        return os.path.join(self.folder, name)

    def write(self, name, text):
        with open(self.path(name), "w", newline="") as file:
            file.write(text)
        return name

    def palate(self, *words, **kwargs):
        return palate(*words, cwd=self.folder, **kwargs)

    def json(self, *words):
        return json.loads(self.palate(*words, "--json", "--quiet").stdout)

    def train(self, *words, output="model.safetensors"):
        """A model's file, and what was told."""
        done = self.palate("train", *words, "-t", "1", "-o", output)
        return output, done.stdout + done.stderr

    def assert_told(self, said, *texts):
        """Each text stands in what was said."""
        for text in texts:
            self.assertIn(text, said)

    def assert_refused(self, *words, says=()):
        """The command ends with 2 and one line that says all of that; the line."""
        line = self.palate(*words, status=2).stderr
        self.assert_told(line, *says)
        return line
