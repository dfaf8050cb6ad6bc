"""Words and objects in providers' replies, of the type that the protocol gives them.

They are checked where they are read: what is put together of a stream's pieces trusts them.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, TypeVar

T = TypeVar("T")


def text_in(data: Mapping[str, Any], name: str) -> str:
    """The text of a field, as it came: a piece may end with half of a pair of surrogates.

    Returns:
        The text; empty when the field is missing or null.

    Raises:
        TypeError: If it is something else than text.
    """
    text = data.get(name)
    if text is None:
        return ""
    if not isinstance(text, str):
        raise TypeError(f"{name} is no text")
    return text


def name_in(data: Mapping[str, Any], name: str) -> str | None:
    """A name or another word that comes whole; None when it is missing, null or empty.

    Raises:
        TypeError: If it is something else than text.
    """
    text = text_in(data, name)
    return mended(text) if text else None


def id_in(data: Mapping[str, Any], name: str) -> str | None:
    """An id, which some servers give as a number; None when it is missing, null, empty or 0.

    Raises:
        TypeError: If it is neither text nor a whole number.
    """
    value = data.get(name)
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value) if value else None
    return name_in(data, name)


def place_in(data: Mapping[str, Any], name: str) -> int | None:
    """The number of an item among its like; None when it is missing or null.

    Raises:
        TypeError: If it is something else than a whole number.
    """
    place = data.get(name)
    if place is not None and not isinstance(place, int):
        raise TypeError(f"{name} is no whole number")
    return place


def objects_in(data: Mapping[str, Any], name: str) -> tuple[dict[str, Any], ...]:
    """The objects in a list, such as sources; none when the field is missing or null.

    Raises:
        TypeError: If it is no list, or something in it is no object.
    """
    found = data.get(name)
    if found is None:
        return ()
    if not isinstance(found, list) or not all(isinstance(each, dict) for each in found):
        raise TypeError(f"{name} is no list of objects")
    return tuple(mended(found))


def mended(value: T) -> T:
    """A JSON value of a stream without halves of surrogate pairs, which UTF-8 cannot carry.

    Whole replies are mended before they are read.

    Args:
        value: What ``json`` read; a string with an escape such as ``\\ud83d`` alone may hold one.

    Returns:
        The same value, or a copy in which each half is U+FFFD.
    """
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    if text.isascii():
        return value
    try:
        text.encode()
    except UnicodeEncodeError:
        whole: Any = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
        result: T = whole if isinstance(value, str) else json.loads(whole)
        return result
    return value
