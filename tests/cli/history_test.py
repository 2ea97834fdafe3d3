#!/usr/bin/env python3
"""recommend --history with what other sites export: titles and years, or ids that may be others'.

PALATE_BINARY=path/to/palate python3 tests/cli/history_test.py
"""

import unittest

from situations import Situation, lines, ratings

TITLES = [
    "Toy Story (1995)",
    "Heat (1995)",
    "Matrix, The (1999)",
    "Sabrina (1995)",
    "Sabrina (1954)",
    *(f"Film {item} (2001)" for item in range(6, 21)),
]
LIKES = "The Matrix:5, Toy Story:4.5, Heat:1"
LETTERBOXD = [
    ("Date", "Name", "Year", "Letterboxd URI", "Rating"),
    ("2024-03-01", "The Matrix", 1999, "https://boxd.it/aaa", 5),
    ("2024-03-02", "Toy Story", 1995, "https://boxd.it/bbb", 4.5),
    ("2024-03-05", "Heat", 1995, "https://boxd.it/ccc", 1),
]
MODEL = "model.safetensors"


class History(Situation):
    def setUp(self):
        super().setUp()
        rows = [(item, f'"{title}"') for item, title in enumerate(TITLES, 1)]
        self.write("movies.csv", lines(rows, ("movieId", "title")))
        self.train(self.write("ratings.csv", lines(ratings(), ("user", "item", "rating"))))
        self.expected = self.listed("--likes", LIKES)

    def listed(self, *words):
        return self.json("recommend", MODEL, *words)["items"]

    def history(self, text, *words):
        """The list, and what was told."""
        name = self.write("history.csv", text)
        said = self.palate("recommend", MODEL, "--history", name, *words).stderr
        return self.listed("--history", name, *words), said

    def assert_history_refused(self, text, *words, says):
        name = self.write("history.csv", text)
        return self.assert_refused("recommend", MODEL, "--history", name, *words, says=says)

    def test_exports_give_the_list_of_likes(self):
        imdb = (
            "Const,Your Rating,Date Rated,Title,URL,Title Type,IMDb Rating,Year,Genres\n"
            "tt0133093,5,2024-03-01,The Matrix,u,movie,8.7,1999,Action\n"
            "tt0114709,4.5,2024-03-01,Toy Story,u,movie,8.3,1995,\n"
            'tt0113277,1,2024-03-01,Heat,u,movie,8.3,1995,"Crime, Drama"\n'
        )
        goodreads = (
            "Book Id,Title,Author,My Rating,Average Rating\n"
            "7,The Matrix,A. Nobody,5,4.1\n3,Toy Story,B. Nobody,4.5,4.0\n"
            "9,Heat,C. Nobody,1,3.9\n11,Sabrina (1954),D. Nobody,0,3.9\n"
        )
        plain = 'title,rating\n"Matrix, The (1999)",5\nToy Story,4.5\nHeat,1\n'
        for text, item, value in (
            (lines(LETTERBOXD), "column 2 'Name'", "column 5 'Rating'"),
            (imdb, "column 4 'Title'", "column 2 'Your Rating'"),
            (goodreads, "column 2 'Title'", "column 4 'My Rating'"),
            (plain, "column 1 'title'", "column 2 'rating'"),
            (plain.replace("title,rating\n", ""), "column 1", "column 2"),
            (plain.replace("title", "movie"), "column 1 'movie'", "column 2 'rating'"),
        ):
            with self.subTest(text=text):
                found, said = self.history(text)
                self.assertEqual(found, self.expected)
                self.assert_told(said, f"items by title, {item}", f"ratings, {value}")

    def test_ids_are_taken_where_they_are_the_models(self):
        text = "movieId,title,rating\n3,The Matrix,5\n1,Toy Story,4.5\n2,Heat,1\n"
        found, said = self.history(text)
        self.assertEqual(found, self.expected)
        self.assert_told(said, "items by id, column 1 'movieId'; ratings, column 3 'rating'")

    def test_ids_of_another_site_are_doubted_where_titles_differ(self):
        text = "Book Id,Title,My Rating\n1,The Matrix,5\n2,Toy Story,4.5\n3,Heat,1\n"
        found, said = self.history(text)
        self.assertEqual(found, self.expected)
        self.assert_told(said, "the ids of column 1 'Book Id' are of other titles here")
        self.assertNotEqual(
            self.history(text, "--item", "Book Id", "--value", "3")[0], self.expected
        )
        self.assert_history_refused(
            "Book Id,Title,My Rating\n1,Dune,5\n2,Emma,4\n",
            says=("of a known item", "other titles here (--item 1 takes them)"),
        )

    def test_what_is_left_out_is_told(self):
        rows = [
            *LETTERBOXD,
            ("2024-03-06", "Sabrina", "", "u", 3),
            ("2024-03-06", "Dune", 2021, "u", 3),
            ("2024-03-06", "Alien", 1979, "u", 3),
            ("2024-03-07", "Film 6", 2001, "u", ""),
        ]
        found, said = self.history(lines(rows))
        self.assertEqual(found, self.expected)
        self.assert_told(
            said,
            "left out: 1 row without a rating",
            'not found in the model: "Dune" and 1 more',
            'may be several items of the model: "Sabrina"',
            "left out: 3 ratings of items that are not in the model",
        )

    def test_a_title_that_is_only_like_an_items_is_told(self):
        found, said = self.history("title,rating\nmatrx,5\nToy Story,4.5\nHeat,1\n")
        self.assertEqual(found, self.expected)
        self.assert_told(said, '"matrx" is taken for Matrix, The (1999)')

    def test_item_and_value_name_its_columns(self):
        text = "When,What,Stars given,Of\n2024-03-01,The Matrix,5,10\n2024-03-02,Toy Story,4.5,10\n"
        text += "2024-03-03,Heat,1,10\n"
        for item, value in (("What", "Stars given"), ("2", "3")):
            found, _ = self.history(text, "--item", item, "--value", value)
            self.assertEqual(found, self.expected)
        # by its name alone
        text = lines(LETTERBOXD)
        self.assertEqual(self.history(text, "--item", "Name")[0], self.expected)
        self.assertEqual(self.history(text, "--value", "Rating")[0], self.expected)
        self.assert_history_refused(text, "--item", "What", says=("no column", "What", "Name"))
        self.assert_history_refused(text, "--value", "What", says=("no column", "What", "Name"))
        self.assert_history_refused(
            text, "--item", "Rating", "--value", "Rating", says=("Rating", "too")
        )
        self.assert_refused("recommend", MODEL, "--user", "1", "--value", "2", says=("--history",))

    def test_item_is_the_one_whose_place_is_asked_for_where_the_model_has_it(self):
        name = self.write("history.csv", lines(LETTERBOXD))
        standing = self.json("recommend", MODEL, "--history", name, "--item", "2")
        self.assertEqual(standing["standing"]["rating"], 1)
        by_title = ("--history", name, "--title", "Heat")
        self.assertEqual(self.json("recommend", MODEL, *by_title), standing)
        told = (*by_title, "--item", "2", "--value", "5")  # then it is a column
        self.assertEqual(self.json("recommend", MODEL, *told), standing)
        self.assert_refused("recommend", MODEL, *by_title, "--item", "2", says=("--title",))
        self.assert_history_refused(
            lines(LETTERBOXD), "--item", "999", says=("no column", "999", "nor is it an item")
        )

    def test_a_history_of_several_users_is_refused(self):
        text = lines(
            [("ann", "Heat (1995)", 5), ("bob", "Toy Story", 1)], ("user", "title", "rating")
        )
        self.assert_history_refused(text, says=("of one user", "column 1 'user'", '"bob"'))
        _, said = self.history(text.replace("bob", "ann"))
        self.assertIn("Toy Story", said)

    def test_a_history_without_an_item_of_the_model_is_refused(self):
        dates = self.assert_history_refused(
            lines(LETTERBOXD),
            *("--item", "Date", "--value", "Rating"),
            says=("not one of its 3 ratings", "column 1 'Date'", '"2024-03-01"'),
        )
        self.assert_told(dates, "column 5 'Rating'", "--item and --value tell others")
        self.assert_history_refused(
            "movieId,rating\n1.0,5\n2.0,3\n", says=('"1.0" may be "1": they differ by ".0"',)
        )
        spaces = "movieId,rating\n1 ,5\n2 ,3\n"
        self.assert_history_refused(spaces, says=("differ by spaces (--trim-ids)",))
        self.assertEqual(self.history(spaces, "--trim-ids")[0], self.listed("--likes", "1:5, 2:3"))
        self.assert_history_refused(
            "title,rating\nDune,5\n", "--likes", "Heat:1", says=("not one of its 1 ratings",)
        )
        self.assert_history_refused("title,rating\nHeat,\n", says=("has a rating", "--value"))
        self.train("ratings.csv", "--items", "none")
        self.assert_history_refused(lines(LETTERBOXD), says=("no titles",))


if __name__ == "__main__":
    unittest.main()
