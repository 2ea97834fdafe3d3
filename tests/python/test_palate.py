"""The Python package against the command line, which is $PALATE_BINARY; its ids and errors."""

import csv
import os
import signal
import subprocess
import threading

import palate
import pandas
import pyarrow
import pyarrow.csv
import pytest

COLUMNS = {"user": "userId", "item": "movieId", "value": "rating", "time": "timestamp"}
# Of text, and of integers.
USER_NAMES = [str, lambda user: f"user-{user}"]


def write_ratings(path, name_of_user=str):
    """60 users and 40 items, whose ratings two groups of users agree on."""
    with open(path, "w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(COLUMNS.values())
        for user in range(1, 61):
            for item in range(user % 3 + 1, 41, 3):
                rating = 1 + user * item % 9 / 2
                rows.writerow([name_of_user(user), item, rating, 10**9 + user * 100 + item])


@pytest.fixture(scope="module", params=USER_NAMES, ids=["integers", "text"])
def ratings(request, tmp_path_factory):
    path = tmp_path_factory.mktemp("ratings") / "ratings.csv"
    write_ratings(path, request.param)
    return path


@pytest.fixture(scope="module")
def trained(ratings):
    """The model's file that the command line makes of them."""
    path = ratings.parent / "by_command_line.safetensors"
    run_palate("train", ratings, "--items", "none", "--output", path, "--quiet")
    return path


@pytest.fixture(scope="module")
def model(ratings):
    return palate.train(pandas.read_csv(ratings), **COLUMNS)


def run_palate(*arguments):
    command = [os.environ["PALATE_BINARY"], *map(str, arguments)]
    return subprocess.run(command, check=True, text=True, capture_output=True).stdout


def bytes_of(model, folder):
    model.save(folder / "model.safetensors")
    return (folder / "model.safetensors").read_bytes()


def with_categories(frame):
    return frame.astype({"userId": "category", "movieId": "category"})


def with_times(frame):
    return frame.assign(timestamp=pandas.to_datetime(frame["timestamp"], unit="s"))


def in_chunks(frame):
    table = pyarrow.Table.from_pandas(frame)
    parts = [table.slice(0, 7), table.slice(7, 300), table.slice(307)]
    return pyarrow.concat_tables(parts)


class AnyFrame:
    """A frame of a library that Palate does not know, with the Arrow PyCapsule interface."""

    def __init__(self, frame):
        self.table = pyarrow.Table.from_pandas(frame)

    def __arrow_c_stream__(self, requested_schema=None):
        return self.table.__arrow_c_stream__(requested_schema)


def as_text(frame):
    return frame.astype({"userId": str, "movieId": str})


FRAMES = [lambda frame: frame, with_categories, with_times, in_chunks, as_text, AnyFrame]


@pytest.mark.parametrize("make", FRAMES)
def test_a_frame_gives_the_model_of_the_command_line(ratings, trained, make, tmp_path):
    model = palate.train(make(pandas.read_csv(ratings)), **COLUMNS)
    assert bytes_of(model, tmp_path) == trained.read_bytes()


def test_a_path_gives_the_model_of_the_command_line(ratings, trained, tmp_path):
    assert bytes_of(palate.train(ratings, items="none"), tmp_path) == trained.read_bytes()


def test_an_algorithm_with_options_gives_the_model_of_the_command_line(ratings, tmp_path):
    told = tmp_path / "told.safetensors"
    flags = ["--algorithm", "als", "--factors", "4", "--seed", "7", "--items", "none"]
    run_palate("train", ratings, "--output", told, "--quiet", *flags)
    table = pyarrow.csv.read_csv(ratings)
    model = palate.train(table, "als", factors=4, seed=7, **COLUMNS)
    assert bytes_of(model, tmp_path) == told.read_bytes()


def test_lists_of_all_users_are_those_of_the_command_line(trained):
    written = run_palate("recommend", trained, "--all-users", "-k", "3", "--quiet")
    rows = list(csv.DictReader(written.splitlines()))
    lists = palate.load(trained).recommend(k=3).to_pylist()
    assert [str(row["user"]) for row in lists] == [row["user"] for row in rows]
    assert [str(row["item"]) for row in lists] == [row["item"] for row in rows]
    assert len(lists) == 180


def test_lists_of_some_users_and_of_one(model):
    some = model.recommend(list(model.recommend(k=1)["user"][[4, 2, 4]]), k=5)
    one = model.recommend(some["user"][0], k=5)
    assert list(some["rank"]) == [1, 2, 3, 4, 5] * 3
    assert list(one["item"]) == list(some["item"][:5]) == list(some["item"][10:])
    assert list(one.columns) == ["rank", "item", "score", "rating"]
    assert len(model.recommend([], k=5)) == 0


def test_ids_come_back_in_the_type_that_went_in(ratings):
    frame = pandas.read_csv(ratings)
    for users, items in [(frame["userId"].dtype, "int32"), (str, str), ("category", "int16")]:
        typed = frame.astype({"userId": users, "movieId": items})
        lists = palate.train(typed, "als", **COLUMNS).recommend(k=1)
        # Of a categorical column the type of its categories.
        known = typed["userId"].cat.categories if users == "category" else typed["userId"]
        assert isinstance(lists, pandas.DataFrame)
        assert lists["user"].dtype == known.dtype
        assert lists["item"].dtype == typed["movieId"].dtype
        assert list(lists["user"]) == list(frame["userId"].astype(known.dtype).unique())


def test_arrow_tables_in_arrow_tables_out(ratings):
    table = pyarrow.csv.read_csv(ratings)
    lists = palate.train(table, "als", **COLUMNS).recommend(k=2)
    assert isinstance(lists, pyarrow.Table)
    assert lists.schema.field("user").type == table.schema.field("userId").type


def test_predictions_are_those_of_the_command_line(ratings, trained, tmp_path):
    pairs = pandas.read_csv(ratings)[["movieId", "userId"]].iloc[[3, 1, 3]].assign(note=[1, 2, 3])
    pairs.to_csv(tmp_path / "pairs.csv", index=False)
    written = run_palate("predict", trained, tmp_path / "pairs.csv", "--quiet")
    told = [float(row["prediction"]) for row in csv.DictReader(written.splitlines())]
    predicted = palate.load(trained).predict(pairs, user="userId", item="movieId")
    assert list(predicted["predicted"]) == pytest.approx(told, abs=1e-4)
    assert list(predicted.columns) == ["movieId", "userId", "note", "predicted"]
    assert list(predicted["note"]) == [1, 2, 3]


def test_history_is_found_by_id_and_title(ratings, tmp_path):
    titles = tmp_path / "titles.csv"
    titles.write_text("movieId,title\n" + "".join(f"{n},Film {n}\n" for n in range(1, 41)))
    model = palate.train(ratings, items=titles)
    model.save(tmp_path / "model.safetensors")
    by_id = model.recommend(history={3: 5, 7: 4}, k=5)
    assert by_id.equals(model.recommend(history={"Film 3": 5, "film 7": 4}, k=5))
    likes = ["--likes", "Film 3:5, Film 7:4", "-k", "5", "--format", "csv", "--quiet"]
    written = run_palate("recommend", tmp_path / "model.safetensors", *likes)
    rows = list(csv.DictReader(written.splitlines()))
    assert [str(item) for item in by_id["item"].to_pylist()] == [row["item"] for row in rows]
    assert by_id["title"].to_pylist() == [row["title"] for row in rows]


def test_choices_without_values_are_lists_alone(ratings):
    frame = pandas.read_csv(ratings)[["userId", "movieId"]]
    model = palate.train(frame, user="userId", item="movieId")
    assert list(model.recommend(k=1).columns) == ["user", "rank", "item", "score"]
    with pytest.raises(ValueError, match="does not predict ratings"):
        model.predict(frame)


def test_several_threads_use_a_model(model):
    expected = model.recommend(k=5)
    answers = []
    threads = [
        threading.Thread(target=lambda: answers.append(model.recommend(k=5))) for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(answers) == 4 and all(answer.equals(expected) for answer in answers)


def test_what_the_model_does_not_know(model):
    with pytest.raises(palate.UnknownId, match="^user nobody is not in the model$"):
        model.recommend(["nobody"])
    with pytest.raises(KeyError, match="item 99 is not in the model, which has no titles"):
        model.recommend(history={99: 5})


def test_files_that_cannot_be_used(tmp_path):
    with pytest.raises(OSError, match="missing.csv"):
        palate.train(tmp_path / "missing.csv")
    with pytest.raises(OSError, match="missing.safetensors"):
        palate.load(tmp_path / "missing.safetensors")
    (tmp_path / "no_model").write_bytes(b"no model" * 100)
    with pytest.raises(palate.ModelFileError):
        palate.load(tmp_path / "no_model")


@pytest.mark.parametrize(
    ("change", "told", "message"),
    [
        (lambda frame: frame, {"user": "who"}, "user='who': there is no such column among: userId"),
        (lambda frame: frame, {"item": None}, "item= names the column"),
        (
            lambda frame: frame.assign(rating=frame["rating"].where(frame.index != 5)),
            {},
            "column 'rating', row 5: the cell is empty",
        ),
        (
            lambda frame: frame.assign(userId=frame.index + 0.5),
            {},
            "column 'userId' is of the type double, but ids are integers or text",
        ),
        (
            lambda frame: pyarrow.Table.from_arrays(
                [[1], [2], [3.0], [4], [5]], [*COLUMNS.values(), "userId"]
            ),
            {},
            "user='userId': there are several such column",
        ),
        (lambda frame: frame.assign(movieId=""), {}, "item"),
        (lambda frame: frame, {"factors": 8}, "`factors` needs one algorithm"),
        (lambda frame: frame, {"algorithm": "als", "colour": 8}, "colour"),
        (lambda frame: frame, {"algorithm": "alps"}, "alps"),
        (lambda frame: frame, {"algorithm": ["als", "sgd"]}, "one algorithm for ratings"),
        (lambda frame: frame, {"feedback": "stars"}, "feedback='stars' is none of"),
    ],
)
def test_tables_and_options_that_cannot_be_used(ratings, change, told, message):
    with pytest.raises(ValueError, match=message.replace("(", r"\(")):
        palate.train(change(pandas.read_csv(ratings)), **COLUMNS | told)


def test_what_is_no_table():
    with pytest.raises(TypeError, match="int is neither a path nor a table"):
        palate.train(5)


def test_an_interrupt_ends_training():
    # Random values, in which there is much to compute and nothing to learn.
    rows = range(200_000)
    columns = {"user": [row // 50 for row in rows], "item": [row * 7919 % 997 for row in rows]}
    table = pyarrow.table(columns | {"value": [row * row % 5 + 1.0 for row in rows]})
    before = signal.signal(signal.SIGALRM, signal.default_int_handler)
    try:
        with pytest.raises(KeyboardInterrupt):
            signal.setitimer(signal.ITIMER_REAL, 0.05)
            palate.train(table, "als", user="user", item="item", value="value", factors=128)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
