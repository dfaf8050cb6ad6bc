"""What clients may take of a server: sizes, numbers and times, each with a safe default."""

from __future__ import annotations

import math
from dataclasses import dataclass

from racto.core.errors import ConfigurationError


@dataclass(frozen=True, kw_only=True)
class ServerLimits:
    """The limits of one server.

    Attributes:
        max_request_bytes: Largest message from a client, over HTTP and over stdio.
        max_result_bytes: Largest result of a tool, resource or prompt; a larger one becomes an
            error that says so.
        max_sessions: Most sessions at once, of streamable HTTP and of SSE each.
        session_idle_timeout: Seconds after which an unused session of streamable HTTP ends.
        max_concurrent_calls: Most tool calls that run at once.
        max_waiting_calls: Most calls that wait for their turn; further ones are refused.
        tool_timeout: Seconds a tool may take; None for no limit. The clock stands still while a
            user is asked.
        max_open_questions: Most calls that wait for their users' answers between two requests.
        question_timeout: Seconds a call waits for its user's answer between two requests.
        page_size: Most tools, resources or prompts on one page of a list.

    Raises:
        ConfigurationError: If a limit is not positive.
    """

    max_request_bytes: int = 4 * 2**20
    max_result_bytes: int = 16 * 2**20
    max_sessions: int = 1000
    session_idle_timeout: float = 1800.0
    max_concurrent_calls: int = 64
    max_waiting_calls: int = 1000
    tool_timeout: float | None = None
    max_open_questions: int = 100
    question_timeout: float = 600.0
    page_size: int = 100

    def __post_init__(self) -> None:
        for name, value in vars(self).items():
            if value is not None and not (value > 0 and math.isfinite(value)):
                raise ConfigurationError(f"{name} must be above zero and finite, not {value}")
