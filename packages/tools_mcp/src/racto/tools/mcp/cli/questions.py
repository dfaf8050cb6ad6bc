"""A server's questions, put to the person at the terminal; refused where there is none."""

from __future__ import annotations

import asyncio
import json
import webbrowser
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import urlsplit

from racto.tools.mcp import Elicitation, ElicitationRequest

from .console import one_line
from .forms import Field, fields_of
from .keyboard import Keyboard
from .notices import Notices

_HELP: Final = "  (:decline refuses, :cancel or Ctrl-D stops without an answer)"


class Questions:
    """Answers a server's questions with what a person types.

    Args:
        notices: Where the questions are written.
        keyboard: Where the answers are typed.
    """

    def __init__(self, notices: Notices, keyboard: Keyboard | None = None) -> None:
        self._notices = notices
        self._keyboard = keyboard or Keyboard()
        self._turn = asyncio.Lock()

    async def __call__(self, request: ElicitationRequest) -> Elicitation:
        """Put a question, and wait for the answer; one at a time."""
        # Declined, not cancelled: the server need not ask again.
        if not (self._keyboard.is_there and self._notices.is_terminal):
            self._notices.tell(
                f"racto-mcp: {request.server} asked a question, and nobody is at a terminal to "
                f"answer; declined: {one_line(request.message)}"
            )
            return Elicitation.decline()
        # Two calls may ask at once, and there is one keyboard.
        async with self._turn:
            self._notices.tell(f"\n{request.server} asks: {request.message}")
            try:
                if request.url is not None:
                    return await self._page(request.url)
                return await self._form(request.schema or {}, request.server)
            except _EndedError as end:
                self._notices.tell(f"  {end}")
                return Elicitation.decline() if end.is_refusal else Elicitation.cancel()

    async def _form(self, schema: Mapping[str, Any], server: str) -> Elicitation:
        self._notices.tell(_HELP)
        fields = fields_of(schema)
        while True:
            found = {}
            for field in fields:
                answer = await self._field(field)
                if answer is not _SKIPPED:
                    found[field.param.name] = answer
            if await self._is_meant(found, server):
                return Elicitation.accept(found)

    async def _field(self, field: Field) -> Any:
        self._notices.tell()
        self._notices.paragraph(field.heading, indent=2)
        for number, choice in enumerate(field.choices, 1):
            self._notices.tell(f"    {number}) {choice.title}")
        while True:
            text = await self._typed(f"    {field.hint}: ")
            if not text and field.param.default is not None:
                return field.param.default
            if not text and not field.param.required:
                return _SKIPPED
            try:
                # An empty text is an answer where a text is wanted, and none elsewhere.
                if text or field.param.type == "string":
                    return field.read(text)
                self._notices.tell("    an answer is required")
            except ValueError as error:
                self._notices.tell(f"    {error}")

    async def _is_meant(self, found: Mapping[str, Any], server: str) -> bool:
        """Whether to send an answer as it is; it may be the only thing that is asked."""
        if found:
            # What leaves the machine is shown before it does.
            shown = json.dumps(found, ensure_ascii=False)
            self._notices.tell(f"\n  The answer: {shown}")
        while True:
            text = await self._typed(f"  Send it to {server}? (yes, no, again) [yes]: ")
            if text.lower() in ("", "y", "yes"):
                return True
            if text.lower() in ("a", "again"):
                return False
            if text.lower() in ("n", "no"):
                raise _EndedError(is_refusal=True)

    async def _page(self, url: str) -> Elicitation:
        # The host decides whom to trust, and a long URL hides it.
        self._notices.tell(f"  It wants you to open a page of {urlsplit(url).hostname}:\n  {url}")
        while True:
            text = await self._typed("  Open it in the browser? (yes, no) [no]: ")
            if text.lower() in ("y", "yes"):
                break
            if text.lower() in ("", "n", "no"):
                raise _EndedError(is_refusal=True)
        # Other schemes start other programs.
        if urlsplit(url).scheme not in ("http", "https") or not webbrowser.open(url):
            self._notices.tell("  No browser could be opened here; open the page yourself.")
        return Elicitation.accept()

    async def _typed(self, words: str) -> str:
        self._notices.ask(words)
        text = await self._keyboard()
        if text is None:
            self._notices.tell("")
        # Words that nobody answers by chance.
        if text is None or text.strip() == ":cancel":
            raise _EndedError(is_refusal=False)
        if text.strip() == ":decline":
            raise _EndedError(is_refusal=True)
        return text.strip()


class _EndedError(Exception):
    """The person does not answer; never leaves this room."""

    def __init__(self, *, is_refusal: bool) -> None:
        super().__init__("Refused." if is_refusal else "Cancelled.")
        self.is_refusal = is_refusal


_SKIPPED: Final = object()
