"""Messages, lists and maps are read whole, and all their faults are told at once."""

from __future__ import annotations

from typing import Any

from hypothesis import given, strategies as st

from racto.testing.gemini.messages import Message, Repeated, Table
from racto.testing.gemini.protojson import FLAG, INT32, TEXT, Faults

LEAF = Message("Leaf", {"someText": TEXT, "count": INT32}, vertex={"onlyThere": FLAG})
TREE = Message(
    "Tree",
    {"leaf": LEAF, "leaves": Repeated(LEAF), "byName": Table(LEAF), "one": TEXT, "other": TEXT},
    oneof={"choice": "one other"},
)
TREE.define({"inner": TREE})


def faults_of(value: Any, *, vertex: bool = False) -> list[str]:
    faults = Faults(vertex=vertex)
    TREE.read(value, "", faults)
    return [told for _, told in faults.found]


def read(value: Any) -> Any:
    faults = Faults()
    found = TREE.read(value, "", faults)
    assert faults.found == []
    return found


def test_both_spellings_are_read_as_one() -> None:
    assert read({"leaf": {"some_text": "a"}}) == read({"leaf": {"someText": "a"}})
    assert read({"by_name": {"x_y": {"count": "3"}}}) == {"byName": {"x_y": {"count": 3}}}


def test_null_is_as_good_as_nothing() -> None:
    assert read({"leaf": None, "leaves": None}) == {}


def test_one_passes_for_a_list_of_one() -> None:
    assert read({"leaves": {"count": 1}}) == {"leaves": [{"count": 1}]}


def test_unknown_names_are_told_with_their_place() -> None:
    told = faults_of(
        {"x": 1, "leaf": {"y": 1}, "leaves": [{}, {"z": 1}], "byName": {"k": {"w": 1}}}
    )
    assert told == [
        'Invalid JSON payload received. Unknown name "x": Cannot find field.',
        "Invalid JSON payload received. Unknown name \"y\" at 'leaf': Cannot find field.",
        "Invalid JSON payload received. Unknown name \"z\" at 'leaves[1]': Cannot find field.",
        "Invalid JSON payload received. Unknown name \"w\" at 'by_name[0].value': Cannot find field.",
    ]


def test_a_field_of_vertex_is_unknown_elsewhere() -> None:
    assert "Cannot find field" in faults_of({"leaf": {"onlyThere": True}})[0]
    assert faults_of({"leaf": {"onlyThere": True}}, vertex=True) == []


def test_of_a_group_one_may_be_set() -> None:
    told = (
        "Invalid value at 'inner' (oneof), oneof field 'choice' is already set. Cannot set 'other'"
    )
    assert faults_of({"inner": {"one": "a", "other": "b"}}) == [told]
    assert faults_of({"one": "a", "other": None}) == []


def test_a_message_is_an_object() -> None:
    name = "type.googleapis.com/google.ai.generativelanguage.v1beta.Leaf"
    assert faults_of({"leaf": "x"}) == [f"Invalid value at 'leaf' ({name}), \"x\""]
    assert faults_of({"leaf": []})[0].endswith("Proto field is not repeating, cannot start list.")
    assert faults_of({"byName": 3}) == ["Invalid value at 'by_name' (Map), 3"]


def test_a_very_deep_message_is_refused_and_does_no_harm() -> None:
    value: dict[str, Any] = {}
    for _ in range(500):
        value = {"inner": value}
    assert faults_of(value) == ["Message too deep. Max recursion depth reached."]


NESTED = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=3),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["leaf", "leaves", "by_name", "one", "inner", "count", "x"]), inner
        )
    ),
)


@given(NESTED)
def test_no_value_breaks_the_reader_and_what_is_read_can_be_read_again(value: Any) -> None:
    faults = Faults()
    found = TREE.read(value, "root", faults)
    if not faults.found:
        again = Faults()
        assert TREE.read(found, "root", again) == found
        assert again.found == []
