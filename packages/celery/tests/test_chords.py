"""Map and reduce over documents, by real workers: all answers arrive, whatever their number."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest

from racto.celery import TaskStatus
from racto.celery.chords import MapReduce
from racto.core.errors import ConfigurationError

from .harness.premises import Site


def test_answers_of_one_group_are_put_together(site: Site) -> None:
    sent = site.depot.chords.submit([f"text {n} {uuid4()}" for n in range(3)])
    found = site.depot.once.wait(sent.id, timeout_s=30)
    assert found.ok, found
    assert (found.result or {})["content"] == "3 answers, 3 parts"


def test_answers_of_many_groups_are_put_together_in_steps(site: Site) -> None:
    sent = site.depot.chords.submit([f"text {n} {uuid4()}" for n in range(10)])
    found = site.depot.once.wait(sent.id, timeout_s=60)
    assert found.ok, found
    # 10 answers make 4 groups, 4 groups make 2, and these are told of in one.
    assert (found.result or {})["content"].endswith("2 parts")


def test_broken_document_fails_all_and_is_named(site: Site) -> None:
    sent = site.depot.chords.submit(["fine", f"broken {uuid4()}", "fine too"])
    found = site.depot.once.wait(sent.id, timeout_s=30)
    assert found.status is TaskStatus.FAILURE
    assert "[2] BadRequestError" in (found.error or "")


def test_tolerant_one_leaves_the_broken_document_out(site: Site) -> None:
    sent = site.depot.tolerant.submit(["fine", f"broken {uuid4()}", "fine too"])
    found = site.depot.once.wait(sent.id, timeout_s=30)
    assert found.ok, found
    assert (found.result or {})["failed"] == [2]
    assert (found.result or {})["content"] == "2 answers, 2 parts"


@pytest.mark.parametrize("documents", [[], "one text", ["fine", ""], ["fine", 5]])
def test_documents_that_are_none_are_refused(site: Site, documents: Any) -> None:
    with pytest.raises(ConfigurationError, match="documents"):
        site.depot.chords.submit(documents)


@pytest.mark.parametrize(
    "given",
    [
        {"question": " "},
        {"fan_in": 1},
        {"options": {"temperature": 9}},
        {"options": {"tools": ["get_price"]}},
    ],
)
def test_mistakes_are_told_where_it_is_made(site: Site, given: dict[str, Any]) -> None:
    with pytest.raises(ConfigurationError):
        MapReduce(site.depot.plain, **{"question": "Q", "summary": "S", **given})
