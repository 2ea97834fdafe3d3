"""Numbers and times in the formats that tables have them in: thousands, decimal commas, dates in
digits, days of spreadsheets, other units than seconds.
"""

import unittest

from situations import Situation, lines, ratings

FIRST = 1263168000  # 2010-01-11
DAY = 24 * 60 * 60


def plays():
    """(user, item, plays), of which some are thousands."""
    return [(user, item, 5000 * (user % 2) + 37 * item + user) for user, item, _ in ratings()]


def timed(write, seconds_apart=3600):
    """(user, item, rating, time) in order of time, each time as `write` has it."""
    return [
        (user, item, rating, write(FIRST + seconds_apart * row))
        for row, (user, item, rating) in enumerate(ratings())
    ]


class Numbers(Situation):
    def test_thousands_are_not_decimals(self):
        true_mean = sum(count for *_, count in plays()) / len(plays())
        for mark in ",", ".", "\u00a0", "'":
            rows = [(u, i, f"{count:,}".replace(",", mark)) for u, i, count in plays()]
            file = self.write("plays.csv", lines(rows, ("user", "artist", "plays"), ";"))
            found = self.json("inspect", file)
            self.assertAlmostEqual(found["mean"], true_mean, msg=mark)
            warned = [one["message"] for one in found["warnings"] if "5001" in one["message"]]
            self.assertEqual(len(warned), int(mark in ",."), mark)
        self.assert_told(
            self.palate("inspect", self.write("plays.csv", "u;i;p\n1;1;5.001\n1;2;322\n")).stdout,
            "written with decimal commas and points between thousands",
            "(--decimal . reads 5.001)",
        )

    def test_decimal_commas_are_read_between_any_delimiters(self):
        true_mean = sum(rating + 0.5 for *_, rating in ratings()) / len(ratings())
        for delimiter in ",", ";", "\t", "|":
            quote = '"' if delimiter == "," else ""
            rows = [(u, i, f"{quote}{rating},5{quote}") for u, i, rating in ratings()]
            file = self.write("r.csv", lines(rows, ("user", "item", "rating"), delimiter))
            found = self.json("inspect", file)
            self.assertAlmostEqual(found["mean"], true_mean)
            self.assertEqual(found["number_format"], "decimal commas")

    def test_what_does_not_tell_is_asked_for_with_the_flag(self):
        file = self.write("odd.csv", "user;item;weight\n1;1;5,001\n1;2;3,250\n2;1;1,125\n")
        self.assert_refused("inspect", file, says=["5001 or 5.001", "--decimal .", "--decimal ,"])
        self.assertEqual(self.json("inspect", file, "--decimal", ",")["highest"], 5.001)
        self.assertEqual(self.json("inspect", file, "--decimal", ".")["highest"], 5001)
        self.assert_refused("inspect", file, "--decimal", "x", says=["neither a point nor a comma"])

    def test_a_rating_of_thousands_of_digits_says_what_it_says(self):
        tiny = "0." + "0" * 5000
        file = self.write("digits.csv", f"user,item,rating\n1,1,{tiny}4e5001\n2,2,2\n")
        self.assertEqual(self.json("inspect", file)["highest"], 4)


class Times(Situation):
    def span(self, write):
        file = self.write("timed.csv", lines(timed(write), ("user", "item", "rating", "date")))
        return self.json("inspect", file)

    def test_a_column_of_times_is_read_in_its_own_way(self):
        seconds = [time for *_, time in timed(int)]
        cases = {
            "seconds": str,
            "milliseconds": lambda time: time * 1000 + 999,
            "microseconds": lambda time: time * 10**6,
            "nanoseconds": lambda time: time * 10**9,
            "Excel days": lambda time: f"{time / DAY + 25569:.5f}",
        }
        for name, write in cases.items():
            found = self.span(write)
            self.assertEqual(found["time_format"], name)
            self.assertEqual(found["time_span"], [seconds[0], seconds[-1]], name)
            self.assertEqual(found["profile"]["time"]["last"], seconds[-1], name)
            self.assertEqual(sum(found["profile"]["time"]["counts"]), len(seconds))
        found = self.span(lambda time: f"201001{11 + (time - FIRST) // DAY}")
        self.assertEqual(found["time_format"], "dates as YYYYMMDD")
        self.assertEqual(found["time_span"], [FIRST, seconds[-1] // DAY * DAY])
        self.assert_told(self.palate("inspect", "timed.csv").stdout, "2010-01-11", "YYYYMMDD")
        found = self.json("inspect", "timed.csv", "--time-format", "seconds")
        self.assertEqual(found["time_span"][0], 20100111)
        self.assert_refused("inspect", "timed.csv", "--time-format", "x", says=["yyyymmdd"])

    def test_a_date_that_stands_for_no_end_is_a_date(self):
        rows = "1,1,3,2010-01-11\n1,2,4,9999-12-31\n2,1,3,2010-01-12\n"
        file = self.write("ends.csv", "user,item,rating,until\n" + rows)
        words = ("inspect", file, "--time", "until")
        self.assertEqual(self.json(*words)["time_span"], [FIRST, 253402214400])
        self.assert_told(self.palate(*words).stdout, "2010-01-11 to 9999-12-31, written as ISO")
        done = self.palate(*words, "--until", "9999-12-31")
        self.assertIn("2 ratings", done.stdout)

    def test_ratings_are_chosen_by_date_in_every_unit(self):
        for factor in 1, 10**3, 10**6, 10**9:
            self.span(lambda time, factor=factor: time * factor)
            words = ("--since", "2010-01-12", "--until", "20100113")
            found = self.json("inspect", "timed.csv", *words)
            self.assertEqual(found["ratings"], 24, factor)
            self.assertEqual(found["time_span"], [FIRST + DAY, FIRST + DAY + 23 * 3600])

    def test_a_test_file_in_another_unit_is_of_the_same_time(self):
        rows = timed(int)
        header = ("user", "item", "rating", "timestamp")
        self.write("train.csv", lines(rows[:216], header))
        leaks = []
        for name, write in {
            "seconds": str,
            "milliseconds": lambda time: time * 1000,
            "nanoseconds": lambda time: time * 10**9,
            "dates": lambda time: f"201001{11 + (time - FIRST) // DAY}",
        }.items():
            test = [(u, i, r, write(time)) for u, i, r, time in rows[216:]]
            self.write("test.csv", lines(test, header))
            words = ("compare", "train.csv", "--test", "test.csv", "--algorithms", "mean")
            document = self.json(*words)
            leaks.append(document["ratings"]["split"]["leak"])
            groups = document["ratings"]["models"][0]["breakdown"]["time"]
            self.assertLess(abs(groups[0]["first"] - rows[216][3]), DAY, name)
        self.assertEqual([leak["before_half"] for leak in leaks], [0, 0, 0, 0])
        self.assertEqual([leak["before_own"] for leak in leaks], [0, 0, 0, 0])

    def test_the_extremes_of_time_are_times(self):
        last = 2**63 - 1
        rows = f"1,1,3,{last}\n1,2,4,{-(2**63)}\n2,1,3,0\n2,2,4,5\n3,1,4,{last}\n3,2,2,1\n"
        file = self.write("far.csv", "user,item,rating,time\n" + rows)
        for words in (
            ("inspect", file),
            ("inspect", file, "--since", str(-(2**63)), "--until", str(last)),
            ("inspect", file, "--time-format", "seconds"),
            (
                "compare",
                file,
                "--split",
                "time",
                "--algorithms",
                "mean",
                "--time-format",
                "seconds",
            ),
            ("compare", file, "--split", "leave-last-out", "--algorithms", "mean"),
        ):
            self.palate(*words)
        found = self.json("inspect", file, "--time-format", "seconds")
        self.assertEqual(found["time_span"], [-(2**63), last])
        self.assert_refused("inspect", file, "--since", "1e300", says=["is not a time"])


if __name__ == "__main__":
    unittest.main()
