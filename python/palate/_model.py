"""What is trained, and what it answers."""

import os

from . import _tables
from .errors import UnknownId


class Model:
    """A trained model; train() makes it and load() reads it. Threads may share it."""

    def __init__(self, core, library="pyarrow", user_type=None, item_type=None, columns=None):
        self._core = core
        self._library = library  # whose frames it answers with
        self._users = _tables.ids_as(core.user_ids(), user_type)
        self._items = _tables.ids_as(core.item_ids(), item_type)
        self._columns = columns or {}
        self._titles = core.item_titles()

    def __repr__(self):
        return f"<palate.Model of {len(self._users):,} users and {len(self._items):,} items>"

    def save(self, path):
        """Writes the model's file whole or not at all; an existing one is replaced.

        Raises OSError where it cannot be written.
        """
        self._core.save(os.fspath(path))

    def recommend(self, users=None, k=10, *, history=None):
        """The best k items for a user, for each of a list of users, or for all (None).

        `history` has the ratings of somebody new by item: {id or title: rating}. The result has the
        columns item, score and rank; of several users also user. Where the model answers both
        tasks, `rating` is the predicted rating; where it has titles, `title`.

        Raises palate.UnknownId for a user or an item that the model does not know.
        """
        if history is not None:
            if users is not None:
                raise ValueError("history= is of somebody new: leave out the users")
            items = [self._item(key) for key in history]
            values = [float(value) for value in history.values()]
            return self._lists(self._core.recommend_to_newcomer(items, values, k), None)
        if users is None:
            return self._lists(self._core.recommend(None, k), self._users)
        several = not isinstance(users, (int, str)) and hasattr(users, "__iter__")
        ids = [str(user) for user in (users if several else [users])]
        found = self._core.find_users(ids)
        for user, index in zip(ids, found):
            if index == len(self._users):
                raise UnknownId(f"user {user} is not in the model")
        names = self._users.take(found) if several and found else self._users.slice(0, 0)
        return self._lists(self._core.recommend(found, k), names if several else None)

    def predict(self, pairs, *, user=None, item=None):
        """The predicted rating of each row of a table of pairs, with all of its columns.

        `user` and `item` name its columns, unless they are called as those of training. A user or
        an item that the model does not know is predicted from biases alone.

        Raises ValueError for columns that are not there, and where the model makes lists alone.
        """
        import pyarrow

        table = _tables.table_of(pairs)
        found = []
        finders = {"user": self._core.find_users, "item": self._core.find_items}
        for keyword, find in finders.items():
            name = {"user": user, "item": item}[keyword] or self._columns.get(keyword, keyword)
            column = _tables.column_of(table, name, keyword)
            found.append(find(column.cast(pyarrow.string()).to_pylist()))
        predicted = pyarrow.array(self._core.predict(*found))
        table = table.append_column("predicted", predicted)
        return _tables.frame_of(table, _tables.origin_of(pairs))

    def _item(self, key):
        """The number of an item by its id, or else by its title."""
        (index,) = self._core.find_items([str(key)])
        if index < len(self._items):
            return index
        if not self._titles:
            raise UnknownId(f"item {key} is not in the model, which has no titles")
        try:
            return self._core.find_title(str(key))
        except ValueError as error:
            raise UnknownId(str(error)) from None

    def _lists(self, arrays, users):
        import pyarrow

        numbers, ranks, items, scores, ratings = map(pyarrow.array, arrays)
        columns = {} if users is None else {"user": users.take(numbers)}
        columns |= {"rank": ranks, "item": self._items.take(items), "score": scores}
        if len(ratings):
            columns["rating"] = ratings
        if self._titles:
            columns["title"] = pyarrow.array(self._titles, pyarrow.string()).take(items)
        return _tables.frame_of(pyarrow.table(columns), self._library)
