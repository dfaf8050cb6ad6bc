"""A pickled point is read by an unpickler that knows six names, and each is an inert stand-in.

Each stand-in only remembers what it is given. A row that names anything else, or holds anything but a
point, is refused, and the client never unpickles it.
"""

from __future__ import annotations

import io
import math
import pickle
from typing import Any

_STATE = (3, "<", None, None, None, -1, -1, 0)
_SIZES = {"f2": 2, "f4": 4, "f8": 8}
_SCALARS = frozenset({str, int, float, bool, type(None)})
_DEEPEST = 100


def check_point(data: Any) -> None:
    """Refuse what is no point as qdrant-client pickles it.

    Args:
        data: A row of the client's storage.

    Raises:
        Exception: If it names anything else, or is no pickle; nothing in it was run. Damaged
            pickles raise errors of many kinds.
    """
    if type(data) is not bytes:
        raise TypeError("it holds no bytes")
    point = _Reader(io.BytesIO(data)).load()
    if type(point) is not _Point:
        raise TypeError(f"it holds a {type(point).__name__}")
    fields = point.fields()
    if fields.keys() != {"id", "vector", "payload"} or type(fields["id"]) not in (int, str):
        raise TypeError("it has other fields than a point")
    _check_plain(fields["payload"], 0)
    vector = fields["vector"]
    for each in vector.values() if type(vector) is dict else [vector]:
        _check_vector(each)


def _check_vector(vector: Any) -> None:
    if type(vector) is _Sparse:
        _check_plain(vector.fields(), 0)
    elif type(vector) is not _Array or not vector.is_whole:
        # Lists of numbers, which other versions wrote.
        if type(vector) is not list:
            raise TypeError(f"a vector is a {type(vector).__name__}")
        _check_plain(vector, 0)


def _check_plain(value: Any, depth: int) -> None:
    if type(value) in _SCALARS:
        return
    if depth == _DEEPEST or type(value) not in (list, dict):
        raise TypeError(f"a {type(value).__name__} is in it, or it is too deep")
    for item in value.values() if type(value) is dict else value:
        _check_plain(item, depth + 1)


class _Reader(pickle.Unpickler):
    """Knows no name but those of stand-ins."""

    def find_class(self, module: str, name: str) -> type:
        """The stand-in of a name."""
        known = _STAND_INS.get((module, name))
        if known is None:
            raise TypeError(f"it would load {module}.{name}"[:200])
        return known


class _Model:
    """In place of a model of qdrant-client: keeps its state."""

    state: Any = None

    def __setstate__(self, state: Any) -> None:
        self.state = state

    def fields(self) -> dict[str, Any]:
        """What the model holds."""
        state = self.state
        if type(state) is not dict or state.get("__pydantic_private__") is not None:
            raise TypeError("a model has another state")
        fields = state.get("__dict__")
        if type(fields) is not dict or state.get("__pydantic_extra__") not in (None, {}):
            raise TypeError("a model has other fields")
        return fields


class _Point(_Model):
    """In place of a point."""


class _Sparse(_Model):
    """In place of a sparse vector."""


class _Number:
    """In place of numpy's dtype: floats of the machine's own order, and nothing else."""

    def __init__(self, name: str, align: bool, copy: bool) -> None:
        if (name, align, copy) not in {(each, False, True) for each in _SIZES}:
            raise TypeError("an array holds no floats")
        self.size = _SIZES[name]

    def __setstate__(self, state: Any) -> None:
        if state != _STATE:
            raise TypeError("an array holds floats of another order")


class _Shape:
    """In place of numpy's class of arrays: only named, never called."""

    def __init__(self) -> None:
        raise TypeError("an array is made in another way")

    def __setstate__(self, state: Any) -> None:
        raise TypeError("an array is made in another way")


class _Array:
    """In place of an array: whether its bytes are as many as it has numbers."""

    is_whole = False

    def __init__(self, kind: Any, shape: Any, code: Any) -> None:
        if kind is not _Shape or shape != (0,) or code != b"b":
            raise TypeError("an array is made in another way")

    def __setstate__(self, state: Any) -> None:
        version, shape, number, _, data = state
        if type(number) is not _Number or type(data) is not bytes or type(shape) is not tuple:
            raise TypeError("an array is none")
        if version != 1 or any(type(each) is not int or each < 0 for each in shape):
            raise TypeError("an array has another shape")
        if math.prod(shape) * number.size != len(data):
            raise TypeError("an array is cut")
        self.is_whole = True


_MODELS = "qdrant_client.http.models.models"
_STAND_INS: dict[tuple[str, str], type] = {
    (_MODELS, "PointStruct"): _Point,
    (_MODELS, "SparseVector"): _Sparse,
    ("numpy", "ndarray"): _Shape,
    ("numpy", "dtype"): _Number,
    ("numpy._core.multiarray", "_reconstruct"): _Array,
    ("numpy.core.multiarray", "_reconstruct"): _Array,
}
