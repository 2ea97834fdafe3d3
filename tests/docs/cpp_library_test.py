"""docs/cpp_library.md shows the programs of tests/consumer as they stand there, where
`scripts/check install` builds and runs them.
"""

import pathlib
import re
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
CONSUMER = ROOT / "tests/consumer"


class CppLibrary(unittest.TestCase):
    def test_the_page_shows_the_programs_that_are_built_and_run(self):
        page = (ROOT / "docs/cpp_library.md").read_text()
        shown = re.findall(r"^```(?:cpp|cmake)\n(.*?)^```", page, re.DOTALL | re.MULTILINE)
        files = [path.read_text() for path in CONSUMER.iterdir() if path.is_file()]
        self.assertEqual(len(files), 3)
        self.assertEqual(sorted(shown), sorted(files))

    def test_the_check_runs_each_program(self):
        check = (ROOT / "scripts/check").read_text()
        for program in CONSUMER.glob("*.cc"):
            self.assertRegex(check, rf'/{program.stem}["\s]')

    def test_the_page_asks_for_the_version_that_there_is(self):
        version = re.search(
            r"project\(palate VERSION (\d+\.\d+)", (ROOT / "CMakeLists.txt").read_text()
        )
        self.assertIn(
            f"find_package(palate {version[1]} REQUIRED)",
            (ROOT / "docs/cpp_library.md").read_text(),
        )


if __name__ == "__main__":
    unittest.main()
