"""Keys are checked, failures are told as Voyage tells them, and replies may be one's own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, get_args

import pytest

from racto.testing import Failure, VoyageServer
from racto.testing.replies import FailureKind
from racto.testing.voyage.failures import failure_answer

ASKED = {"model": "voyage-3", "input": "x"}
Post = Callable[..., Any]


@pytest.mark.parametrize("key", ["Bearer wrong", "Basic test-key", ""])
def test_a_wrong_key_is_refused(key: str, post: Post) -> None:
    answer = post("/embeddings", ASKED, authorization=key)
    assert (answer.status_code, answer.json()) == (401, {"detail": "Provided API key is invalid."})


def test_a_path_that_leads_nowhere_is_not_found(post: Post) -> None:
    assert post("/dance", ASKED).status_code == 404
    assert post("/embeddings", method="GET").status_code == 405


@pytest.mark.parametrize(
    ("kind", "status"),
    [
        ("bad_request", 400),
        ("unauthorized", 401),
        ("quota_exhausted", 429),
        ("forbidden", 403),
        ("not_found", 400),
        ("context_overflow", 400),
        ("rate_limited", 429),
        ("overloaded", 503),
        ("server_error", 500),
    ],
)
def test_each_kind_has_a_status(
    kind: FailureKind, status: int, voyage_server: VoyageServer, post: Post
) -> None:
    voyage_server.fail(kind, retry_after=3)
    answer = post("/embeddings", ASKED)
    assert answer.status_code == status
    assert answer.headers["retry-after"] == "3"
    assert answer.json()["detail"]


def test_each_kind_has_words() -> None:
    for kind in get_args(FailureKind):
        assert b"{model}" not in failure_answer(Failure(kind=kind), "m").body


def test_an_answer_may_be_of_the_tests_own_making(voyage_server: VoyageServer, post: Post) -> None:
    voyage_server.say(body={"data": []}, headers={"x-mine": "1"})
    answer = post("/embeddings", ASKED)
    assert (answer.json(), answer.headers["x-mine"]) == ({"data": []}, "1")
    voyage_server.fail("overloaded", message="mine", status=529)
    answer = post("/embeddings", ASKED)
    assert (answer.status_code, answer.json()) == (529, {"detail": "mine"})
