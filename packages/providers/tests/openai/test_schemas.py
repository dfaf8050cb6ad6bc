"""Tools and replies as both of OpenAI's APIs describe them: strict where that loses nothing."""

from __future__ import annotations

from typing import Generic, TypeVar

import pytest
from pydantic import BaseModel

from racto.core import ToolSchema, UnsupportedFeatureError
from racto.providers.kits import Omissions
from racto.providers.openai import COMPATIBLE, OPENAI
from racto.providers.openai.schemas import described_reply, described_tool

T = TypeVar("T")


class City(BaseModel):
    name: str


class Counts(BaseModel):
    by_name: dict[str, int]


class Reply(BaseModel, Generic[T]):
    value: T


def raising() -> Omissions:
    return Omissions("raise", provider="openai")


def test_a_strict_tool_gets_a_strict_schema() -> None:
    schema = {"type": "object", "properties": {"a": {"type": "integer", "default": 1}}}
    made = described_tool(ToolSchema(name="f", json_schema=schema, strict=True), OPENAI, raising())
    assert made["strict"] is True
    assert made["parameters"]["required"] == ["a"]
    plain = described_tool(ToolSchema(name="f", json_schema=schema), OPENAI, raising())
    assert plain == {"name": "f", "parameters": schema}


def test_a_tool_that_cannot_be_strict_is_told_where_it_is_enforced() -> None:
    loose = ToolSchema(
        name="f", json_schema={"type": "object", "additionalProperties": True}, strict=True
    )
    with pytest.raises(UnsupportedFeatureError, match="any name"):
        described_tool(loose, OPENAI, raising())
    assert described_tool(loose, COMPATIBLE, raising())["strict"] is True


def test_a_tool_name_that_openai_refuses_is_refused_early() -> None:
    with pytest.raises(UnsupportedFeatureError, match=r"server\.tool"):
        described_tool(ToolSchema(name="server.tool"), OPENAI, Omissions("drop", provider="o"))


def test_a_reply_is_strict_where_nothing_is_lost() -> None:
    made = described_reply(City, OPENAI, raising())
    assert (made["name"], made["strict"]) == ("City", True)
    with pytest.raises(UnsupportedFeatureError, match=r"\$\.by_name"):
        described_reply(Counts, OPENAI, raising())
    loose = described_reply(Counts, OPENAI, Omissions("drop", provider="openai"))
    assert "strict" not in loose
    assert "additionalProperties" in str(loose["schema"])
    assert "strict" not in described_reply(City, COMPATIBLE, raising())


def test_the_name_of_a_generic_model_is_one_that_the_api_takes() -> None:
    assert described_reply(Reply[int], OPENAI, raising())["name"] == "Reply_int_"
