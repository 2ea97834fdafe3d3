"""The examples of docs/: each runs, as it stands there, one after the other, in a folder with
ratings and titles.
"""

import os
import json
import pathlib
import re
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/cli"))
from cli_test import write_ratings

BINARY = pathlib.Path(os.environ["PALATE_BINARY"]).resolve()


def examples(page):
    """(command, exit status) of each line of the page's shell blocks: of ```sh, above which there
    may be <!-- exit status 3 -->.
    """
    for status, block in re.findall(
        r"(?:^<!-- exit status (\d+) -->\n)?^```sh\n(.*?)^```",
        (ROOT / "docs" / page).read_text(),
        re.DOTALL | re.MULTILINE,
    ):
        for line in block.splitlines():
            yield line, int(status or 0)


def run(command, folder):
    path = f"{BINARY.parent}{os.pathsep}{os.environ['PATH']}"
    return subprocess.run(
        command,
        shell=True,
        cwd=folder,
        env={**os.environ, "PATH": path},
        capture_output=True,
        text=True,
    )


class Examples(unittest.TestCase):
    def run_page(self, page):
        with tempfile.TemporaryDirectory() as name:
            folder = pathlib.Path(name)
            write_ratings(folder / "ratings.csv")
            (folder / "movies.csv").write_text(
                "movieId,title,genres\n"
                + "".join(
                    f'{i},"Film {i}, The ({1970 + i})",{"Drama" if i % 3 else "Comedy|Drama"}\n'
                    for i in range(1, 41)
                )
            )
            commands = list(examples(page))
            for command, status in commands:
                self.assertTrue(command.startswith("palate "), command)
                done = run(command, folder)
                self.assertEqual(done.returncode, status, f"{page}: {command}\n{done.stderr}")
                self.assertNotIn("Traceback", done.stderr)
        return [command.split()[1] for command, _ in commands]

    def test_getting_started(self):
        self.assertGreater(len(self.run_page("getting_started.md")), 6)

    def test_answers(self):
        self.assertGreater(len(self.run_page("answers.md")), 6)

    def test_choosing_items(self):
        self.assertGreater(len(self.run_page("choosing_items.md")), 3)

    def test_every_verb(self):
        shown = set(self.run_page("verbs.md"))
        verbs = {told["name"] for told in json.loads(run("palate help --json", ROOT).stdout)}
        self.assertGreater(len(verbs), 10)
        self.assertEqual(shown, verbs)
        sections = set(
            re.findall(r"^## (\w+)$", (ROOT / "docs/verbs.md").read_text(), re.MULTILINE)
        )
        self.assertEqual(sections, verbs)


if __name__ == "__main__":
    unittest.main()
