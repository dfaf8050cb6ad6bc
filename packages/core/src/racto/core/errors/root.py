"""The trunk of the tree: what every error of racto says and carries."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from racto.core.secrets import redact

if TYPE_CHECKING:
    from racto.core.usage import Usage


class RactoGatewayError(Exception):
    """Base of every error that racto raises.

    Attributes:
        message: What was wrong, where, and what to do; free of secrets.
        retryable: Whether the same request may succeed later.
        retry_after: Seconds the other side asked to wait; None when it did not say.
        provider: Name of the provider or service that failed, when one was involved.
        status_code: HTTP status code, when there was one.
        request_id: The provider's id of the failed request, for its support desk.
        partial: The :class:`~racto.core.LLMResponse` as far as it had come before the error: of a
            stream what had arrived, of several rounds the last reply; None when nothing had.
        usage: Tokens and cost of all that the failed request had used; None when it had used
            nothing, or nobody counted.
    """

    default_retryable: ClassVar[bool] = False

    def __init__(
        self,
        message: str = "",
        *,
        retryable: bool | None = None,
        retry_after: float | None = None,
        provider: str | None = None,
        status_code: int | None = None,
        request_id: str | None = None,
        partial: Any = None,
        usage: Usage | None = None,
    ) -> None:
        self.message = redact(str(message))
        self.retryable = self.default_retryable if retryable is None else retryable
        self.retry_after = retry_after
        self.provider = provider
        self.status_code = status_code
        self.request_id = request_id
        self.partial = partial
        self.usage = usage
        super().__init__(self.message)

    def __str__(self) -> str:
        # KeyError, among the bases of some subclasses, would print the repr of the message.
        return self.message

    def __reduce__(self) -> tuple[Any, ...]:
        # Keyword-only arguments defeat the default recipe, so the state travels instead.
        return (_rebuild, (type(self), self.message, self.__dict__.copy()))


def _rebuild(kind: type[RactoGatewayError], message: str, state: dict[str, Any]) -> Exception:
    error = kind.__new__(kind, message)
    error.args = (message,)  # OSError keeps its arguments from __new__
    error.__dict__.update(state)
    return error
