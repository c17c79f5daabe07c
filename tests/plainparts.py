"""Parts of plain files for the tests: good content, and single instructions."""

import gzip
import io
import struct

import joblib
import numpy as np

HEAD = b"\x80\x04"
GOOD = {
    "codes": ["cooperation", "rivalry", "sanctions"],
    "vocabulary": ["tariff", "treaty", "traité", "tariff treaty"],
    "coef": np.arange(12.0).reshape(3, 4) / 8 - 0.5,
    "idf": np.array([1.5, 2.5, 3.5, 4.5]),
    "counts": np.arange(5, dtype=np.int64),
    "options": {"ngram": [1, 2], "sublinear": True, "floor": 0.25, "note": None},
}


def dumped(thing, protocol=4):
    """What joblib makes of `thing`, not packed."""
    stream = io.BytesIO()
    joblib.dump(thing, stream, protocol=protocol)
    return stream.getvalue()


def packed(program):
    return gzip.compress(program, 1, mtime=0)


def code(*parts):
    """A packed program of these instructions."""
    return packed(HEAD + b"".join(parts) + b".")


def entry(*parts):
    """A packed program: the dict {"a": ...} with what `parts` make."""
    return code(b"}", text("a"), *parts, b"s")


def text(value):
    data = value if isinstance(value, bytes) else value.encode()
    return b"X" + struct.pack("<I", len(data)) + data


def name(module, attribute):
    return text(module) + text(attribute) + b"\x93"


HOLDER = name("joblib.numpy_pickle", "NumpyArrayWrapper")
NDARRAY = name("numpy", "ndarray")
DTYPE = name("numpy", "dtype")


def dtype(letters="f8", order="<", rest=b"NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\x00"):
    made = DTYPE + text(letters) + b"\x89\x88\x87R"
    return made + b"(K\x03" + text(order) + rest + b"tb"


def array(cells=b"\x01\xff" + bytes(16), more=b"", without=(), **changes):
    """Instructions for the array [0.0, 0.0], or for one that is a bit off."""
    fields = {
        "subclass": NDARRAY,
        "shape": b"K\x02\x85",
        "order": text("C"),
        "dtype": dtype(),
        "allow_mmap": b"\x88",
        "numpy_array_alignment_bytes": b"K\x10",
        **changes,
    }
    state = b"".join(text(k) + v for k, v in fields.items() if k not in without)
    return HOLDER + b")\x81}(" + state + more + b"ub" + cells


def same(one, other):
    """Whether two contents are equal in types, shapes and bits."""
    if type(one) is not type(other):
        return False
    match one:
        case dict():
            return one.keys() == other.keys() and all(
                same(one[k], other[k]) for k in one
            )
        case list():
            return len(one) == len(other) and all(map(same, one, other))
        case np.ndarray():
            alike = one.dtype == other.dtype and one.shape == other.shape
            return alike and one.tobytes() == other.tobytes()
        case float():
            return one.hex() == other.hex()
    return one == other
