"""Claims on tasks in Redis: one run at a time, and its result for whoever comes with the same task."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any
from uuid import uuid4

from pydantic_core import from_json, to_json

from racto.core.errors import ConfigurationError, JobError, RactoGatewayError

from .connections import RedisConnection
from .factories import ProcessLocal

_log = logging.getLogger("racto.celery")

# One key a task: "r" and the owner while it runs, "d" and the result as JSON once it is done.
# A client asks again when an answer is lost, and must then not find its own claim in its way.
_TAKE = """
local value = redis.call('GET', KEYS[1])
if not value then
    redis.call('SET', KEYS[1], 'r' .. ARGV[1], 'PX', ARGV[2])
    return {'taken', ''}
end
if value == 'r' .. ARGV[1] then return {'taken', ''} end
if string.sub(value, 1, 1) == 'd' then return {'done', value} end
return {'busy', tostring(redis.call('PTTL', KEYS[1]))}
"""
_RENEW = """
if redis.call('GET', KEYS[1]) == 'r' .. ARGV[1] then
    return redis.call('PEXPIRE', KEYS[1], ARGV[2])
end
return 0
"""
_FINISH = """
local value = redis.call('GET', KEYS[1])
if value and string.sub(value, 1, 1) == 'd' then return value end
redis.call('SET', KEYS[1], 'd' .. ARGV[1], 'PX', ARGV[2])
return false
"""
_RELEASE = """
if redis.call('GET', KEYS[1]) == 'r' .. ARGV[1] then return redis.call('DEL', KEYS[1]) end
return 0
"""


@dataclass(frozen=True, kw_only=True, slots=True)
class Claim:
    """What came of asking for a task.

    Attributes:
        task_id: The task.
        owner: Mark of the run that has it now; empty when that is not the one that asked.
        is_done: Whether it has been done before.
        result: Its result then.
        busy_s: Seconds after which the claim of the run that has it ends, if that run is dead.
    """

    task_id: str
    owner: str = ""
    is_done: bool = False
    result: Any = None
    busy_s: float = 0.0


class Claims:
    """Gives each task to one run at a time, and remembers the results.

    A run that lives renews its claim by a thread of its process; one that was killed does not, and
    its task is free after ``lease_s``.

    Args:
        url: The Redis.
        prefix: What its keys begin with.
        lease_s: Seconds that a claim lasts without being renewed.
        keep_s: Seconds that a result is remembered.

    Raises:
        ConfigurationError: If a time is not positive, or the URL is none of Redis.
    """

    def __init__(self, url: str, *, prefix: str, lease_s: float, keep_s: float) -> None:
        if not (lease_s > 0 and keep_s > 0):
            raise ConfigurationError(
                f"lease_s and keep_s are seconds above 0, not {lease_s!r} and {keep_s!r}"
            )
        self._redis = RedisConnection(url)
        self._prefix = prefix
        self._lease_ms, self._keep_ms = max(1, int(lease_s * 1000)), max(1, int(keep_s * 1000))
        self._held = ProcessLocal(
            partial(_Held, self._renewed, every_s=lease_s / 3), method="keep", role="claims"
        )

    def take(self, task_id: str) -> Claim:
        """Ask for a task.

        Raises:
            APIConnectionError: If Redis cannot be reached.
            JobError: If another program wrote to the key.
        """
        owner = uuid4().hex
        told, value = self._eval("claiming", _TAKE, task_id, owner, self._lease_ms)
        if told == b"taken":
            return Claim(task_id=task_id, owner=owner)
        if told == b"done":
            return Claim(task_id=task_id, is_done=True, result=_read(value, task_id))
        return Claim(task_id=task_id, busy_s=max(0, int(value)) / 1000)

    @contextmanager
    def kept(self, claim: Claim) -> Iterator[None]:
        """Renew a claim while the block runs, and give it back if the block raises."""
        held: _Held = self._held.get()
        held.keep(claim.owner, claim.task_id)
        try:
            yield
        except BaseException:
            self._release(claim)
            raise
        finally:
            held.drop(claim.owner)

    def finish(self, claim: Claim, result: Any) -> Any:
        """Remember a result, and return the one that counts: the first that was remembered.

        When Redis is away the result is returned as it is, and the claim ends by itself: the work
        is done, and doing it again helps nobody.
        """
        text = to_json(result).decode()
        try:
            earlier = self._eval("remembering", _FINISH, claim.task_id, text, self._keep_ms)
        except RactoGatewayError as error:
            _log.warning("task %s: its result is not remembered: %s", claim.task_id, error)
            return result
        return result if earlier is None else _read(earlier, claim.task_id)

    def forget(self, task_id: str) -> None:
        """Free a task whatever its state, so that it runs anew when it is sent again.

        Raises:
            APIConnectionError: If Redis cannot be reached.
        """
        self._redis.call(
            f"forgetting task {task_id}", lambda redis: redis.delete(self._key(task_id))
        )

    def _release(self, claim: Claim) -> None:
        try:
            self._eval("releasing", _RELEASE, claim.task_id, claim.owner)
        except RactoGatewayError as error:
            # What the task itself raised says more; the claim ends by itself.
            _log.warning("task %s: its claim was not given back: %s", claim.task_id, error)

    def _renewed(self, owner: str, task_id: str) -> None:
        try:
            self._eval("renewing", _RENEW, task_id, owner, self._lease_ms)
        except RactoGatewayError as error:
            _log.warning("task %s: its claim was not renewed: %s", task_id, error)

    def _eval(self, what: str, script: str, task_id: str, *arguments: Any) -> Any:
        return self._redis.call(
            f"{what} task {task_id}",
            lambda redis: redis.eval(script, 1, self._key(task_id), *arguments),
        )

    def _key(self, task_id: str) -> str:
        return f"{self._prefix}:{task_id}"


class _Held:
    """The claims that one process has, renewed by a thread for as long as they are kept.

    Args:
        renew: Renews the claim of an owner on a task; does not raise.
        every_s: Seconds between two renewals.
    """

    def __init__(self, renew: Callable[[str, str], None], *, every_s: float) -> None:
        self._renew, self._every_s = renew, every_s
        self._tasks: dict[str, str] = {}
        self._closed = threading.Event()
        threading.Thread(target=self._work, name="racto-claims", daemon=True).start()

    def keep(self, owner: str, task_id: str) -> None:
        self._tasks[owner] = task_id

    def drop(self, owner: str) -> None:
        self._tasks.pop(owner, None)

    def close(self) -> None:
        self._closed.set()

    def _work(self) -> None:
        while not self._closed.wait(self._every_s):
            for owner, task_id in tuple(self._tasks.items()):
                self._renew(owner, task_id)


def _read(value: bytes, task_id: str) -> Any:
    try:
        return from_json(value[1:])
    except ValueError as error:
        raise JobError(f"what is remembered of task {task_id} is no JSON: {error}") from error
