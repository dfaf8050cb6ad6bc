"""Which server's tool a name stands for, kept as a table so that a call finds its way at once."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

from racto.core import ConfigurationError, RactoGatewayError, ToolSchema

from .client import RactoMCPClient
from .schemas import fitting

OnConflict: TypeAlias = Literal["last", "first", "error"]
"""Whose tool stands when two servers offer one name."""

_log = logging.getLogger("racto.tools.mcp")


@dataclass(frozen=True, kw_only=True, slots=True)
class Route:
    """Where a tool is called.

    Attributes:
        client: The client of its server.
        remote: Its name there.
        schema: Its schema under the name it has here.
    """

    client: RactoMCPClient
    remote: str
    schema: ToolSchema


class AsyncRoutes:
    """The tools of several servers by name.

    Args:
        clients: The clients by label, in the order that decides conflicts.
        prefix: Put the label before each name.
        on_conflict: Whose tool stands when names clash.

    Attributes:
        table: Routes by name, as of the last refresh.
        counts: How many tools each server has in the table.
        errors: Why a server did not list its tools.
    """

    def __init__(
        self, clients: Mapping[str, RactoMCPClient], *, prefix: bool, on_conflict: OnConflict
    ) -> None:
        self.table: dict[str, Route] = {}
        self.counts: dict[str, int] = {}
        self.errors: dict[str, RactoGatewayError] = {}
        self._clients, self._prefix, self._on_conflict = clients, prefix, on_conflict

    def forget(self) -> None:
        """Forget all routes, so that the next call lists the tools anew."""
        self.table = {}

    async def refresh(self) -> None:
        """List the tools of all servers at once; one that fails keeps none.

        Raises:
            ConfigurationError: If names clash and that is an error.
        """
        errors: dict[str, RactoGatewayError] = {}

        async def one(label: str, client: RactoMCPClient) -> Mapping[str, ToolSchema]:
            if client.state in ("closed", "failed"):
                return {}
            try:
                return await client.tools_by_name()
            except RactoGatewayError as error:
                _log.warning("%s", error)
                errors[label] = error
                return {}

        labels = list(self._clients)
        found = await asyncio.gather(*(one(label, self._clients[label]) for label in labels))
        table: dict[str, Route] = {}
        for label, tools in zip(labels, found, strict=True):
            self._add(table, label, tools)
        self.table, self.errors = table, errors
        self.counts = {
            label: sum(route.client is client for route in table.values())
            for label, client in self._clients.items()
        }

    def _add(self, table: dict[str, Route], label: str, tools: Mapping[str, ToolSchema]) -> None:
        client = self._clients[label]
        for remote, schema in tools.items():
            name = fitting(f"{label}__{schema.name}") if self._prefix else schema.name
            fit = schema if name == schema.name else schema.model_copy(update={"name": name})
            other = table.get(name)
            if other is not None:
                if self._on_conflict == "error":
                    raise self._clash(name, label, other)
                if self._on_conflict == "first":
                    continue
                fit = _overriding(fit, other.client.config.label, label)
            table[name] = Route(client=client, remote=remote, schema=fit)

    def _clash(self, name: str, label: str, other: Route) -> ConfigurationError:
        return ConfigurationError(
            f"the MCP servers {other.client.config.label!r} and {label!r} both offer a tool "
            f"{name!r}; tell them apart with prefix=True, or choose with on_conflict="
        )


def _overriding(schema: ToolSchema, other: str, label: str) -> ToolSchema:
    note = f"(This is the tool of server {label!r}, in place of the one of {other!r}.)"
    text = f"{schema.description}\n\n{note}" if schema.description else note
    return schema.model_copy(update={"description": text})
