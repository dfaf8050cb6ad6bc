"""A deadline counts down, limits its children, and raises when it has passed."""

from __future__ import annotations

import pytest

from racto.core.deadlines import Deadline
from racto.core.errors import DeadlineExceededError


def test_it_counts_down_and_then_raises() -> None:
    now = [100.0]
    deadline = Deadline.after(5, clock=lambda: now[0])
    assert deadline.remaining() == 5
    deadline.check()
    assert deadline.timeout(2) == 2
    assert deadline.timeout() == 5
    assert deadline.child(1).remaining() == 1
    assert deadline.child(60) is deadline
    assert deadline.child(None) is deadline
    now[0] = 106.0
    assert deadline.expired
    assert deadline.remaining() == 0
    with pytest.raises(DeadlineExceededError, match=r"the search.*1\.000 s"):
        deadline.check("the search")


def test_none_is_no_deadline() -> None:
    deadline = Deadline.after(None)
    assert deadline.timeout() is None
    assert deadline.timeout(3) == 3
    assert not deadline.expired
    assert deadline.child(3).remaining() <= 3
