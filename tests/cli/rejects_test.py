"""Two million rows of which every other one is bad, in twenty ways: each is reported, exactly, in
bounded memory.
"""

import filecmp
import itertools
import os
import pathlib
import subprocess
import tempfile
import time
import unittest

ROWS = 2_000_000
HEADER = "userId,movieId,rating,timestamp\n"
CELL = "is not a number", "is not a finite 32-bit number", "is an empty id", "is not valid UTF-8"
TIME = (
    "is not a time, in seconds or as in 2026-11-24T16:30:00Z (`time_column=none` leaves times out)"
)
COMMA = "is not a number where others have decimal points (`decimal=,` reads commas)"
# What a bad row says (in Latin-1: a byte for each character), the column that is wrong (0: the row
# as a whole) and the reason.
KINDS = [
    ("%d,7,four,881250949", 3, CELL[0]),
    ("%d,7,,881250949", 3, CELL[0]),
    ("%d,7,4..5,881250949", 3, CELL[0]),
    ('%d,7,"4,5",881250949', 3, COMMA),
    ("%d,7,nan,881250949", 3, CELL[1]),
    ("%d,7,-inf,881250949", 3, CELL[1]),
    ("%d,7,1e39,881250949", 3, CELL[1]),
    (",%d,4,881250949", 1, CELL[2]),
    ('"",%d,4,881250949', 1, CELL[2]),
    ("%d,,4,881250949", 2, CELL[2]),
    ("%d\xff,7,4,881250949", 1, CELL[3]),
    ("%d,\xc3\x28,4,881250949", 2, CELL[3]),
    ("%d,7,4,yesterday", 4, TIME),
    ("%d,7,4,", 4, TIME),
    ("%d,7,4,1997-02-30", 4, TIME),
    ("%d,7,4", 0, "3 columns where the header has 4"),
    ("%d", 0, "1 column where the header has 4"),
    ("%d,7,4,881250949,x", 0, "5 columns where the header has 4"),
    ('%d,"7"7,4,881250949', 0, "text follows a closing quote"),
    ('%d,7,4,"8812"50949', 0, "text follows a closing quote"),
]


def quoted(cell):
    return '"' + cell.replace('"', '""') + '"' if "," in cell or '"' in cell else cell


def created(path):
    return open(path, "w", encoding="latin-1", newline="")


def write_tables(folder):
    """clean.csv, half_bad.csv, and in expected.csv what is to be said of the latter's rows."""
    kinds = [(text, column or "", quoted(reason)) for text, column, reason in KINDS]
    with (
        created(folder / "clean.csv") as clean,
        created(folder / "half_bad.csv") as half_bad,
        created(folder / "expected.csv") as expected,
    ):
        clean.write(HEADER)
        half_bad.write(HEADER)
        expected.write("file,line,byte,column,reason,text\n")
        byte = len(HEADER)
        for row in range(ROWS // 2):
            good = f"{row % 6040 + 1},{row // 6040},3.5,{881250949 + row}\n"
            text, column, reason = kinds[row % 20]
            bad = text % row
            clean.write(good + "9000" + good)  # by another user
            half_bad.write(good + bad + "\n")
            byte += len(good)
            expected.write(
                f"{half_bad.name},{2 * row + 3},{byte},{column},{reason},{quoted(bad)}\n"
            )
            byte += len(bad) + 1


def inspect(*arguments):
    """Seconds and peak bytes of `palate inspect`."""
    start = time.perf_counter()
    process = subprocess.Popen(
        [os.environ["PALATE_BINARY"], "inspect", "--json", "--quiet", *map(str, arguments)],
        stdout=subprocess.DEVNULL,
    )
    _, process.returncode, usage = os.wait4(process.pid, 0)
    assert process.returncode == 0, process.returncode
    return time.perf_counter() - start, usage.ru_maxrss * 1024


class Rejects(unittest.TestCase):
    def test_a_million_bad_rows(self):
        with tempfile.TemporaryDirectory() as name:
            folder = pathlib.Path(name)
            write_tables(folder)
            clean_seconds, clean_peak = inspect(folder / "clean.csv")
            seconds, peak = inspect(folder / "half_bad.csv", "--rejects", folder / "rejects.csv")
            self.check(folder / "rejects.csv", folder / "expected.csv")
            print(
                f"{ROWS // 2} of {ROWS} rows are bad: {seconds:.2f} s "
                f"(clean {clean_seconds:.2f} s), "
                f"peak {peak / 2**20:.0f} MiB (clean {clean_peak / 2**20:.0f} MiB)"
            )
            self.assertLess(peak, clean_peak + 64 * 2**20)

    def check(self, rejects, expected):
        if filecmp.cmp(rejects, expected, shallow=False):
            return
        with open(rejects, "rb") as are, open(expected, "rb") as should:
            for is_there, wanted in itertools.zip_longest(are, should):
                self.assertEqual(is_there, wanted)


if __name__ == "__main__":
    unittest.main()
