"""Two million rows of which every other one is bad, in twenty ways: each is reported, exactly, in bounded memory."""
import csv
import os
import pathlib
import subprocess
import tempfile
import time
import unittest

ROWS = 2_000_000
HEADER = b"userId,movieId,rating,timestamp\n"
CELL = "is not a number", "is not a finite 32-bit number", "is an empty id", "is not valid UTF-8"
TIME = "is not a time, in seconds or as in 2026-11-24T16:30:00Z (--time none leaves times out)"
# What a bad row says, the column that is wrong (0: the row as a whole) and the reason.
KINDS = [
    (b"%d,7,four,881250949", 3, CELL[0]),
    (b"%d,7,,881250949", 3, CELL[0]),
    (b"%d,7,4..5,881250949", 3, CELL[0]),
    (b'%d,7,"4,5",881250949', 3, CELL[0]),
    (b"%d,7,nan,881250949", 3, CELL[1]),
    (b"%d,7,-inf,881250949", 3, CELL[1]),
    (b"%d,7,1e39,881250949", 3, CELL[1]),
    (b",%d,4,881250949", 1, CELL[2]),
    (b'"",%d,4,881250949', 1, CELL[2]),
    (b"%d,,4,881250949", 2, CELL[2]),
    (b"%d\xff,7,4,881250949", 1, CELL[3]),
    (b"%d,\xc3\x28,4,881250949", 2, CELL[3]),
    (b"%d,7,4,yesterday", 4, TIME),
    (b"%d,7,4,", 4, TIME),
    (b"%d,7,4,1997-02-30", 4, TIME),
    (b"%d,7,4", 0, "3 columns where the header has 4"),
    (b"%d", 0, "1 column where the header has 4"),
    (b"%d,7,4,881250949,x", 0, "5 columns where the header has 4"),
    (b'%d,"7"7,4,881250949', 0, "text follows a closing quote"),
    (b'%d,7,4,"8812"50949', 0, "text follows a closing quote"),
]


def good_row(row):
    return b"%d,%d,3.5,%d" % (row % 6040 + 1, row // 6040, 881250949 + row)


def write_tables(clean, half_bad):
    with open(half_bad, "wb") as file:
        file.write(HEADER)
        for row in range(ROWS // 2):
            file.write(good_row(row) + b"\n" + KINDS[row % 20][0] % row + b"\n")
    with open(clean, "wb") as file:
        file.write(HEADER)
        file.writelines(good_row(row) + b"\n" for row in range(ROWS))


def inspect(*arguments):
    """Seconds and peak bytes of `palate inspect`."""
    start = time.perf_counter()
    process = subprocess.Popen([os.environ["PALATE_BINARY"], "inspect", "--json", "--quiet", *map(str, arguments)],
                               stdout=subprocess.DEVNULL)
    _, process.returncode, usage = os.wait4(process.pid, 0)
    assert process.returncode == 0, process.returncode
    return time.perf_counter() - start, usage.ru_maxrss * 1024


class Rejects(unittest.TestCase):
    def test_a_million_bad_rows(self):
        with tempfile.TemporaryDirectory() as name:
            folder = pathlib.Path(name)
            clean, half_bad = folder / "clean.csv", folder / "half_bad.csv"
            write_tables(clean, half_bad)
            clean_seconds, clean_peak = inspect(clean)
            seconds, peak = inspect(half_bad, "--rejects", folder / "rejects.csv")
            self.check(folder / "rejects.csv", str(half_bad), len(HEADER))
            print(f"{ROWS // 2} of {ROWS} rows are bad: {seconds:.2f} s (clean {clean_seconds:.2f} s), "
                  f"peak {peak / 2**20:.0f} MiB (clean {clean_peak / 2**20:.0f} MiB)")
            self.assertLess(peak, clean_peak + 64 * 2**20)

    def check(self, rejects, file, byte):
        csv.field_size_limit(1 << 20)
        with open(rejects, newline="", encoding="latin-1") as table:
            rows = csv.reader(table)
            self.assertEqual(next(rows), ["file", "line", "byte", "column", "reason", "text"])
            for row in range(ROWS // 2):
                text, column, reason = KINDS[row % 20]
                text = (text % row).decode("latin-1")
                byte += len(good_row(row)) + 1
                expected = [file, str(2 * row + 3), str(byte), str(column or ""), reason, text]
                if next(rows) != expected:  # assertEqual for each would take long
                    self.fail(f"{expected} is not reported")
                byte += len(text) + 1
            self.assertEqual(list(rows), [])


if __name__ == "__main__":
    unittest.main()
