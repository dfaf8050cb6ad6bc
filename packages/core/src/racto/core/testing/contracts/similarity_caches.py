"""The contract of semantic caches: near questions share a reply, within one scope and setting."""

from __future__ import annotations

import time
from dataclasses import replace

import pytest

from racto.core.messages import Message
from racto.core.protocols.caches import SemanticHit, SimilarityCache

from .contract import Contract
from .requests import INCOMPLETE, reply_of, request_of, tool_reply
from .voices import Voice

ASKED = "What is the capital of France?"


class SimilarityCacheContract(Contract, subject="cache", protocol=SimilarityCache):
    """All laws of a semantic cache.

    Give a fixture ``cache``: new, empty, with an embedder that tells different subjects apart and
    a usual threshold (0.9, for example).
    """

    def test_same_question_is_found(self, cache: SimilarityCache, voice: Voice) -> None:
        """The same question finds the reply, marked cached, with a similarity of about 1.

        If this fails: embed questions the same way in both methods, and compare by cosine.
        """
        request = request_of(user_message=ASKED)
        assert voice(cache, "nearest", request) is None
        voice(cache, "remember", request, reply_of())
        hit: SemanticHit = voice(cache, "nearest", request)
        # float32 and quantised vectors miss 1.0 by a little.
        assert hit.similarity == pytest.approx(1.0, abs=1e-3)
        assert hit.query == ASKED
        assert hit.response.cached is True
        assert hit.response.content == "Paris."

    def test_other_subjects_are_not_found(self, cache: SimilarityCache, voice: Voice) -> None:
        """A question on another subject finds nothing.

        If this fails: check that the threshold is compared with a similarity, not a distance.
        """
        voice(cache, "remember", request_of(user_message=ASKED), reply_of())
        other = request_of(user_message="How long does sourdough bread rise in winter?")
        assert voice(cache, "nearest", other) is None

    def test_nearest_wins(self, cache: SimilarityCache, voice: Voice) -> None:
        """Among several remembered questions the nearest one answers.

        If this fails: look through all entries instead of taking the first above the threshold.
        """
        # All of them lie above the threshold for each other; only one is nearest.
        questions = [f"{ASKED} Question number {word}." for word in ("one", "two", "three")]
        for question in questions:
            voice(cache, "remember", request_of(user_message=question), reply_of(question))
        for question in questions:
            hit = voice(cache, "nearest", request_of(user_message=question))
            assert hit.response.content == question

    @pytest.mark.parametrize(
        "field", ["scope", "provider", "model", "system", "history", "temperature"]
    )
    def test_settings_keep_replies_apart(
        self, cache: SimilarityCache, voice: Voice, field: str
    ) -> None:
        """The same question under another scope, model, system text or history finds nothing.

        If this fails: compare by meaning the question alone, and exactly everything else that
        decides the reply.
        """
        request = request_of(user_message=ASKED)
        voice(cache, "remember", request, reply_of())
        # Where the config decides, the config differs; elsewhere the resolved request does.
        if field == "history":
            other = request_of(user_message=ASKED, history=(Message.user("Of New France?"),))
        elif field == "temperature":
            other = request_of(user_message=ASKED, temperature=1.5)
        else:
            other = replace(request, **{field: "another"})  # type: ignore[arg-type]
        assert voice(cache, "nearest", other) is None

    def test_unfit_replies_are_not_kept(self, cache: SimilarityCache, voice: Voice) -> None:
        """Replies that are not whole, or that call tools, are not remembered.

        If this fails: check ``finish_reason.is_complete`` and ``tool_calls`` in ``remember``.
        """
        request = request_of(user_message=ASKED)
        for reply in [tool_reply(), *(reply_of(finish_reason=reason) for reason in INCOMPLETE)]:
            voice(cache, "remember", request, reply)
            assert voice(cache, "nearest", request) is None, reply.finish_reason

    def test_callers_cannot_spoil_entries(self, cache: SimilarityCache, voice: Voice) -> None:
        """Changing a stored or a returned reply does not change what the next caller gets.

        If this fails: copy deeply on the way in and on the way out.
        """
        request, given = request_of(user_message=ASKED), reply_of()
        voice(cache, "remember", request, given)
        given.content = "spoilt"
        first = voice(cache, "nearest", request).response
        assert first.content == "Paris."
        # The second caller would get the first one's edits.
        first.content = "spoilt"
        assert voice(cache, "nearest", request).response.content == "Paris."

    def test_entries_expire(self, cache: SimilarityCache, voice: Voice) -> None:
        """An entry with a time to live of a fraction of a second is gone soon after.

        If this fails: keep the time in milliseconds, and check it in ``nearest``.
        """
        request = request_of(user_message=ASKED)
        voice(cache, "remember", request, reply_of(), ttl_seconds=0.02)
        # Waits as long as it takes, so that a slow machine does not fail the law.
        end = time.monotonic() + 5
        while voice(cache, "nearest", request) is not None:
            assert time.monotonic() < end, "an entry of 0.02 s was still there after 5 s"
            time.sleep(0.02)

    def test_cleared_cache_is_empty(self, cache: SimilarityCache, voice: Voice) -> None:
        """Clearing drops all entries, and the cache goes on remembering.

        If this fails: clear the vectors together with the replies.
        """
        requests = [request_of(user_message=ASKED), request_of(user_message=ASKED, seed=1)]
        for request in requests:
            voice(cache, "remember", request, reply_of())
        voice(cache, "clear")
        assert [voice(cache, "nearest", request) for request in requests] == [None, None]
        assert cache.stats.size == 0
        voice(cache, "remember", requests[0], reply_of())
        assert voice(cache, "nearest", requests[0]) is not None

    def test_stats_count(self, cache: SimilarityCache, voice: Voice) -> None:
        """Hits, misses and size are counted.

        If this fails: count in ``nearest`` alone, and replace an entry of the same question.
        """
        request = request_of(user_message=ASKED)
        voice(cache, "nearest", request)
        # Remembered twice on purpose: retries do so, and must not make two entries.
        voice(cache, "remember", request, reply_of())
        voice(cache, "remember", request, reply_of())
        voice(cache, "nearest", request)
        stats = voice.property(cache, "stats")
        assert (stats.hits, stats.misses, stats.size) == (1, 1, 1)

    def test_many_callers_at_once(self, cache: SimilarityCache, voice: Voice) -> None:
        """Many threads or tasks find the reply.

        If this fails: guard entries and counters with a lock, but embed outside of it.
        """
        request = request_of(user_message=ASKED)
        voice.together(cache, "remember", [(request, reply_of())] * 8)
        hits = voice.together(cache, "nearest", [(request,)] * 8)
        assert {hit.response.content for hit in hits} == {"Paris."}
        assert cache.stats.hits == 8
