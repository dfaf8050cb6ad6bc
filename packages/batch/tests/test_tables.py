"""Items out of files, results into files."""

from __future__ import annotations

import json
from pathlib import Path

import polars as pl
import pytest

from racto.batch import (
    BatchItem,
    BatchResult,
    ItemStatus,
    items_from_frame,
    read_items,
    results_frame,
    write_results,
)
from racto.core import (
    ConfigurationError,
    EmbeddingResponse,
    EmbeddingVector,
    LLMResponse,
    Message,
    RactoFile,
    ToolCallResult,
    Usage,
)

RESULTS = [
    BatchResult(
        custom_id="a",
        response=LLMResponse(
            content="one\u2028two",
            parsed={"x": [1]},
            tool_calls=[ToolCallResult(id="c", name="f", arguments={"y": 2})],
            usage=Usage(input_tokens=3, output_tokens=4, cost=0.5),
            model="m",
            request_id="r",
        ),
    ),
    BatchResult(custom_id="b", error="no", error_type="E", status=ItemStatus.REFUSED),
    BatchResult(
        custom_id="c",
        embedding=EmbeddingResponse(
            vectors=[EmbeddingVector(index=0, text="t", embedding=[1.0, 2.0])], model="e"
        ),
    ),
]


def test_items_are_read_from_lines_of_json(tmp_path: Path) -> None:
    items = [
        BatchItem(custom_id="a", user_message="one\u2028two", temperature=0.0),
        BatchItem(
            custom_id="b",
            user_message="x",
            history=(Message.user("hi"), Message.assistant("ho")),
            attachments=(RactoFile(b"\x00\xff", "image/png"),),
        ),
    ]
    path = tmp_path / "items.jsonl"
    path.write_bytes(b"\n\n".join(item.model_dump_json().encode() for item in items))
    found = list(read_items(path))
    assert [each.model_dump_json() for each in found] == [each.model_dump_json() for each in items]


def test_a_wrong_line_is_named(tmp_path: Path) -> None:
    path = tmp_path / "items.jsonl"
    path.write_text('{"custom_id": "a", "user_message": "x"}\n{"custom_id": 7}\n')
    with pytest.raises(ConfigurationError, match="item 2: custom_id"):
        list(read_items(path))


def test_items_are_read_from_parquet_with_nested_fields_as_text_or_columns(tmp_path: Path) -> None:
    frame = pl.DataFrame(
        {
            "custom_id": ["a", "b"],
            "user_message": ["x", "y"],
            "temperature": [None, 0.5],
            "metadata": ['{"team": "a"}', None],
            "stop": [["END"], None],
        }
    )
    frame.write_parquet(tmp_path / "items.parquet")
    one, two = read_items(tmp_path / "items.parquet")
    assert (one.metadata, one.stop, one.temperature) == ({"team": "a"}, ("END",), None)
    assert "temperature" not in one.model_fields_set
    assert (two.metadata, two.stop, two.temperature) == ({}, (), 0.5)


def test_columns_may_have_other_names(tmp_path: Path) -> None:
    frame = pl.DataFrame({"id": ["a"], "question": ["x"], "price": [1.0]})
    with pytest.raises(ConfigurationError, match="id, question, price: no fields of an item"):
        list(items_from_frame(frame))
    names = {"custom_id": "id", "user_message": "question"}
    (item,) = items_from_frame(frame, columns=names)
    assert (item.custom_id, item.user_message) == ("a", "x")
    with pytest.raises(ConfigurationError, match="it has the columns id, question, price"):
        list(items_from_frame(frame, columns={"custom_id": "key"}))


def test_many_rows_come_in_pages_and_in_order(tmp_path: Path) -> None:
    count = 4_500
    frame = pl.DataFrame(
        {"custom_id": [f"i{n}" for n in range(count)], "user_message": ["x"] * count}
    )
    frame.write_parquet(tmp_path / "items.parquet")
    found = [item.custom_id for item in read_items(tmp_path / "items.parquet")]
    assert found == [f"i{n}" for n in range(count)]


def test_results_come_back_from_lines_of_json(tmp_path: Path) -> None:
    path = tmp_path / "results.jsonl"
    assert write_results(iter(RESULTS), path) == 3
    lines = path.read_bytes().split(b"\n")
    assert lines.pop() == b""
    assert [BatchResult.model_validate_json(line) for line in lines] == RESULTS


def test_results_become_a_table_on_disk_and_in_memory(tmp_path: Path) -> None:
    path = tmp_path / "results.parquet"
    assert write_results(RESULTS, path) == 3
    table = pl.read_parquet(path)
    assert table.equals(results_frame(RESULTS))
    assert table["content"].to_list() == ["one\u2028two", None, None]
    assert table["cost"].to_list() == [0.5, 0.0, None]
    assert json.loads(table["tool_calls"][0])[0]["arguments"] == {"y": 2}
    assert table["vectors"].to_list() == [None, None, [[1.0, 2.0]]]
    assert table["error_type"].to_list() == [None, "E", None]


def test_no_results_are_an_empty_table(tmp_path: Path) -> None:
    write_results([], tmp_path / "results.parquet")
    assert pl.read_parquet(tmp_path / "results.parquet").shape == (0, 18)


def test_a_file_is_whole_or_not_there_and_replaced_only_if_allowed(tmp_path: Path) -> None:
    path = tmp_path / "results.jsonl"

    def broken() -> object:
        yield RESULTS[0]
        raise KeyError

    with pytest.raises(KeyError):
        write_results(broken(), path)  # type: ignore[arg-type]
    assert list(tmp_path.iterdir()) == []
    path.write_text("mine")
    with pytest.raises(ConfigurationError, match="is there already"):
        write_results(RESULTS, path)
    assert path.read_text() == "mine"
    write_results(RESULTS, path, overwrite=True)
    assert len(path.read_text().splitlines()) >= 3


def test_other_kinds_of_files_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"\.jsonl and \.parquet"):
        list(read_items(tmp_path / "items.csv"))
    with pytest.raises(ConfigurationError, match=r"\.jsonl and \.parquet"):
        write_results(RESULTS, tmp_path / "results.csv")
    with pytest.raises(ConfigurationError, match="cannot be read"):
        list(read_items(tmp_path / "missing.jsonl"))
