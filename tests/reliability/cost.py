"""What a run of the binary costs, for tests that small inputs stay small."""

import os
import subprocess
import tempfile
import unittest
from dataclasses import dataclass

BINARY = os.environ["PALATE_BINARY"]
MEGABYTE = 1_000_000


@dataclass
class Run:
    status: int
    stdout: str
    stderr: str
    peak: int  # bytes of memory that were resident at once; of a small run, those of this script
    seconds: float  # of all processors


def run(*arguments, cwd=None):
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        words = [BINARY, *map(str, arguments)]
        process = subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=out, stderr=err, cwd=cwd)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        texts = []
        for file in (out, err):
            file.seek(0)
            texts.append(file.read().decode(errors="replace"))
    seconds = usage.ru_utime + usage.ru_stime
    return Run(process.returncode, *texts, usage.ru_maxrss * 1024, seconds)


class Costs(unittest.TestCase):
    """A folder of its own for each test."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name

    def path(self, name):
        return os.path.join(self.folder, name)

    def write(self, name, parts):
        """The file's bytes, from texts written one after another: none is kept in memory."""
        with open(self.path(name), "w", newline="") as file:
            file.writelines(parts)
        return os.path.getsize(self.path(name))

    def run_in_bounds(self, size, *arguments, status=0):
        """Runs the binary on an input of that many bytes. It ends with the status, and takes at
        most 64 MB and 40 times the input.
        """
        done = run(*arguments, cwd=self.folder)
        self.assertEqual(done.status, status, done.stderr)
        self.assertLessEqual(
            done.peak / MEGABYTE, 64 + 40 * size / MEGABYTE, f"MB for {size} bytes: {arguments}"
        )
        return done

    def assert_linear(self, run_of):
        """`run_of(n)` runs on an input of n parts. Four times the input takes at most eight times
        the processor time, and a twentieth of a second: what is quadratic takes sixteen times.
        """
        once, four_times = (min(run_of(n).seconds for _ in range(2)) for n in (1, 4))
        self.assertLessEqual(four_times, 8 * once + 0.05, "seconds of processor time")
