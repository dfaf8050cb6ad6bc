"""One response of any number of Gemini's events; a whole reply is read as a stream of one."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from racto.core.content import ProviderPart, ReasoningPart, TextPart
from racto.core.errors import ContentFilterError, StreamTruncatedError
from racto.core.responses import FinishReason, LLMResponse
from racto.core.stream import EMPTY_DELTA, StreamBuilder, StreamChunk, StreamDelta
from racto.providers.counts import add_report
from racto.providers.kits.wires import WireRequest
from racto.providers.words import id_in, mended, name_in, text_in

from .partial_arguments import PartialArguments
from .replies import read_finish, read_logprobs, read_other, read_sources, read_usage
from .turns import PROVIDER, SIGNATURE, TOKEN


class Assembly:
    """Takes events in and tells the chunks they make, and the response in the end.

    Of several candidates the first is read; the others stay in the raw events.

    Args:
        request: What was asked.
        request_id: Google's id of the request.
    """

    def __init__(self, request: WireRequest, request_id: str | None) -> None:
        self._builder = StreamBuilder(provider=PROVIDER, model=request.model)
        self._builder.request_id = request_id
        self._builder.dropped = request.dropped
        self._thoughts: list[str] = []
        self._calls = 0
        self._open_call: PartialArguments | None = None
        self._counts: dict[str, Any] = {}
        self._sources: list[dict[str, Any]] = []
        self._token: str | None = None
        self._last: Mapping[str, Any] | None = None

    @property
    def request_id(self) -> str | None:
        """Google's id of the request."""
        return self._builder.request_id

    @property
    def is_done(self) -> bool:
        """Never: there is no last event but the end of the body.

        A finish reason does not end the stream, as older models put one into every event.
        """
        return False

    def take(self, data: Mapping[str, Any]) -> Sequence[StreamChunk]:
        """Take one event, or a whole reply.

        Raises:
            ContentFilterError: If the prompt was blocked.
            ValueError: If it has another shape; also AttributeError, KeyError and TypeError.
        """
        builder = self._builder
        self._last = data
        builder.response_id = builder.response_id or id_in(data, "responseId")
        builder.model = name_in(data, "modelVersion") or builder.model
        add_report(self._counts, data.get("usageMetadata"))
        candidates = data.get("candidates") or ()
        candidate = next((each for each in candidates if not each.get("index")), None)
        if candidate is not None:
            return self._candidate(candidate, data)
        if (data.get("promptFeedback") or {}).get("blockReason"):
            raise self._blocked(data["promptFeedback"])
        return ()

    def final(self) -> StreamChunk:
        """The final chunk.

        Raises:
            StreamTruncatedError: If no finish reason came.
        """
        if not self._builder.is_finished:
            raise self.cut("the stream ended without a finish reason")
        self._settle()
        chunk = self._builder.final(self._last)
        if chunk.response is not None:
            _cite(chunk.response, self._sources)
        return chunk

    def whole(self) -> LLMResponse:
        """The response of a whole reply, which need not tell why it ended."""
        if not self._builder.is_finished:
            self._builder.finish(FinishReason.UNKNOWN)
        self._settle()
        response = self._builder.response(self._last)
        _cite(response, self._sources)
        return response

    def cut(self, why: str) -> StreamTruncatedError:
        """The truncation error with what had arrived."""
        self._settle()
        return self._builder.truncated(why)

    def _candidate(
        self, candidate: Mapping[str, Any], data: Mapping[str, Any]
    ) -> Sequence[StreamChunk]:
        content = candidate.get("content") or {}
        chunks = [chunk for part in content.get("parts") or () for chunk in self._part(part, data)]
        for source in read_sources(candidate):
            if source not in self._sources:
                self._sources.append(source)
        if candidate.get("logprobsResult"):
            self._builder.logprobs.extend(read_logprobs(candidate["logprobsResult"]))
        self._token = name_in(candidate, TOKEN) or self._token
        raw_finish = name_in(candidate, "finishReason")
        if raw_finish:
            finish = read_finish(raw_finish)
            self._builder.finish(finish, raw_finish)
            if finish is not FinishReason.PAUSE:
                self._token = None
        return chunks

    def _part(self, part: Mapping[str, Any], data: Mapping[str, Any]) -> Sequence[StreamChunk]:
        text, signature = text_in(part, "text"), name_in(part, SIGNATURE)
        builder = self._builder
        if part.get("thought"):
            self._thoughts.append(text)
            if signature:
                self._end_thoughts(signature)
            return (builder.add(StreamDelta(thinking=text), data),) if text else ()
        self._end_thoughts()
        if "functionCall" in part:
            return self._call(part["functionCall"], signature, data)
        if part.get("text") is None:
            for other in read_other(mended(part)):
                builder.add_part(other)
            # It adds no words, and the event itself is in the chunk for who wants it now.
            return (builder.add(EMPTY_DELTA, data),)
        if not signature:
            return (builder.add(StreamDelta(text=text), data),) if text else ()
        # The signature must come back with these words and no others.
        builder.end_text()
        chunks = (builder.add(StreamDelta(text=text), data),) if text else ()
        builder.end_text(signature=signature)
        return chunks

    def _call(
        self, call: Mapping[str, Any], signature: str | None, data: Mapping[str, Any]
    ) -> Sequence[StreamChunk]:
        goes_on, is_open = bool(call.get("willContinue")), self._open_call is not None
        if is_open or goes_on or "partialArgs" in call:
            return self._piece(call, signature, data)
        opened = self._opened(call, _json(call.get("args")))
        return self._signed(opened, signature, data)

    def _piece(
        self, call: Mapping[str, Any], signature: str | None, data: Mapping[str, Any]
    ) -> Sequence[StreamChunk]:
        """Take a piece of a call whose arguments come value by value."""
        chunks: Sequence[StreamChunk] = ()
        if self._open_call is None:
            self._open_call = PartialArguments()
            chunks = self._signed(self._opened(call), signature, data)
        for piece in call.get("partialArgs") or ():
            self._open_call.add(piece)
        if call.get("willContinue"):
            return chunks
        whole, self._open_call = self._open_call, None
        return (*chunks, self._builder.add(self._further(_json(whole.value)), data))

    def _opened(self, call: Mapping[str, Any], arguments: str | None = None) -> StreamDelta:
        index, self._calls = self._calls, self._calls + 1
        return StreamDelta(
            # Older models give no id, and the tool's answer must carry one.
            tool_call_id=id_in(call, "id") or f"{self._builder.response_id or 'call'}_{index}",
            tool_call_name=name_in(call, "name"),
            tool_call_args_fragment=arguments,
            tool_call_index=index,
        )

    def _further(self, arguments: str) -> StreamDelta:
        return StreamDelta(tool_call_args_fragment=arguments, tool_call_index=self._calls - 1)

    def _signed(
        self, delta: StreamDelta, signature: str | None, data: Mapping[str, Any]
    ) -> Sequence[StreamChunk]:
        chunk = self._builder.add(delta, data)
        if signature:
            self._builder.sign_call(signature)
        return (chunk,)

    def _end_thoughts(self, signature: str | None = None) -> None:
        if not self._thoughts:
            return
        text, self._thoughts = mended("".join(self._thoughts)), []
        self._builder.add_part(
            ReasoningPart(
                text=text, signature=signature, provider=PROVIDER, model=self._builder.model
            )
        )

    def _settle(self) -> None:
        """Give the builder what waits for more that will not come."""
        self._end_thoughts()
        if self._open_call is not None:
            # Half a call must not pass for a whole one: without its end it is no JSON.
            self._builder.add(self._further(_json(self._open_call.value)[:-1]))
            self._open_call = None
        if self._token:
            part = ProviderPart(provider=PROVIDER, data={TOKEN: self._token})
            self._builder.add_part(part)
            self._token = None
        self._builder.usage = read_usage(self._counts)

    def _blocked(self, feedback: Mapping[str, Any]) -> ContentFilterError:
        reason = str(feedback["blockReason"])
        rated = [
            str(each.get("category"))
            for each in feedback.get("safetyRatings") or ()
            if each.get("blocked") or each.get("probability") in ("MEDIUM", "HIGH")
        ]
        words = [reason, str(feedback.get("blockReasonMessage") or ""), ", ".join(rated)]
        self._builder.finish(FinishReason.CONTENT_FILTER, reason)
        return ContentFilterError(
            f"google blocked the prompt: {': '.join(filter(None, words))}. Reword it, or set "
            'safety thresholds in extra={"safetySettings": [...]}.',
            provider=PROVIDER,
            request_id=self.request_id,
            partial=self.whole(),
        )


def _json(value: Any) -> str:
    """Arguments as text; text is what some servers send, and stays as it is."""
    return value if isinstance(value, str) else json.dumps({} if value is None else value)


def _cite(response: LLMResponse, sources: Sequence[dict[str, Any]]) -> None:
    """Put the sources, which are told of the whole reply, to its last words."""
    parts = list(response.parts)
    for place, part in reversed(list(enumerate(parts))):
        if sources and isinstance(part, TextPart) and part.text:
            parts[place] = part.model_copy(update={"citations": tuple(sources)})
            response.parts = tuple(parts)
            return
