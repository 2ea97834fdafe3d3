"""Palate learns people's taste from a table of who rated what."""

import os

from . import _core, _tables
from ._model import Model
from .errors import Diverged, ModelFileError, UnknownId

__all__ = ["Diverged", "Model", "ModelFileError", "UnknownId", "load", "train"]
__version__ = _core.version


def train(
    data,
    algorithm=None,
    *,
    user=None,
    item=None,
    value=None,
    time=None,
    feedback=None,
    items=None,
    seed=None,
    threads=0,
    **options,
):
    """Trains a model as `palate train` does: measured on a fifth of the rows, then on all.

    `data` is a path of any kind that the command line reads, or a list of them, or a frame of
    pandas, polars, pyarrow or anything else that has the Arrow PyCapsule interface. `user`, `item`,
    `value` and `time` name its columns; those of files are guessed where they are not named.
    Without values each row says that the user chose the item. `feedback` is "ratings" or "weights",
    what the values say: of files it is guessed, of frames values are ratings unless it is told.
    `items` is a file of titles beside a path, or "none".

    `algorithm` is a name, or a list of one for ratings and one for lists; unless it is given, the
    command line's. Further keywords are options of the one algorithm that is named.

    Raises ValueError for data or options that cannot be used, OSError for files that cannot be
    read, palate.Diverged where training left the finite numbers.
    """
    columns = {"user": user, "item": item, "value": value, "time": time}
    interactions, user_type, item_type = _tables.interactions_of(data, columns, items, feedback)
    if algorithm is None:
        names = []
    else:
        names = [algorithm] if isinstance(algorithm, str) else list(algorithm)
    texts = {name: _text_of(chosen) for name, chosen in options.items()}
    core = _core.train(interactions, names, texts, seed, threads)
    named = {key: name for key, name in columns.items() if name is not None}
    return Model(core, _tables.origin_of(data), user_type, item_type, named)


def load(path):
    """Reads a model's file, which save() or the command line wrote.

    Raises OSError where it cannot be read, palate.ModelFileError where it is damaged or no model.
    """
    return Model(_core.load(os.fspath(path)))


def _text_of(value):
    return str(value).lower() if isinstance(value, bool) else str(value)
