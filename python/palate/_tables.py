"""Tables in and out. pyarrow hands over columns as buffers; the core numbers ids, reads files."""

import os
import warnings

from . import _core


def is_path(data):
    """Whether it is a path, or several."""
    if isinstance(data, (list, tuple)):
        return bool(data) and all(map(is_path, data))
    return isinstance(data, (str, os.PathLike))


def origin_of(data):
    """The library whose frames the results shall be: "pandas", or "pyarrow" for all others."""
    return "pandas" if type(data).__module__.partition(".")[0] == "pandas" else "pyarrow"


def table_of(data):
    """A pyarrow table of anything that has the Arrow PyCapsule interface."""
    import pyarrow

    if not hasattr(data, "__arrow_c_stream__") and origin_of(data) != "pandas":
        raise TypeError(
            f"{type(data).__name__} is neither a path nor a table: pass a frame of pandas, polars "
            "or pyarrow"
        )
    return pyarrow.table(data)


def frame_of(table, library):
    return table.to_pandas() if library == "pandas" else table


def column_of(table, name, keyword):
    """A column without missing cells, as one that has chunks."""
    import pyarrow.compute

    found = table.column_names.count(name)
    if found != 1:
        columns = ", ".join(table.column_names)
        reason = "there is no" if found == 0 else "there are several"
        raise ValueError(f"{keyword}={name!r}: {reason} such column among: {columns}")
    column = table.column(name)
    if column.null_count:
        row = pyarrow.compute.index(column.is_null(), True).as_py()
        raise ValueError(f"column {name!r}, row {row}: the cell is empty")
    return column


def _numbers(array, dtype):
    import numpy

    if not len(array):
        return numpy.empty(0, dtype)
    place = array.offset * numpy.dtype(dtype).itemsize
    return numpy.frombuffer(array.buffers()[1], dtype, len(array), place)


def _bytes(buffer):
    import numpy

    if buffer is None or not buffer.size:
        return numpy.empty(0, numpy.uint8)
    return numpy.frombuffer(buffer, numpy.uint8)


def _ids(array, name):
    """Ids as the core takes them: integers, (offsets, bytes) or (codes, either of them)."""
    import pyarrow

    kind = array.type
    if pyarrow.types.is_dictionary(kind):
        codes = array.indices.cast(pyarrow.int32())
        return _numbers(codes, "int32"), _ids(array.dictionary, name)
    if pyarrow.types.is_integer(kind):
        return _numbers(array.cast(pyarrow.int64()), "int64")
    if kind == pyarrow.string_view():
        array = array.cast(pyarrow.large_string())
    if array.type in (pyarrow.string(), pyarrow.large_string()):
        _, offsets, text = array.buffers()
        width = "int32" if array.type == pyarrow.string() else "int64"
        if not len(array):
            return _bytes(None).astype(width), _bytes(None)
        size = int(width[3:]) // 8
        import numpy

        cut = numpy.frombuffer(offsets, width, len(array) + 1, array.offset * size)
        return cut, _bytes(text)
    raise ValueError(
        f"column {name!r} is of the type {kind}, but ids are integers or text: convert it first"
    )


def _seconds(column):
    """Times as seconds since 1970, rounded down; integers are taken for such."""
    import pyarrow
    import pyarrow.compute

    if pyarrow.types.is_timestamp(column.type):
        column = pyarrow.compute.floor_temporal(column, unit="second")
        column = column.cast(pyarrow.timestamp("s", column.type.tz))
    elif pyarrow.types.is_date(column.type):
        column = column.cast(pyarrow.timestamp("s"))
    return column.cast(pyarrow.int64())


def _interactions_of(table, columns, feedback):
    import pyarrow

    for keyword in ("user", "item"):
        if not columns.get(keyword):
            names = ", ".join(table.column_names)
            raise ValueError(f"{keyword}= names the column of the {keyword}s, one of: {names}")
    if feedback not in (None, "ratings", "weights"):
        raise ValueError(f"feedback={feedback!r} is none of: ratings, weights")
    taken = {key: column_of(table, name, key) for key, name in columns.items() if name is not None}
    if "value" in taken:
        taken["value"] = taken["value"].cast(pyarrow.float32(), safe=False)
    elif feedback == "ratings":
        raise ValueError("feedback='ratings' needs value=, the column of the ratings")
    if "time" in taken:
        taken["time"] = _seconds(taken["time"])
    builder = _core.InteractionsBuilder()
    for batch in pyarrow.table(taken).to_batches():
        part = dict(zip(batch.schema.names, batch.columns))
        values = _numbers(part["value"], "float32") if "value" in part else None
        times = _numbers(part["time"], "int64") if "time" in part else None
        users = _ids(part["user"], columns["user"])
        builder.add(users, _ids(part["item"], columns["item"]), values, times)
    weights = feedback == "weights" or "value" not in taken
    return builder.finish(weights, "value" in taken)


def interactions_of(data, columns, items, feedback):
    """The interactions, and the Arrow types of the users' and the items' ids; None of files."""
    import pyarrow

    if is_path(data):
        paths = data if isinstance(data, (list, tuple)) else [data]
        told = {key: str(name) for key, name in columns.items() if name is not None}
        titles = None if items is None else os.fspath(items)
        interactions, doubts = _core.read(
            [os.fspath(path) for path in paths], told, titles, feedback
        )
        for doubt in doubts:
            warnings.warn(doubt, stacklevel=3)
        return interactions, None, None
    if items is not None:
        raise ValueError("items= names a file of titles beside a path; a table has none")
    table = table_of(data)
    interactions = _interactions_of(table, columns, feedback)

    def id_type(name):
        kind = table.schema.field(name).type
        return kind.value_type if pyarrow.types.is_dictionary(kind) else kind

    return interactions, id_type(columns["user"]), id_type(columns["item"])


def ids_as(ids, kind):
    """All ids of a model as an Arrow array of the type that went in; None: of the model's own."""
    import pyarrow

    if isinstance(ids, tuple):
        offsets, text = ids
        buffers = [pyarrow.py_buffer(offsets), pyarrow.py_buffer(text)]
        array = pyarrow.LargeStringArray.from_buffers(len(offsets) - 1, *buffers)
        return array.cast(kind or pyarrow.string())
    array = pyarrow.array(ids)
    return array if kind is None else array.cast(kind)
