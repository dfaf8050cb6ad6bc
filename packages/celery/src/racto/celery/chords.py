"""Map and reduce over documents: one question to each, and one answer made of all answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any
from uuid import uuid4

from celery import chord  # type: ignore[import-untyped]
from celery.result import AsyncResult  # type: ignore[import-untyped]
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from racto.core.errors import ConfigurationError, JobError, RactoGatewayError
from racto.core.flows import threaded

from .addresses import broker_of
from .backends import check_reachable
from .failures import translated
from .payloads import GeneratePayload, problems_of
from .requests import payload_of
from .settings import check_app
from .tasks import RactoTask
from .trimming import Veiled
from .worker import RactoCeleryWorker

_LISTED = 8


class ReducePlan(BaseModel):
    """What the tasks of one run of map and reduce have to know.

    Attributes:
        v: Version of the plan.
        question: What is asked of the answers together.
        config: Fields of :class:`~racto.core.ChatConfig` for these requests, without the words.
        fan_in: Most answers that one request puts together.
        is_tolerant: Whether documents that failed are left out, instead of failing all.
        failed: Numbers of the documents that were left out so far, from 1.
        step: How often answers were put together before.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    v: int = 1
    question: str
    config: dict[str, Any] = Field(default_factory=dict)
    fan_in: int = Field(default=20, ge=2, le=1000)
    is_tolerant: bool = False
    failed: tuple[int, ...] = ()
    step: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class _Tasks:
    map: Any
    reduce: Any


class MapReduce:
    """Asks one question of each of many documents, side by side, and one of all the answers.

    The documents' tasks run on all workers; the last one to end starts the task that puts the
    answers together, and no process waits in between. More than ``fan_in`` answers are put
    together in groups first, and those side by side too.

    Make it where the worker is made, so that worker processes know its tasks.

    Args:
        worker: Whose kit, limits, retries and layers the tasks have.
        question: What is asked of each document; the document follows below.
        summary: What is asked of the answers; they follow below, each with its number.
        fan_in: Most answers that one request puts together.
        is_tolerant: Whether documents that fail are left out; their numbers then stand in the
            result under ``failed``. Otherwise one that fails lets all fail.
        options: Fields of :class:`~racto.core.ChatConfig` for all requests.

    Raises:
        ConfigurationError: If a question is empty, ``fan_in`` is below 2, or the options do not
            fit.
    """

    def __init__(
        self,
        worker: RactoCeleryWorker,
        *,
        question: str,
        summary: str,
        fan_in: int = 20,
        is_tolerant: bool = False,
        options: Mapping[str, Any] | None = None,
    ) -> None:
        if not question.strip() or not summary.strip():
            raise ConfigurationError("question and summary need at least one word each")
        self._worker, self._question = worker, question
        self._defaults = {"temperature": 0.0, "max_tokens": 4096, **(options or {})}
        # Made once to find mistakes here instead of in a worker.
        checked = payload_of("checked", self._defaults, where="options")
        if checked.tools or checked.response_model is not None:
            raise ConfigurationError("options: answers are texts; leave tools and models out")
        config = {key: value for key, value in checked.config.items() if key != "user_message"}
        try:
            self._plan = ReducePlan(
                question=summary, config=config, fan_in=fan_in, is_tolerant=is_tolerant
            )
        except ValidationError as error:
            raise ConfigurationError(problems_of(error)) from error
        self._tasks = _registered(worker)

    def submit(self, documents: Sequence[str]) -> AsyncResult:
        """Queue the documents and return at once.

        Args:
            documents: Their texts.

        Returns:
            Celery's result of the last task; wait for its ``id`` with the worker. Its result is
            that of ``generate``, with ``failed`` for a tolerant one.

        Raises:
            ConfigurationError: If there are none, one is empty or too large, or the app's result
                back end cannot keep chords.
            APIConnectionError: If the broker or the result back end cannot be reached.
        """
        if isinstance(documents, str) or not documents:
            raise ConfigurationError("documents: give the texts of one document or more")
        check_app(self._worker.app)
        header = [
            self._tasks.map.signature(
                (self._text(document, number), number),
                task_id=(task_id := str(uuid4())),
                headers=self._headers(task_id),
            )
            for number, document in enumerate(documents, 1)
        ]
        task_id = str(uuid4())
        body = self._tasks.reduce.signature(
            (self._plan.model_dump_json(),), task_id=task_id, headers=self._headers(task_id)
        )
        what, app = f"sending {self._tasks.map.name}", self._worker.app
        check_reachable(app, what)
        with translated(what, service="broker", at=partial(broker_of, app)):
            return chord(header, app=self._worker.app)(body)

    asubmit = threaded(submit)

    def _text(self, document: str, number: int) -> str:
        if not isinstance(document, str) or not document.strip():
            raise ConfigurationError(f"documents[{number - 1}] is no text, or an empty one")
        payload = payload_of(
            f"{self._question}\n\n{document}", self._defaults, where=f"documents[{number - 1}]"
        )
        return payload.packed(self._tasks.map.workshop.limits.payload_bytes)

    def _headers(self, task_id: str) -> dict[str, str] | None:
        headers: dict[str, str] = {}
        for layer in self._tasks.map.workshop.layers:
            headers.update(layer.outgoing("generate", task_id))
        return headers or None


class ChordTask(RactoTask):
    """Root of the tasks of map and reduce."""

    abstract = True
    kind = "generate"

    def veiled(self, data: dict[str, Any]) -> Any:
        """The data as a result whose words monitors do not see."""
        return data if self.request.is_eager else Veiled(data)


class MapTask(ChordTask):
    """Asks about one document; its result is the answer alone, or why there is none."""

    abstract = True

    def run(self, text: str, number: int) -> Any:  # type: ignore[override]
        """The answer with its document's number; a last failure is an answer too.

        A task of a chord that failed would end the whole chord, and its sum says which it was.
        """
        try:
            answer = _bare(super().run(text)).get("content")
        except RactoGatewayError as error:
            return {"number": number, "error": f"{type(error).__name__}: {error}"}
        if not answer:
            return {"number": number, "error": "the model gave no text"}
        return self.veiled({"number": number, "content": answer})


class ReduceTask(ChordTask):
    """Puts answers together, in groups where there are many."""

    abstract = True

    def run(self, answers: Sequence[Mapping[str, Any]], text: str) -> Any:  # type: ignore[override]
        """The reply to all answers.

        Raises:
            JobError: If the plan is malformed, or documents failed that may not.
            Replaced: By Celery, when the answers are put together in groups first.
        """
        plan = _plan(text)
        answers = [answers] if isinstance(answers, Mapping) else answers
        good = [answer for answer in answers if "content" in answer]
        bad = [answer for answer in answers if "content" not in answer]
        # A group that failed stands for many documents, and is not left out.
        if bad and not (plan.is_tolerant and good and plan.step == 0):
            raise JobError(_told(bad, len(answers), "groups" if plan.step else "documents"))
        failed = (*plan.failed, *(int(answer.get("number", 0)) for answer in bad))
        plan = plan.model_copy(update={"failed": failed})
        if len(good) > plan.fan_in:
            return self.replace(self._groups(good, plan))
        reply = super().run(_question(good, plan).packed(self.workshop.limits.payload_bytes))
        if not plan.is_tolerant:
            return reply
        return self.veiled({**_bare(reply), "failed": list(failed)})

    def _groups(self, answers: Sequence[Mapping[str, Any]], plan: ReducePlan) -> Any:
        """A chord of one step down: each group's reply is an answer of the next step."""
        strict = plan.model_copy(update={"failed": (), "is_tolerant": False}).model_dump_json()
        plan = plan.model_copy(update={"step": plan.step + 1})
        part = self.app.tasks[f"{self.name.rpartition('.')[0]}.merge"]
        groups = [
            part.signature((list(answers[at : at + plan.fan_in]), strict, number))
            for number, at in enumerate(range(0, len(answers), plan.fan_in), 1)
        ]
        return chord(groups, self.signature((plan.model_dump_json(),)), app=self.app)


class MergeTask(ReduceTask):
    """Puts one group of answers together, and gives the reply as an answer."""

    abstract = True

    def run(self, answers: Sequence[Mapping[str, Any]], text: str, number: int) -> Any:  # type: ignore[override]
        """The reply with the group's number."""
        try:
            reply = _bare(super().run(answers, text))
        except RactoGatewayError as error:
            return {"number": number, "error": f"{type(error).__name__}: {error}"}
        return self.veiled({"number": number, "content": reply.get("content") or "(nothing)"})


def _registered(worker: RactoCeleryWorker) -> _Tasks:
    generate = worker.app.tasks[f"{worker.name}.generate"]
    made = {}
    for role, root in (("map", MapTask), ("merge", MergeTask), ("reduce", ReduceTask)):
        facts = {
            "name": f"{worker.name}.{role}",
            "workshop": generate.workshop,
            "retry_config": generate.retry_config,
            "soft_time_limit": generate.soft_time_limit,
            "time_limit": generate.time_limit,
            "track_started": generate.track_started,
            "__module__": __name__,
        }
        # A second map and reduce on one worker has the same tasks, without Celery's warning.
        worker.app.tasks.pop(facts["name"], None)
        made[role] = worker.app.register_task(type(f"Worker{root.__name__}", (root,), facts)())
    return _Tasks(map=made["map"], reduce=made["reduce"])


def _plan(text: str) -> ReducePlan:
    try:
        return ReducePlan.model_validate_json(text)
    except ValidationError as error:
        raise JobError(f"malformed plan of a reduce task: {problems_of(error)}") from error


def _question(answers: Sequence[Mapping[str, Any]], plan: ReducePlan) -> GeneratePayload:
    parts = [f"[{answer.get('number')}]\n{answer['content']}" for answer in answers]
    words = "\n\n".join([plan.question, *parts])
    return GeneratePayload(config={**plan.config, "user_message": words})


def _bare(reply: Any) -> dict[str, Any]:
    found = reply.data if isinstance(reply, Veiled) else reply
    return found if isinstance(found, dict) else {}


def _told(bad: Sequence[Mapping[str, Any]], total: int, what: str) -> str:
    listed = "; ".join(f"[{a.get('number')}] {a.get('error')}" for a in bad[:_LISTED])
    return f"{len(bad)} of {total} {what} failed: {listed}"
