"""What strangers' files have above and around the table, and tables of other shapes: read as the
same table, or refused with what they look like.
"""

import gzip
import json
import random
import unittest

from situations import ITEMS, USERS, Situation, lines, ratings

HEADER = ("user", "item", "rating")
ROWS = ratings()


def matrix(gap, name=str, corner="userId", delimiter=",", users=USERS, items=ITEMS):
    """The ratings as users x items; `name` gives an item's column its name."""
    values = {(user, item): float(value) for user, item, value in ROWS}
    header = [corner, *(name(item) for item in range(1, items + 1))]
    rows = [
        [user, *(values.get((user, item), gap) for item in range(1, items + 1))]
        for user in range(1, users + 1)
    ]
    return lines(rows, header, delimiter)


def without_header(text):
    return text.split("\n", 1)[1]


class LayoutTest(Situation):
    def assert_read(self, text, *words, name="ratings.csv"):
        """The text is the small table; what inspect says of it."""
        self.write(name, text)
        found = self.json("inspect", name, *words)
        self.assertEqual(
            (found["ratings"], found["users"], found["items"]), (len(ROWS), USERS, ITEMS), text[:80]
        )
        mean = sum(row[2] for row in ROWS) / len(ROWS)
        self.assertAlmostEqual(found["mean"], mean, places=4)
        return found

    def refused(self, text, *says, words=()):
        self.write("ratings.csv", text)
        return self.assert_refused("inspect", "ratings.csv", *words, says=says)


class LinesAbove(LayoutTest):
    def test_a_first_line_sep_tells_the_delimiter(self):
        for first, delimiter in (
            ("sep=;", ";"),
            ("\ufeffsep=;", ";"),
            ('"sep=,"', ","),
            ("SEP=\t", "\t"),
            ("sep=\\t", "\t"),
            ("sep=|\r", "|"),
        ):
            self.assert_read(first + "\n" + lines(ROWS, HEADER, delimiter))
            self.assert_read(first + "\n" + lines(ROWS, None, delimiter))
        # a word that is wrong does no harm
        self.assert_read("sep=;\n" + lines(ROWS, HEADER, ","))

    def test_comments_above_the_table_are_passed_over(self):
        for delimiter in (",", ";", "\t"):
            for comment in (
                "# exported 2024-01-02\n",
                "% exported by a tool, version 3, all rows\n",
                "# exported; all users; all items\n#\n\n# second\n",
                "#\texported\tall\n",
                "## 30 users, 20 items, 298 ratings\n",
                "# user,item,rating\n",
                "#user item rating\n",
                "# 30,20,298\n",
            ):
                self.assert_read(comment + lines(ROWS, HEADER, delimiter))
                self.assert_read(comment + lines(ROWS, None, delimiter))

    def test_konects_files_are_read(self):
        above = "% bip weighted\n% 298 30 20\n"
        self.assert_read(above + lines(ROWS, None, " "), name="out.small")
        self.assert_read(above + lines(ROWS, None, "\t"), name="out.small")

    def test_the_last_comment_may_name_the_columns(self):
        swapped = [(rating, item, user) for user, item, rating in ROWS]
        self.assert_read("# made by hand\n#rating,item,user\n" + lines(swapped))
        for delimiter in (" ", ",", "\t"):
            self.assert_read("% rating item user\n" + lines(swapped, None, delimiter))

    def test_an_id_that_begins_with_the_mark_is_not_lost(self):
        tags = [(f"#{user}", item, rating) for user, item, rating in ROWS]
        self.assert_read(lines(tags))
        self.assert_read(lines(tags, HEADER))
        names = [("#a" if user == 1 else f"u{user}", item, rating) for user, item, rating in ROWS]
        self.assert_read(lines(names))
        mixed = lines([("#1", 1, 4), *ROWS[1:]])
        self.refused(mixed, "comment", "--skip-lines 1", "--skip-lines 0")
        self.write("ratings.csv", mixed)
        self.assertEqual(
            self.json("inspect", "ratings.csv", "--skip-lines", "0")["ratings"], len(ROWS)
        )
        self.assertEqual(
            self.json("inspect", "ratings.csv", "--skip-lines", "1")["ratings"], len(ROWS) - 1
        )

    def test_a_comment_among_the_rows_is_said_to_be_one(self):
        for comment in ("# end\n", "% 298, all, rows\n"):
            self.refused(lines(ROWS, HEADER) + comment, "ratings.csv:300:", "comment")
            self.refused(
                lines(ROWS[:5], HEADER) + comment + lines(ROWS[5:]), "ratings.csv:7:", "comment"
            )

    def test_counts_on_top_are_passed_over(self):
        for delimiter in (",", "\t", "::", " "):
            table = lines(ROWS, None, delimiter)
            self.assert_read("30\n298\n" + table)
            self.assert_read("298\n" + table)
            self.assert_read(delimiter.join(("30", "20")) + "\n" + table)
            self.assert_read(delimiter.join(("30", "20", "298")) + "\n" + table)
            self.assert_read(delimiter.join(("298", "30", "20")) + "\n" + table)
            self.assert_read("# sizes\n30 20 298\n" + table)
        self.assert_read("298\n" + lines(ROWS, HEADER))

    def test_counts_above_a_file_that_is_not_sampled_whole_are_doubted(self):
        rows = [(user, item, 1 + (user + item) % 5) for user in range(500) for item in range(300)]
        self.refused(
            lines([(500, 300, 150000), *rows]), "ratings.csv:1:", "--skip-lines 1", "numbers of"
        )

    def test_titles_and_blank_lines_are_passed_over(self):
        table = lines(ROWS, HEADER)
        for above in (
            "\n\n",
            "Ratings of our shop\n",
            "Ratings of our shop\n\n",
            "Ratings, exported 2024\n",
            "Ratings, all users, 2024\n",
            "Ratings,,\n,,\n",
            "Exported by;Bob\nOn;2024-01-02\n\n",
            '"Ratings, of our ""shop"""\n',
            "a, b, c, d, e\n",
        ):
            self.assert_read(above + table)
        self.assert_read("Ratings of our shop\n" + lines(ROWS))

    def test_what_may_be_a_row_is_not_passed_over(self):
        # what is left of a torn row, and names of columns that are cut in another way
        for first in ("5\n", "1,5\n", "881250949\n"):
            self.refused(first + lines(ROWS), "ratings.csv:1:", "--skip-lines 1")
        for first in ("30,20,298,5\n", "@attribute rating\n@attribute user\n"):
            self.refused(first + lines(ROWS), "ratings.csv:1:", "--skip-lines")
        self.refused("rating user item\n" + lines(ROWS), "ratings.csv:1:", "--skip-lines 1")
        many = [(user, item, 5) for user in range(400) for item in range(300)]
        self.refused("400\n" + lines(many), "ratings.csv:1:", "--skip-lines 1")
        for header in ("user,item", "user,item,rating,more", "a,b,c,d"):
            self.refused(header + "\n" + lines(ROWS), "ratings.csv:2:", "3 columns where")

    def test_skip_lines_tells_how_many(self):
        self.assert_read("1,2\n3\n" + lines(ROWS, HEADER), "--skip-lines", "2")
        self.assert_read("1,1,5\n" + lines(ROWS[0:]), "--skip-lines", "1")
        self.write("ratings.csv", "1,99,5\n" + lines(ROWS))
        self.assertEqual(self.json("inspect", "ratings.csv", "--skip-lines", "0")["items"], 21)
        for text, number in (("a,b,c\n", "1"), ("a,b,c", "7"), (lines(ROWS), "298")):
            self.refused(text, f"--skip-lines {number}", words=("--skip-lines", number))
        for wrong in ("-1", "x"):
            said = self.palate("inspect", "ratings.csv", "--skip-lines", wrong, status=64).stderr
            self.assertIn("--skip-lines", said)
        self.refused(
            "x\n" + lines(ROWS[:9], HEADER) + "1,2,x\n",
            "ratings.csv:12:",
            words=("--skip-lines", "1"),
        )

    def test_a_header_below_data_passes_over_no_row(self):
        self.refused(lines(ROWS[:3]) + lines(ROWS[3:], HEADER), "ratings.csv:4:", '"rating"')

    def test_titles_of_items_may_have_lines_above(self):
        self.write("ratings.csv", lines(ROWS))
        titles = "".join(f'{item},"Film, the {item}th"\n' for item in range(1, ITEMS + 1))
        self.write("titles.csv", "sep=,\n# made by hand\nid,title\n" + titles)
        model, _ = self.train("ratings.csv", "--items", "titles.csv", "-q")
        found = self.json("recommend", model, "--likes", "Film, the 3th:5")
        self.assertIn("Film, the", found["items"][0]["title"])


class LineEnds(LayoutTest):
    def test_carriage_returns_alone_end_lines(self):
        for header in (HEADER, None):
            self.assert_read(lines(ROWS, header).replace("\n", "\r"))
            self.assert_read(lines(ROWS, header, ";").replace("\n", "\r").rstrip("\r"))
        with gzip.open(self.path("ratings.csv.gz"), "wt", newline="") as file:
            file.write(lines(ROWS, HEADER).replace("\n", "\r"))
        self.assertEqual(self.json("inspect", "ratings.csv.gz")["ratings"], len(ROWS))
        self.refused((lines(ROWS, HEADER) + "1,2,x\n").replace("\n", "\r"), "ratings.csv:300:")

    def test_mixed_line_ends_are_refused(self):
        for text in ("user,item,rating\r" + lines(ROWS), lines(ROWS).replace("\n", "\r\r\n")):
            self.refused(text, "ratings.csv:1:", "carriage return")

    def test_a_large_file_of_carriage_returns_is_the_plain_table(self):
        rows = [(user, item, 1 + user * item % 5) for user in range(2000) for item in range(300)]
        self.write("plain.csv", lines(rows, HEADER))
        self.write("mac.csv", lines(rows, HEADER).replace("\n", "\r"))
        plain, mac = (self.json("inspect", name) for name in ("plain.csv", "mac.csv"))
        self.assertEqual(mac["ratings"], 600_000)
        self.assertEqual({**plain, "file": 0}.get("mean"), mac["mean"])


class Json(LayoutTest):
    def objects(self, rows=ROWS):
        return [dict(zip(HEADER, row, strict=True)) for row in rows]

    def test_arrays_of_objects_are_read(self):
        notes = [{**row, "note": 'a "[,\\]}" b', "tags": [1, {"x": 2}]} for row in self.objects()]
        for rows in (self.objects(), notes):
            for text in (
                json.dumps(rows),
                json.dumps(rows, separators=(",", ":")),
                json.dumps(rows, indent=2) + "\n",
                "\n " + json.dumps(rows, indent=4).replace("\n", "\r\n"),
                "\ufeff" + json.dumps(rows),
            ):
                self.assert_read(text, name="ratings.json")

    def test_a_large_array_is_the_same_as_its_lines(self):
        rows = self.objects((user, item, 1.5) for user in range(900) for item in range(200))
        self.write("array.json", json.dumps(rows))
        self.write("pretty.json", json.dumps(rows, indent=1))
        for name in ("array.json", "pretty.json"):
            self.assertEqual(self.json("inspect", name)["ratings"], 180_000)

    def test_an_array_that_is_cut_off_or_wrong_is_refused(self):
        text = json.dumps(self.objects())
        self.refused(text[:-1], "does not end")
        self.refused(text[: text.rindex(",", 0, text.rindex("{"))], "does not end")
        self.refused(text[:-20], "not a JSON object")
        self.refused(text.replace('"rating": ', '"rating": "x', 1), "ratings.csv:")
        self.refused(text + "x", "not a JSON object")
        rows = self.objects()
        rows[6]["rating"] = "x"
        self.refused(json.dumps(rows), "ratings.csv:7:", '"x" is not a number')

    def test_other_forms_are_refused_with_what_they_are(self):
        rows = self.objects()
        columns = {key: {str(n): row[key] for n, row in enumerate(rows)} for key in HEADER}
        split = {"columns": HEADER, "index": [1], "data": [list(row.values()) for row in rows]}
        for value in (
            columns,
            split,
            {str(n): row for n, row in enumerate(rows)},
            [list(row) for row in ROWS],
            {"ratings": rows},
            {"schema": {"fields": []}, "data": rows},
            {"status": "ok", "ratings": rows},
            [1, 2, 3],
            [],
        ):
            self.refused(json.dumps(value), "JSON", "lines=True")
            self.refused(json.dumps(value) + "\n", "JSON", "lines=True")
        self.refused(json.dumps(columns, indent=1), "JSON", "lines=True")
        self.refused(json.dumps(rows[0], indent=1), "JSON", "lines=True")
        large = {"user": {str(n): n for n in range(200_000)}}
        self.refused(json.dumps(large), "JSON", "lines=True")

    def test_a_line_per_user_with_an_array_is_refused(self):
        users = [{"user": user, "items": [1, 2, user]} for user in range(9)]
        self.refused("".join(json.dumps(user) + "\n" for user in users), "list of items")


class Parts(LayoutTest):
    def test_an_empty_part_among_several_is_passed_over(self):
        self.write("part-00000.csv", "")
        self.write("part-00001.csv", lines(ROWS[:100], HEADER))
        self.write("part-00002.csv", "user,item,rating\n")
        self.write("part-00003.csv", "\n")
        self.write("part-00004.csv", lines(ROWS[100:], HEADER))
        self.write("_SUCCESS", "")
        for pattern in ("part-*", "*"):
            found = self.json("inspect", pattern)
            self.assertEqual(found["ratings"], len(ROWS))

    def test_a_header_that_nobody_knows_alone_is_an_empty_part_too(self):
        self.write("a.csv", lines([row[:2] for row in ROWS], ("who", "what"), "\t"))
        self.write("b.csv", "who\twhat\n")
        found = self.json("inspect", "a.csv", "b.csv", "--header", "yes")
        self.assertEqual(found["ratings"], len(ROWS))
        # while a lone row of texts is none
        self.write("c.csv", "alice,bread,good\n")
        self.assert_refused("inspect", "a.csv", "c.csv", says=["c.csv has a header but no ratings"])

    def test_nothing_but_empty_parts_is_refused(self):
        self.write("a.csv", "")
        self.write("b.csv", "user,item,rating\n")
        self.assert_refused("inspect", "a.csv", says=["a.csv is empty"])
        self.assert_refused("inspect", "b.csv", says=["has a header but no ratings"])
        self.assert_refused("inspect", "a.csv", "b.csv", says=["a.csv", "has ratings"])


class Shapes(LayoutTest):
    def assert_matrix(self, text, *words):
        self.refused(text, "matrix of users x items", "column per item", "melt", words=words)

    def test_matrices_are_refused(self):
        for gap in ("", "0.0", "NaN", "99", "-1"):
            for delimiter in (",", ";", "\t"):
                self.assert_matrix(matrix(gap, delimiter=delimiter))
                self.assert_matrix(matrix(gap, corner="", delimiter=delimiter))
                self.assert_matrix(matrix(gap, "Film {}".format, delimiter=delimiter))
                self.assert_matrix(matrix(gap, "Film {}".format, "", delimiter))
                self.assert_matrix(without_header(matrix(gap, delimiter=delimiter)))

    def test_small_ones_are_refused(self):
        for items in (4, 6):
            for gap in ("", "0.0", "NaN"):
                self.assert_matrix(matrix(gap, items=items))
                self.assert_matrix(matrix(gap, "Film {}".format, "user", items=items, users=8))

        classic = ",Item1,Item2,Item3,Item4\nAlice,5,3,4,4\nBob,3,1,2,3\nCarl,4,3,4,3\n"
        self.assert_matrix(classic)
        random.seed(5)
        scores = [[random.randint(1, 5) for _ in range(6)] for _ in range(30)]
        self.assert_matrix(lines(scores))  # without a column of users
        self.assert_matrix(lines([[user, *row] for user, row in enumerate(scores)]))

    def test_items_as_rows_are_refused(self):
        values = {(item, user): value for user, item, value in ROWS}
        for gap in ("", 0):
            for corner in ("", "title", "movieId"):
                rows = [
                    [f"Film {item}", *(values.get((item, user), gap) for user in range(1, 31))]
                    for item in range(1, ITEMS + 1)
                ]
                header = [corner, *(f"User{user}" for user in range(1, 31))]
                self.assert_matrix(lines(rows, header))
                self.assert_matrix(lines(rows, [corner, *range(1, 31)]))

    def test_jokes_are_refused(self):
        random.seed(5)
        rows = []
        for _ in range(60):
            jokes = [random.choice((99, round(random.uniform(-10, 10), 2))) for _ in range(100)]
            rows.append([sum(joke != 99 for joke in jokes), *jokes])
        self.assert_matrix(lines(rows))
        self.assert_matrix(lines(rows, None, ";").replace(".", ","))
        self.assert_matrix(lines(rows, None, "\t"))

    def test_wide_ones_are_refused(self):
        random.seed(5)
        header = ["userId", *range(1, 3001)]
        rows = [
            [user, *(random.choice(("", "", "", "", 3.5, 4.0)) for _ in range(3000))]
            for user in range(1, 41)
        ]
        self.assert_matrix(lines(rows, header))
        # and what is wider than the longest row
        wide = ",".join(["userId", *(f"A title of some length, {n:08}" for n in range(60000))])
        self.refused(wide + "\n1,2\n", "matrix")

    def test_told_columns_are_trusted(self):
        self.write("ratings.csv", matrix("0.0", "Film {}".format, "user"))
        columns = ("--user", "user", "--item", "Film 1", "--value", "Film 2")
        self.assertEqual(self.json("inspect", "ratings.csv", *columns)["users"], USERS)

    def test_tables_with_further_columns_are_read(self):
        random.seed(5)
        features = [[random.choice((0, 1)) for _ in range(19)] for _ in ROWS]
        times = [881250949 + n for n in range(len(ROWS))]
        numbers = [
            [*row, time, *more] for row, time, more in zip(ROWS, times, features, strict=True)
        ]
        flags = [f"is{n}" for n in range(19)]
        self.assert_read(lines(numbers, None, "\t"))
        self.assert_read(lines(numbers, ("userId", "movieId", "rating", "timestamp", *flags)))
        self.assert_read(
            lines(
                [(*row, random.random(), random.random(), user) for user, row in enumerate(ROWS)],
                ("userId", "movieId", "rating", "f1", "f2", "f3"),
            )
        )
        few = [(u, i, r, u % 3 + 1, i % 5 + 1) for u, i, r in ROWS if u < 7 and i < 7]
        self.write("few.csv", lines(few))
        self.assertEqual(self.json("inspect", "few.csv")["ratings"], len(few))
        aspects = [(f"u{u}", f"Film {i}", r, (u + i) % 5 + 0.5, i % 5) for u, i, r in ROWS]
        self.write("aspects.csv", lines(aspects, ("name", "film", "plot", "acting", "music")))
        self.assertEqual(self.json("inspect", "aspects.csv")["ratings"], len(ROWS))
        self.assert_read("".join(f"{u} \t{i} \t{r}\n" for u, i, r in ROWS), "--trim-ids")
        hours = [(u, f"Game {i}", "play", f"{r}.5", 0) for u, i, r in ROWS]
        self.write("hours.csv", lines(hours))
        self.assertEqual(self.json("inspect", "hours.csv")["ratings"], len(ROWS))
        reviews = [
            (rating, "good", "a, b", "[]", f"P{item}", f"U{user}", 881250949, 0, "True")
            for user, item, rating in ROWS
        ]
        names = "rating title text images parent_asin user_id timestamp helpful verified"
        self.assert_read(lines(reviews, names.split(" "), "\t"))

    def test_lists_are_refused(self):
        lists = {}
        for user, item, _ in ROWS:
            lists.setdefault(user, []).append(item)
        users = list(lists.items())
        users = [(user, items[: 3 + user % 7]) for user, items in users]
        for delimiter in (" ", ",", "\t", ";"):
            text = lines([[user, *items] for user, items in users], None, delimiter)
            self.refused(text, "list of items")
            ids = [[f"u{user}", *(f"i{item}" for item in items)] for user, items in users]
            self.refused(lines(ids, None, delimiter), "list of items")
        for apart, between in (
            ("\t", ","),
            (": ", " "),
            (":", ","),
            ("\t", " "),
            (";", ","),
            ("|", ","),
            (":", " "),
        ):
            for same in (False, True):  # lists of the same length
                text = "".join(
                    f"{user}{apart}{between.join(map(str, items[: 3 if same else 9]))}\n"
                    for user, items in users
                )
                self.refused(text, "list of items")
        quoted = [f'{user},"{",".join(map(str, items))}"\n' for user, items in users]
        self.refused("".join(quoted), "list of items")
        self.refused("user,items\n" + "".join(quoted), "list of items")
        named = [
            f'{user},"{",".join(f"Film {item}" for item in items)}"\n' for user, items in users
        ]
        self.refused("user,movies\n" + "".join(named), "list of items")
        self.refused("".join(f'{user},"{items}"\n' for user, items in users), "list of items")
        fixed = [[user, *sorted({item * 7 for item in items})[:5]] for user, items in lists.items()]
        self.refused(lines(fixed, None, " "), "list of items")
        random.seed(5)
        best = [[user, *random.sample(range(1, 900), 5)] for user in range(30)]
        self.refused(lines(best, None, "\t"), "list of items")
        self.refused(lines(best, ("user", "r1", "r2", "r3", "r4", "r5")), "list of items")
        pairs = [(user, f'"{user},{user + 1}"') for user in range(9)]
        self.refused(lines(pairs), "list of items")

    def test_titles_with_commas_are_no_lists(self):
        text = "".join(
            f'{user},"Good, the Bad, and {item}",{rating}\n' for user, item, rating in ROWS
        )
        self.assert_read("user,title,rating\n" + text)
        self.assert_read(text)

    def test_blocks_are_refused(self):
        text = ""
        for item in range(1, ITEMS + 1):
            text += f"{item}:\n"
            text += "".join(f"{user},{value},2005-09-06\n" for user, i, value in ROWS if i == item)
        self.refused(text, 'ratings.csv:1: "1:"', "Netflix", "awk")
        self.refused("user 1\n1,5\n2,4\n3,5\n4,1\nuser 2\n1,4\n3,3\n", "user 1")
        self.refused("0|3\n1\t90\n2\t80\n3\t50\n1|1\n7\t50\n", "block")


if __name__ == "__main__":
    unittest.main()
