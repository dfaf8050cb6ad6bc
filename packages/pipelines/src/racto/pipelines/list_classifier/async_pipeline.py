"""AsyncListClassifierPipeline: the reference's dialect in which ``run`` itself is awaited."""

from __future__ import annotations

from .pipeline import ListClassifierPipeline


class AsyncListClassifierPipeline(ListClassifierPipeline):
    """A :class:`ListClassifierPipeline` whose ``run``, ``batch_run`` and ``evaluate`` are awaited.

    Constructor and parameters are the same, and ``arun`` and its like are there too.
    """

    # The twins themselves and no wrappers: the same parameters, documentation and speed.
    run = ListClassifierPipeline.arun
    batch_run = ListClassifierPipeline.abatch_run  # type: ignore[assignment]
    evaluate = ListClassifierPipeline.aevaluate  # type: ignore[assignment]
