"""Streams of the Responses API: events in, chunks out, one response in the end.

Deltas are handed out as they come. What an event of completion holds beyond the deltas before it
is added then, so that nothing is lost where a server sends few deltas, and nothing comes twice.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from racto.core.content import ReasoningPart
from racto.core.errors import StreamTruncatedError
from racto.core.stream import StreamBuilder, StreamChunk, StreamDelta
from racto.providers.connections.failures import Translator
from racto.providers.connections.payloads import SHAPE_ERRORS, load_event, misshapen
from racto.providers.kits.wires import WireRequest
from racto.providers.words import id_in, mended, name_in, text_in

from .replies import judged, read_logprobs
from .responses_replies import (
    beyond_call,
    beyond_message,
    call_id,
    read_citations,
    read_finish,
    read_item,
)
from .usage import responses_usage

Chunks = Sequence[StreamChunk]
Data = Mapping[str, Any]

# Stands for the arguments of a call where others have the number of a block of content.
_ARGUMENTS = -1


class ResponsesAssembler:
    """Assembles one stream.

    Args:
        provider: Name of the provider.
        translator: Makes the errors.
        request: What was asked.
        request_id: The provider's id of the request.
    """

    def __init__(
        self,
        provider: str,
        translator: Translator,
        *,
        request: WireRequest,
        request_id: str | None,
    ) -> None:
        self._provider = provider
        self._translator = translator
        self._builder = StreamBuilder(provider=provider, model=request.model)
        self._builder.request_id = request_id
        self._builder.dropped = request.dropped
        self._response: Data | None = None
        self._has_refused = False
        # Items by their place in the output; blocks by the item's place and their own.
        self._begun: set[int] = set()
        self._done: set[int] = set()
        self._ended: set[tuple[int, int]] = set()
        self._heard: dict[tuple[int, int], int] = {}
        self._calls: dict[int, str] = {}
        self._thoughts: list[tuple[int, int, str]] = []
        self._readers: dict[str, Callable[[Data], Chunks]] = {
            "response.output_text.delta": self._text,
            "response.output_text.done": self._rest_of_text,
            "response.refusal.delta": self._refusal,
            "response.function_call_arguments.delta": self._arguments,
            "response.function_call_arguments.done": self._rest_of_arguments,
            "response.reasoning_summary_text.delta": self._thinking,
            "response.reasoning_text.delta": self._thinking,
            "response.content_part.done": self._block_done,
            "response.output_item.added": self._item_added,
            "response.output_item.done": self._item_done,
            "response.created": self._named,
            "response.completed": self._over,
            "response.incomplete": self._over,
            "response.failed": self._over,
            "error": self._failed,
        }

    @property
    def is_done(self) -> bool:
        """Whether the terminal event has come."""
        return self._response is not None

    def push(self, event: str) -> Chunks:
        """Take one event; the chunks it makes, none when it adds nothing.

        Raises:
            RactoGatewayError: If the event reports an error, whatever the HTTP status was.
            InvalidResponseError: If the event is not one of the API's.
        """
        # Not of this API, but some servers send it behind their last event.
        if event.startswith("[DONE]"):
            return ()
        request_id = self._builder.request_id
        data = load_event(event, self._translator, request_id)
        reader = self._readers.get(str(data.get("type")))
        # There are dozens of kinds that only tell how far a tool of the server has come.
        if reader is None:
            return ()
        try:
            return reader(data)
        except SHAPE_ERRORS as error:
            raise misshapen(error, event, self._translator, request_id) from error

    def final(self) -> StreamChunk:
        """The final chunk.

        Raises:
            StreamTruncatedError: If no terminal event came.
        """
        return self._builder.final(self._response)

    def cut(self, why: str) -> StreamTruncatedError:
        """The truncation error with what had arrived."""
        return self._builder.truncated(why)

    # -- deltas ------------------------------------------------------------------------------

    def _text(self, data: Data) -> Chunks:
        if data.get("logprobs"):
            self._builder.logprobs.extend(read_logprobs({"content": data["logprobs"]}) or ())
        return self._say(_block(data), text_in(data, "delta"), data)

    def _refusal(self, data: Data) -> Chunks:
        self._refuse(_block(data), text_in(data, "delta"))
        return ()

    def _arguments(self, data: Data) -> Chunks:
        place, piece = _place(data), text_in(data, "delta")
        self._hear((place, _ARGUMENTS), piece)
        delta = StreamDelta(
            tool_call_id=self._calls.get(place),
            tool_call_index=place,
            tool_call_args_fragment=piece,
        )
        return (self._builder.add(delta, data),)

    def _thinking(self, data: Data) -> Chunks:
        piece = data.get("summary_index", data.get("content_index", 0))
        return self._think((_place(data), piece, data["type"]), text_in(data, "delta"), data)

    # -- completion --------------------------------------------------------------------------

    def _rest_of_text(self, data: Data) -> Chunks:
        key = _block(data)
        self._weigh(key, data)
        return self._say(key, self._unheard(key, text_in(data, "text")), data)

    def _rest_of_arguments(self, data: Data) -> Chunks:
        rest = self._unheard((_place(data), _ARGUMENTS), text_in(data, "arguments"))
        return self._arguments({**data, "delta": rest}) if rest else ()

    def _block_done(self, data: Data) -> Chunks:
        return self._end_block(_block(data), mended(data["part"]), data)

    def _item_added(self, data: Data) -> Chunks:
        return self._begin_item(_place(data), mended(data["item"]), data)

    def _item_done(self, data: Data) -> Chunks:
        return self._end_item(_place(data), mended(data["item"]), data)

    def _named(self, data: Data) -> Chunks:
        self._builder.response_id = id_in(data["response"], "id")
        self._builder.model = name_in(data["response"], "model") or self._builder.model
        return ()

    def _over(self, data: Data) -> Chunks:
        response = mended(data["response"])
        self._named(data)
        self._builder.add_usage(responses_usage(response.get("usage")))
        if response.get("status") == "failed" or response.get("error"):
            told = response.get("error") or {"message": "it failed without a reason"}
            raise self._translator.reported(told, request_id=self._builder.request_id)
        chunks: list[StreamChunk] = []
        # A server that told no item's end tells them all here; their places are the same.
        for place, item in enumerate(() if self._done else response.get("output") or ()):
            chunks.extend(self._end_item(place, item, data))
        finish, raw_finish = read_finish(response)
        refusal = "refused" if self._has_refused else None
        self._builder.finish(judged(finish, [], refusal), raw_finish)
        self._response = response
        return chunks

    def _failed(self, data: Data) -> Chunks:
        raise self._translator.reported(
            {key: value for key, value in data.items() if key != "type"},
            request_id=self._builder.request_id,
        )

    # -- items and blocks --------------------------------------------------------------------

    def _begin_item(self, place: int, item: Data, raw: Data) -> Chunks:
        if place in self._begun:
            return ()
        self._begun.add(place)
        kind = item["type"]
        if kind == "message":
            for part in beyond_message(item, self._provider):
                self._builder.add_part(part)
        if kind != "function_call":
            return ()
        self._calls[place] = call_id(item)
        arguments = self._unheard((place, _ARGUMENTS), text_in(item, "arguments"))
        self._hear((place, _ARGUMENTS), arguments)
        delta = StreamDelta(
            tool_call_id=self._calls[place],
            tool_call_name=name_in(item, "name"),
            tool_call_index=place,
            tool_call_args_fragment=arguments,
        )
        return (self._builder.add(delta, raw),)

    def _end_item(self, place: int, item: Data, raw: Data) -> Chunks:
        if place in self._done:
            return ()
        chunks = list(self._begin_item(place, item, raw))
        self._done.add(place)
        kind = item["type"]
        if kind == "message":
            for number, block in enumerate(item.get("content") or ()):
                chunks.extend(self._end_block((place, number), block, raw))
        elif kind == "function_call":
            whole = {"output_index": place, "arguments": item.get("arguments")}
            chunks.extend(self._rest_of_arguments(whole))
            for part in beyond_call(item, self._provider):
                self._builder.add_part(part)
        else:
            chunks.extend(self._keep(place, item, raw))
        return chunks

    def _keep(self, place: int, item: Data, raw: Data) -> Chunks:
        """Keep an item whole, and hand out its thinking where no delta did."""
        chunks: list[StreamChunk] = []
        is_new = all(thought[0] != place for thought in self._thoughts)
        for number, part in enumerate(read_item(item, self._provider, self._builder.model)):
            if isinstance(part, ReasoningPart) and part.text and is_new:
                chunks.extend(self._think((place, number, "done"), part.text, raw))
            self._builder.add_part(part)
        return chunks

    def _end_block(self, key: tuple[int, int], block: Data, raw: Data) -> Chunks:
        if key in self._ended:
            return ()
        self._ended.add(key)
        if block.get("type") == "refusal":
            self._refuse(key, self._unheard(key, text_in(block, "refusal")))
            return ()
        if block.get("type") != "output_text":
            return ()
        self._weigh(key, block)
        chunks = self._say(key, self._unheard(key, text_in(block, "text")), raw)
        self._builder.end_text(citations=read_citations(block))
        return chunks

    # -- what the caller hears ---------------------------------------------------------------

    def _say(self, key: tuple[int, int], text: str, raw: Data) -> Chunks:
        if not text:
            return ()
        self._hear(key, text)
        return (self._builder.add(StreamDelta(text=text), raw),)

    def _think(self, key: tuple[int, int, str], text: str, raw: Data) -> Chunks:
        if not text:
            return ()
        if not self._thoughts or self._thoughts[-1] != key:
            # The pieces of a summary are paragraphs, in a whole reply as well.
            text = f"\n\n{text}" if self._thoughts else text
            self._thoughts.append(key)
        return (self._builder.add(StreamDelta(thinking=text), raw),)

    def _refuse(self, key: tuple[int, int], text: str) -> None:
        if text:
            self._hear(key, text)
            self._has_refused = True
            self._builder.add_refusal(text)

    def _weigh(self, key: tuple[int, int], block: Data) -> None:
        # Where no delta came, no log-probabilities came with it.
        if key not in self._heard:
            self._builder.logprobs.extend(read_logprobs({"content": block.get("logprobs")}) or ())

    def _hear(self, key: tuple[int, int], text: str) -> None:
        self._heard[key] = self._heard.get(key, 0) + len(text)

    def _unheard(self, key: tuple[int, int], text: str) -> str:
        return text[self._heard.get(key, 0) :]


def _place(data: Data) -> int:
    """Where an item stands in the output."""
    return _number(data["output_index"])


def _block(data: Data) -> tuple[int, int]:
    """Where a block stands: its item's place in the output, and its own in the item."""
    return _place(data), _number(data["content_index"])


def _number(value: Any) -> int:
    if not isinstance(value, int):
        raise TypeError("the place of an item is no whole number")
    return value
