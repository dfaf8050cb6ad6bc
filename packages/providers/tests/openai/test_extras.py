"""The caller's own fields replace what was there; tools stand beside it."""

from __future__ import annotations

from racto.providers.openai.extras import with_extra


def test_extra_replaces_and_adds_and_changes_nothing_in_place() -> None:
    fields = {"a": 1, "text": {"format": 1, "x": 1}, "other": {"y": 1}, "tools": [1]}
    extra = {"a": 2, "b": 3, "text": {"x": 2}, "other": {"z": 2}, "tools": (2,)}
    made = with_extra(fields, extra, nested=("text", "missing"))
    assert made == {
        "a": 2,
        "b": 3,
        "text": {"format": 1, "x": 2},
        "other": {"z": 2},
        "tools": [1, 2],
    }
    assert (fields["tools"], fields["text"]) == ([1], {"format": 1, "x": 1})


def test_what_is_no_list_of_tools_is_left_to_the_server() -> None:
    assert with_extra({"tools": [1]}, {"tools": None}) == {"tools": None}
    assert with_extra({}, {"text": "x"}, nested=("text",)) == {"text": "x"}
