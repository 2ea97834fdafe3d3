"""Which column is what: guessed, told in one line, and doubted with the flag that answers it."""

import unittest

from situations import Situation, lines, ratings


class Told(Situation):
    def test_every_verb_that_reads_a_table_says_which_column_is_what(self):
        rows = [
            (10**9 + i, rating, f"u{user}", item)
            for i, (user, item, rating) in enumerate(ratings())
        ]
        table = self.write("table.csv", lines(rows, ("timestamp", "rating", "userId", "movieId")))
        line = (
            "298 ratings of 20 items by 30 users; user = column 3 'userId', item = column 4 "
            "'movieId', rating = column 2 'rating', time = column 1 'timestamp'"
        )
        model, said = self.train(table)
        self.assert_told(said, "table.csv: " + line)
        test = self.write("test.csv", lines(rows[:3], ("timestamp", "rating", "userId", "movieId")))
        few = "test.csv: 3 ratings of 3 items by 1 user; user = column 3 'userId'"
        for words, says in (
            (["compare", table], line),
            (["report", table, "-o", "r.html"], line),
            (["inspect", table], line),
            (["train", table, "--test", test, "-o", "t.safetensors"], few),
            (["evaluate", model, test], few),
            (["predict", model, test], "test.csv: 3 pairs; user = column 3 'userId', item = "),
        ):
            self.assert_told(self.palate(*words).stderr, says)
            self.assertEqual(self.palate(*words, "--quiet").stderr, "")

    def test_a_table_without_a_header_or_without_values_and_times(self):
        table = self.write("bare.csv", lines((user, item) for user, item, _ in ratings()))
        self.assert_told(
            self.palate("inspect", table).stderr,
            "bare.csv: 298 rows of 20 items by 30 users; user = column 1, item = column 2, "
            "no ratings, no times; implicit feedback: no ratings\n",
        )

    def test_what_was_left_out_stands_in_the_same_line(self):
        rows = [*ratings(), (1, 1, 3), (2, 2, "x")]
        table = self.write("table.csv", lines(rows, ("user", "item", "rating")))
        said = self.palate("inspect", table, "--rejects", "r.csv", "--min-user-ratings", "9").stderr
        self.assertRegex(
            said,
            r"^table.csv: \d+ ratings .*; 1 repeated \(user, item\) pair left out \(--duplicates "
            r"says .*\); 1 row set aside: is not a number; \d+ ratings left out: of users with "
            r"fewer than 9 ratings\n$",
        )


class Guessed(Situation):
    """What is taken of tables of the same ratings among other columns."""

    def inspected(self, rows, header=None):
        return self.json("inspect", self.write("table.csv", lines(rows, header)))

    def assert_is_the_table(self, found):
        mean = sum(rating for _, _, rating in ratings()) / len(ratings())
        self.assertEqual((found["users"], found["items"]), (30, 20))
        self.assertAlmostEqual(found["mean"], mean, places=4)

    def assert_has_no_ratings(self, rows, header=None, says=()):
        table = self.write("table.csv", lines(rows, header))
        self.assert_told(self.palate("inspect", table).stderr, "no ratings")
        done = self.palate("train", table, "--task", "ratings", status=2)
        self.assert_told(done.stderr, "there is no column of ratings", *says)

    def test_an_index_is_neither_user_nor_item_nor_rating(self):
        numbered = list(enumerate(ratings()))
        for header, rows in (
            (
                ("", "user", "rating", "comment", "ID", "name"),
                [(n, f"u{u}", r, "words", 300 + i, f"Film {i}") for n, (u, i, r) in numbered],
            ),
            (
                ("Unnamed: 0", "customer", "product_name", "rating"),
                [(n, f"c{u}", f"Thing {i}", r) for n, (u, i, r) in numbered],
            ),
            (("id", "user", "thing", "points"), [(n, u, i, r) for n, (u, i, r) in numbered]),
            (("index", "who", "what", "much"), [(n, u, i, r) for n, (u, i, r) in numbered]),
            (("row", "who", "what", "much"), [(n * 7 % 298, u, i, r) for n, (u, i, r) in numbered]),
            (("#", "who", "what", "much"), [(n + 1, u, i, r) for n, (u, i, r) in numbered]),
            (("who", "what", "much", ""), [(u, i, r, n) for n, (u, i, r) in numbered]),
            (("number", "who", "what", "much"), [(n, u, i, r) for n, (u, i, r) in numbered]),
            (None, [(n, u, i, r) for n, (u, i, r) in numbered]),
            (None, [(n + 1, u, i, r, 10**9 + n) for n, (u, i, r) in numbered]),
        ):
            with self.subTest(header=header, columns=len(rows[0])):
                self.assert_is_the_table(self.inspected(rows, header))

    def test_where_only_an_index_is_left_the_table_is_refused(self):
        numbered = list(enumerate(ratings()))
        for header, rows, role in (
            (("", "user", "rating"), [(n, u, r) for n, (u, _, r) in numbered], "item"),
            (("Unnamed: 0", "item", "rating"), [(n, i, r) for n, (_, i, r) in numbered], "user"),
            (("id", "user", "rating"), [(n, u, r) for n, (u, _, r) in numbered], "item"),
        ):
            self.assert_refused(
                "train",
                self.write("table.csv", lines(rows, header)),
                says=(
                    "numbers the rows",
                    f"no column is left for the {role}",
                    f"--{role}_column"[:6],
                ),
            )

    def test_users_that_count_up_are_told(self):
        rows = [(n, item, rating) for n, (_, item, rating) in enumerate(ratings(), 1)]
        said = self.palate("inspect", self.write("table.csv", lines(rows))).stderr
        self.assert_told(said, "user = column 1")
        _, said = self.train("table.csv")
        self.assert_told(
            said, "warning: every user of column 1 has one row alone", "(--user COLUMN)"
        )

    def test_users_that_begin_a_plain_table_by_counting_stay_users(self):
        by_item = sorted(
            (i, u, r) for u in range(1, 41) for i in range(1, 9) for r in [(u * i) % 5 + 1]
        )
        rows = [(u, i, r, 10**9 + u) for i, u, r in by_item]
        self.assertEqual(self.inspected(rows)["users"], 40)

    def test_ids_and_titles_are_items_sooner_than_other_columns(self):
        for header, rows in (
            (("user", "comment", "id", "rating"), [(u, "good", i, r) for u, i, r in ratings()]),
            (("user", "comment", "title", "rating"), [(u, "so", i, r) for u, i, r in ratings()]),
            (("user", "year", "thing_id", "rating"), [(u, 1990, i, r) for u, i, r in ratings()]),
        ):
            self.assert_is_the_table(self.inspected(rows, header))

    def test_a_category_or_a_price_is_no_rating(self):
        rows = [(u, i, 1000 + i % 4, r, 1511545070 + u) for u, i, r in ratings()]
        self.assert_is_the_table(
            self.inspected(rows, ("userId", "itemId", "categoryId", "points", "when"))
        )
        self.assert_is_the_table(self.inspected(rows))
        small = [(u, i, i % 4, r, 1511545070 + u) for u, i, r in ratings()]
        self.assert_is_the_table(self.inspected(small))
        for name in (
            *("categoryId", "category", "genre", "price", "year", "brandid", "event"),
            *("product_price", "releaseYear", "category_code"),
        ):
            rows = [(u, i, 5 + i % 4) for u, i, _ in ratings()]
            self.assert_has_no_ratings(
                rows, ("user", "item", name), (f"column 3 '{name}'", "(--value 3)")
            )

    def test_ids_are_no_ratings(self):
        actions = ("pv", "fav", "buy")
        rows = [(u, i, 2000000 + i % 7, actions[u % 3], 1511545070 + u) for u, i, _ in ratings()]
        self.assert_has_no_ratings(rows, None, ("column 3", "(--value 3)"))
        self.assert_has_no_ratings([row[:3] for row in rows], None, ("column 3", "(--value 3)"))
        self.assert_has_no_ratings([row[:2] + row[3:] for row in rows])

    def test_a_rating_is_taken_sooner_than_a_count(self):
        rows = [(u, i, u * i, r) for u, i, r in ratings()]
        for other, name in (("count", "rating"), ("age", "book_rating_0_5"), ("n", "taste score")):
            self.assert_is_the_table(self.inspected(rows, ("user", "item", other, name)))

    def test_what_is_told_is_taken(self):
        rows = [(n, u, i, r) for n, (u, i, r) in enumerate(ratings())]
        table = self.write("table.csv", lines(rows, ("", "user", "item", "price")))
        found = self.json("inspect", table, "--user", "1", "--value", "price")
        self.assertEqual(found["users"], 298)
        self.assert_told(
            self.palate("inspect", table, "--user", "1", "--value", "price").stderr,
            "user = column 1 '', item = column 3 'item', rating = column 4 'price'",
        )

    def test_dates_are_no_users_and_no_items(self):
        for date in ("2015-01-{:02}", "{}.2.2015", "3/{}/2015 10:22:01", "2015-01-{:02}T07:00:00Z"):
            rows = [(date.format(1 + i % 28), u, i, r) for u, i, r in ratings()]
            for header in (None, ("Watched", "Who", "What", "Stars")):
                table = self.write("table.csv", lines(rows, header))
                found = self.json("inspect", table, "--time", "none")
                self.assert_is_the_table(found)

    def test_what_counts_the_rows_is_no_rating(self):
        rows = [(f"u{u}", f"i{i}", n) for n, (u, i, _) in enumerate(ratings(), 1)]
        for header in (None, ("user", "item", "n")):
            table = self.write("table.csv", lines(rows, header))
            self.assert_refused(
                *("compare", table, "--task", "ratings"), says=("no column of ratings", "--value")
            )

    def test_ids_of_users_come_before_their_names(self):
        rows = [(f"John {u % 3}", u, i, r) for u, i, r in ratings()]
        self.assert_is_the_table(
            self.inspected(rows, ("user_name", "user_id", "movie_id", "rating"))
        )

    def test_a_header_in_the_midst_is_a_bad_row(self):
        header = ("user", "item")
        pairs = lines([(u, i) for u, i, _ in ratings()], header)
        table = self.write("twice.csv", pairs + pairs)
        self.assert_refused("inspect", table, says=(":300:", "'user'", "the header once more"))


class Doubted(Situation):
    def assert_warned(self, rows, header, *says):
        table = self.write("table.csv", lines(rows, header))
        for words in (["train", table], ["compare", table], ["report", table, "-o", "r.html"]):
            said = self.palate(*words, "-t", "1").stderr
            warnings = [line for line in said.splitlines() if line.startswith("warning: ")]
            self.assert_told("\n".join(warnings), *says)
        messages = [w["message"] for w in self.json("inspect", table)["warnings"]]
        self.assertIn(says[0], "\n".join(messages))

    def assert_sound(self, rows, header=None):
        table = self.write("table.csv", lines(rows, header))
        self.assertNotIn("warning", self.train(table)[1])

    def test_a_sound_table_is_not_doubted(self):
        header = ("user", "item", "rating")
        self.assert_sound(ratings(), header)
        self.assert_sound(ratings())
        self.assert_sound([(u, i, r * 2) for u, i, r in ratings()], header)
        self.assert_sound([(u, i, r - 1) for u, i, r in ratings()], header)
        self.assert_sound([(u, i, int(r > 2)) for u, i, r in ratings()], header)
        self.assert_sound([(u, i, 1 if r > 2 else -1) for u, i, r in ratings()], header)
        self.assert_sound([(u, i, (u * i) % 7, 10**9) for u, i, _ in ratings()])

    def test_several_columns_that_could_be_the_rating(self):
        rows = [(u, i, f"{9 + i}.99", max(1, (u * i) % 5 - 1)) for u, i, _ in ratings()]
        self.assert_warned(
            rows,
            ("user_id", "product_id", "price", "quantity"),
            "taken from column 4 'quantity', and could be column 3 'price'",
            "(--value 3)",
        )
        rows = [(u, i, r, (u * i) % 5) for u, i, r in ratings()]
        self.assert_warned(
            rows, ("user", "item", "rating", "score"), "could be column 4 'score'", "(--value 4)"
        )

    def test_one_value_of_each_item_or_of_each_user(self):
        header = ("user", "item", "value")
        self.assert_warned(
            [(u, i, 1 + i % 7) for u, i, _ in ratings()],
            header,
            "all ratings of each item are the same",
            "(--value COLUMN, or --value none)",
        )
        self.assert_warned(
            [(u, i, 20 + u % 15) for u, i, _ in ratings()],
            header,
            "all ratings of each user are the same",
        )
        incomes = self.write("incomes.csv", lines([(u, i, 151 * u) for u, i, _ in ratings()]))
        self.assert_refused("train", incomes, says=("the same in all rows of an item", "--value"))

    def test_all_ratings_are_one(self):
        rows = [(u, i, "1.0") for u, i, _ in ratings()]
        table = self.write("table.csv", lines(rows, ("user", "item", "rating")))
        said = self.palate("inspect", table, "--feedback", "ratings").stdout
        self.assert_told(said, "all ratings are 1: ", "(--value none)")

    def test_skewed_values(self):
        rows = [(u, i, i + (10**6 if (u + i) % 29 == 0 else 3)) for u, i, _ in ratings()]
        self.assert_warned(
            rows, ("user", "artist", "plays"), "very skewed: median", "logarithms", "(--value none)"
        )

    def test_times_in_1970(self):
        rows = [(u, i, r, 14600 + u) for u, i, r in ratings()]
        self.assert_warned(
            rows,
            ("user", "item", "rating", "time"),
            "all times are in 1970",
            "(--time COLUMN, or --time none)",
        )

    def test_some_times_that_nobody_knows(self):
        rows = [(u, i, r, 0 if u % 3 else 10**9 + i) for u, i, r in ratings()]
        self.assert_warned(
            rows, ("user", "item", "rating", "time"), "times are 0 or -1", "(--time COLUMN"
        )

    def test_each_users_last_rating_is_no_doubt(self):
        model, _ = self.train(self.write("table.csv", lines(ratings())))
        last = {user: (user, item, rating) for user, item, rating in ratings()}
        for header in (None, ("user", "item", "rating")):
            test = self.write("test.csv", lines([*last.values()][:20], header))
            said = self.palate("evaluate", model, test).stderr
            self.assertNotIn("every item", said)
            if header:
                self.assertNotIn("every user", said)

    def test_ratings_that_32_bits_cannot_tell_apart(self):
        for rows in (
            [(u, i, f"1000000.{(u * i) % 97:02}") for u, i, _ in ratings()],
            [(u, i, 2**24 + (u * i) % 97) for u, i, _ in ratings()],
        ):
            self.assert_warned(
                rows, ("user", "item", "value"), "kept to the nearest", "(--value COLUMN)"
            )
        self.assert_sound(
            [(u, i, 1000000 + (u * i) % 97) for u, i, _ in ratings()], ("user", "item", "value")
        )


class Missing(Situation):
    HEADER = ("user", "item", "rating")

    def with_missing(self, value, scale=lambda rating: rating, share=3):
        """The ratings, and as many rows as `share` says that were not rated."""
        pairs = {(u, i) for u, i, _ in ratings()}
        others = [(u, i) for u in range(1, 31) for i in range(1, 21) if (u, i) not in pairs]
        rated = [(u, i, scale(r)) for u, i, r in ratings()]
        return rated, sorted(rated + [(u, i, value) for u, i in others[:: 4 - share]])

    def test_a_value_apart_from_the_scale_is_warned_of_and_left_out(self):
        for value, scale in (
            (0, lambda r: r),
            (0, lambda r: 2 * r),
            (0, lambda r: r + 0.5 if r < 5 else 5),
            (-1, lambda r: 2 * r),
            (-1, lambda r: r - 1),
            (99, lambda r: round(3.3 * r - 9.5, 2)),
            ("99.00", lambda r: round(3.3 * r - 9.5, 2)),
            (999, lambda r: r),
            (-99, lambda r: r),
        ):
            with self.subTest(value=value):
                rated, rows = self.with_missing(value, scale)
                table = self.write("table.csv", lines(rows, self.HEADER))
                number = f"{float(value):g}"
                _, said = self.train(table)
                self.assert_told(
                    said,
                    f"warning: {number} stands apart from",
                    "not rated",
                    f"(--missing {number})",
                )
                found = self.json("inspect", table, f"--missing={value}")
                alone = self.json("inspect", self.write("rated.csv", lines(rated, self.HEADER)))
                self.assertEqual(found["digest"], alone["digest"])
                gone = len(rows) - len(rated)
                self.assertEqual([part["ratings"] for part in found["left_out"]], [gone])
                self.assert_told(
                    self.palate("inspect", table, "--missing", str(value)).stderr,
                    f'{gone} ratings left out: a value of {number} means "not rated"',
                )

    def test_values_of_the_scale_are_not_warned_of(self):
        for scale in (
            lambda u, i, r: r - 1,
            lambda u, i, r: (u * i) % 11,
            lambda u, i, r: r / 2,
            lambda u, i, r: int((u * i) % 4 == 0),
            lambda u, i, r: [0, 0, 0, 0, 1, 1, 2, 3, 4][(7 * u + 3 * i) % 9],
            lambda u, i, r: r - 3,
        ):
            rows = [(u, i, scale(u, i, r)) for u, i, r in ratings()]
            _, said = self.train(self.write("table.csv", lines(rows, self.HEADER)))
            self.assertNotIn("stands apart", said)

    def test_several_values_and_repeated_pairs(self):
        rated, rows = self.with_missing(-1)
        again = [(u, i, 99) for u, i, _ in rated[:7]]  # the last of a pair would count
        table = self.write("table.csv", lines(rows + again, self.HEADER))
        alone = self.json("inspect", self.write("rated.csv", lines(rated, self.HEADER)))
        for words in (["--missing", "-1,99"], ["--missing", "-1", "--missing", "99"]):
            found = self.json("inspect", *words, table)
            self.assertEqual(found["digest"], alone["digest"])
            self.assertEqual(found["duplicates"], 0)

    def test_test_ratings_are_left_out_alike(self):
        rated, rows = self.with_missing(0)
        model, _ = self.train(self.write("rated.csv", lines(rated, self.HEADER)))
        test = self.write("test.csv", lines(rows, self.HEADER))
        found = self.json("evaluate", model, test, "--missing", "0")
        self.assertEqual(found["test_ratings"], len(rated))

    def test_what_cannot_be_is_refused(self):
        table = self.write("table.csv", lines(ratings(), self.HEADER))
        for wrong in ("x", "1,x", "nan"):
            self.assert_refused("inspect", table, "--missing", wrong, says=("--missing", wrong))
        bare = self.write("bare.csv", lines((u, i) for u, i, _ in ratings()))
        self.assert_refused(
            "inspect", bare, "--missing", "0", says=("no column of ratings", "--value")
        )
        ones = self.write("ones.csv", lines([(u, i, 1) for u, i, _ in ratings()]))
        self.assert_refused("inspect", ones, "--missing", "1", says=("no ratings",))


if __name__ == "__main__":
    unittest.main()
