"""The README's commands, each as it stands there, in a folder with a ratings.csv."""

import csv
import os
import pathlib
import re
import shutil
import subprocess
import tempfile
import unittest

from cli_test import PALATE, write_ratings

README = pathlib.Path(__file__).resolve().parents[2] / "README.md"


def commands():
    """The lines of the README's shell blocks that call palate, without their comments."""
    for block in re.findall(r"```sh\n(.*?)```", README.read_text(), re.DOTALL):
        for line in block.splitlines():
            command = line.split("  #")[0].strip()
            if command.startswith("palate "):
                yield command


def write_ratings_of_years(path):
    """Ratings from 2000 to 2021, the last fifth of them since 2017."""
    write_ratings(path)
    with open(path, newline="") as file:
        header, *rows = csv.reader(file)
    for k, row in enumerate(rows):
        row[-1] = 946684800 + k * 7919 % len(rows) * (22 * 31556952 // len(rows))
    with open(path, "w", newline="") as file:
        csv.writer(file).writerows([header, *rows])


class Readme(unittest.TestCase):
    def test_its_commands_work_one_after_the_other(self):
        found = list(commands())
        self.assertGreaterEqual(len(found), 7)
        with tempfile.TemporaryDirectory() as folder:
            write_ratings_of_years(os.path.join(folder, "ratings.csv"))
            with open(os.path.join(folder, "movies.csv"), "w") as file:
                file.write("movieId,title\n")
                file.writelines(f"{item},Film {item} ({1970 + item})\n" for item in range(1, 61))
            path = os.path.dirname(shutil.which(PALATE)) + os.pathsep + os.environ["PATH"]
            for command in found:
                done = subprocess.run(
                    command,
                    shell=True,
                    cwd=folder,
                    env={**os.environ, "PATH": path},
                    capture_output=True,
                    text=True,
                )
                self.assertEqual(done.returncode, 0, f"{command}\n{done.stderr}")
                self.assertNotIn("too optimistic", done.stderr, command)


if __name__ == "__main__":
    unittest.main()
