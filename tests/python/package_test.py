#!/usr/bin/env python3
"""Builds the Python package into a virtual environment of its own, and runs its tests there.

scripts/setup makes the environment, build/python-venv, with what building and testing take.
"""

import os
import subprocess
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PYTHON = ROOT / "build/python-venv/bin/python"


class Package(unittest.TestCase):
    def run_there(self, *command):
        # As build/release was compiled, so that ccache has it.
        environment = {"CXX": "c++"} | os.environ | {"CCACHE_BASEDIR": str(ROOT)}
        done = subprocess.run(
            [PYTHON, "-m", *command],
            cwd=ROOT,
            env=environment,
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        self.assertEqual(done.returncode, 0, done.stdout[-8000:])

    def test_builds_and_passes_its_tests(self):
        self.assertTrue(PYTHON.exists(), f"{PYTHON} is not here: scripts/setup makes it")
        self.run_there(
            "pip", "install", "--quiet", "--no-build-isolation", "--no-deps", "--no-index", "."
        )
        self.run_there("pytest", "--quiet", "-p", "no:cacheprovider", "tests/python")


if __name__ == "__main__":
    unittest.main()
