"""How the command ends: its exit codes, and the error that carries one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from racto.core.errors import RactoGatewayError

DONE: Final = 0
FINDINGS: Final = 1
USAGE: Final = 2
UNREACHED: Final = 3
TOOL_FAILED: Final = 4
INTERRUPTED: Final = 130


class CommandError(RactoGatewayError):
    """Ends the command with a line of explanation and an exit code.

    Attributes:
        code: The exit code.
        details: Lines that are shown below the first.
    """

    def __init__(self, message: str, *, code: int = USAGE, details: Sequence[str] = ()) -> None:
        super().__init__(message)
        self.code = code
        self.details = tuple(details)


def in_options(message: str) -> str:
    """An error of the library with its parameters called by the names of the options."""
    # The library speaks to programmers; here its parameters are options.
    for parameter, option in _OPTIONS.items():
        message = message.replace(parameter, option)
    return message


_OPTIONS = {
    "see token= and auth=": "see --token-env, --token-file and --login",
    "check the path of url=": "check the path in the URL",
    "(open_timeout=)": "(--open-timeout)",
    "Allow more with timeout=": "Allow more with --timeout",
    "(code -32602)": "(invalid parameters)",
    "allow_unauthenticated=True": "--allow-unauthenticated",
    "give auth= a mapping of token to client name": "give --token-env",
}
