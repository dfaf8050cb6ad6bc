"""What a question came to: SQL, rows, analysis, answer, chart, and what all of it cost."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    PrivateAttr,
    SerializerFunctionWrapHandler,
    computed_field,
    field_serializer,
)

from racto.core.flows import threaded

from .attempts import Attempt
from .exports import TableExports, as_frame, write_table
from .libraries import polars
from .usage import PipelineUsage

if TYPE_CHECKING:
    import polars as pl


class SQLAnalystResult(TableExports, BaseModel):
    """The result of one run, whole or as far as it came.

    Everything but ``user_query`` has a default, so that ``safe_mode=True`` can return what was
    there before an error. Rows are kept as columns, and turn into dictionaries when somebody reads
    ``raw_rows``.

    Attributes:
        user_query: The question.
        schema_used: The schema as the model saw it.
        sql_query: The statement that ran, as the guard passed it.
        columns: Names of the result's columns; two of one name read ``id`` and ``id_2``.
        row_count: Number of rows fetched.
        frame: The rows as a ``polars.DataFrame`` of shape (row_count, columns); None without any.
        pandas_code: The analysis code, whichever its engine; None when there was none.
        pandas_result: What the code left as ``result``.
        answer: The answer in Markdown; None when none was asked for.
        chart_spec: The chart's spec as a dictionary, what was left open filled in; None without
            a chart.
        plotly_figure: The figure; None without a chart, or when plotly is not installed.
        usage: Tokens and cost, by step.
        error: What went wrong, with ``safe_mode=True``; None when nothing did.
        error_type: Name of the error's class; None when nothing went wrong.
        failed_step: The step in which it went wrong; empty when nothing did, or before the first.
        chart_error: Why a chart that was asked for could not be drawn; the answer stands.
        attempts: Statements and code that were refused or failed, with the reason, oldest first.
        truncated_by: ``rows`` or ``bytes`` when the database had more than the limits let
            through; empty when ``frame`` is all.
        masked_columns: Names of the columns whose values are masked.
        unsupported_numbers: Numbers of the answer that are neither in the rows nor follow from
            them; the answer marks them.
        is_answer_whole: False when the answer was cut off at ``answer_max_tokens``.
        follow_ups: Questions that the model proposes to ask next.
        dialect: What sqlglot calls the database.
        session_id: The conversation that the question belongs to.
        timings: Seconds by step.
    """

    model_config = ConfigDict(
        arbitrary_types_allowed=True,
        defer_build=True,
        ser_json_bytes="base64",
        val_json_bytes="base64",
    )

    user_query: str
    schema_used: str = ""
    sql_query: str = ""
    columns: list[str] = Field(default_factory=list)
    row_count: int = 0
    frame: Any = Field(default=None, exclude=True, repr=False)
    pandas_code: str | None = None
    pandas_result: Any = None
    answer: str | None = None
    chart_spec: dict[str, Any] | None = None
    plotly_figure: Any = Field(default=None, exclude=True, repr=False)
    usage: PipelineUsage = Field(default_factory=PipelineUsage)
    error: str | None = None
    error_type: str | None = None
    failed_step: str = ""
    chart_error: str | None = None
    attempts: tuple[Attempt, ...] = ()
    truncated_by: str = ""
    masked_columns: tuple[str, ...] = ()
    unsupported_numbers: tuple[str, ...] = ()
    is_answer_whole: bool = True
    follow_ups: tuple[str, ...] = ()
    dialect: str = ""
    session_id: str | None = None
    timings: dict[str, float] = Field(default_factory=dict)

    _rows: list[dict[str, Any]] | None = PrivateAttr(default=None)

    def __init__(self, *, raw_rows: list[dict[str, Any]] | None = None, **fields: Any) -> None:
        super().__init__(**fields)
        if raw_rows is None:
            return
        # The reference's way to make one by hand.
        self._rows = raw_rows
        if not self.columns and raw_rows:
            self.columns = list(raw_rows[0])
        self.row_count = self.row_count or len(raw_rows)

    @computed_field  # type: ignore[prop-decorator]
    @property
    def raw_rows(self) -> list[dict[str, Any]]:
        """All rows as dictionaries, made when they are first read."""
        if self._rows is None:
            self._rows = [] if self.frame is None else self.frame.to_dicts()
        return self._rows

    @property
    def ok(self) -> bool:
        """Whether the run came to its end."""
        return self.error is None

    @property
    def is_truncated(self) -> bool:
        """Whether the database had more rows than were fetched."""
        return bool(self.truncated_by)

    def preview(self, rows: int = 10) -> list[dict[str, Any]]:
        """The first rows as dictionaries; the others are not touched.

        Args:
            rows: How many at most.
        """
        # Made by hand, or read from JSON.
        if self.frame is None:
            return self.raw_rows[:rows]
        return cast("list[dict[str, Any]]", self.frame.head(rows).to_dicts())

    def to_polars(self) -> pl.DataFrame:
        """The rows as a ``polars.DataFrame``; columns keep their types, also without a row."""
        if self.frame is not None:
            held: pl.DataFrame = self.frame
            return held
        if not self.raw_rows:
            empty: pl.DataFrame = polars("to_polars()").DataFrame(
                {name: [] for name in self.columns}
            )
            return empty
        made: pl.DataFrame = as_frame(self.raw_rows)
        return made

    def write(
        self, path: str | Path, *, format: str | None = None, overwrite: bool = False
    ) -> Path:
        """Write the rows into a file: csv, json, jsonl, xlsx, parquet or md.

        Args:
            path: Where to.
            format: The kind of file; None to go by the end of its name.
            overwrite: Whether a file that is there may be replaced.

        Raises:
            ConfigurationError: If the format is unknown, or the file is there already.
        """
        return write_table(self.to_polars(), path, format=format, overwrite=overwrite)

    awrite = threaded(write)

    def _table(self) -> pl.DataFrame:
        return self.to_polars()

    @field_serializer("pandas_result", mode="wrap")
    def _result_as_data(self, value: Any, handler: SerializerFunctionWrapHandler) -> Any:
        # A frame has no JSON of its own; its rows have.
        if hasattr(value, "to_dicts"):
            return handler(value.to_dicts())
        if hasattr(value, "to_dict"):
            return handler(
                value.to_dict("records") if hasattr(value, "columns") else value.to_dict()
            )
        return handler(value.to_list() if hasattr(value, "to_list") else value)
