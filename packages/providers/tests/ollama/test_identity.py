"""Ids that racto makes: the same for the same reply, different for different ones."""

from __future__ import annotations

import re

from hypothesis import example, given, strategies as st

from racto.providers.ollama.identity import call_id, is_made_here

MOMENT = "2026-11-22T10:00:00.123456789+01:00"


def test_ids_tell_calls_and_replies_apart() -> None:
    later = MOMENT.replace("10:00:00", "10:00:01")
    assert len({call_id(MOMENT, 0), call_id(MOMENT, 1), call_id(later, 0)}) == 3
    assert call_id(MOMENT, 0) == call_id(MOMENT, 0)


@example(moment="\u1810", number=0)
@given(moment=st.text() | st.none() | st.integers(), number=st.integers(0, 999))
def test_every_id_is_known_again_and_taken_by_all_providers(moment: object, number: int) -> None:
    made = call_id(moment, number)
    assert is_made_here(made)
    assert re.fullmatch(r"[a-zA-Z0-9_-]{1,40}", made)


def test_ids_of_others_are_not_made_here() -> None:
    assert not any(map(is_made_here, ["call_abc", "ollama_x_1", "0", "toolu_01"]))
    assert is_made_here("")
