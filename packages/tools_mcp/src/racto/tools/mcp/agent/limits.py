"""What one run of an agent may use up."""

from __future__ import annotations

from dataclasses import dataclass

from racto.core.errors import ConfigurationError

_POSITIVE = ("max_cost", "max_seconds", "tool_timeout")
_LEAST = {"max_tool_calls": 0, "max_tokens": 1, "max_result_chars": 1, "max_parallel_tools": 1}


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentLimits:
    """Limits of a run beside ``max_turns``; None is no limit.

    A limit that is reached is no error: the run stops, ``stop_reason`` says which one it was, and
    the calls that were not run are answered so that the transcript can go on. Tokens and cost are
    known only when a reply is there, so one turn may go beyond them.

    Attributes:
        max_tool_calls: Most calls of tools that are run; of a turn that asks for more the first
            ones are run.
        max_tokens: Most tokens of all replies together, input and output.
        max_cost: Highest price of all replies together, in the currency of the kit's prices. A
            kit that knows no price stops the run after its first round of calls, with
            ``unknown_cost``: what cannot be counted cannot be limited.
        max_seconds: Longest time of the run, the approval of calls included. Each model call gets
            what is left of it as its ``timeout``, in place of the kit's own; set the request's
            ``timeout`` to bound each call more tightly.
        tool_timeout: Longest time of each tool call. A late one is told to the model as an error.
            An async tool is cancelled, a blocking one goes on in its thread and nobody waits.
        max_result_chars: Most characters of a tool's answer that the model is shown.
        max_parallel_tools: How many tools of one turn run at once.

    Raises:
        ConfigurationError: If a limit is zero or negative; ``max_tool_calls`` may be zero.
    """

    max_tool_calls: int | None = None
    max_tokens: int | None = None
    max_cost: float | None = None
    max_seconds: float | None = None
    tool_timeout: float | None = None
    max_result_chars: int | None = 100_000
    max_parallel_tools: int = 8

    def __post_init__(self) -> None:
        for name in _POSITIVE:
            # Asked this way round, so that what is not a number is refused too.
            if (value := getattr(self, name)) is not None and not value > 0:
                raise ConfigurationError(f"AgentLimits.{name} must be above 0, not {value!r}")
        for name, least in _LEAST.items():
            value = getattr(self, name)
            if value is None and name != "max_parallel_tools":
                continue
            if value is None or value < least:
                raise ConfigurationError(
                    f"AgentLimits.{name} must be {least} or more, not {value!r}"
                )
