"""What a run has used: tokens and cost of each step, told apart."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, TypeAlias

from pydantic import BaseModel, ConfigDict, Field, computed_field, model_validator

from racto.core.usage import Usage

PaidStep: TypeAlias = Literal["sql", "pandas", "answer"]
"""A step that asks a model."""

_STEPS: tuple[PaidStep, ...] = ("sql", "pandas", "answer")


class PipelineUsage(BaseModel):
    """Tokens and cost of the model calls of one run, retries included.

    The reference's six counts are read as ever (``usage.sql_input_tokens``), and may still be given
    to the constructor; beside them each step has its whole :class:`~racto.core.Usage`.

    Attributes:
        sql: Of writing the SQL.
        pandas: Of writing the analysis code, whichever its engine.
        answer: Of writing the answer.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    sql: Usage = Field(default_factory=Usage.nothing)
    pandas: Usage = Field(default_factory=Usage.nothing)
    answer: Usage = Field(default_factory=Usage.nothing)

    @model_validator(mode="before")
    @classmethod
    def _take_counts(cls, data: Any) -> Any:
        if not isinstance(data, Mapping):
            return data
        given = dict(data)
        # What only repeats other fields comes back with our own JSON.
        for name in _COMPUTED:
            given.pop(name, None)
        for name in _STEPS:
            read = {
                part: given.pop(f"{name}_{part}", None)
                for part in ("input_tokens", "output_tokens")
            }
            counts = {part: count for part, count in read.items() if count is not None}
            # The whole usage of a step knows more than its two counts.
            if counts and name not in given:
                given[name] = Usage(**counts)
        return given

    @computed_field  # type: ignore[prop-decorator]
    @property
    def sql_input_tokens(self) -> int:
        """Prompt tokens of writing the SQL."""
        return self.sql.prompt_tokens

    @computed_field  # type: ignore[prop-decorator]
    @property
    def sql_output_tokens(self) -> int:
        """Generated tokens of writing the SQL."""
        return self.sql.output_tokens

    @computed_field  # type: ignore[prop-decorator]
    @property
    def pandas_input_tokens(self) -> int:
        """Prompt tokens of writing the analysis code."""
        return self.pandas.prompt_tokens

    @computed_field  # type: ignore[prop-decorator]
    @property
    def pandas_output_tokens(self) -> int:
        """Generated tokens of writing the analysis code."""
        return self.pandas.output_tokens

    @computed_field  # type: ignore[prop-decorator]
    @property
    def answer_input_tokens(self) -> int:
        """Prompt tokens of writing the answer."""
        return self.answer.prompt_tokens

    @computed_field  # type: ignore[prop-decorator]
    @property
    def answer_output_tokens(self) -> int:
        """Generated tokens of writing the answer."""
        return self.answer.output_tokens

    @computed_field  # type: ignore[prop-decorator]
    @property
    def total_input_tokens(self) -> int:
        """Prompt tokens of all steps."""
        return self.total.prompt_tokens

    @computed_field  # type: ignore[prop-decorator]
    @property
    def total_output_tokens(self) -> int:
        """Generated tokens of all steps."""
        return self.total.output_tokens

    @computed_field  # type: ignore[prop-decorator]
    @property
    def total_tokens(self) -> int:
        """All tokens of all steps."""
        return self.total.total_tokens

    @computed_field  # type: ignore[prop-decorator]
    @property
    def cost(self) -> float | None:
        """Price of the run in ``total.currency``; None when the price of a step is unknown."""
        return self.total.cost

    @property
    def total(self) -> Usage:
        """All steps together."""
        return self.sql + self.pandas + self.answer

    def plus(self, step: PaidStep, used: Usage) -> PipelineUsage:
        """This usage and one more call's.

        Args:
            step: The step that made the call.
            used: What it used.
        """
        return self.model_copy(update={step: getattr(self, step) + used})


_COMPUTED = ("total_input_tokens", "total_output_tokens", "total_tokens", "cost")
