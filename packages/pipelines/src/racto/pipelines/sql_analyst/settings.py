"""What a pipeline was told when it was made and what one run was told, checked once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal, TypeAlias

from racto.core.chat import ChatConfig
from racto.core.errors import ConfigurationError
from racto.core.prompts import RactoPrompt
from racto.core.protocols.chat import ChatKit

from .progress import StepListener

AnalysisEngine: TypeAlias = Literal["pandas", "polars"]
"""The library that analysis code is written for."""


SandboxMode: TypeAlias = Literal["locked", "unsafe"]
"""Whether analysis code runs in a locked process only, or also where none can be locked."""


class Unset:
    """The value of an argument that was not given, where None means something else."""

    def __repr__(self) -> str:
        return "<unset>"


UNSET: Final = Unset()
"""The only one of its kind."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ModelSettings:
    """How one step asks its model.

    Attributes:
        kit: The kit.
        prompt: System prompt that replaces racto's own, as a prompt or as plain text.
        temperature: Sampling temperature; None leaves it to the model.
        max_tokens: Most tokens of the reply.
    """

    kit: ChatKit
    prompt: RactoPrompt | str | None = None
    temperature: float | None = 0.0
    max_tokens: int = 1024

    def request(self, task: str, default: RactoPrompt, **further: Any) -> ChatConfig:
        """What to ask the kit.

        Args:
            task: The user's message.
            default: System prompt when there is no other.
            **further: Further fields of the request.
        """
        # The caller's words replace ours as a whole; the guard does not depend on either.
        prompt: RactoPrompt | str = self.prompt or default
        if isinstance(prompt, str):
            further["system"] = prompt
        else:
            further["prompt"] = prompt
        return ChatConfig(
            user_message=task,
            temperature=self.temperature,
            max_tokens=self.max_tokens,
            # The reference's temperature of 0.0 is a wish, and several of today's models take none.
            on_unsupported="drop",
            **further,
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class Inquiry:
    """One question and how it is to be answered; see :meth:`SQLAnalystPipeline.run`.

    Attributes:
        question: The user's words.
        schema: The schema as text, given by the caller; None reads the database's own.
        run_pandas: Whether to run the analysis.
        run_answer: Whether to write the answer.
        chart: ``"auto"``, a spec, a dictionary of its fields, or None.
        sql: How the SQL is asked for.
        pandas: How the analysis code is asked for.
        answer: How the answer is asked for.
        max_rows: Most rows to fetch; 0 for no bound.
        user_id: Who asks.
        session_id: The conversation.
        listener: Gets the events of the steps.
    """

    question: str
    schema: str | None = None
    run_pandas: bool = True
    run_answer: bool = True
    chart: Any = "auto"
    sql: ModelSettings
    pandas: ModelSettings
    answer: ModelSettings
    max_rows: int = 10_000
    user_id: str | None = None
    session_id: str | None = None
    listener: StepListener | None = None

    def __post_init__(self) -> None:
        if not self.question.strip():
            raise ConfigurationError("user_query is empty; ask a question")
        if self.max_rows < 0:
            raise ConfigurationError(f"max_rows is {self.max_rows}; 0 means no bound")


def check_read_only(force_read_only: bool | None) -> None:
    """Refuse to switch the guard off.

    Raises:
        ConfigurationError: If ``force_read_only`` is False.
    """
    if force_read_only is False:
        raise ConfigurationError(
            "force_read_only=False is not taken: statements that a model writes are never allowed "
            "to write. Run your own statements with SQLAlchemy"
        )


def check_engine(engine: str) -> AnalysisEngine:
    """Read the argument ``analysis_engine``.

    Raises:
        ConfigurationError: If it is neither ``pandas`` nor ``polars``.
    """
    if engine == "pandas":
        return "pandas"
    if engine == "polars":
        return "polars"
    raise ConfigurationError(f"analysis_engine is 'pandas' or 'polars', not {engine!r}")


def check_names(given: Any, name: str) -> tuple[str, ...] | None:
    """Read a list of names; None stays None.

    Raises:
        ConfigurationError: If it is one text, which would be read letter by letter, or holds
            something else than texts.
    """
    if given is None:
        return None
    if isinstance(given, str | bytes | Mapping):
        raise ConfigurationError(f"{name} takes a list of names, not {type(given).__name__}")
    names = tuple(given)
    if not all(isinstance(entry, str) and entry.strip() for entry in names):
        raise ConfigurationError(f"{name} holds something that is no name")
    return names
