"""Vectors as Voyage tells them: as floats or small integers, as lists or packed."""

from __future__ import annotations

import base64
import struct
from collections.abc import Sequence

from racto.testing.vectors import vector

from .requests import VectorSettings

_DIMENSIONS = 1024
_FORMATS = {"float": "f", "int8": "b", "uint8": "B", "binary": "b", "ubinary": "B"}


def told_vector(text: str, asked: VectorSettings) -> list[float] | list[int] | str:
    """The vector of a text, in the form that was asked for.

    Args:
        text: The text.
        asked: The request.
    """
    kind = asked.output_dtype or "float"
    values = vector(text, asked.output_dimension or _DIMENSIONS)
    found = values if kind == "float" else _whole(values, kind)
    if asked.encoding_format is None:
        return found
    packed = struct.pack(f"<{len(found)}{_FORMATS[kind]}", *found)
    return base64.b64encode(packed).decode()


def _whole(values: Sequence[float], kind: str) -> list[int]:
    if kind in ("int8", "uint8"):
        shift = 128 if kind == "uint8" else 0
        return [round(value * 127) + shift for value in values]
    # Eight signs are one number, the first of them its highest bit.
    shift = 128 if kind == "binary" else 0
    eights = (values[at : at + 8] for at in range(0, len(values), 8))
    return [
        sum((value > 0) << (7 - bit) for bit, value in enumerate(each)) - shift for each in eights
    ]
