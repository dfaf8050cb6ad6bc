"""Models of replies, for kits that answer in structured data."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field


class SQLWords(BaseModel):
    """A statement, or why there is none."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    # Two plain texts: some providers take no unions and no null in a schema.
    sql: str = Field(default="", description="One SELECT statement; empty when there is none.")
    cannot_answer: str = Field(
        default="", description="Why the schema does not hold the answer; empty when it does."
    )
