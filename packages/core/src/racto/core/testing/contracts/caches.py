"""The contract of exact caches: the same request gets its own reply again, and no other does."""

from __future__ import annotations

import time
from typing import Any, cast

from racto.core.protocols.caches import Coalescing, ExactCache
from racto.core.responses import LLMResponse

from .contract import Contract
from .crowds import CROWD, Crowd
from .requests import INCOMPLETE, different_requests, reply_of, request_of, tool_reply
from .voices import Voice


class ExactCacheContract(Contract, subject="cache", protocol=ExactCache, powers=(Coalescing,)):
    """All laws of an exact cache. Give a fixture ``cache``: new, empty, with room for 100."""

    def test_reply_is_remembered(self, cache: ExactCache, voice: Voice) -> None:
        """An unknown request is a miss; a remembered one gives its whole reply, marked cached.

        If this fails: compare every field but ``raw`` and ``cached`` with what was stored.
        """
        assert voice(cache, "lookup", request_of()) is None
        voice(cache, "remember", request_of(), reply_of())
        found = voice(cache, "lookup", request_of())
        assert found is not None
        assert found.cached is True
        assert found.model_copy(update={"cached": False}) == reply_of()

    def test_key_covers_the_request(self, cache: ExactCache, voice: Voice) -> None:
        """Whatever decides the reply tells requests apart: history, tools, files, scope, all.

        If this fails: add the named fields to the key; make the key of the whole request, with
        tools and models by their schemas and files by their bytes.
        """
        others = different_requests()
        voice(cache, "remember", request_of(), reply_of("plain"))
        # First every request against one entry, then each against an entry of its own: a key that
        # ignores a field fails the first, one that mixes two fields up fails the second.
        confused = [name for name, other in others.items() if voice(cache, "lookup", other)]
        assert confused == []
        for name, other in others.items():
            voice(cache, "remember", other, reply_of(name))
        answers = {name: voice(cache, "lookup", other).content for name, other in others.items()}
        assert answers == {name: name for name in others}

    def test_labels_and_time_limits_are_no_key(self, cache: ExactCache, voice: Voice) -> None:
        """What decides no reply tells no requests apart: labels and the time allowed.

        If this fails: leave ``metadata`` and ``timeout`` out of the key. Who falls back from one
        kit to another passes on the time that is left, which never is the same twice.
        """
        voice(cache, "remember", request_of(timeout=9.5, metadata={"run": "1"}), reply_of())
        found = voice(cache, "lookup", request_of(timeout=3.25, metadata={"run": "2"}))
        assert found is not None
        assert found.content == reply_of().content

    def test_only_whole_replies_are_kept(self, cache: ExactCache, voice: Voice) -> None:
        """A reply that was cut, filtered or refused is not remembered.

        If this fails: check ``response.finish_reason.is_complete`` in ``remember``.
        """
        for reason in INCOMPLETE:
            voice(cache, "remember", request_of(), reply_of(finish_reason=reason))
            assert voice(cache, "lookup", request_of()) is None, reason

    def test_tool_calls_are_whole_or_missing(self, cache: ExactCache, voice: Voice) -> None:
        """A reply that asks for tools comes back with its calls and arguments, or not at all.

        If this fails: store the whole response, not its text.
        """
        voice(cache, "remember", request_of(), tool_reply())
        found = voice(cache, "lookup", request_of())
        # Whether such replies are kept is a setting: the tools may see another world next time.
        if found is None:
            return
        assert found.tool_calls == tool_reply().tool_calls
        assert found.parts == tool_reply().parts
        assert found.finish_reason is tool_reply().finish_reason

    def test_raw_may_be_anything(self, cache: ExactCache, voice: Voice) -> None:
        """A reply whose ``raw`` cannot be serialised is kept without it.

        If this fails: ``raw`` is excluded from JSON; do not copy or dump it on another way.
        """
        # SDK objects can be neither copied deeply nor serialised; a function stands for them.
        voice(cache, "remember", request_of(), reply_of(raw=lambda: None))
        assert voice(cache, "lookup", request_of()).content == "Paris."

    def test_callers_cannot_spoil_entries(self, cache: ExactCache, voice: Voice) -> None:
        """Changing a stored or a returned reply does not change what the next caller gets.

        If this fails: copy deeply on the way in and on the way out.
        """
        given = _spoilable()
        voice(cache, "remember", request_of(), given)
        # Both directions: what went in is changed, then what came out.
        _spoil(given)
        first = voice(cache, "lookup", request_of())
        assert (first.content, first.parsed) == ("Paris.", {"n": [1]})
        _spoil(first)
        second = voice(cache, "lookup", request_of())
        assert (second.content, second.parsed) == ("Paris.", {"n": [1]})
        assert second.tool_calls == []

    def test_newer_reply_replaces(self, cache: ExactCache, voice: Voice) -> None:
        """Remembering again replaces the reply and makes no second entry.

        If this fails: write by key, unconditionally.
        """
        voice(cache, "remember", request_of(), reply_of("old"))
        voice(cache, "remember", request_of(), reply_of("new"))
        assert voice(cache, "lookup", request_of()).content == "new"
        # Two entries under one key would let the old reply come back when the new one expires.
        assert cache.stats.size == 1

    def test_entries_are_forgotten(self, cache: ExactCache, voice: Voice) -> None:
        """``forget`` drops one entry and says whether it was there; ``clear`` drops all.

        If this fails: check the key that ``forget`` builds, and that ``clear`` knows its own
        entries.
        """
        voice(cache, "remember", request_of(), reply_of())
        voice(cache, "remember", request_of(seed=1), reply_of("seeded"))
        assert voice(cache, "forget", request_of()) is True
        assert voice(cache, "forget", request_of()) is False
        assert voice(cache, "lookup", request_of()) is None
        assert voice(cache, "lookup", request_of(seed=1)).content == "seeded"
        voice(cache, "clear")
        assert voice(cache, "lookup", request_of(seed=1)) is None
        assert cache.stats.size == 0

    def test_entries_expire(self, cache: ExactCache, voice: Voice) -> None:
        """An entry with a time to live of a fraction of a second is gone soon after.

        If this fails: keep the time in milliseconds, and check it in ``lookup``.
        """
        voice(cache, "remember", request_of(), reply_of(), ttl_seconds=0.02)
        voice(cache, "remember", request_of(seed=1), reply_of(), ttl_seconds=600)
        # Waits as long as it takes, so that a slow machine does not fail the law.
        end = time.monotonic() + 5
        while voice(cache, "lookup", request_of()) is not None:
            assert time.monotonic() < end, "an entry of 0.02 s was still there after 5 s"
            time.sleep(0.02)
        # The other entry's own time must not have been shortened.
        assert voice(cache, "lookup", request_of(seed=1)) is not None

    def test_stats_count(self, cache: ExactCache, voice: Voice) -> None:
        """Hits, misses and size are counted.

        If this fails: count in ``lookup`` alone; storing and forgetting are neither.
        """
        voice(cache, "lookup", request_of())
        voice(cache, "remember", request_of(), reply_of())
        voice(cache, "lookup", request_of())
        voice(cache, "lookup", request_of())
        stats = voice.property(cache, "stats")
        assert (stats.hits, stats.misses, stats.size) == (2, 1, 1)

    def test_many_callers_at_once(self, cache: ExactCache, voice: Voice) -> None:
        """Many threads or tasks find each their own reply.

        If this fails: guard entries and counters with a lock.
        """
        requests = [request_of(seed=seed) for seed in range(24)]
        calls = [(request, reply_of(str(seed))) for seed, request in enumerate(requests)]
        voice.together(cache, "remember", calls)
        found = voice.together(cache, "lookup", [(request,) for request in requests])
        assert [reply and reply.content for reply in found] == [str(seed) for seed in range(24)]
        assert cache.stats.hits == 24

    def test_many_at_once_are_one_call(self, cache: ExactCache, voice: Voice) -> None:
        """While one fetches a reply the others wait for it, and each gets a copy of his own.

        If this fails: hand out one lead a key, and let ``finish`` wake all who wait.
        """
        self.needs_power(cache, Coalescing)
        crowd = Crowd(cache, request_of())
        replies = voice(crowd, "served", reply_of(parsed={"n": [1]}))
        assert crowd.leaders == 0
        assert [(each.content, each.cached) for each in replies] == [("Paris.", True)] * CROWD
        _spoil(replies[0])
        assert replies[1].parsed == {"n": [1]}
        assert voice(cache, "lookup", request_of()).parsed == {"n": [1]}

    def test_a_lead_that_is_let_go_is_taken(self, cache: ExactCache, voice: Voice) -> None:
        """When a caller fails, one of those who wait takes his place, and the rest wait on.

        If this fails: let ``abandon`` wake those who wait, and let them join again.
        """
        self.needs_power(cache, Coalescing)
        crowd = Crowd(cache, request_of())
        voice(crowd, "left", reply_of())
        assert crowd.leaders == 1
        assert voice(cache, "lookup", request_of()) is not None

    def test_waiting_has_an_end(self, cache: ExactCache, voice: Voice) -> None:
        """Who has waited as long as he may gets a lead; what ends a lead twice changes nothing.

        If this fails: heed ``timeout``, and ignore a lead that was ended.
        """
        self.needs_power(cache, Coalescing)
        first = voice(cache, "join", request_of())
        second = voice(cache, "join", request_of(), timeout=0.01)
        assert not isinstance(second, LLMResponse)
        voice(second, "finish", reply_of("second"))
        second.abandon(RuntimeError("too late"))
        assert voice(cache, "lookup", request_of()).content == "second"
        first.abandon()

    def test_a_reply_can_be_handed_on_and_not_kept(self, cache: ExactCache, voice: Voice) -> None:
        """``finish(keep=False)`` serves those who wait, and a reply that is cut serves them alone.

        If this fails: wake those who wait whatever the cache keeps.
        """
        self.needs_power(cache, Coalescing)
        lead = voice(cache, "join", request_of())
        voice(lead, "finish", reply_of(), keep=False)
        assert voice(cache, "lookup", request_of()) is None
        lead = voice(cache, "join", request_of())
        voice(lead, "finish", reply_of(finish_reason=INCOMPLETE[0]))
        assert voice(cache, "lookup", request_of()) is None


CacheContract = ExactCacheContract


def _spoilable() -> LLMResponse:
    return reply_of(parsed={"n": [1]})


def _spoil(response: LLMResponse) -> None:
    response.content = "spoilt"
    cast("dict[str, Any]", response.parsed)["n"].append("spoilt")
    response.tool_calls.append("spoilt")  # type: ignore[arg-type]
