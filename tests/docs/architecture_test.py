"""docs/architecture.md knows every folder and every public header, and palate/palate.h has all of
them.
"""

import pathlib
import re
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
INCLUDE = ROOT / "include"
HEADERS = sorted(path.relative_to(INCLUDE).as_posix() for path in INCLUDE.rglob("*.h"))


def reached_from(header, found):
    found.add(header)
    for name in re.findall(r'^#include "(.*)"', (INCLUDE / header).read_text(), re.MULTILINE):
        if name not in found:
            reached_from(name, found)
    return found


class Architecture(unittest.TestCase):
    def setUp(self):
        self.page = (ROOT / "docs/architecture.md").read_text()

    def test_the_guide_has_every_public_header(self):
        guide = re.search(
            r"^## A guide to the headers$.*?^## ", self.page, re.DOTALL | re.MULTILINE
        )
        listed = set()
        folder = ""
        for line in guide[0].splitlines():
            if heading := re.match(r"\| `(palate/\w+/)` \|", line):
                folder = heading[1]
            elif line.startswith("| `"):
                listed |= {folder + name for name in re.findall(r"`(\w+\.h)`", line.split("|")[1])}
        listed |= set(re.findall(r"`(palate/\w+\.h)`", guide[0]))
        self.assertEqual(sorted(listed), HEADERS)

    def test_the_table_of_folders_has_every_folder(self):
        listed = re.findall(r"^\| `([\w/]+)/` \|", self.page.split("## The flow")[0], re.MULTILINE)
        folders = [f"src/{path.name}" for path in (ROOT / "src").iterdir()]
        folders += ["bench", "cli", "cmake", "docs", "fuzz", "include/palate", "python"]
        self.assertEqual(sorted(listed), sorted([*folders, "scripts", "tests", "web"]))

    def test_one_header_includes_all(self):
        self.assertEqual(sorted(reached_from("palate/palate.h", set())), HEADERS)


if __name__ == "__main__":
    unittest.main()
