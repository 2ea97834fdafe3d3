"""The README's commands, each as it stands there, in a folder with a ratings.csv."""

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


class Readme(unittest.TestCase):
    def test_its_commands_work_one_after_the_other(self):
        found = list(commands())
        self.assertGreaterEqual(len(found), 7)
        with tempfile.TemporaryDirectory() as folder:
            write_ratings(os.path.join(folder, "ratings.csv"))
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


if __name__ == "__main__":
    unittest.main()
