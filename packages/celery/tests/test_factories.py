"""Objects of one process: made late, made once, made anew after a fork, closed where made."""

from __future__ import annotations

import multiprocessing
import os
import threading
from typing import Any

import pytest

from racto.celery.factories import ProcessLocal, close_all
from racto.core.errors import ConfigurationError
from racto.core.testing import ScriptedKit


class Counted(ScriptedKit):
    """Counts how many were made."""

    made = 0

    def __init__(self) -> None:
        super().__init__()
        type(self).made += 1


def local(source: Any) -> ProcessLocal:
    return ProcessLocal(source, method="chat", role="kit")


def test_object_is_used_as_it_is_and_never_closed() -> None:
    kit = ScriptedKit(provider="acme", model="m1")
    source = local(kit)
    assert source.get() is kit
    assert source.label == "acme/m1"
    source.close()
    assert not kit.is_closed


def test_factory_is_called_late_and_once_by_many_threads() -> None:
    Counted.made = 0
    source = local(Counted)
    assert Counted.made == 0
    found: list[Any] = []
    threads = [threading.Thread(target=lambda: found.append(source.get())) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert Counted.made == 1
    assert len({id(kit) for kit in found}) == 1
    source.close()
    source.close()
    assert found[0].is_closed
    assert source.get() is not found[0]
    assert Counted.made == 2


def test_import_path_of_either() -> None:
    assert isinstance(local("racto.core.testing:ScriptedKit").get(), ScriptedKit)
    assert local("racto.core.testing:ScriptedKit").label == "racto.core.testing:ScriptedKit"


@pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")
def test_child_of_a_fork_makes_its_own_even_if_a_thread_held_the_lock() -> None:
    source = local(lambda: ScriptedKit(model=str(os.getpid())))
    assert source.get().model == str(os.getpid())
    context = multiprocessing.get_context("fork")
    answers = context.Queue()

    def child() -> None:
        answers.put((source.get().model, str(os.getpid())))

    with source._lock:
        process = context.Process(target=child)
        process.start()
    model, pid = answers.get(timeout=20)
    process.join(20)
    assert model == pid != str(os.getpid())


def test_one_that_cannot_be_closed_keeps_no_other_open(caplog: pytest.LogCaptureFixture) -> None:
    class Stuck(ScriptedKit):
        def close(self) -> None:
            raise OSError("password=hunter2hunter2")

    sources = [local(kind) for kind in (Stuck, ScriptedKit, Stuck, ScriptedKit)]
    kits = [source.get() for source in sources]
    close_all()
    assert [kit.is_closed for kit in kits] == [False, True, False, True]
    assert caplog.text.count("closing the kit failed") == 2
    assert "hunter2" not in caplog.text


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ("no path", "is no import path"),
        (":name", "is no import path"),
        (7, "must have a method chat"),
        (None, "must have a method chat"),
    ],
)
def test_what_can_never_be_one_is_refused_at_once(wrong: Any, words: str) -> None:
    with pytest.raises(ConfigurationError, match=words):
        local(wrong)


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("no.such.module:kit", "cannot be imported: ModuleNotFoundError"),
        ("os:no_such_name", "cannot be imported: AttributeError"),
        ("os:getpid", "is a int without a method chat"),
        (dict, "is a dict without a method chat"),
        (lambda: 1 / 0, "failed: ZeroDivisionError"),
    ],
)
def test_what_cannot_be_made_says_why(source: Any, words: str) -> None:
    with pytest.raises(ConfigurationError, match=words):
        local(source).get()
