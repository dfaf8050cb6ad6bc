"""Settings that Chat Completions and Responses share: names, ranges, metadata, moderation."""

from __future__ import annotations

from typing import Annotated, Literal, TypeAlias

from pydantic import Field

from racto.testing.fields import Strict

MetadataKey: TypeAlias = Annotated[str, Field(max_length=64)]
MetadataValue: TypeAlias = Annotated[str, Field(max_length=512)]
Metadata: TypeAlias = Annotated[dict[MetadataKey, MetadataValue], Field(max_length=16)]
# The API counts in decimals; an integer is one.
Temperature: TypeAlias = Annotated[float, Field(ge=0, le=2)]
Share: TypeAlias = Annotated[float, Field(ge=0, le=1)]
TopLogprobs: TypeAlias = Annotated[int, Field(ge=0, le=20)]
UserId: TypeAlias = Annotated[str, Field(max_length=64)]
ToolName: TypeAlias = Annotated[
    str, Field(min_length=1, max_length=64, pattern=r"^[a-zA-Z0-9_-]+$")
]
# Which of these a model knows depends on the model, so that all are taken.
Effort: TypeAlias = Literal["none", "minimal", "low", "medium", "high", "xhigh", "max"]
Retention: TypeAlias = Literal["in_memory", "24h"]
Verbosity: TypeAlias = Literal["low", "medium", "high"]


class Judged(Strict):
    """What is done with a moderation's judgement."""

    mode: Literal["score", "block"]


class ModerationPolicy(Strict):
    """What is done on either side of the model."""

    input: Judged | None = None
    output: Judged | None = None


class Moderation(Strict):
    """A model that judges what goes in and comes out."""

    model: str
    policy: ModerationPolicy | None = None


class Plain(Strict):
    """Text of any form."""

    type: Literal["text"]


class AnyJson(Strict):
    """JSON of any form."""

    type: Literal["json_object"]


class Grammar(Strict):
    """A grammar that an input keeps."""

    definition: str
    syntax: Literal["lark", "regex"]
