"""The shelf: folders of jobs, made and removed, never outside."""

from __future__ import annotations

from pathlib import Path

import pytest

from racto.batch.ledger import JobRecord
from racto.batch.shelf import Shelf
from racto.core import JobError


def test_nothing_is_made_before_it_is_needed(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path / "state")
    assert not (tmp_path / "state").exists()
    assert shelf.ledger.open("openai", "") == []


def test_tags_fit_every_provider_and_differ(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path)
    one, two = shelf.new_tag(), shelf.new_tag()
    assert one != two
    assert len(f"{one}-9999") <= 64


def test_a_discarded_job_leaves_nothing(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path)
    tag = shelf.new_tag()
    shelf.ledger.begin(JobRecord(tag=tag, provider="openai"))
    shelf.manifest(tag)
    shelf.results_folder(tag, 0)
    shelf.discard(tag)
    assert shelf.ledger.find(tag) is None
    assert list((tmp_path / "jobs").iterdir()) == []


@pytest.mark.parametrize("tag", ["../../etc", "", "racto_x", "/tmp/x"])
def test_a_tag_that_is_none_names_no_folder(tmp_path: Path, tag: str) -> None:
    with pytest.raises(JobError, match="which is no id"):
        Shelf(tmp_path).job_folder(tag)
