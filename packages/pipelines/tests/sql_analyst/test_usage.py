"""Usage by step: the reference's counts and ours say the same."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from racto.core import Usage
from racto.pipelines import PipelineUsage


def test_counts_of_the_reference_are_taken() -> None:
    usage = PipelineUsage(sql_input_tokens=5, sql_output_tokens=2, answer_output_tokens=1)  # type: ignore[call-arg]
    assert (usage.sql_input_tokens, usage.total_input_tokens, usage.total_tokens) == (5, 5, 8)
    assert usage.cost is None
    assert PipelineUsage().cost == 0
    with pytest.raises(ValidationError):
        PipelineUsage(sql_input_tokens=-1)  # type: ignore[call-arg]


def test_sums_keep_what_is_known() -> None:
    usage = PipelineUsage().plus("sql", Usage(input_tokens=3, cache_read_tokens=4, cost=0.5))
    usage = usage.plus("sql", Usage(output_tokens=2, cost=0.25))
    assert (usage.sql_input_tokens, usage.sql_output_tokens, usage.cost) == (7, 2, 0.75)
    assert usage.plus("answer", Usage(output_tokens=1)).cost is None


def test_json_comes_back_as_it_was() -> None:
    usage = PipelineUsage().plus("pandas", Usage(input_tokens=3, output_tokens=1, cost=0.5))
    assert '"pandas_input_tokens":3' in usage.model_dump_json()
    assert PipelineUsage.model_validate_json(usage.model_dump_json()) == usage
