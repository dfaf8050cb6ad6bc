"""numpy where it is at hand: it makes the ranking faster and changes no score."""

from __future__ import annotations

import sys
from typing import Any


def numpy_at_hand() -> Any:
    """The library, if something else in this process has loaded it; None otherwise.

    racto-rag does not depend on it, and a command that asks one question is over before it
    would have paid for its import. Vector stores and local embedders bring it with them.
    """
    module = sys.modules.get("numpy")
    # Another thread may be half through loading it; the next question finds it whole.
    is_loading = getattr(getattr(module, "__spec__", None), "_initializing", False)
    return None if is_loading else module
