"""Weaviate's gRPC calls with racto's errors, which the client's own retries let through.

The client repeats a call that is answered with UNAVAILABLE for up to a minute, whatever its
timeout, and drops the code of all other errors. Errors of racto pass it as they are, so that
:mod:`~.connections` knows the code and decides how often and how long.
"""

from __future__ import annotations

from typing import Any

from .failures import refused


class TranslatingStub:
    """Stands before the stub of Weaviate's client.

    Args:
        stub: The client's stub.
        name: Name of the class, for the words of errors.
        is_async: Whether its calls are awaited.
    """

    def __init__(self, stub: Any, name: str, *, is_async: bool) -> None:
        self._stub, self._name, self._is_async = stub, name, is_async

    def __getattr__(self, method: str) -> Any:
        """A call of the stub, which raises racto's errors."""
        call = getattr(self._stub, method)
        if method.startswith("_"):
            return call
        made = self._awaited(call, method) if self._is_async else self._plain(call, method)
        # Kept, so that the next call finds it at once.
        setattr(self, method, made)
        return made

    def _plain(self, call: Any, method: str) -> Any:
        def ask(request: Any, **options: Any) -> Any:
            try:
                return call(request, **options)
            except Exception as error:
                # gRPC's errors have a code; the library itself is the client's, not ours.
                if not callable(getattr(error, "code", None)):
                    raise
                raise refused(error, method, self._name) from error

        return ask

    def _awaited(self, call: Any, method: str) -> Any:
        async def ask(request: Any, **options: Any) -> Any:
            try:
                return await call(request, **options)
            except Exception as error:
                if not callable(getattr(error, "code", None)):
                    raise
                raise refused(error, method, self._name) from error

        return ask
