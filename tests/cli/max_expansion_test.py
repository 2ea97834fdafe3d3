"""Compressed tables that become many times their size, and tables with very many columns."""

import gzip
import unittest

from situations import Situation, lines, ratings

HEADER = ["user", "item", "rating"]


class MaxExpansion(Situation):
    def packed(self, name):
        """A table with long notes that are all alike: it compresses a thousand times."""
        text = lines([[*row, "x" * 20_000] for row in ratings()] * 2, [*HEADER, "note"])
        with gzip.open(self.path(name), "wt") as file:
            file.write(text)
        return name

    def test_every_verb_refuses_what_grows_and_reads_it_where_that_is_told(self):
        model, _ = self.train(self.write("r.csv", lines(ratings(), HEADER)))
        table = self.packed("r.csv.gz")
        for words in (
            ["inspect", table],
            ["train", table, "-o", "other.safetensors"],
            ["evaluate", model, table],
            ["predict", model, table],
            ["inspect", "r.csv", "--items", table],
            ["recommend", model, "--user", "1", "--items", table],
        ):
            self.assert_refused(
                *words,
                says=("r.csv.gz: its ", " bytes unpack to ", "fill the memory", "--max-expansion"),
            )
            for most in ("0", "5000"):
                self.palate(*words, "--max-expansion", most)

    def test_a_history_grows_as_far(self):
        model, _ = self.train(self.write("r.csv", lines(ratings(), HEADER)))
        with gzip.open(self.path("h.csv.gz"), "wt") as file:
            file.write(lines([[i, 5, "x" * 500_000] for i in range(1, 21)], [*HEADER[1:], "note"]))
        words = ["recommend", model, "--history", "h.csv.gz", "--min-support", "1"]
        self.assert_refused(*words, says=("h.csv.gz: its ", "--max-expansion"))
        self.palate(*words, "--max-expansion", "0")

    def test_what_is_no_number_is_refused(self):
        table = self.packed("r.csv.gz")
        for most in ("-1", "many", "1.5", ""):
            done = self.palate("inspect", table, "--max-expansion", most, status=64)
            self.assert_told(done.stderr, "--max-expansion")


class WideTables(Situation):
    def test_named_or_told_columns_of_a_wide_table_are_read(self):
        others = [f"c{c}" for c in range(500)]
        wide = lines([[*others, *row] for row in ratings()], [*others, *HEADER])
        said = self.train(self.write("wide.csv", wide))[1]
        self.assert_told(said, "user = column 501 'user'", "rating = column 503 'rating'")
        bare = self.write("bare.csv", lines([[*others, *row] for row in ratings()]))
        told = "--user", "501", "--item", "502", "--value", "503"
        self.assert_told(self.train(bare, *told)[1], "rating = column 503")

    def test_columns_of_titles_that_are_left_out_are_told(self):
        names = ["item", "title", *(f"c{c}" for c in range(100)), "genres"]
        self.write("titles.csv", lines([[i, "x", *range(100), "A|B"] for i in range(1, 21)], names))
        self.write("r.csv", lines(ratings(), HEADER))
        told = "36 of its 101 columns beside ids and titles are left out"
        for verb in ("inspect", "train", "compare", "report"):
            words = ["-o", f"out.{verb}"] if verb in ("train", "report") else []
            done = self.palate(verb, "r.csv", "--items", "titles.csv", "-t", "1", *words)
            self.assert_told(done.stdout + done.stderr, told)

    def test_objects_with_many_names_are_predicted_with_their_other_columns(self):
        model, _ = self.train(self.write("r.csv", lines(ratings(), HEADER)))
        text = '{"user":1,"item":2' + "".join(f',"k{k}":{k}' for k in range(900)) + "}\n"
        (row,) = self.json("predict", model, self.write("p.json", text))
        self.assertEqual(row["columns"], {f"k{k}": str(k) for k in range(900)})
        long_name = self.write("long.csv", f"user,item,{'k' * 1001}\n1,2,3\n")
        self.palate("predict", model, long_name)
        self.assert_refused("predict", model, long_name, "--json", says=("a name of 1001 bytes",))


if __name__ == "__main__":
    unittest.main()
