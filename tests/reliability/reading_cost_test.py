"""Small files that are made to cost much, or wide by nature: what reading them takes grows with
their size alone.
"""

import bz2
import gzip
import itertools
import lzma
import os
import unittest

from cost import MEGABYTE, Costs, run


def row(cells, delimiter=","):
    return delimiter.join(cells) + "\n"


def wide(columns, rows=3, delimiter=",", header=True, cell="1"):
    """The lines of a table of ratings with many further columns."""
    if header:
        yield row(["user", "item", "rating", *(f"c{c}" for c in range(3, columns))], delimiter)
    for r in range(rows):
        yield row([str(r % 30 + 1), str(r % 20 + 1), "3"] + [cell] * (columns - 3), delimiter)


def objects(names, rows=1, name="k"):
    """Ratings in JSON with many further names."""
    for r in range(rows):
        yield (
            f'{{"user":{r % 30 + 1},"item":{r % 20 + 1},"rating":{r % 5 + 1}'
            + "".join(f',"{name}{n}":1' for n in range(names))
            + "}\n"
        )


class ReadingCost(Costs):
    def setUp(self):
        super().setUp()
        self.write("ratings.csv", (row(map(str, [u, i, u * i % 5])) for u, i in pairs()))
        titles = (f"{i},Film {i} (1999),A|B\n" for i in range(1, 21))
        self.write("titles.csv", itertools.chain(["item,title,genres\n"], titles))
        train = ["train", "ratings.csv", "--items", "titles.csv", "-o", "m.safetensors", "-q"]
        self.assertEqual(run(*train, "--epochs", "1", cwd=self.folder).status, 0)

    def read(self, parts, *arguments, name="table.csv", status=0):
        """Reads a table of that text within the bounds; what is to be read is named FILE."""
        size = self.write(name, parts)
        words = [name if word == "FILE" else word for word in arguments]
        return self.run_in_bounds(size, *words, status=status)

    def assert_cheap(self, parts_of, *arguments, name="table.csv", status=0):
        """`parts_of(n)` has n parts: reading four of them takes four times as long as one."""
        self.assert_linear(lambda n: self.read(parts_of(n), *arguments, name=name, status=status))

    def test_a_wide_table(self):
        told = "--user", "1", "--item", "2", "--value", "3"
        self.assert_cheap(lambda n: wide(25_000 * n), "inspect", "FILE")
        for delimiter, cell in (("\t", "1"), (";", "1"), ("::", "1"), (",", '"1"'), (",", "")):
            self.read(wide(60_000, 3, delimiter, cell=cell), "inspect", "FILE")
        self.assert_cheap(lambda n: wide(60_000 * n, header=False), "inspect", "FILE", *told)
        self.read(wide(60_000, header=False), "inspect", "FILE")
        many_rows = wide(1000, 1000)
        self.read(many_rows, "train", "FILE", "-o", "n.safetensors", "-t", "8", "--epochs", "1")
        self.read(wide(60_000), "evaluate", "m.safetensors", "FILE", "-t", "8")
        for json in ([], ["--json"]):
            self.assert_cheap(lambda n: wide(20_000 * n), "predict", "m.safetensors", "FILE", *json)

    def test_a_header_and_rows_of_other_widths(self):
        short = ["1,2,3\n"] * 50_000
        self.read(itertools.chain(wide(40_000, 0), short), "inspect", "FILE", status=2)
        set_aside = "--rejects", "rejects.csv"
        self.read(itertools.chain(wide(40_000, 1), short), "inspect", "FILE", *set_aside)
        one_wide = itertools.chain(wide(3, 100), [row(["1"] * 400_000)])
        self.read(one_wide, "inspect", "FILE", *set_aside)

    def test_nothing_but_delimiters(self):
        told = "--user", "1", "--item", "2"
        for end in ("\n", ""):
            parts = (["," * 100_000 * n + end] for n in (1, 4))
            for part in parts:
                self.read(part, "inspect", "FILE", status=2)
        self.read([("," * 200_000 + "\n")] * 4, "inspect", "FILE", *told, status=2)
        self.assert_cheap(
            lambda n: [("," * 50_000 * n + "\n")] * 3, "inspect", "FILE", *told, status=2
        )

    def test_names_that_are_all_alike(self):
        for name in ("id", "rating", "user", "prediction"):
            table = row([name] * 50_000), row(["1"] * 50_000)
            size = self.write("alike.csv", table)
            done = run("inspect", "alike.csv", cwd=self.folder)
            self.assertLess(done.peak, 64 * MEGABYTE + 40 * size)
            self.assertLess(len(done.stderr), 10_000, "of columns only some are named")
        table = lambda n: [
            row(["user", "item"] + ["x"] * 20_000 * n),
            row(["1"] * (20_000 * n + 2)),
        ]
        self.assert_cheap(table, "predict", "m.safetensors", "FILE", "--json")

    def test_titles_with_many_columns(self):
        def titles(columns, rows=20, header=True):
            if header:
                yield row(["item", "title", *(f"c{c}" for c in range(columns))])
            for r in range(1, rows + 1):
                yield row([str(r), "x"] + ["1"] * columns)

        arguments = "inspect", "ratings.csv", "--items", "FILE"
        self.assert_cheap(lambda n: titles(5000 * n), *arguments, name="t.csv")
        done = self.read(titles(40_000, 3, header=False), *arguments, name="t.csv")
        self.assertIn("39936 of its 40000 columns beside ids and titles are left out", done.stdout)
        self.read(titles(40_000, 0), *arguments, name="t.csv", status=2)
        # each of many items has a cell in each column that is kept
        size = self.write("r.csv", (f"{i % 30},{i},3\n" for i in range(1, 100_001)))
        self.write("t.csv", titles(66, 1))
        done = self.run_in_bounds(size, "inspect", "r.csv", "--items", "t.csv")

    def test_objects_with_many_names(self):
        inspect = "inspect", "FILE"
        self.assert_cheap(lambda n: objects(20_000 * n), *inspect, name="o.json")
        self.read(objects(10_000, 20), *inspect, name="o.json")
        self.assert_cheap(
            lambda n: itertools.chain(objects(20_000 * n), objects(0, 10_000 * n)),
            *inspect,
            name="o.json",
        )
        nested = lambda n: ['{"user":1,"item":2,"x":' + '{"a":' * n + "1" + "}" * n + "}\n"]
        self.assert_cheap(lambda n: nested(40_000 * n), *inspect, name="o.json")
        repeated = lambda n: ['{"user":1,"item":2', ',"a":1' * 40_000 * n, "}\n"]
        self.assert_cheap(repeated, *inspect, name="o.json")
        self.read(objects(50, name="k" * 10_000), *inspect, name="o.json")
        array = (text.replace("\n", ",") for text in objects(2000, 20))
        self.read(
            itertools.chain(["["], array, ['{"user":3,"item":4,"rating":1}]']),
            *inspect,
            name="o.json",
        )
        predict = "predict", "m.safetensors", "FILE"
        self.read(objects(900, 20), *predict, name="o.json")
        self.read(objects(9000), *predict, name="o.json", status=2)

    def test_a_file_that_unpacks_to_a_thousand_times_its_size(self):
        text = b"1,2,3\n" * 100_000
        # little memory is taken here: that of the binary is counted from this script's on
        packers = ("gz", gzip, {}), ("bz2", bz2, {"compresslevel": 1}), ("xz", lzma, {"preset": 0})
        for end, packer, options in packers:
            name = f"b.csv.{end}"
            with packer.open(self.path(name), "wb", **options) as file:
                for _ in range(12):
                    file.write(text)
            size = os.path.getsize(self.path(name))
            for arguments in (
                ["inspect", name],
                ["predict", "m.safetensors", name],
                ["inspect", "ratings.csv", "--items", name],
                ["recommend", "m.safetensors", "--history", name],
                ["recommend", "m.safetensors", "--user", "1", "--items", name],
            ):
                done = self.run_in_bounds(size, *arguments, status=2)
                self.assertIn(f"{name}: its {size} bytes unpack to", done.stderr)
                self.assertIn("--max-expansion", done.stderr)

    def test_a_history_with_many_columns_or_rows(self):
        history = "recommend", "m.safetensors", "--history", "FILE"
        names = lambda n, end: row(["item", "rating"] + [f"c{c}{end}" for c in range(n)])
        for end in ("", "id"):
            self.assert_cheap(
                lambda n, end=end: (
                    [names(5000 * n, end)]
                    + [row([str(r), "3"] + ["1"] * 5000 * n) for r in range(1, 9)]
                ),
                *history,
                name="h.csv",
            )
        self.assert_cheap(lambda n: ["1,5\n"] * 100_000 * n, *history, name="h.csv")

    def test_rows_that_are_bad_or_empty(self):
        set_aside = "--rejects", "rejects.csv"
        good = "user,item,rating\n1,2,3\n4,5,4\n"
        for bad in ("x\n", "\n", "1,2,x\n", ",,\n", '"\n"a\n'):
            self.assert_cheap(
                lambda n, bad=bad: [good, *[bad * 1000] * 100 * n], "inspect", "FILE", *set_aside
            )
        widths = itertools.chain([good], ("," * n + "\n" for n in range(3, 1500)))
        done = self.read(widths, "inspect", "FILE", *set_aside)
        self.assertLess(len(done.stderr), 10_000, "of reasons only some are told")

    def test_a_line_or_a_cell_of_megabytes(self):
        self.read(["1" * 1000] * 4000, "inspect", "FILE", status=2)
        self.read(["\0" * 1000] * 4000, "inspect", "FILE", status=2)
        cell = ["user,item,rating\n1,2,3\n", '"', *["1" * 1000] * 900, '",2,4\n']
        self.read(cell, "inspect", "FILE")
        open_quote = ['user,item,rating\n1,2,3\n"', *["1,2,3\n"] * 500_000]
        self.read(open_quote, "inspect", "FILE", status=2)
        self.read(open_quote, "inspect", "FILE", "--rejects", "rejects.csv")

    def test_many_files(self):
        for part in range(800):
            self.write(f"part-{part:03}.csv", [f"user,item,rating\n{part % 30},{part % 20},3\n"])
        few = [f"part-{part:03}.csv" for part in range(200)]
        self.assert_linear(
            lambda n: self.run_in_bounds(
                200 * n * 24, "inspect", *(few if n == 1 else ["part-*.csv"]), "-q"
            )
        )


def pairs():
    return itertools.product(range(1, 31), range(1, 21))


if __name__ == "__main__":
    unittest.main()
