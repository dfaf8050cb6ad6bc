"""Partial output as entries of a Redis stream: how a run writes them, how a reader puts them together."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

EntryKind: TypeAlias = Literal["begin", "text", "thinking", "end", "failed"]

# Short, since each piece of a reply carries them.
KIND, RUN, DATA = b"k", b"r", b"d"


@dataclass(frozen=True, kw_only=True, slots=True)
class PartialOutput:
    """One step of a reply that is being written.

    Attributes:
        text: New text of the reply.
        thinking: New reasoning text.
        is_restart: Whether the task began anew, so that all text before is void.
        is_final: Whether this is the last step.
        is_cut: Whether text is missing because the reply was longer than what is streamed; the
            task's result is whole.
    """

    text: str = ""
    thinking: str = ""
    is_restart: bool = False
    is_final: bool = False
    is_cut: bool = False


def entry(kind: EntryKind, run: str, data: str = "") -> dict[bytes, str]:
    """The fields of one entry."""
    return {KIND: kind, RUN: run, DATA: data}


class PartialAssembler:
    """Makes steps of entries; those of a run that another one has replaced are left out."""

    def __init__(self) -> None:
        self._run = b""
        self._has_output = False
        self.is_over = False
        """Whether the reply is complete."""

    def take(self, entries: Iterable[Mapping[bytes, bytes]]) -> list[PartialOutput]:
        """The steps that entries make, in their order; unknown kinds are passed over."""
        steps: list[PartialOutput] = []
        for fields in entries:
            found = None if self.is_over else self._step(fields)
            if found is not None:
                steps.append(found)
        return steps

    def _step(self, fields: Mapping[bytes, bytes]) -> PartialOutput | None:
        kind, run = fields.get(KIND, b""), fields.get(RUN, b"")
        if kind == b"begin":
            # Only what was shown has to be taken back.
            is_restart, self._run, self._has_output = self._has_output, run, False
            return PartialOutput(is_restart=True) if is_restart else None
        if run != self._run:
            return None
        text = fields.get(DATA, b"").decode("utf-8", "replace")
        if kind == b"end":
            self.is_over = True
            return PartialOutput(is_final=True, is_cut=text == "cut")
        if kind not in (b"text", b"thinking") or not text:
            return None
        self._has_output = True
        is_text = kind == b"text"
        return PartialOutput(text=text if is_text else "", thinking="" if is_text else text)
