"""Names of workers on an app."""

from __future__ import annotations

from typing import Any

import pytest
from celery import Celery  # type: ignore[import-untyped]

from racto.celery import RactoCeleryWorker
from racto.core.errors import ConfigurationError
from racto.core.testing import ScriptedKit


def content(worker: RactoCeleryWorker) -> Any:
    return worker.generate("hello").get()["content"]


def test_workers_with_other_kits_get_other_names(app: Celery) -> None:
    one = RactoCeleryWorker(app, kit=ScriptedKit(["one"], repeat=True))
    two = RactoCeleryWorker(app, kit=ScriptedKit(["two"], repeat=True))
    named = RactoCeleryWorker(app, kit=ScriptedKit(["three"], repeat=True), name="drafts")
    assert (one.name, two.name, named.name) == ("racto", "racto-2", "drafts")
    assert [content(worker) for worker in (one, two, named)] == ["one", "two", "three"]
    assert {"racto.generate", "racto-2.ingest", "drafts.generate"} <= set(app.tasks)


def test_same_kit_has_the_same_name_again(app: Celery) -> None:
    kit = ScriptedKit(["one"], repeat=True)
    assert RactoCeleryWorker(app, kit=kit).name == RactoCeleryWorker(app, kit=kit).name
    paths = [RactoCeleryWorker(app, kit="".join(["shop:", "make"])).name for _ in range(2)]
    assert paths == ["racto-2", "racto-2"]


def test_taken_name_is_refused(app: Celery) -> None:
    RactoCeleryWorker(app, kit=ScriptedKit(), name="drafts")
    with pytest.raises(ConfigurationError, match="'drafts' with another kit"):
        RactoCeleryWorker(app, kit=ScriptedKit(), name="drafts")


@pytest.mark.parametrize("name", ["", "a.b", "a b", "a/b"])
def test_names_are_plain(app: Celery, name: str) -> None:
    with pytest.raises(ConfigurationError, match="letters, digits"):
        RactoCeleryWorker(app, kit=ScriptedKit(), name=name)


def test_apps_do_not_share_names(app: Celery) -> None:
    other = Celery("other", broker="memory://", backend="cache+memory://")
    assert RactoCeleryWorker(app, kit=ScriptedKit()).name == "racto"
    assert RactoCeleryWorker(other, kit=ScriptedKit()).name == "racto"


def test_task_of_another_order_is_refused_instead_of_answered_by_the_wrong_kit(app: Celery) -> None:
    sender = Celery("web", broker="memory://", backend="cache+memory://")
    only = RactoCeleryWorker(sender, kit=ScriptedKit(model="b"))
    sent: list[str] = []
    sender.tasks[f"{only.name}.generate"].apply_async = lambda args, **_: sent.append(args[0])
    only.generate("for model b")
    first = RactoCeleryWorker(app, kit=ScriptedKit(["wrong"], model="a"))
    task = app.tasks[f"{first.name}.generate"]
    # Alone on the app there is nothing to mistake: a kit may change its model from day to day.
    assert task.apply((sent[0],)).get()["content"] == "wrong"
    RactoCeleryWorker(app, kit=ScriptedKit(model="b"))
    with pytest.raises(ConfigurationError, match="give each a name"):
        task.apply((sent[0],)).get()
