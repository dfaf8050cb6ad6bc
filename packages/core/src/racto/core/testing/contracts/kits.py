"""The contract of chat kits: replies, streams, hanging up, and the powers to embed and count."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing
from typing import Any, cast

import pytest

from racto.core.chat import ChatConfig
from racto.core.content import ToolCallResult
from racto.core.embeddings import EmbeddingConfig, EmbeddingResponse
from racto.core.errors import RactoGatewayError
from racto.core.messages import Message, MessageRole
from racto.core.protocols.chat import ChatKit, EmbeddingKit, TokenCounter
from racto.core.responses import FinishReason, LLMResponse
from racto.core.stream import StreamChunk
from racto.core.usage import Usage, UsageState

from .contract import Contract
from .voices import Voice

QUESTION = ChatConfig(user_message="Say a few words about the sea.", max_tokens=64)
"""What the laws ask; any reply with text will do."""


class ChatKitContract(
    Contract, subject="kit", protocol=ChatKit, powers=(EmbeddingKit, TokenCounter)
):
    """All laws of a chat kit.

    Give a fixture ``kit``: a kit whose provider answers every request with some text, a loopback
    server for example. A second fixture, ``broken_kit``, is optional: a kit whose provider always
    fails.
    """

    @pytest.fixture
    def broken_kit(self) -> ChatKit:
        """A kit whose provider refuses every request; override it to have errors checked."""
        pytest.skip("this conformance test has no fixture broken_kit")

    def test_kit_names_itself(self, kit: ChatKit) -> None:
        """Provider and model are names, known before the first call.

        If this fails: set both in the constructor; caches and telemetry use them as keys.
        """
        assert isinstance(kit.provider, str)
        assert isinstance(kit.model, str)
        assert kit.provider
        assert kit.model

    def test_reply_is_whole(self, kit: ChatKit, voice: Voice) -> None:
        """A reply has text, says who gave it and why it ended, and reports usage.

        If this fails: compare the kit's ``decode`` with the fields of ``LLMResponse``; a reason
        that is not known maps to ``unknown`` with ``raw_finish_reason`` kept.
        """
        response = voice(kit, "chat", QUESTION)
        assert isinstance(response, LLMResponse)
        assert response.content
        assert response.provider == kit.provider
        assert response.model
        # A short limit may cut the reply of a real model; that is no fault.
        assert response.finish_reason in (FinishReason.STOP, FinishReason.LENGTH)
        assert isinstance(response.usage, Usage)
        assert response.usage.state is not UsageState.MEASURED or response.usage.output_tokens > 0
        assert not response.cached

    def test_reply_survives_json(self, kit: ChatKit, voice: Voice) -> None:
        """A reply, apart from ``raw``, and its message come back from JSON as they were.

        If this fails: keep the provider's own objects in ``raw`` only; every other field is plain
        data.
        """
        response: LLMResponse = voice(kit, "chat", QUESTION)
        # Compared as text: raw is left out of JSON, and everything else must not be.
        text = response.model_dump_json()
        assert LLMResponse.model_validate_json(text).model_dump_json() == text
        message = response.message
        assert Message.model_validate_json(message.model_dump_json()) == message

    def test_reply_fits_into_history(self, kit: ChatKit, voice: Voice) -> None:
        """A reply can stand in the history of the next request.

        If this fails: check that ``parts`` repeats the whole reply and that the kit can encode
        every part it decodes.
        """
        response: LLMResponse = voice(kit, "chat", QUESTION)
        assert response.message.role is MessageRole.ASSISTANT
        assert response.message.text == response.content
        # Providers check roles and signatures only when a turn comes back to them.
        turns = (Message.user(QUESTION.user_message), response.message)
        again = voice(kit, "chat", ChatConfig(user_message="Go on.", history=turns, max_tokens=64))
        assert again.content

    def test_stream_has_one_final_chunk(self, kit: ChatKit, voice: Voice) -> None:
        """The last chunk, and no other, is final and carries the whole response.

        If this fails: build chunks with ``StreamBuilder`` and yield ``final`` once, after the
        provider's last event; usage events may follow the one that names the finish reason.
        """
        chunks: list[StreamChunk] = list(voice.iterate(kit, "stream", QUESTION))
        assert [chunk.is_final for chunk in chunks] == [False] * (len(chunks) - 1) + [True]
        # Callers stop at the first finish reason; one that comes early hides the rest.
        assert all(chunk.finish_reason is None for chunk in chunks[:-1])
        assert all(not chunk.tool_calls for chunk in chunks[:-1])
        last = chunks[-1]
        assert last.response is not None
        assert last.finish_reason is last.response.finish_reason
        assert last.usage == last.response.usage

    def test_stream_adds_up(self, kit: ChatKit, voice: Voice) -> None:
        """The deltas, the accumulated text and the final response say the same.

        If this fails: feed every text event to the builder exactly once; the final event of some
        providers repeats the whole text.
        """
        text = ""
        for chunk in voice.iterate(kit, "stream", QUESTION):
            text += chunk.delta.text
            # Checked at every chunk, because interfaces redraw from it at every chunk.
            assert chunk.accumulated_text == text
        response = cast("StreamChunk", chunk).response
        assert response is not None
        assert text
        assert response.content == text
        assert response.provider == kit.provider
        assert response.message.text == text

    def test_stream_can_be_left_early(self, kit: ChatKit, voice: Voice) -> None:
        """Closing a stream hangs up, and the kit goes on answering.

        If this fails: close the provider's response in a ``finally`` of the generator, so that
        the connection returns to the pool.
        """
        # Three times: a pool of one or two connections would be used up.
        for _ in range(3):
            stream = cast("Iterator[StreamChunk]", voice.iterate(kit, "stream", QUESTION))
            with closing(stream) as pieces:  # type: ignore[type-var]
                next(pieces)
        assert voice(kit, "chat", QUESTION).content

    def test_many_callers_at_once(self, kit: ChatKit, voice: Voice) -> None:
        """One kit answers many threads or tasks at the same time.

        If this fails: make the client once, under a lock, and keep nothing of a request on the
        kit itself.
        """
        replies = voice.together(kit, "chat", [(QUESTION,)] * 8)
        assert all(reply.content for reply in replies)

    def test_replies_are_the_callers_own(self, kit: ChatKit, voice: Voice) -> None:
        """What a caller does to a reply does not change the next one.

        If this fails: decode each reply into objects of its own.
        """
        first: LLMResponse = voice(kit, "chat", QUESTION)
        first.content = "changed"
        first.tool_calls.append(ToolCallResult(name="changed"))
        second: LLMResponse = voice(kit, "chat", QUESTION)
        assert second.content != "changed"
        assert all(call.name != "changed" for call in second.tool_calls)

    def test_closing_twice_is_fine(self, kit: ChatKit, voice: Voice) -> None:
        """A kit can be closed twice, used or not.

        If this fails: forget the client when it is closed, and let ``close`` do nothing then.
        """
        # Used first, so that there is something to close.
        voice(kit, "chat", QUESTION)
        voice(kit, "close")
        voice(kit, "close")

    def test_errors_are_ours(self, broken_kit: ChatKit, voice: Voice) -> None:
        """A provider's failure arrives as an error of ``racto.core.errors``, with its cause.

        If this fails: translate every error of the provider's library at one place, with
        ``raise ... from``; also those that appear only while a stream is read.
        """
        with pytest.raises(RactoGatewayError) as caught:
            voice(broken_kit, "chat", QUESTION)
        assert str(caught.value)
        # A stream's request is sent at its first chunk, past the place that guards chat.
        with pytest.raises(RactoGatewayError):
            list(voice.iterate(broken_kit, "stream", QUESTION))

    def test_embeddings_keep_the_order(self, kit: ChatKit, voice: Voice) -> None:
        """Each text gets one vector, in the order of the texts, all of one length.

        If this fails: sort the provider's answers by their index, and join batches in order.
        """
        self.needs_power(kit, EmbeddingKit)
        # A repeated text tells apart those who key their answers by text.
        texts = ["sea", "mountain", "sea"]
        response: EmbeddingResponse = voice(kit, "embed", EmbeddingConfig(texts=texts))
        assert [vector.index for vector in response.vectors] == [0, 1, 2]
        assert [vector.text for vector in response.vectors] == texts
        assert len({len(vector.embedding) for vector in response.vectors}) == 1
        json.dumps(response.model_dump(mode="json"))

    def test_token_counts_grow(self, kit: Any) -> None:
        """No text has no more tokens than some, and more text has more.

        If this fails: count the text itself, without the tokens that wrap a message.
        """
        self.needs_power(kit, TokenCounter)
        counts = [kit.count_tokens("word " * times) for times in (0, 1, 50)]
        assert counts[0] <= counts[1] < counts[2]
        assert all(isinstance(count, int) for count in counts)
