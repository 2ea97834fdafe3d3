#!/usr/bin/env python3
"""Takes MovieLens (ml-latest-small, the release of October 2016) out of the R package dslabs,
without R.

    dslabs_movielens.py R_DATA_FOLDER OUT_FOLDER

R_DATA_FOLDER is the package's `data` folder, with Rdata.rdx and Rdata.rdb: in the distribution's
package r-cran-dslabs it is usr/lib/R/site-library/dslabs/data. Writes OUT_FOLDER/ratings.csv and
OUT_FOLDER/movies.csv as MovieLens publishes them.

Both files hold R objects as serialize() writes them ("R Internals", section 1.8), in big-endian
XDR. The .rdx is one such object, compressed with gzip: a list whose `variables` gives the offset
and length of each object in the .rdb. An object there is its size in 4 bytes, then itself
compressed with zlib.
"""

import csv
import gzip
import struct
import sys
import zlib
from pathlib import Path

# Types of R objects, the low 8 bits of an object's flags.
NIL, GLOBAL_ENVIRONMENT, REFERENCE, COMPACT = 254, 253, 255, 238
SYMBOL, PAIRS, CHARACTERS, LOGICALS, INTEGERS, REALS, STRINGS, LIST = 1, 2, 9, 10, 13, 14, 16, 19
HAS_ATTRIBUTES, HAS_TAG = 1 << 9, 1 << 10


class Vector(list):
    """An R vector; its attributes (names, levels, ...) are a dict."""

    attributes = {}

    def named(self):
        return dict(zip(self.attributes["names"], self))


class Reader:
    def __init__(self, data):
        self.data = data
        self.position = 0
        self.symbols = []  # in order of appearance: later ones refer to them by number
        if self.take(2) != b"X\n":
            raise ValueError("not an R object in XDR format")
        version, _, _ = self.integers(3)
        if version == 3:
            self.take(self.integer())  # the name of the encoding

    def take(self, size):
        self.position += size
        if self.position > len(self.data):
            raise ValueError("an R object is cut off")
        return self.data[self.position - size : self.position]

    def integers(self, count):
        return struct.unpack(f">{count}i", self.take(4 * count))

    def integer(self):
        return self.integers(1)[0]

    def object(self):
        flags = self.integer()
        kind = flags & 255
        if kind in (NIL, GLOBAL_ENVIRONMENT):
            return None
        if kind == REFERENCE:
            return self.symbols[(flags >> 8 or self.integer()) - 1]
        if kind == SYMBOL:
            self.symbols.append(self.object())
            return self.symbols[-1]
        if kind == CHARACTERS:
            size = self.integer()
            return None if size < 0 else self.take(size).decode("utf-8")
        if kind == PAIRS:
            return self.pairs(flags)
        if kind == COMPACT:
            return self.compact()
        return self.vector(kind, flags)

    def pairs(self, flags):
        """A pair list, as a dict: (tag, value, the rest of the list)."""
        if flags & HAS_ATTRIBUTES:
            self.object()
        tag = self.object() if flags & HAS_TAG else None
        value = self.object()
        return {tag: value} | (self.object() or {})

    def compact(self):
        """A range that R keeps as (count, first, step)."""
        self.object()  # which class of compact vector it is
        count, first, step = self.object()
        self.object()  # its attributes
        return Vector(int(first + step * i) for i in range(int(count)))

    def vector(self, kind, flags):
        count = self.integer()
        if kind in (LOGICALS, INTEGERS):
            vector = Vector(self.integers(count))
        elif kind == REALS:
            vector = Vector(struct.unpack(f">{count}d", self.take(8 * count)))
        elif kind in (STRINGS, LIST):
            vector = Vector(self.object() for _ in range(count))
        else:
            raise ValueError(f"R objects of type {kind} are not known here")
        if flags & HAS_ATTRIBUTES:
            vector.attributes = self.object()
        return vector


def read_object(folder, name):
    index = Reader(gzip.decompress((folder / "Rdata.rdx").read_bytes())).object().named()
    offset, length = index["variables"].named()[name]
    stored = (folder / "Rdata.rdb").read_bytes()[offset : offset + length]
    return Reader(zlib.decompress(stored[4:])).object()


def texts(column):
    """The cells of a factor or of a column of strings."""
    if "levels" not in column.attributes:
        return column
    return [column.attributes["levels"][code - 1] for code in column]


def write(path, header, rows):
    with open(path, "w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    frame = read_object(Path(sys.argv[1]), "movielens").named()
    out = Path(sys.argv[2])
    out.mkdir(parents=True, exist_ok=True)

    ratings = zip(frame["userId"], frame["movieId"], frame["rating"], frame["timestamp"])
    write(out / "ratings.csv", ["userId", "movieId", "rating", "timestamp"], ratings)

    missing_year = -(2**31)  # R's NA
    titles = [
        title if year == missing_year else f"{title} ({year})"
        for title, year in zip(texts(frame["title"]), frame["year"])
    ]
    movies = sorted(dict(zip(frame["movieId"], zip(titles, texts(frame["genres"])))).items())
    write(
        out / "movies.csv",
        ["movieId", "title", "genres"],
        [(movie, *title_and_genres) for movie, title_and_genres in movies],
    )


if __name__ == "__main__":
    main()
