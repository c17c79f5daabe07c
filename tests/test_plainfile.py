import ast
import time
from pathlib import Path

import joblib
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from framing import plainfile
from framing.errors import ModelError
from framing.plainfile import (
    content_hash,
    parse_plain,
    plain_bytes,
    read_plain,
    write_plain,
)
from framing.plainmachine import MAX_DEPTH, NotPlain
from tests.plainparts import GOOD, array, dumped, entry, packed, same

NUMBERS = arrays.arrays(
    st.sampled_from(["<f8", "<f4", "<i8", "<i4", "|u1"]),
    arrays.array_shapes(min_dims=1, max_dims=2, min_side=0, max_side=5),
)
TEXTS = st.text(st.characters(codec="utf-8"), max_size=20)
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats(allow_nan=False)
    | TEXTS
    | NUMBERS,
    lambda inner: (
        st.lists(inner, max_size=5) | st.dictionaries(TEXTS, inner, max_size=5)
    ),
    max_leaves=20,
)
CONTENT = st.dictionaries(TEXTS, VALUES, max_size=6)


@settings(max_examples=100, deadline=None)
@given(CONTENT)
def test_content_comes_back_the_same(content):
    data = plain_bytes(content)
    back = parse_plain(data, "m")
    assert same(back, content)
    assert plain_bytes(back) == data
    assert content_hash(back) == content_hash(content)


@settings(max_examples=100, deadline=None)
@given(CONTENT)
def test_what_joblib_makes_of_plain_content_is_read(content):
    assert same(parse_plain(packed(dumped(content)), "m"), content)


def test_joblib_opens_a_plain_file(tmp_path):
    write_plain(tmp_path / "m", GOOD)
    assert same(joblib.load(tmp_path / "m"), GOOD)


def test_file_packed_by_joblib_is_read(tmp_path):
    joblib.dump(GOOD, tmp_path / "m", compress=("gzip", 3))
    assert same(read_plain(tmp_path / "m"), GOOD)


def test_long_content_comes_back_the_same(tmp_path):
    content = {
        "vocabulary": [f"word {n}" for n in range(5000)],
        "places": {f"word {n}": n for n in range(5000)},
        "text": "longer than 255 bytes" * 100,
        "coef": np.random.default_rng(0).normal(size=(5, 5000)),
    }
    write_plain(tmp_path / "m", content)
    assert same(read_plain(tmp_path / "m"), content)


def test_nan_and_negative_zero_keep_their_bits():
    content = {"a": [float("nan"), -0.0, float("inf")], "b": np.array([np.nan, -0.0])}
    assert same(parse_plain(plain_bytes(content), "m"), content)


def test_arrays_are_read_only_and_own_little():
    back = parse_plain(plain_bytes({**GOOD, "big": np.zeros(10**6)}), "m")
    assert not back["idf"].flags.writeable
    assert back["idf"].base.nbytes == back["idf"].nbytes


def test_hand_made_array_is_read():
    assert same(parse_plain(entry(array()), "m"), {"a": np.zeros(2)})


def test_equal_content_gives_equal_bytes():
    word = "".join(["sha", "pe"])  # equal to the literal, but another object
    row = np.arange(6.0).reshape(2, 3)
    one = {"a": ["shape", "shape", "C"], "b": [[1], [1]], "c": row, "d": row.copy()}
    twice = [1]
    other = {
        "d": np.asfortranarray(row),
        "c": row.astype(row.dtype.newbyteorder("=")),
        "b": [twice, twice],
        "a": ["shape", word, "C"],
    }
    assert plain_bytes(one) == plain_bytes(other)
    assert content_hash(one) == content_hash(other)


def test_files_written_at_other_times_under_other_names_are_equal(
    tmp_path, monkeypatch
):
    write_plain(tmp_path / "one", GOOD)
    monkeypatch.setattr(time, "time", lambda: 2_000_000_000.0)
    write_plain(tmp_path / "other", GOOD)
    assert (tmp_path / "one").read_bytes() == (tmp_path / "other").read_bytes()


@pytest.mark.parametrize(
    "value",
    [
        (1, 2),
        {1, 2},
        b"x",
        1j,
        2**63,
        np.float64(1),
        np.zeros(2, ">f8"),
        np.zeros(2, "f2"),
        np.zeros((2, 2, 2)),
        np.array(1.0),
        np.zeros(2, object),
        np.zeros(2).view(np.recarray),
        np.ma.zeros(2),
        {1: "a"},
        "\ud800",
        {"\ud800": 1},
        len,
        Path(),
    ],
    ids=repr,
)
def test_other_things_are_not_written(value, tmp_path):
    with pytest.raises(NotPlain):
        write_plain(tmp_path / "m", {"a": value})
    assert not list(tmp_path.iterdir())


def test_only_a_dict_is_written():
    with pytest.raises(NotPlain, match="holds a dict, not list"):
        plain_bytes([1])


@pytest.mark.parametrize("wrap", [lambda v: [v], lambda v: {"a": v}])
def test_depth_is_limited_alike_in_writing_and_reading(wrap):
    content = {"a": 1}
    for _ in range(MAX_DEPTH - 2):
        content = {"a": wrap(content["a"])}
    assert same(parse_plain(plain_bytes(content), "m"), content)
    with pytest.raises(ModelError, match="nested too deeply"):
        parse_plain(packed(dumped({"a": wrap(content["a"])})), "m")
    with pytest.raises(NotPlain, match="nested too deeply"):
        plain_bytes({"a": wrap(content["a"])})


def test_content_that_holds_itself_is_not_written():
    content = {"a": []}
    content["a"].append(content)
    with pytest.raises(NotPlain, match="nested too deeply"):
        plain_bytes(content)


def test_what_could_not_be_read_is_not_written(tmp_path):
    with pytest.raises(NotPlain, match="unpacks to far more"):
        write_plain(tmp_path / "m", {"a": np.zeros(9_000_000)})
    assert not list(tmp_path.iterdir())


def test_file_larger_than_can_be_read_is_not_written(tmp_path, monkeypatch):
    monkeypatch.setattr(plainfile, "MAX_FILE", 100)
    with pytest.raises(NotPlain, match="larger than"):
        write_plain(tmp_path / "m", GOOD)
    assert not list(tmp_path.iterdir())


# The hash


def test_hash_leaves_itself_out_and_stays_the_same_in_every_release():
    digest = content_hash(GOOD)
    assert digest == content_hash({**GOOD, "sha256": digest})
    assert digest == (
        "b5efee0726593b28c823ee3073a88644babdb96233467a201e28793dbe35639e"
    )


def test_hash_tells_contents_apart():
    zeros = np.zeros(2)
    contents = [
        {},
        {"a": None},
        {"a": True},
        {"a": 1},
        {"a": 1.0},
        {"a": 0.0},
        {"a": -0.0},
        {"a": "1"},
        {"a": []},
        {"a": {}},
        {"a": [[], 1]},
        {"a": [[1]]},
        {"a": ["b", "c"]},
        {"a": ["bc"]},
        {"a": {"sha256": "x"}},
        {"a": zeros},
        {"a": zeros.astype("f4")},
        {"a": zeros.astype("i8")},
        {"a": zeros.reshape(1, 2)},
        {"a": zeros.reshape(2, 1)},
        {"a": -zeros},
        {"b": zeros},
    ]
    assert len({content_hash(content) for content in contents}) == len(contents)


# The house


def test_no_module_can_load_a_pickle():
    unsafe = {"pickle", "cPickle", "dill", "cloudpickle", "marshal", "shelve", "skops"}
    loaders = {"joblib": {"load"}, "np": {"load"}, "pd": {"read_pickle"}}
    words = [
        "pickle" + ".load",
        "joblib" + ".load",
        "Un" + "pickler",
        "allow_" + "pickle",
    ]
    modules = sorted(Path(plainfile.__file__).parent.rglob("*.py"))
    assert len(modules) > 3
    for module in modules:
        text = module.read_text(encoding="utf-8")
        assert not [word for word in words if word in text], module
        for node in ast.walk(ast.parse(text)):
            match node:
                case ast.Import():
                    names = {alias.name.split(".")[0] for alias in node.names}
                    assert not names & unsafe, module
                case ast.ImportFrom(module=str() as source):
                    names = {alias.name for alias in node.names}
                    assert source.split(".")[0] not in unsafe, module
                    assert source.split(".")[0] != "joblib" or "load" not in names, (
                        module
                    )
                case ast.Attribute(value=ast.Name(id=owner), attr=attribute):
                    assert attribute not in loaders.get(owner, ()), module
                case ast.Call(func=ast.Name(id="eval" | "exec" | "__import__")):
                    pytest.fail(f"{module}:{node.lineno}")
