"""``racto-mcp serve``: a registry, functions or a server of yours, for any client."""

from __future__ import annotations

import argparse
import sys
from typing import Any

from racto.core.errors import ConfigurationError
from racto.tools.mcp.server import RactoMCPServer

from .exits import DONE, UNREACHED, CommandError, in_options
from .modules import server_of
from .notices import Notices
from .targets import token_of

_HTTP_ONLY = ("host", "port", "token_env", "allow_host", "allow_unauthenticated")


def perform(options: argparse.Namespace) -> int:
    """Serve until the client leaves, or Ctrl-C."""
    _check(options)
    server = _server(options)
    if options.transport == "stdio" and sys.stdin is not None and sys.stdin.isatty():
        _explain(options.notices, server)
    try:
        server.run(
            options.transport,
            host=options.host or "127.0.0.1",
            port=8000 if options.port is None else options.port,
            allowed_hosts=options.allow_host or None,
            allow_unauthenticated=options.allow_unauthenticated,
        )
    except ConfigurationError as error:
        # A port that is taken is no fault of the command line.
        code = UNREACHED if isinstance(error.__cause__, OSError) else 2
        raise CommandError(in_options(error.message), code=code) from error
    options.notices.end_line()
    return DONE


def _check(options: argparse.Namespace) -> None:
    if options.demo == (options.module is not None):
        raise CommandError("serve takes one of MODULE[:ATTRIBUTE] and --demo")
    given = [name for name in _HTTP_ONLY if getattr(options, name) not in (None, [], False)]
    # Said aloud: a server that silently ignores --host would be looked for in vain.
    if options.transport == "stdio" and given:
        option = f"--{given[0].replace('_', '-')}"
        raise CommandError(f"{option} is for HTTP: add --transport streamable-http")


def _server(options: argparse.Namespace) -> RactoMCPServer:
    token = token_of(options)
    # The variable's name is all that is known of who has it.
    auth: Any = {token: str(options.token_env)} if token is not None else None
    if options.demo:
        from .demo import demo_server

        return demo_server(options.name or "demo", auth=auth)
    return server_of(options.module, name=options.name, auth=auth)


def _explain(notices: Notices, server: RactoMCPServer) -> None:
    """What a person should know who sees nothing happen."""
    notices.tell(
        f"{server.name} speaks MCP on standard input and output; clients start it themselves.\n"
        "  try it       racto-mcp list -- racto-mcp serve ...\n"
        "  over HTTP    racto-mcp serve ... --transport streamable-http\n"
        "  end it       Ctrl-C"
    )
