"""Follow the instructions of a plain file, without the power they usually have.

What joblib writes is a pickle: a little program, which may name any function
and have it called. This machine runs the programs of plain content only. It
knows the 32 instructions that those need; the three names among them are words
to recognise here, not functions; and besides Python's own constants, texts,
lists and dicts, all it makes is numpy arrays of five number types. No byte of a
file chooses a function to call.
"""

import enum
import math
import struct
from collections.abc import Callable
from typing import Any, NoReturn, TypeVar

import numpy as np

from framing.errors import shown

DTYPES: dict[str, np.dtype[Any]] = {
    name: np.dtype(f"<{name}") for name in ("f8", "f4", "i8", "i4", "u1")
}
"""The number types an array may have, under the names they have in a file."""

MAX_DEPTH = 32
"""Lists and dicts inside one another."""

MAX_INSTRUCTIONS = 1_000_000
"""Ten times what 50,000 words take, and a second at most; bounds lists, too."""

_PROTOCOL = b"\x80\x04"
_STOP = ord(".")
_MAX_STACK = 4000  # joblib fills a dict by 1,000 keys and values at a time
_MAX_SIDE = 1 << 29  # of an array; keeps an empty one from claiming 2**63 rows
_BROKEN = "damaged (its instructions make no sense)"
_CUT_SHORT = "cut short"
_TOO_DEEP = "nested too deeply"
_STRANGE_ARRAY = "holds an array of a kind that a model never needs"

_T = TypeVar("_T")
_Array = np.ndarray[Any, np.dtype[Any]]


class NotPlain(ValueError):  # noqa: N818  it reads as what it tells
    """Content, or the bytes of a file, are not plain; the text is the reason."""


def refuse(reason: str) -> NoReturn:
    """Stop, for this reason."""
    raise NotPlain(reason)


class Marker(enum.Enum):
    """What a name in a file stands for: a word to recognise, never to call."""

    HOLDER_TYPE = ("joblib.numpy_pickle", "NumpyArrayWrapper")
    NDARRAY = ("numpy", "ndarray")
    DTYPE = ("numpy", "dtype")
    HOLDER = "made of the holder type; waits for its array"


_NAMES = {name.value: name for name in Marker if name is not Marker.HOLDER}


def run_plain(program: bytes) -> dict[str, Any]:
    """Return the content that a program spells out.

    Parameters
    ----------
    program : bytes
        A plain file, unpacked.

    Returns
    -------
    dict
        Constants, texts, lists, dicts, and read-only arrays with their own bytes.

    Raises
    ------
    NotPlain
        The bytes are anything but one whole program of plain content.
    """
    if not program.startswith(_PROTOCOL):
        refuse("not a model file of this program")
    return _Machine(program).run()


class _Machine:
    """A program and the place in it, a stack, marked stacks below it, a memo."""

    def __init__(self, program: bytes) -> None:
        self.program = program
        self.at = len(_PROTOCOL)
        self.stack: list[object] = []
        self.below: list[list[object]] = []
        self.memo: list[object] = []

    def run(self) -> dict[str, Any]:
        """Follow the instructions to the last one; return what they made."""
        for _ in range(MAX_INSTRUCTIONS):
            if len(self.stack) > _MAX_STACK:
                refuse(_BROKEN)
            code = self.take(1)[0]
            if make := _PUSHES.get(code):
                self.stack.append(make(self))
            elif act := _ACTIONS.get(code):
                act(self)
            elif code == _STOP:
                return self.result()
            else:
                refuse(f"holds instruction 0x{code:02x}, which a model never needs")
        refuse("longer than any model")

    def result(self) -> dict[str, Any]:
        """Return the one dict that is left at the end."""
        content = self.pop(dict)
        if self.stack or self.below:
            refuse(_BROKEN)
        if self.at != len(self.program):
            refuse("bytes after its end")
        _check_tree(content)
        return content

    # The program

    def take(self, size: int) -> bytes:
        """Return the next `size` bytes."""
        start, self.at = self.at, self.at + size
        if self.at > len(self.program):
            refuse(_CUT_SHORT)
        return self.program[start : self.at]

    def number(self, size: int) -> int:
        """Return an unsigned number of `size` bytes."""
        return int.from_bytes(self.take(size), "little")

    def signed(self, size: int) -> int:
        """Return a signed number of `size` bytes, eight at most."""
        if size > 8:
            refuse("holds a number of more than 64 bits")
        return int.from_bytes(self.take(size), "little", signed=True)

    def text(self, size: int) -> str:
        """Return a text of `size` bytes."""
        try:
            return self.take(size).decode("utf-8")
        except UnicodeDecodeError:
            refuse("holds text that is not UTF-8")

    def frame(self) -> None:
        """Pass the head of a frame: read-ahead is not needed here."""
        if self.number(8) > len(self.program) - self.at:
            refuse(_CUT_SHORT)

    # The stack and the memo

    def top(self, kind: type[_T]) -> _T:
        """Return the top of the stack, which must be of the type `kind`."""
        if not self.stack or not isinstance(top := self.stack[-1], kind):
            refuse(_BROKEN)
        return top

    def pop(self, kind: type[_T]) -> _T:
        """Take the top off the stack; it must be of the type `kind`."""
        top = self.top(kind)
        del self.stack[-1]
        return top

    def last(self, count: int) -> list[object]:
        """Take the last `count` values off the stack."""
        if len(self.stack) < count:
            refuse(_BROKEN)
        values = self.stack[-count:]
        del self.stack[-count:]
        return values

    def mark(self) -> None:
        """Begin a stack on top of this one."""
        if len(self.below) > 2 * MAX_DEPTH:
            refuse(_TOO_DEEP)
        self.below.append(self.stack)
        self.stack = []

    def marked(self) -> list[object]:
        """Take all that came since the last mark."""
        if not self.below:
            refuse(_BROKEN)
        values, self.stack = self.stack, self.below.pop()
        return values

    def memoize(self) -> None:
        """Remember the top of the stack under the next number."""
        self.memo.append(self.top(object))

    def recall(self, number: int) -> object:
        """Return a remembered value, if it is of a kind that cannot grow.

        With a list or dict in two places, a small file could spell out endless
        content, or a list inside itself.
        """
        value = self.memo[number] if number < len(self.memo) else None
        if not isinstance(value, str | Marker | np.dtype):
            refuse(_BROKEN)
        return value

    # Making content

    def extend(self, values: list[object]) -> None:
        """Add values to the list on top of the stack."""
        self.top(list).extend(values)

    def update(self, values: list[object]) -> None:
        """Add key, value, key, value to the dict on top of the stack."""
        entries = self.top(dict)
        if len(values) % 2:
            refuse(_BROKEN)
        for key, value in zip(values[::2], values[1::2], strict=True):
            if not isinstance(key, str):
                refuse("holds a key that is not text")
            if key in entries:
                refuse(f'holds the key "{shown(key[:80], 40)}" twice')
            entries[key] = value

    def group(self, values: list[object]) -> None:
        """Put a tuple on the stack: the flat ones that describe an array."""
        if not all(v is None or isinstance(v, str | int) for v in values):
            refuse(_BROKEN)
        self.stack.append(tuple(values))

    def look_up(self) -> None:
        """Put the marker for a name on the stack."""
        name, module = self.pop(str), self.pop(str)
        if (module, name) not in _NAMES:
            asked = shown(f"{module[:60]}.{name[:60]}")
            refuse(f"asks for {asked}, which a model never needs")
        self.stack.append(_NAMES[module, name])

    def make(self) -> None:
        """Put an empty array holder on the stack: all that can be made."""
        arguments, maker = self.pop(tuple), self.pop(Marker)
        if maker is not Marker.HOLDER_TYPE or arguments:
            refuse(_BROKEN)
        self.stack.append(Marker.HOLDER)

    def call(self) -> None:
        """Put a number type on the stack: all that can be called for."""
        arguments, function = self.pop(tuple), self.pop(Marker)
        if function is not Marker.DTYPE:
            refuse(_BROKEN)
        if arguments[1:] != (False, True) or arguments[0] not in DTYPES:
            refuse(_STRANGE_ARRAY)
        self.stack.append(DTYPES[arguments[0]])

    def build(self) -> None:
        """Check the rest of a number type, or fill the array holder."""
        (state,) = self.last(1)
        if isinstance(state, tuple):
            order = self.top(np.dtype).str[0]
            if state != (3, order, None, None, None, -1, -1, 0):
                refuse(_STRANGE_ARRAY)
        elif self.pop(Marker) is Marker.HOLDER:
            self.stack.append(self.array(state))
        else:
            refuse(_BROKEN)

    def array(self, state: object) -> _Array:
        """Return the array that the state of a holder describes."""
        match state:
            case {
                "subclass": Marker() as subclass,
                "shape": tuple() as shape,
                "order": str() as order,
                "dtype": np.dtype() as dtype,
                "allow_mmap": bool(),
                "numpy_array_alignment_bytes": int() as alignment,
                **others,
            } if (subclass, order, alignment) == (Marker.NDARRAY, "C", 16):
                if not others:
                    return self.cells(shape, dtype)
        refuse(_STRANGE_ARRAY)

    def cells(self, shape: tuple[Any, ...], dtype: np.dtype[Any]) -> _Array:
        """Return the array of this shape whose padding and bytes follow."""
        possible = all(type(side) is int and 0 <= side <= _MAX_SIDE for side in shape)
        if not possible or len(shape) not in (1, 2):
            refuse(_STRANGE_ARRAY)
        padding = self.number(1)
        if self.take(padding) != b"\xff" * padding:
            refuse(_BROKEN)
        data = self.take(math.prod(shape) * dtype.itemsize)
        return np.frombuffer(data, dtype=dtype).reshape(shape)


def _check_tree(content: dict[str, Any]) -> None:
    """Refuse content that is nested too deeply or has descriptions left over."""
    level: list[object] = [content]
    for _ in range(MAX_DEPTH):
        inner: list[object] = []
        for value in level:
            if isinstance(value, dict):
                inner.extend(value.values())
            elif isinstance(value, list):
                inner.extend(value)
            elif isinstance(value, tuple | Marker | np.dtype):
                refuse(_BROKEN)
        if not inner:
            return
        level = inner
    refuse(_TOO_DEEP)


# All that joblib uses for plain content, besides STOP and the head of the file:
# instructions that put a value on the stack, and those that work on what is there.
_PUSHES: dict[int, Callable[[_Machine], object]] = {
    ord("N"): lambda machine: None,
    0x88: lambda machine: True,
    0x89: lambda machine: False,
    ord("]"): lambda machine: [],
    ord("}"): lambda machine: {},
    ord(")"): lambda machine: (),
    ord("K"): lambda machine: machine.number(1),
    ord("M"): lambda machine: machine.number(2),
    ord("J"): lambda machine: machine.signed(4),
    0x8A: lambda machine: machine.signed(machine.number(1)),
    ord("G"): lambda machine: struct.unpack(">d", machine.take(8))[0],
    0x8C: lambda machine: machine.text(machine.number(1)),
    ord("X"): lambda machine: machine.text(machine.number(4)),
    ord("h"): lambda machine: machine.recall(machine.number(1)),
    ord("j"): lambda machine: machine.recall(machine.number(4)),
}
_ACTIONS: dict[int, Callable[[_Machine], None]] = {
    0x95: _Machine.frame,
    0x94: _Machine.memoize,
    ord("("): _Machine.mark,
    ord("a"): lambda machine: machine.extend(machine.last(1)),
    ord("e"): lambda machine: machine.extend(machine.marked()),
    ord("s"): lambda machine: machine.update(machine.last(2)),
    ord("u"): lambda machine: machine.update(machine.marked()),
    0x85: lambda machine: machine.group(machine.last(1)),
    0x86: lambda machine: machine.group(machine.last(2)),
    0x87: lambda machine: machine.group(machine.last(3)),
    ord("t"): lambda machine: machine.group(machine.marked()),
    0x93: _Machine.look_up,
    0x81: _Machine.make,
    ord("R"): _Machine.call,
    ord("b"): _Machine.build,
}
