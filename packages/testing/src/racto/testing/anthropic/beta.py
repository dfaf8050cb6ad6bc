"""Kinds of blocks and tools that beta features bring: they change by the month, and may pass."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, get_args

from pydantic import ConfigDict, ValidationInfo, ValidatorFunctionWrapHandler, WrapValidator

from racto.testing.fields import Strict


class BetaPart(Strict):
    """Something that only a beta feature knows; its own fields are not looked at."""

    model_config = ConfigDict(extra="allow")

    type: str


def open_to_beta(kinds: Any) -> WrapValidator:
    """Let what is none of the known kinds pass where the context of the reading is true.

    Args:
        kinds: The union of the models that are known by their ``type``.
    """
    models = get_args(kinds)
    known = {each for one in models for each in get_args(one.model_fields["type"].annotation)}

    def read(value: Any, handler: ValidatorFunctionWrapHandler, info: ValidationInfo) -> Any:
        kind = value.get("type") if isinstance(value, Mapping) else None
        if info.context and isinstance(kind, str) and kind not in known:
            return BetaPart.model_validate(value)
        return handler(value)

    return WrapValidator(read)
