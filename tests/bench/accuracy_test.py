"""bench/accuracy.py on a small table, in place of the data sets that it measures on."""

import os
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/cli"))
from cli_test import write_ratings

PALATE = os.environ.get("PALATE_BINARY", str(ROOT / "build/release/palate"))


class Accuracy(unittest.TestCase):
    def run_script(self, folder):
        command = [sys.executable, ROOT / "bench/accuracy.py", "--palate", PALATE]
        command += ["--data", folder, "--sets", "ml-latest-small"]
        return subprocess.run(command, capture_output=True, text=True)

    def test_each_model_of_the_sets_asked_for_has_a_row(self):
        with tempfile.TemporaryDirectory() as folder:
            ratings = Path(folder, "ml-latest-small/ratings.csv")
            ratings.parent.mkdir()
            write_ratings(ratings)
            done = self.run_script(folder)
        self.assertEqual(done.returncode, 0, done.stderr)
        rows = done.stdout.splitlines()[1:]
        self.assertGreater(len(rows), 6)
        for row in rows:
            self.assertTrue(row.startswith("ml-latest-small "), row)
            self.assertRegex(row, r" (rmse|mse) +\d+\.\d+ ")

    def test_missing_data_are_named(self):
        with tempfile.TemporaryDirectory() as folder:
            done = self.run_script(folder)
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("ml-latest-small: no ratings there", done.stderr)
        self.assertNotIn("Traceback", done.stderr)


if __name__ == "__main__":
    unittest.main()
