"""One thing that validation found: a sentence that knows its line, message and rule."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """What a rule says of an example, before it is known where the example stands.

    Attributes:
        rule: Name of the rule.
        text: What is wrong, and what to do.
        place: Where in the example: ``messages[2]``, ``chosen[0]``; empty for all of it.
        message: Number of the message, from 0 on; None for the whole example.
        is_error: Whether a trainer would refuse the file for it.
    """

    rule: str
    text: str
    place: str = ""
    message: int | None = None
    is_error: bool = True


class Finding(str):
    """What validation found. It is a text, as in the reference, and knows the facts.

    Attributes:
        rule: Name of the rule, such as ``roles`` or ``duplicate``.
        line: The line of the file, from 1 on; of examples in memory the line they would be.
            None for what concerns the whole dataset.
        example: Number of the example, from 0 on; None for the whole dataset.
        message: Number of the message in its list, from 0 on; None for the whole example.
        is_error: Whether a trainer would refuse the file for it; other findings are advice.
    """

    rule: str
    line: int | None
    example: int | None
    message: int | None
    is_error: bool

    __slots__ = ("example", "is_error", "line", "message", "rule")

    @classmethod
    def of(cls, fault: Fault, *, line: int | None = None, example: int | None = None) -> Finding:
        """The finding of a fault at a place.

        Args:
            fault: What a rule said.
            line: The line of the file, from 1 on.
            example: Number of the example, from 0 on.
        """
        # The line first: that is what an editor can jump to.
        where = [f"line {line}"] if line is not None else ["the dataset"]
        where += [fault.place] if fault.place else []
        made = cls(f"{', '.join(where)}: {fault.text} [{fault.rule}]")
        made.rule, made.message, made.is_error = fault.rule, fault.message, fault.is_error
        made.line, made.example = line, example
        return made

    def as_data(self) -> dict[str, Any]:
        """The finding as JSON can hold it."""
        facts = {name: getattr(self, name) for name in sorted(self.__slots__)}
        return {"text": str(self), **facts}
