"""What scripts/test prints in the end."""

import pathlib
import subprocess
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]

CASES = """<?xml version="1.0" encoding="UTF-8"?>
<testsuite tests="5">
  <testcase name="Als.Learns" status="run"><system-out>fine</system-out></testcase>
  <testcase name="Als.IsFast" status="run"><system-out/></testcase>
  <testcase name="Accuracy.Ml100k" status="notrun"><skipped message="SKIP"/>
    <system-out>data_sets.h:27: Skipped
there is no ml-100k
more</system-out></testcase>
  <testcase name="Accuracy.Ml1m" status="notrun"><skipped message="SKIP"/>
    <system-out>data_sets.h:27: Skipped
there is no ml-100k
more</system-out></testcase>
  <testcase name="web" status="fail"><system-out>line {}</system-out></testcase>
</testsuite>
"""


class Summary(unittest.TestCase):
    def printed(self, text):
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder) / "test.xml"
            path.write_text(text)
            script = [ROOT / "scripts/test_summary.py", path]
            return subprocess.run(script, check=True, capture_output=True, text=True).stdout

    def test_says_what_passed_why_some_were_skipped_and_what_failed(self):
        said = self.printed(CASES)
        self.assertTrue(said.startswith("2 tests passed\n"))
        self.assertIn("skipped: Accuracy.Ml100k and 1 more: there is no ml-100k\n", said)
        self.assertIn("failed: web\nline {}\n", said)
        self.assertTrue(said.endswith("1 tests failed: web\n"))

    def test_shows_the_end_of_what_failed_at_length(self):
        said = self.printed(CASES.replace("{}", "\n".join(map(str, range(1000)))))
        self.assertNotIn("\n959\n", said)
        self.assertIn("\n960\n", said)
        self.assertLess(len(said.splitlines()), 60)


if __name__ == "__main__":
    unittest.main()
