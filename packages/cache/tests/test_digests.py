"""What is remembered of texts and schemas is right, bounded, and gone with them."""

from __future__ import annotations

import gc

from hypothesis import given, strategies as st
from pydantic import BaseModel

from racto.cache.digests import LONG, LivingDigests, Recent, brief, digest_of


@given(st.lists(st.text(max_size=3), max_size=30))
def test_what_was_made_of_late_is_what_would_be_made(texts: list[str]) -> None:
    recent: Recent[str] = Recent(digest_of, len, most=6)
    assert [recent.of(text) for text in texts] == [digest_of(text) for text in texts]


def test_what_is_used_stays_and_the_rest_goes() -> None:
    made: list[str] = []

    def make(text: str) -> str:
        made.append(text)
        return text * 2

    recent: Recent[str] = Recent(make, len, most=4)
    for text in ("used", "a", "used", "b", "used", "cccccccc", "used"):
        recent.of(text)
    # What is larger than all may be together is made each time, and displaces nothing.
    assert made == ["used", "a", "b", "cccccccc"]
    recent.of("a")
    assert made[-1] == "a"


def test_digests_of_the_dead_are_forgotten() -> None:
    class Model(BaseModel):
        x: int = 0

    known = LivingDigests(lambda model: f"digest of {model.x}")
    first = Model(x=1)
    assert known.digest(first) == known.digest(first) == "digest of 1"
    del first
    gc.collect()
    assert not known._known
    assert known.digest(Model(x=2)) == "digest of 2"


def test_only_long_texts_are_digested() -> None:
    assert brief("x" * (LONG - 1)) == f"s{LONG - 1}:{'x' * (LONG - 1)}"
    assert brief("x" * LONG) == f"h{digest_of('x' * LONG)}"
    assert len(brief("\udcff" * LONG)) == 65
