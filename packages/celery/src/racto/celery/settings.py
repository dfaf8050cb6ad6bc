"""What a task may use, how it is delivered, and which Celery apps are refused."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from racto.core.errors import ConfigurationError

_SETTINGS = (
    "task_serializer",
    "result_serializer",
    "accept_content",
    "result_accept_content",
    "event_serializer",
)
_EXECUTABLE = frozenset({"pickle", "application/x-python-serialize"})
_JSON = frozenset({"json", "application/json"})


@dataclass(frozen=True, kw_only=True, slots=True)
class TaskLimits:
    """Limits of the tasks of one worker.

    Attributes:
        soft_time_s: Seconds after which a task is stopped and fails; None for no limit.
        hard_time_s: Seconds after which its process is killed; None for no limit.
        payload_bytes: Largest payload that is sent to the broker.
        result_bytes: Largest result that is kept in the result back end.

    Raises:
        ConfigurationError: If a limit is not positive, or the soft one comes after the hard one.
    """

    soft_time_s: float | None = None
    hard_time_s: float | None = None
    payload_bytes: int = 16 * 1024 * 1024
    result_bytes: int = 1024 * 1024

    def __post_init__(self) -> None:
        for name in ("soft_time_s", "hard_time_s", "payload_bytes", "result_bytes"):
            value = getattr(self, name)
            if value is not None and not value > 0:
                raise ConfigurationError(f"TaskLimits.{name} must be positive, not {value!r}")
        soft, hard = self.soft_time_s, self.hard_time_s
        if soft is not None and hard is not None and soft > hard:
            raise ConfigurationError(
                f"TaskLimits.soft_time_s ({soft:g}) comes after hard_time_s ({hard:g}), which kills"
            )


@dataclass(frozen=True, kw_only=True, slots=True)
class Delivery:
    """How one task is delivered; what is None is left to the app.

    Attributes:
        idempotency_key: The same key gives the same task id, so that sending again asks for the
            same task and not for another one; not empty.
        queue: Queue to send it to.
        priority: Priority, 0 to 9 on RabbitMQ.
        countdown_s: Seconds to wait before it may run.
        expires_s: Seconds after which it is not run any more.

    Raises:
        ConfigurationError: If the key is empty.
    """

    idempotency_key: str | None = None
    queue: str | None = None
    priority: int | None = None
    countdown_s: float | None = None
    expires_s: float | None = None

    def __post_init__(self) -> None:
        if self.idempotency_key == "":
            # Whoever forgets the key would get somebody else's reply.
            raise ConfigurationError(
                "Delivery.idempotency_key is empty, and would make one task of all that have none; "
                "give None for no key"
            )

    def options(self) -> dict[str, Any]:
        """The options of Celery's ``apply_async``, without the task id."""
        found = {
            "queue": self.queue,
            "priority": self.priority,
            "countdown": self.countdown_s,
            "expires": self.expires_s,
        }
        return {name: value for name, value in found.items() if value is not None}


NO_DELIVERY = Delivery()


RESULT_RETRIES = 100
"""How often a worker tries to store a result: on average for eight minutes, never over 16."""


PARENT_RETRIES = 5
"""The same for the parent of a forked pool: under a second, as it must go on serving all of them."""
CONNECT_S = 5.0
"""Seconds in which Redis as a result back end must take a connection."""


def bound_connecting(app: Any) -> None:
    """Let a result back end on a machine that is gone be away in seconds, not in two minutes.

    What the app says about ``redis_socket_connect_timeout`` counts.
    """
    if not app.conf.value_set_for("redis_socket_connect_timeout"):
        app.conf.redis_socket_connect_timeout = CONNECT_S


def keep_results(app: Any) -> bool:
    """Let a worker wait for a result back end that is away, instead of losing the result.

    By itself Celery drops the result and acknowledges the task, even one that it could not note as
    started and never ran. What the app says about ``result_backend_always_retry`` counts. Redis
    and Elasticsearch know which failures pass; other back ends repeat nothing.

    Returns:
        Whether it was up to us.
    """
    conf = app.conf
    if conf.value_set_for("result_backend_always_retry"):
        return False
    conf.result_backend_always_retry = True
    # Celery's own number is infinite, and a worker that never ends cannot be shut down.
    if not conf.value_set_for("result_backend_max_retries"):
        conf.result_backend_max_retries = RESULT_RETRIES
    return True


def check_app(app: Any) -> None:
    """Refuse an app that cannot carry the tasks safely.

    Raises:
        ConfigurationError: If it is set to pickle anywhere, which runs whatever a stranger puts
            into the broker or the back end, or does not accept JSON.
    """
    conf = app.conf
    for name in _SETTINGS:
        # A setting may be one name or a collection of them.
        value = conf.get(name)
        kinds = {value} if isinstance(value, str) else set(value or ())
        if kinds & _EXECUTABLE:
            raise ConfigurationError(
                f"the Celery app {app.main!r} has pickle in {name}: anybody who reaches the broker "
                f"could run code; set {name} to json"
            )
        # Tasks choose JSON themselves; for results and for what is read Celery asks the app.
        if name != "task_serializer" and name != "event_serializer" and kinds and not kinds & _JSON:
            raise ConfigurationError(
                f"the Celery app {app.main!r} has {name}={value!r}, and racto's tasks and results "
                "are JSON; put 'json' there"
            )
