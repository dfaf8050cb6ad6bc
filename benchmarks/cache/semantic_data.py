"""The vectors that both sides search, the same in every environment that has numpy."""

from __future__ import annotations

from typing import Any

ASKED = 64


def matrix(rows: int, dimension: int) -> Any:
    """Unit vectors, float32, shape (rows, dimension); a hundred to a subject, as questions are.

    Vectors without subjects are all equally far from each other, and no graph leads anywhere.
    """
    import numpy as np

    chance = np.random.default_rng(0)
    subjects = chance.standard_normal((1 + rows // 100, dimension), dtype=np.float32)
    vectors = subjects[chance.integers(len(subjects), size=rows)]
    vectors += 0.8 * chance.standard_normal((rows, dimension), dtype=np.float32)
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def asked(vectors: Any) -> Any:
    """Unit vectors near the first of these, at a cosine of about 0.98."""
    import numpy as np

    known = vectors[:ASKED]
    noise = np.random.default_rng(1).standard_normal(known.shape, dtype=np.float32)
    near = known + noise * (0.2 / np.sqrt(known.shape[1], dtype=np.float32))
    return (near / np.linalg.norm(near, axis=1, keepdims=True)).astype(np.float32)
