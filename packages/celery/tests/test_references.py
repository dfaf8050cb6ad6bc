"""Models by path or schema, tools by name; and nothing a stranger may import."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from pydantic import BaseModel, ValidationError

from racto.celery.references import chosen_tools, model_at, model_of_schema, path_of
from racto.core.errors import ConfigurationError
from racto.core.schemas import type_schema
from racto.core.tools import ToolRegistry
from racto.core.usage import Usage


class Outer(BaseModel):
    """A model with one inside."""

    class Inner(BaseModel):
        """The one inside."""

        n: int


def test_path_leads_back() -> None:
    assert path_of(Usage) == "racto.core.usage:Usage"
    for model in (Usage, Outer.Inner):
        assert model_at(path_of(model)) is model


def test_local_class_has_no_path() -> None:
    class Local(BaseModel):
        pass

    with pytest.raises(ConfigurationError, match="cannot be imported by a worker"):
        path_of(Local)


def test_only_loaded_and_trusted_modules_are_looked_into(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "orders_of_mine").mkdir()
    marker = tmp_path / "was-imported"
    (tmp_path / "orders_of_mine" / "models.py").write_text(
        f"import pathlib\npathlib.Path({str(marker)!r}).touch()\n"
        "from racto.core.usage import Usage as Order\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    path = "orders_of_mine.models:Order"
    with pytest.raises(ConfigurationError, match="trusted_modules"):
        model_at(path)
    with pytest.raises(ConfigurationError, match="trusted_modules"):
        model_at(path, trusted=["orders_of_min", "orders"])
    assert not marker.exists()
    assert model_at(path, trusted=["orders_of_mine"]) is Usage
    assert marker.exists()
    monkeypatch.delitem(sys.modules, "orders_of_mine.models")
    monkeypatch.delitem(sys.modules, "orders_of_mine", raising=False)


@pytest.mark.parametrize(
    "path",
    [
        "os:system",
        "racto.core.usage:No",
        "racto.core.usage",
        "os:path.join",
        ":",
        "racto.core.chat:",
    ],
)
def test_what_is_no_model_is_refused(path: str) -> None:
    with pytest.raises(ConfigurationError, match="response_model"):
        model_at(path)


def test_module_that_fails_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "broken_of_mine.py").write_text("1 / 0\n")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(ConfigurationError, match="ZeroDivisionError"):
        model_at("broken_of_mine:X", trusted=["broken_of_mine"])


def test_schema_is_kept_and_holds_the_reply() -> None:
    schema = {
        "title": "Order",
        "type": "object",
        "properties": {"item": {"type": "string"}, "more": {"$ref": "#/$defs/More"}},
        "required": ["item"],
        "$defs": {"More": {"type": "integer", "minimum": 3}},
    }
    model = model_of_schema(schema)
    assert model.__name__ == "Order"
    assert type_schema(model).items() <= schema.items()
    assert model.model_json_schema() == schema
    assert model.model_validate_json('{"item": "a", "more": 3}').model_dump() == {
        "item": "a",
        "more": 3,
    }
    with pytest.raises(ValidationError, match="reply"):
        model.model_validate_json('{"more": 2}')
    # Each has a schema of its own.
    assert model_of_schema({"type": "object"}).model_validate_json("{}").model_dump() == {}


def test_tools_are_a_choice_in_the_registrys_order() -> None:
    def a() -> int:
        """A."""
        return 1

    def b() -> int:
        """B."""
        return 2

    registry = ToolRegistry([a, b])
    assert list(chosen_tools(["b"], registry).tools) == ["b"]
    assert list(registry.tools) == ["a", "b"]
    with pytest.raises(ConfigurationError, match="knows: a, b"):
        chosen_tools(["c"], registry)
    with pytest.raises(ConfigurationError, match="knows: none"):
        chosen_tools(["c"], None)
