"""Kits that answer each step of the analyst by a script, whichever step asks first."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from racto.core import ChatConfig, LLMResponse
from racto.core.testing import ScriptedKit

Line = str | LLMResponse | Exception

CODE = "```python\nresult = df.shape[0]\n```"


def step_of(config: ChatConfig) -> str:
    """Which step a request belongs to: ``sql``, ``pandas`` or ``answer``."""
    role = config.prompt.role if config.prompt is not None else config.system or ""
    if role.startswith("You write SQL"):
        return "sql"
    return "pandas" if role.startswith("You analyse") else "answer"


def stage(
    sql: str | Iterable[Line], *, code: str | Iterable[Line] = CODE, answer: Line = "Done."
) -> ScriptedKit:
    """A kit with one script a step.

    Args:
        sql: The statement, or all replies to the SQL step in their order; the last one repeats.
        code: The same for the analysis step.
        answer: Reply to the answer step.
    """
    lines = {
        "sql": _repeating([sql] if isinstance(sql, str) else sql),
        "pandas": _repeating([code] if isinstance(code, str) else code),
        "answer": _repeating([answer]),
    }
    return ScriptedKit(lambda config: next(lines[step_of(config)]))


def asked(kit: ScriptedKit, step: str) -> list[ChatConfig]:
    """What a kit was asked in one step."""
    return [config for config in kit.requests if step_of(config) == step]


def _repeating(lines: Iterable[Line]) -> Iterator[Line]:
    last: Line = ""
    for line in lines:
        last = line
        yield line
    while True:
        yield last
