"""``racto-mcp read``: what a resource holds."""

from __future__ import annotations

import argparse
import json

from racto.tools.mcp import RactoMCPClient

from .console import Console
from .exits import DONE
from .parts import save_parts, show_parts
from .sessions import in_session
from .shapes import parts_data
from .targets import target_of


def perform(options: argparse.Namespace) -> int:
    """Read the resource."""
    target = target_of(options, least=1, most=1, wanted="the URI of the resource")
    return in_session(
        target.config, options, lambda client: _read(client, target.words[0], options)
    )


async def _read(client: RactoMCPClient, uri: str, options: argparse.Namespace) -> int:
    parts = await client.read_resource(uri)
    saved = save_parts(parts, options.save, "resource")
    if options.json:
        data = {"uri": uri, "parts": parts_data(parts, saved)}
        print(json.dumps(data, ensure_ascii=False))  # noqa: T201
    else:
        show_parts(Console(), parts, saved)
    return DONE
