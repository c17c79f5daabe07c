"""Hostile, foreign and damaged files for the reader of plain files.

`CASES` maps a name to a function that makes the bytes. A payload only ever
creates the file whose path the function is given, the canary. Every published
way around a safe loader should become a case here.
"""

import bz2
import collections
import datetime
import fractions
import functools
import importlib
import io
import lzma
import operator
import os
import pickle
import random
import shlex
import struct
import subprocess
import zipfile
import zlib
from collections.abc import Callable

import numpy as np
from joblib.numpy_pickle_compat import NDArrayWrapper

from tests.plainparts import (
    DTYPE,
    GOOD,
    HEAD,
    HOLDER,
    NDARRAY,
    array,
    code,
    dtype,
    dumped,
    entry,
    name,
    packed,
    text,
)


class Call:
    """Pickles as the call `function(*arguments)`."""

    def __init__(self, function, *arguments):
        self.parts = function, arguments

    def __reduce__(self):
        return self.parts


def touch(canary):
    return f"touch {shlex.quote(canary)}"


def system(canary):
    return Call(os.system, touch(canary))


def objects(canary):
    cells = np.empty(2, object)
    cells[0] = system(canary)
    return cells


def python(canary):
    return f"open({canary!r}, 'w').close()"


def calling(module, attribute, argument):
    """Instructions that call `module.attribute(argument)`."""
    return name(module, attribute) + text(argument) + b"\x85R"


def zipped(**files):
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for path, data in files.items():
            archive.writestr(path, data)
    return stream.getvalue()


def z_file(canary):
    """The format of joblib before 0.10, which brings its own unpickler."""
    data = pickle.dumps(system(canary))
    size = hex(len(data)).ljust(len(hex(2**64))).encode()
    return b"ZF" + size + zlib.compress(data)


def good():
    return dumped(GOOD)


def changed(data, at, value):
    return data[:at] + value + data[at + len(value) :]


Maker = Callable[[str], bytes]

RUNNING: dict[str, Maker] = {
    "system": lambda c: packed(dumped(system(c))),
    "system_deep_inside": lambda c: packed(
        dumped({**GOOD, "more": {"a": [{"b": system(c)}]}})
    ),
    "system_after_arrays": lambda c: packed(dumped({"a": np.zeros(9), "b": system(c)})),
    "system_as_key_value": lambda c: packed(dumped([("a", system(c))])),
    "object_array": lambda c: packed(dumped({**GOOD, "idf": objects(c)})),
    "eval": lambda c: packed(dumped(Call(eval, python(c)))),
    "exec": lambda c: packed(dumped({"a": Call(exec, python(c))})),
    "map_chain": lambda c: packed(
        dumped({"a": Call(list, Call(map, os.system, [touch(c)]))})
    ),
    "partial": lambda c: entry(
        name("functools", "partial"),
        name("os", "system"),
        b"\x85R",
        text(touch(c)) + b"\x85R",
    ),
    "nested_pickle": lambda c: packed(
        dumped(Call(pickle.loads, pickle.dumps(system(c))))
    ),
    "methodcaller": lambda c: packed(
        dumped(
            Call(
                operator.methodcaller("system", touch(c)),
                Call(importlib.import_module, "os"),
            )
        )
    ),
    "dotted_joblib": lambda c: entry(
        calling("joblib.numpy_pickle", "os.system", touch(c))
    ),
    "dotted_shutil": lambda c: entry(calling("shutil", "os.system", touch(c))),
    "object_instruction": lambda c: code(
        b"(", name("os", "system"), text(touch(c)), b"o"
    ),
    "inst_instruction": lambda c: code(b"(", text(touch(c)), b"ios\nsystem\n"),
    "global_instruction": lambda c: code(b"cos\nsystem\n", text(touch(c)), b"\x85R"),
    "protocol_0": lambda c: packed(b"cos\nsystem\n(S'" + touch(c).encode() + b"'\ntR."),
    "protocol_2": lambda c: packed(dumped(system(c), protocol=2)),
    "protocol_5": lambda c: packed(dumped(system(c), protocol=5)),
    "payload_dropped": lambda c: entry(
        calling("os", "system", touch(c)), b"0", b"K\x01"
    ),
    "not_packed": lambda c: dumped({"a": system(c)}),
    "packed_by_zlib": lambda c: zlib.compress(dumped(system(c))),
    "packed_by_bz2": lambda c: bz2.compress(dumped(system(c))),
    "packed_by_xz": lambda c: lzma.compress(dumped(system(c))),
    "packed_by_lzma": lambda c: lzma.compress(
        dumped(system(c)), format=lzma.FORMAT_ALONE
    ),
    "old_z_file": z_file,
}
"""Cases that joblib's own loader really runs."""

CALLS: dict[str, Maker] = {
    "popen": lambda c: packed(dumped({"a": Call(subprocess.Popen, ["touch", c])})),
    "popen_new": lambda c: entry(
        name("subprocess", "Popen"), b"](", text("touch"), text(c), b"e\x85\x81"
    ),
    "popen_newobj_ex": lambda c: entry(
        name("subprocess", "Popen"), b"](", text("touch"), text(c), b"e\x85}\x92"
    ),
    "getattr": lambda c: packed(
        dumped(Call(getattr, Call(importlib.import_module, "os"), "sep"))
    ),
    "partial_kept": lambda c: packed(
        dumped({"a": functools.partial(os.system, touch(c))})
    ),
    "dotted_sklearn": lambda c: entry(
        calling("sklearn.datasets._base", "os.system", touch(c))
    ),
    "numpy_runstring": lambda c: entry(
        name("numpy.testing", "runstring"), text(python(c)), b"}\x86R"
    ),
    "numpy_f2py": lambda c: entry(
        calling("numpy.f2py.diagnose", "run_command", touch(c))
    ),
    "numpy_load": lambda c: entry(calling("numpy", "load", c)),
    "distutils_spawn": lambda c: entry(
        name("distutils.spawn", "spawn"), b"](", text("touch"), text(c), b"e\x85R"
    ),
    "ctypes": lambda c: entry(calling("ctypes", "CDLL", c)),
    "extension_code": lambda c: code(b"\x82\xf0", text(touch(c)), b"\x85R"),
    "persistent_id": lambda c: code(b"Pos.system\n"),
    "persistent_id_binary": lambda c: code(text("os.system"), b"Q"),
    "companion_npy": lambda c: packed(
        dumped({"a": NDArrayWrapper("companion.npy", np.ndarray)})
    ),
    "pollute_holder_type": lambda c: entry(
        HOLDER, b"N}", text("read"), text("x"), b"s\x86b"
    ),
    "state_for_holder_type": lambda c: entry(HOLDER, b"}b"),
    "state_for_dict": lambda c: entry(b"}}", text("a"), b"K\x01sb"),
    "state_for_number": lambda c: entry(b"K\x01}b"),
    "call_holder_type": lambda c: entry(HOLDER, b")R"),
    "call_ndarray": lambda c: entry(NDARRAY, b"K\x02\x85\x85R"),
    "call_text": lambda c: entry(text("os.system"), text(touch(c)), b"\x85R"),
    "new_ndarray": lambda c: entry(NDARRAY, b")\x81"),
    "new_dtype": lambda c: entry(DTYPE, text("f8"), b"\x85\x81"),
    "name_with_escapes": lambda c: entry(name("os\x1b[2J\n\r", "system\u202e")),
    "name_without_end": lambda c: entry(name("o" * 9_000_000, "s" * 9_000_000)),
    "name_of_numbers": lambda c: entry(b"K\x01K\x02\x93"),
    "name_empty": lambda c: entry(name("", "")),
    "tail_after_stop": lambda c: packed(good() + dumped(system(c))),
    "second_gzip_member": lambda c: packed(good()) + packed(dumped(system(c))),
    "tail_after_gzip": lambda c: packed(good()) + b"\0",
}

FOREIGN: dict[str, Maker] = {
    "empty": lambda c: b"",
    "words": lambda c: b"this is a text\n",
    "json": lambda c: b'{"codes": []}',
    "packed_words": lambda c: packed(b"this is a text\n"),
    "packed_nothing": lambda c: packed(b""),
    "random": lambda c: random.Random(1).randbytes(4096),
    "packed_random": lambda c: packed(random.Random(2).randbytes(4096)),
    "zip": lambda c: zipped(**{"schema.json": "{}"}),
    "zip_bytes_in_gzip": lambda c: packed(zipped(a="b")),
    "good_not_packed": lambda c: good(),
    "good_packed_by_zlib": lambda c: zlib.compress(good()),
    "good_packed_twice": lambda c: packed(packed(good())),
    "estimator": lambda c: entry(
        name("sklearn.linear_model._logistic", "LogisticRegression"), b")\x81}b"
    ),
    "a_list": lambda c: packed(dumped(["a"])),
    "an_array": lambda c: packed(dumped(np.zeros(2))),
    "a_number": lambda c: packed(dumped(1)),
    "tuple_inside": lambda c: packed(dumped({"a": (1, 2)})),
    "tuple_of_text": lambda c: entry(text("a"), b"\x85"),
    "set_inside": lambda c: packed(dumped({"a": {1, 2}})),
    "frozenset_inside": lambda c: packed(dumped({"a": frozenset("ab")})),
    "bytes_inside": lambda c: packed(dumped({"a": b"x"})),
    "bytearray_inside": lambda c: packed(dumped({"a": bytearray(b"x")})),
    "complex_inside": lambda c: packed(dumped({"a": 1j})),
    "fraction_inside": lambda c: packed(dumped({"a": fractions.Fraction(1, 2)})),
    "date_inside": lambda c: packed(dumped({"a": datetime.date(2024, 1, 1)})),
    "ordered_dict": lambda c: packed(dumped(collections.OrderedDict(a=1))),
    "numpy_number": lambda c: packed(dumped({"a": np.float64(1.0)})),
    "name_as_value": lambda c: entry(NDARRAY),
    "dtype_as_value": lambda c: entry(dtype()),
    "holder_never_filled": lambda c: entry(HOLDER, b")\x81"),
    "number_keys": lambda c: packed(dumped({1: "a"})),
    "tuple_key": lambda c: code(b"}", text("a"), b"\x85K\x01s"),
    "list_key": lambda c: code(b"}]K\x01s"),
    "key_twice": lambda c: code(b"}", text("a"), b"K\x01s", text("a"), b"K\x02s"),
    "key_twice_at_once": lambda c: code(
        b"}(", text("a"), b"K\x01", text("a"), b"K\x02u"
    ),
    "not_utf8": lambda c: entry(text(b"\xff\xfe")),
    "half_a_character": lambda c: entry(text(b"\xed\xa0\x80")),
}

ARRAYS: dict[str, Maker] = {
    "shape_huge": lambda c: entry(array(shape=b"J\xff\xff\xff\x7f\x85")),
    "shape_overflowing": lambda c: entry(
        array(shape=b"\x8a\x08\0\0\0\0\0\0\0\x10\x8a\x08\0\0\0\0\0\0\0\x10\x86")
    ),
    "shape_huge_but_empty": lambda c: entry(
        array(b"\x01\xff", shape=b"\x8a\x08\0\0\0\0\0\0\0\x40K\x00\x86")
    ),
    "shape_negative": lambda c: entry(array(shape=b"J\xff\xff\xff\xff\x85")),
    "shape_both_negative": lambda c: entry(
        array(shape=b"J\xff\xff\xff\xffJ\xfe\xff\xff\xff\x86")
    ),
    "shape_of_bool": lambda c: entry(array(shape=b"\x88\x85")),
    "shape_of_text": lambda c: entry(array(shape=text("2") + b"\x85")),
    "shape_list": lambda c: entry(array(shape=b"](K\x02e")),
    "shape_number": lambda c: entry(array(shape=b"K\x02")),
    "shape_one_less": lambda c: entry(array(shape=b"K\x01\x85")),
    "shape_one_more": lambda c: entry(array(shape=b"K\x03\x85")),
    "no_dimension": lambda c: entry(array(shape=b")")),
    "three_dimensions": lambda c: packed(dumped({"a": np.zeros((2, 2, 2))})),
    "column_order": lambda c: packed(dumped({"a": np.zeros((3, 2)).T})),
    "order_unknown": lambda c: entry(array(order=text("K"))),
    "order_an_array": lambda c: entry(array(order=array())),
    "subclass_an_array": lambda c: entry(array(subclass=array())),
    "subclass_dtype": lambda c: entry(array(subclass=DTYPE)),
    "subclass_matrix": lambda c: entry(array(subclass=name("numpy", "matrix"))),
    "subclass_memmap": lambda c: entry(array(subclass=name("numpy", "memmap"))),
    "other_byte_order": lambda c: packed(dumped({"a": np.zeros(2, ">f8")})),
    "half_floats": lambda c: packed(dumped({"a": np.zeros(2, "f2")})),
    "text_array": lambda c: packed(dumped({"a": np.array(["ab", "c"])})),
    "dates": lambda c: packed(dumped({"a": np.zeros(2, "M8[s]")})),
    "records": lambda c: packed(dumped({"a": np.zeros(2, "i4,f8")})),
    "object_dtype": lambda c: entry(array(dtype=dtype("O8", "|"))),
    "dtype_of_list": lambda c: entry(DTYPE, b"]\x89\x88\x87R"),
    "dtype_without_arguments": lambda c: entry(DTYPE, b")R"),
    "dtype_copied": lambda c: entry(DTYPE, text("f8"), b"\x88\x88\x87R"),
    "dtype_named_os": lambda c: entry(DTYPE, text("os.system"), b"\x89\x88\x87R"),
    "dtype_with_fields": lambda c: entry(
        array(dtype=dtype(rest=b"N)" + text("x") + b"K\x08K\x08K\x00"))
    ),
    "dtype_state_dict": lambda c: entry(DTYPE, text("f8"), b"\x89\x88\x87R}b"),
    "alignment_none": lambda c: entry(array(numpy_array_alignment_bytes=b"N")),
    "alignment_huge": lambda c: entry(
        array(numpy_array_alignment_bytes=b"J\xff\xff\xff\x7f")
    ),
    "field_more": lambda c: entry(array(more=text("x") + b"K\x01")),
    "field_missing": lambda c: entry(array(without=("allow_mmap",))),
    "padding_too_long": lambda c: entry(array(b"\xfa\xff" + bytes(16))),
    "padding_with_content": lambda c: entry(array(b"\x02\xff\x00" + bytes(16))),
    "cells_missing": lambda c: entry(array(b"\x01\xff" + bytes(3))),
    "holder_filled_twice": lambda c: entry(array(), b"}b"),
}

LAUGHS = b"".join(
    b"](" + b"h" + bytes([i]) + b"h" + bytes([i]) + b"e\x94" for i in range(60)
)

BOMBS: dict[str, Maker] = {
    "gzip_bomb": lambda c: packed(
        HEAD + b"B" + struct.pack("<I", 3 << 30) + bytes(200 << 20)
    ),
    "gzip_bomb_of_text": lambda c: entry(text(bytes(80 << 20))),
    "frame_huge": lambda c: code(b"\x95" + struct.pack("<Q", 1 << 60)),
    "frame_negative": lambda c: code(b"\x95" + b"\xff" * 8),
    "text_huge": lambda c: entry(b"X\xff\xff\xff\xff"),
    "text_of_8_bytes_length": lambda c: entry(b"\x8d" + b"\xff" * 8),
    "number_of_255_bytes": lambda c: entry(b"\x8a\xff" + b"\x7f" * 255),
    "number_of_9_bytes": lambda c: packed(dumped({"a": 2**64})),
    "number_of_2_gigabytes": lambda c: entry(b"\x8b\xff\xff\xff\x7f1"),
    "number_in_words": lambda c: entry(b"I" + b"9" * 100_000 + b"\n"),
    "billion_laughs": lambda c: code(b"]\x94", LAUGHS),
    "list_in_itself": lambda c: entry(b"]\x94h\x00a"),
    "list_twice": lambda c: packed(dumped({"a": [shared := [1]], "b": shared})),
    "deep_lists": lambda c: code(b"]" * 400_000, b"a" * 399_999),
    "deep_lists_in_dict": lambda c: entry(b"]" * 400_000, b"a" * 399_999),
    "deep_dicts": lambda c: entry((b"}" + text("a")) * 200_000, b"N", b"s" * 200_000),
    "deep_tuples": lambda c: entry(b")", b"\x85" * 400_000),
    "nested_33": lambda c: entry(b"]" * 32, b"K\x01", b"a" * 32),
    "marks": lambda c: code(b"(" * 900_000),
    "instructions_without_end": lambda c: packed(HEAD + b"]" + b"Na" * 600_000),
    "memo_huge_number": lambda c: entry(b"Nr\xff\xff\xff\xff"),
    "recall_huge_number": lambda c: entry(b"j\xff\xff\xff\xff"),
    "recall_nothing": lambda c: entry(b"h\x00"),
    "memoize_nothing": lambda c: code(b"\x94"),
    "duplicate_instruction": lambda c: entry(b"]2a"),
}

DAMAGED: dict[str, Maker] = {
    "cut_in_half": lambda c: packed(good())[:300],
    "cut_by_one": lambda c: packed(good())[:-1],
    "only_gzip_mark": lambda c: b"\x1f\x8b",
    "cut_then_packed": lambda c: packed(good()[:400]),
    "stop_missing": lambda c: packed(good()[:-1]),
    "only_head": lambda c: packed(HEAD),
    "checksum_wrong": lambda c: changed(packed(good()), -8, b"\0\0\0\0"),
    "length_wrong": lambda c: changed(packed(good()), -4, b"\xff"),
    "flags_wrong": lambda c: changed(packed(good()), 3, b"\xe0"),
    "middle_wrong": lambda c: changed(packed(good()), 200, b"\xff\xff\xff\xff"),
    "stack_empty": lambda c: code(b""),
    "stack_too_full": lambda c: code(b"}}"),
    "mark_never_used": lambda c: code(b"}(}"),
    "mark_missing": lambda c: code(b"]K\x01e"),
    "append_without_list": lambda c: code(b"K\x01a"),
    "append_to_text": lambda c: entry(text("a"), b"K\x01a"),
    "append_to_dict": lambda c: entry(b"}K\x01a"),
    "set_in_list": lambda c: entry(b"]", text("a"), b"K\x01s"),
    "value_missing": lambda c: code(b"}(", text("a"), b"u"),
    "tuple_of_nothing": lambda c: code(b"\x87"),
    "build_nothing": lambda c: code(b"b"),
    "call_nothing": lambda c: code(b"R"),
    "unknown_instruction": lambda c: code(b"\xff"),
    "second_head": lambda c: code(HEAD, b"}"),
}

CASES: dict[str, Maker] = {**RUNNING, **CALLS, **FOREIGN, **ARRAYS, **BOMBS, **DAMAGED}
