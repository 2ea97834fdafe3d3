"""Small inputs that were made to cost much: ids that meet in one place of a table, chains of users
and items that go one after the other, long titles, one long id among many, deep documents. Each
takes time in proportion to its size, and little memory.
"""

import itertools
import json
import os
import unittest

from cost import Costs, run

WORD = 1 << 64


def inverse_of_shift(number, bits):
    """The n with n ^ n >> bits == number; both have 64 bits."""
    return number ^ number >> bits


def meeting_integers(count):
    """64-bit integers with one and the same hash, as far as a table looks at it: where each is
    multiplied by constants, as it once was.
    """
    first = pow(0x9E3779B97F4A7C15, -1, WORD)
    second = pow(0xD6E8FEB86659FD93, -1, WORD)
    for hashed in range(1, count + 1):
        number = inverse_of_shift(hashed * second % WORD, 32) * first % WORD
        yield number - WORD if number >= WORD // 2 else number


class Growth(Costs):
    def train(self, rows, *words):
        """A model of biases alone, which keeps ids and titles all the same, and its size."""
        self.write("ratings.csv", itertools.chain(["user,item,rating\n"], rows))
        model = ["--algorithm", "bias", "--no-refit", "-o", "model.safetensors"]
        done = run("train", "ratings.csv", *model, "-t", "1", "-q", *words, cwd=self.folder)
        self.assertEqual(done.status, 0, done.stderr)
        return os.path.getsize(self.path("model.safetensors"))

    def test_ids_that_were_chosen_to_meet_do_not(self):
        def inspect(n):
            rows = (f"{one},1,{one % 5 + 1}\n" for one in meeting_integers(20_000 * n))
            size = self.write("ids.csv", itertools.chain(["user,item,rating\n"], rows))
            return self.run_in_bounds(size, "inspect", "ids.csv", "-q", "-t", "1")

        self.assert_linear(inspect)

    def test_a_chain_that_frees_one_item_after_the_other_is_cut_in_one_go(self):
        def rows(length):
            yield "user,item,rating\n"
            for user in range(1, 4):
                for item in range(1, 4):
                    yield f"{user},{item},{item}\n"
            for link in range(10, 10 + length):
                yield f"{link},{link},3\n{link},{link + 1},4\n"

        def inspect(n):
            size = self.write("chain.csv", rows(20_000 * n))
            least = ["--min-user-ratings", "2", "--min-item-ratings", "2"]
            done = self.run_in_bounds(size, "inspect", "chain.csv", "-t", "1", *least, "--json")
            self.assertEqual(json.loads(done.stdout)["ratings"], 9)
            return done

        self.assert_linear(inspect)

    def test_long_titles_and_what_is_looked_for_among_them(self):
        def find(n):
            names = (f" ({n})" for n in range(20_000 * n))  # other names of the same
            self.write("titles.csv", itertools.chain(["item,title\n1,Heat"], names, ["\n2,Ten\n"]))
            size = self.train(
                ((f"{u},{1 + u % 2},{u % 5}\n") for u in range(20)), "--items", "titles.csv"
            )
            wanted = "word " * (6_000 * n)
            done = self.run_in_bounds(
                size, "predict", "model.safetensors", "--user", "1", "--title", wanted, status=2
            )
            self.assertIn("is of no item; the nearest are", done.stderr)
            return done

        self.assert_linear(find)

    def test_one_long_id_among_many_is_no_numpy_array(self):
        ids = itertools.chain(["u" * 100_000], (f"u{n}" for n in range(20_000)))
        size = self.train(f"{one},{n % 9},{n % 5}\n" for n, one in enumerate(ids))
        export = ["export", "model.safetensors"]
        done = self.run_in_bounds(size, *export, "-o", "npy", status=2)
        self.assertIn("users.npy would have 8000 MB", done.stderr)
        self.assertIn("--format csv writes each as long as it is", done.stderr)
        self.assertFalse(os.path.exists(self.path("npy")))
        self.run_in_bounds(size, *export, "--format", "csv")

    def test_one_long_id_among_many_does_not_widen_a_table(self):
        ids = itertools.chain(itertools.repeat("long" * 25_000, 5), range(2000), range(2000))
        size = self.train(f"{n % 50},{item},{n % 4 + 1}\n" for n, item in enumerate(ids))
        words = "--user 9 -k 2001 --min-support 0"
        done = self.run_in_bounds(size, "recommend", "model.safetensors", *words.split())
        self.assertIn("longlong", done.stdout)
        self.assertLess(len(done.stdout), 1_000_000)

    def test_pairs_are_answered_one_after_the_other(self):
        self.train(f"{n % 50},{n % 20},{n % 5}\n" for n in range(500))
        size = self.write(
            "pairs.csv", itertools.chain(["user,item\n"], itertools.repeat("1,2\n", 150_000))
        )
        done = self.run_in_bounds(size, "predict", "model.safetensors", "pairs.csv", "--json", "-q")
        self.assertEqual(done.stdout.count('"prediction"'), 150_000)

        def with_columns(n):
            names = ",".join(["user", "item", *itertools.repeat("name", 500 * n)])
            rows = itertools.repeat("1,2" + ",0" * (500 * n) + "\n", 20)
            size = self.write("wide.csv", itertools.chain([names + "\n"], rows))
            return self.run_in_bounds(
                size, "predict", "model.safetensors", "wide.csv", "--json", "-q"
            )

        self.assert_linear(with_columns)

    def test_documents_that_are_deep_or_have_many_names(self):
        for part, many in (("[", 900_000), ('{"a":', 190_000)):
            size = self.write("deep.json", itertools.repeat(part, many))
            self.run_in_bounds(size, "inspect", "x.csv", "--options", "deep.json", status=2)
            self.run_in_bounds(size, "report", "deep.json", status=2)

        def report(n):
            names = (f'"{number}":0,' for number in range(10_000 * n))
            size = self.write("names.json", itertools.chain(["{"], names, ['"":0}']))
            return self.run_in_bounds(size, "report", "names.json", status=2)

        self.assert_linear(report)


if __name__ == "__main__":
    unittest.main()
