"""Completions of arguments, and the silence of a server that has none."""

from __future__ import annotations

from collections.abc import Mapping

import mcp_types as types
import pytest
from mcp import MCPError

from racto.core import ConfigurationError
from racto.tools.mcp.server import RactoMCPServer


async def test_arguments_are_completed(dial) -> None:
    server = RactoMCPServer("completions")
    server.add_prompt(lambda city, country: f"{city} {country}", name="trip")

    @server.completion("trip", "city")
    def cities(typed: str, others: Mapping[str, str]) -> list[str]:
        known = ["Bern", "Berlin"] if others.get("country") != "de" else ["Berlin"]
        return [city for city in known if city.startswith(typed)]

    @server.completion("users://{id}", "id")
    async def ids(typed: str, _others: Mapping[str, str]) -> list[str]:
        return [f"{typed}{number}" for number in range(150)]

    @server.completion("trip", "country")
    def broken(_typed: str, _others: Mapping[str, str]) -> list[str]:
        raise OSError("atlas is gone")

    trip = types.PromptReference(name="trip")
    async with dial(server) as client:
        assert client.server_capabilities.completions is not None
        found = (await client.complete(trip, {"name": "city", "value": "Be"})).completion
        assert found.values == ["Bern", "Berlin"]
        found = (
            await client.complete(
                trip, {"name": "city", "value": "B"}, context_arguments={"country": "de"}
            )
        ).completion
        assert found.values == ["Berlin"]
        template = types.ResourceTemplateReference(uri="users://{id}")
        found = (await client.complete(template, {"name": "id", "value": "u"})).completion
        assert (len(found.values), found.total, found.has_more) == (100, 150, True)
        other = types.PromptReference(name="other")
        assert (await client.complete(other, {"name": "x", "value": ""})).completion.values == []
        with pytest.raises(MCPError, match="atlas is gone"):
            await client.complete(trip, {"name": "country", "value": ""})


async def test_without_any_the_power_is_not_claimed(dial_modern) -> None:
    async with dial_modern(RactoMCPServer("completions")) as client:
        assert client.server_capabilities.completions is None


def test_an_argument_is_completed_by_one_function() -> None:
    server = RactoMCPServer("completions")
    server.completion("a", "b")(lambda _typed, _others: [])
    with pytest.raises(ConfigurationError, match="already"):
        server.completion("a", "b")(lambda _typed, _others: [])
