"""scripts/dslabs_movielens.py on an R data base of three ratings, written here as R's serialize()
writes it.
"""

import gzip
import struct
import subprocess
import sys
import tempfile
import unittest
import zlib
from pathlib import Path

SCRIPT = Path(__file__).resolve().parents[2] / "scripts" / "dslabs_movielens.py"
NA = -(2**31)
PAIRS, INTEGERS, REALS, STRINGS, LIST = 2, 13, 14, 16, 19


def integers(*values):
    return struct.pack(f">{len(values)}i", *values)


def characters(text):
    return integers(9, len(text.encode())) + text.encode()


def vector(kind, values, attributes=None):
    """An R vector; the elements of a list are objects already."""
    flags = kind | (1 << 9 if attributes else 0)
    if kind == INTEGERS:
        body = integers(*values)
    elif kind == REALS:
        body = struct.pack(f">{len(values)}d", *values)
    else:
        body = b"".join(characters(value) if kind == STRINGS else value for value in values)
    return integers(flags, len(values)) + body + (pairs(attributes) if attributes else b"")


def pairs(items):
    tagged = (
        integers(PAIRS | 1 << 10) + integers(1) + characters(tag) + value
        for tag, value in items.items()
    )
    return b"".join(tagged) + integers(254)


def named_list(items):
    return vector(LIST, list(items.values()), {"names": vector(STRINGS, list(items))})


def serialized(value):
    return b"X\n" + integers(2, 0x040203, 0x020300) + value


def write_data_base(folder, frame):
    packed = zlib.compress(serialized(frame))
    stored = struct.pack(">I", len(frame)) + packed
    (folder / "Rdata.rdb").write_bytes(b"before" + stored)
    variables = named_list(
        {"other": vector(INTEGERS, [0, 6]), "movielens": vector(INTEGERS, [6, len(stored)])}
    )
    index = named_list({"variables": variables, "compressed": vector(INTEGERS, [1])})
    (folder / "Rdata.rdx").write_bytes(gzip.compress(serialized(index)))


class DslabsMovielens(unittest.TestCase):
    def test_ratings_and_movies_come_out_as_movielens_publishes_them(self):
        genres = vector(INTEGERS, [2, 1, 2], {"levels": vector(STRINGS, ["Drama", "Comedy|Crime"])})
        frame = named_list(
            {
                "movieId": vector(INTEGERS, [31, 7, 31]),
                "title": vector(STRINGS, ["Amélie", "Se7en, or not", "Amélie"]),
                "year": vector(INTEGERS, [2001, NA, 2001]),
                "genres": genres,
                "userId": vector(INTEGERS, [1, 1, 2]),
                "rating": vector(REALS, [2.5, 5, 4]),
                "timestamp": vector(INTEGERS, [1260759144, 1260759179, 835355493]),
            }
        )
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            write_data_base(folder, frame)
            subprocess.run([sys.executable, SCRIPT, folder, folder / "out"], check=True)
            self.assertEqual(
                (folder / "out/ratings.csv").read_text(),
                "userId,movieId,rating,timestamp\n"
                "1,31,2.5,1260759144\n1,7,5.0,1260759179\n2,31,4.0,835355493\n",
            )
            self.assertEqual(
                (folder / "out/movies.csv").read_text(encoding="utf-8"),
                'movieId,title,genres\n7,"Se7en, or not",Drama\n31,Amélie (2001),Comedy|Crime\n',
            )


if __name__ == "__main__":
    unittest.main()
