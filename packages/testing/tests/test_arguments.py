"""Arguments are an object, or nothing."""

from __future__ import annotations

from typing import Any

import pytest

from racto.testing import ToolCall
from racto.testing.arguments import argument_object


@pytest.mark.parametrize(
    ("arguments", "found"),
    [
        ({"a": 1}, {"a": 1}),
        ('{"a": 1}', {"a": 1}),
        ("", {}),
        ('{"a": ', None),
        ("[1]", None),
        ("null", None),
    ],
)
def test_arguments_are_an_object_or_nothing(arguments: Any, found: Any) -> None:
    assert argument_object(ToolCall(name="f", arguments=arguments)) == found


def test_the_object_is_a_copy() -> None:
    told = {"a": 1}
    found = argument_object(ToolCall(name="f", arguments=told))
    assert found is not told
