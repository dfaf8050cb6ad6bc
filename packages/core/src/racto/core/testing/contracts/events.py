"""The contract of event sinks: records arrive whole, once, and in the order of their key."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from racto.core.protocols.events import EventSink

from .contract import Contract
from .voices import Voice

TOPIC = "racto-contract"


class EventSinkContract(Contract, subject="sink", protocol=EventSink):
    """All laws of an event sink.

    Give a fixture ``sink``, and override :meth:`delivered` to read back what arrived.
    """

    def delivered(self, sink: Any) -> Sequence[tuple[str | None, Any, dict[str, str]]]:
        """Key, value and headers of each record that arrived in :data:`TOPIC`, in order.

        The default reads ``sink.records``, and skips the law where there is none.
        """
        if not hasattr(sink, "records"):
            pytest.skip("override delivered() to have what arrived checked")
        mine = [record for record in sink.records if record.topic == TOPIC]
        return [(record.key, record.value, dict(record.headers)) for record in mine]

    def test_records_arrive_whole(self, sink: EventSink, voice: Voice) -> None:
        """Key, value and headers arrive as they were given; None is a value too.

        If this fails: serialise values as JSON in UTF-8, and None as the mark of a deleted key,
        not as the text ``null``.
        """
        value = {"text": "Grüße 👋", "n": [1, 2.5, None, True], "deep": {"a": {}}}
        voice(sink, "publish", TOPIC, value, key="k", headers={"trace": "abc"})
        # On a compacted topic this deletes the key; the text null would not.
        voice(sink, "publish", TOPIC, None, key="k")
        voice(sink, "publish", TOPIC, "no key")
        assert voice(sink, "flush") == 0
        # Sorted below: across keys no order is promised.
        expected = [("k", value, {"trace": "abc"}), ("k", None, {}), (None, "no key", {})]
        assert sorted(self.delivered(sink), key=repr) == sorted(expected, key=repr)

    def test_order_is_kept(self, sink: EventSink, voice: Voice) -> None:
        """Records of one key keep their order.

        If this fails: check the partitioner, and that retries cannot overtake each other.
        """
        for number in range(20):
            voice(sink, "publish", TOPIC, number, key=f"k{number % 2}")
        assert voice(sink, "flush") == 0
        for key in ("k0", "k1"):
            mine = [value for other, value, _ in self.delivered(sink) if other == key]
            assert mine == sorted(mine)
            assert len(mine) == 10

    def test_closing_loses_nothing(self, sink: EventSink, voice: Voice) -> None:
        """Closing delivers what is buffered; doing it twice is fine and delivers nothing twice.

        If this fails: flush before the connection is given back.
        """
        for number in range(20):
            voice(sink, "publish", TOPIC, number, key="k")
        voice(sink, "close")
        voice(sink, "close")
        assert [value for _, value, _ in self.delivered(sink)] == list(range(20))

    def test_flush_of_nothing(self, sink: EventSink, voice: Voice) -> None:
        """Flushing without records returns 0 at once, with and without a timeout.

        If this fails: answer with the number of records still waiting.
        """
        assert voice(sink, "flush") == 0
        assert voice(sink, "flush", 0.5) == 0

    def test_records_are_not_followed(self, sink: EventSink, voice: Voice) -> None:
        """A record does not change when the caller's value does.

        If this fails: serialise before ``publish`` returns.
        """
        value = {"tags": ["a"]}
        voice(sink, "publish", TOPIC, value)
        value["tags"].append("b")
        # Most sinks serialise in a thread of their own, after publish has returned.
        voice(sink, "flush")
        assert [found for _, found, _ in self.delivered(sink)] == [{"tags": ["a"]}]

    def test_many_callers_at_once(self, sink: EventSink, voice: Voice) -> None:
        """Records published at the same time all arrive, each once.

        If this fails: look for a buffer that is swapped without a lock.
        """
        # Numbers instead of texts, so that a lost and a doubled record are told apart.
        voice.together(sink, "publish", [(TOPIC, number) for number in range(40)])
        assert voice(sink, "flush") == 0
        assert sorted(value for _, value, _ in self.delivered(sink)) == list(range(40))
