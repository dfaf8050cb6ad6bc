"""The one place where what Faiss raises becomes an error of racto."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from racto.core.errors import RactoGatewayError, StoreError


@contextmanager
def translated(doing: str) -> Iterator[None]:
    """Raise Faiss's errors as :class:`~racto.core.errors.StoreError`.

    Args:
        doing: What was tried, for the message.

    Raises:
        StoreError: If Faiss gave up; out of memory included.
    """
    try:
        yield
    except RactoGatewayError:
        raise
    except MemoryError as error:
        raise StoreError(f"{doing}: there is not enough memory; add fewer chunks") from error
    # Faiss throws C++ exceptions as the first; shapes are checked by its Python layer and numpy.
    except (RuntimeError, AssertionError, ValueError) as error:
        raise StoreError(f"{doing}: Faiss failed: {_first_line(error)}") from error


def _first_line(error: BaseException) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:300]
