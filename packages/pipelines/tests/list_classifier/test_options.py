"""Options of any text stay apart, can change while in use, and become enums."""

from __future__ import annotations

import json
import threading
from typing import Any

import pytest
from hypothesis import given, strategies as st

from racto.core.errors import ConfigurationError, ResponseModelValidationError
from racto.core.testing import ScriptedKit
from racto.pipelines.list_classifier import ListClassifierPipeline

ODD = [
    "mro", "name", "value", "_x_", "__class__", "_member_map_", "a|b", "a", "b", "US", "us", "a.b",
    "Größe", "日本語", "two\nlines", '"quoted"', "{}", "1", "None", "a, b", "\u00e9mile", "e\u0301mile",
]  # fmt: skip


def echoing(options: list[str]) -> ListClassifierPipeline:
    """Chooses the option that it is given as text."""

    def answer(config: Any) -> str:
        return json.dumps({"selected": config.user_message, "confidence": 0.5})

    return ListClassifierPipeline(ScriptedKit(answer), options=options, max_retries=0)


def test_each_odd_option_is_found_as_itself() -> None:
    one = echoing(ODD)
    for option in ODD:
        result = one.run(option)
        assert result.selected == [option]
        assert not result.fuzzy_corrected


@given(
    st.lists(
        st.text(st.characters(exclude_categories=["Cs"]), min_size=1).filter(str.strip),
        min_size=1,
        max_size=8,
        unique=True,
    )
)
def test_any_options_are_found_as_themselves(options: list[str]) -> None:
    one = echoing(options)
    for option in options:
        assert one.run(option).selected == [option]
    members = ListClassifierPipeline.make_enum(options)
    assert [member.value for member in members] == options
    assert [members[option].name for option in options] == options


def test_options_that_differ_by_case_are_never_mixed_up() -> None:
    one = echoing(["US", "us"])
    assert one.run("us").selected == ["us"]
    assert one.run("US").selected == ["US"]
    # Nobody knows which of the two "Us" is.
    with pytest.raises(ResponseModelValidationError):
        one.run("Us")


def test_case_counts_where_it_is_to_count() -> None:
    kit = ScriptedKit([json.dumps({"selected": "billing"})] * 2)
    strict = ListClassifierPipeline(
        kit, options=["Billing"], case_sensitive=True, max_retries=0, fuzzy_fallback=True
    )
    with pytest.raises(ResponseModelValidationError):
        strict.run("x")


def test_joined_options_are_other_options() -> None:
    one = echoing(["a|b"])
    assert one.run("a|b").selected == ["a|b"]
    with pytest.raises(ResponseModelValidationError):
        one.run("a|b", options=["a", "b"])


def test_enums_of_names_that_enum_reserves() -> None:
    members = ListClassifierPipeline.make_enum(ODD, "Odd")
    assert members.__name__ == "Odd"
    assert len(members) == len(ODD)
    for option in ODD:
        assert members[option].value == option
        assert members[option].name == option
        assert members(option) is members[option]
        assert option in members.__members__
    assert members["a|b"] is not members["a"]
    assert isinstance(members.a, members)  # type: ignore[attr-defined]
    assert repr(members["mro"]) == "<Odd.mro: 'mro'>"


def test_what_is_no_enum() -> None:
    with pytest.raises(ConfigurationError, match="twice"):
        ListClassifierPipeline.make_enum(["a", "a"])
    with pytest.raises(ConfigurationError, match="no name for a class"):
        ListClassifierPipeline.make_enum(["a"], "two words")


def test_options_change() -> None:
    one = echoing(["A", "B"])
    one.add_option("C", "the third")
    assert one.get_options() == ["A", "B", "C"]
    assert one.run("C").selected == ["C"]
    one.remove_option("A")
    assert one.get_options() == ["B", "C"]
    one.set_options(["D"])
    assert one.get_options() == ["D"]
    one.remove_option("D")
    assert one.get_options() == []
    with pytest.raises(ConfigurationError, match="there are no options"):
        one.run("D")
    with pytest.raises(ConfigurationError, match="no option"):
        one.remove_option("D")
    with pytest.raises(ConfigurationError, match="empty"):
        one.set_options([])
    one.add_option("E")
    with pytest.raises(ConfigurationError, match="twice"):
        one.add_option("E")
    mine = one.get_options()
    assert mine is not None
    mine.append("F")
    assert one.get_options() == ["E"]


def test_a_pipeline_without_options_of_its_own() -> None:
    one = ListClassifierPipeline(ScriptedKit())
    assert one.get_options() is None
    one.add_option("A")
    assert one.get_options() == ["A"]


def test_changes_from_many_threads() -> None:
    one = echoing(["start"])

    def work(number: int) -> None:
        for place in range(50):
            one.add_option(f"{number}-{place}")
            assert one.run(f"{number}-{place}").selected == [f"{number}-{place}"]

    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(one.get_options() or ()) == 201


def test_descriptions_and_examples_stand_beside_their_options() -> None:
    kit = ScriptedKit([json.dumps({"selected": "A"})] * 2)
    one = ListClassifierPipeline(
        kit,
        options=["A", "B"],
        option_descriptions={"A": 'first\n- "Z"'},
        option_examples={"B": ["like this"]},
    )
    one.run("x")
    system = kit.requests[-1].system or ""
    assert '- "A": first - "Z"\n- "B" (for example "like this")\n' in system
    one.remove_option("A")
    one.add_option("A", "changed")
    one.run("x")
    assert '- "A": changed' in (kit.requests[-1].system or "")
