"""The command from outside: what it prints, what it writes, and how it ends."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest

from racto.core.testing import ScriptedKit
from racto.pipelines.sql_analyst.command import main
from racto.pipelines.sql_analyst.command.arguments import make_parser
from racto.pipelines.sql_analyst.command.console import printable
from racto.pipelines.sql_analyst.demo import ShopKit, build_shop
from racto.pipelines.sql_analyst.demo.storyteller import CLEANUP, CUSTOMERS, REVENUE, WEATHER


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> str:
    return str(build_shop(tmp_path_factory.mktemp("shop") / "shop.db"))


def _ask(*arguments: str, kit: Any = None) -> int:
    return main(["ask", *arguments], make_kit=lambda _name: kit or ShopKit())


def test_a_question_is_answered_step_by_step(
    shop: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    chart, rows = tmp_path / "revenue.html", tmp_path / "revenue.csv"
    code = _ask(shop, REVENUE, "--kit", "tour", "--show-sql", "--chart", str(chart),
                "--csv", str(rows), "--out", str(tmp_path / "r.parquet"))  # fmt: skip
    shown = capsys.readouterr()
    assert code == 0
    assert "SELECT strftime" in shown.out
    assert "Revenue in 2025 came to" in shown.out
    assert "no  asking the database" in shown.err
    assert "ok  writing the answer" in shown.err
    assert "tokens" in shown.err
    assert str(chart) in shown.err
    assert rows.read_text().startswith("month,revenue\n2025-01,")
    assert "plotly" in chart.read_text()[:20000].lower()
    assert (tmp_path / "r.parquet").stat().st_size > 100


def test_files_are_not_replaced_unasked(
    shop: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    taken = tmp_path / "taken.csv"
    taken.write_text("mine")
    kit = ScriptedKit(["SELECT 1 AS n", "One."])
    assert _ask(shop, "One?", "--kit", "x", "--csv", str(taken), kit=kit) == 2
    assert kit.requests == []
    assert taken.read_text() == "mine"
    assert "--overwrite" in capsys.readouterr().err
    assert _ask(shop, "One?", "--kit", "x", "--csv", str(taken), "--overwrite", kit=kit) == 0
    assert taken.read_text() == "n\n1\n"


def test_json_is_json_alone(shop: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert _ask(shop, CUSTOMERS, "--kit", "x", "--mask", "email", "--json") == 0
    told = json.loads(capsys.readouterr().out)
    assert told["raw_rows"][0]["email"] == "***MASKED***"
    assert told["row_count"] == 5


@pytest.mark.parametrize(("question", "code"), [(CLEANUP, 1), (WEATHER, 1)])
def test_refusals_are_one_line_and_a_code(
    question: str, code: int, shop: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert _ask(shop, question, "--kit", "x") == code
    last = capsys.readouterr().err.strip().splitlines()[-1]
    assert last.startswith("racto-sql: ")


def test_the_connection_may_stand_in_a_variable(
    shop: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("SHOP_URL", f"sqlite:///{shop}")
    assert main(["schema", "env:SHOP_URL", "--allow-table", "orders", "--counts"]) == 0
    shown = capsys.readouterr().out
    assert "TABLE orders" in shown
    assert "600" in shown
    assert "customers (" not in shown
    assert main(["schema", "env:SHOP_URL_THAT_IS_NOT"]) == 2
    assert "not set" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("given", "word"),
    [("nowhere.db", "no file"), ("shop.txt", "neither"), ("mysql+nodriver://h/d", "racto-sql:")],
)
def test_a_wrong_database_is_told_in_one_line(
    given: str, word: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["schema", given]) == 2
    shown = capsys.readouterr().err
    assert word in shown
    assert shown.count("\n") == 1


def test_check_runs_the_guard(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert main(["check", "postgres", "SELECT 1 -- one"]) == 0
    assert "SELECT 1" in capsys.readouterr().out
    assert main(["check", "postgres", "DROP TABLE x"]) == 1
    assert "DROP" in capsys.readouterr().err
    assert main(["check", "mysql", "SELECT token FROM secrets", "--allow-table", "orders"]) == 1
    file = tmp_path / "statement.sql"
    file.write_text("SELECT count(*) FROM orders")
    assert main(["check", "duckdb", str(file), "--json"]) == 0
    assert json.loads(capsys.readouterr().out.splitlines()[-1])["passed"] is True
    monkeypatch.setattr("sys.stdin", io.StringIO("SELECT 2"))
    assert main(["check", "sqlite", "-"]) == 0


def test_doctor_examines(shop: str, capsys: pytest.CaptureFixture[str]) -> None:
    code = main(["doctor", shop, "--json"])
    told = json.loads(capsys.readouterr().out)
    assert told["dialect"] == "sqlite"
    assert told["checked"]
    critical = any(finding["severity"] == "critical" for finding in told["findings"])
    assert code == (1 if critical else 0)
    assert main(["doctor", shop]) == code
    assert "checks" in capsys.readouterr().out


def test_somebody_must_write_the_sql(
    shop: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("RACTO_SQL_KIT", raising=False)
    assert main(["ask", shop, "One?"]) == 2
    assert "--kit" in capsys.readouterr().err
    assert main(["ask", shop, "One?", "--kit", "nobody/none"]) == 2
    assert "nobody" in capsys.readouterr().err


def test_help_teaches_by_examples(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--help"]) == 0
    shown = capsys.readouterr().out
    for line in shown[shown.index("examples:") :].splitlines():
        words = line.split()
        if words[:1] == ["racto-sql"]:
            assert words[1] in ("ask", "check", "schema", "doctor", "demo")
    assert main(["ask"]) == 2
    assert main([]) == 2
    assert make_parser().parse_args(["doctor", "x.db"]).command == "doctor"


def test_a_terminal_is_given_no_orders() -> None:
    assert "\x1b" not in printable("\x1b[2Jgone\u202e")
    assert "gone" in printable("\x1b[2Jgone")
    assert printable("a\tb\nc") == "a\tb\nc"


def test_check_holds_masks_as_ask_does(capsys: pytest.CaptureFixture[str]) -> None:
    mask = ("--mask", "email")
    assert main(["check", "postgres", "SELECT id FROM c WHERE email = 'x'", *mask]) == 1
    assert "masked column c.email" in capsys.readouterr().err
    assert main(["check", "postgres", "SELECT * FROM c", *mask]) == 1
    assert main(["check", "postgres", "SELECT email FROM c", *mask]) == 0


def test_check_tells_refusals_as_json_too(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "postgres", "DROP TABLE x", "--json"]) == 1
    told = json.loads(capsys.readouterr().out)
    assert told["passed"] is False
    assert told["part"] == "DROP"
    assert told["rule"]
    assert "SELECT" in told["reason"]


def test_check_knows_a_file_that_is_not_there(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "postgres", "nowhere.sql"]) == 2
    assert "no file nowhere.sql" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("option", "name", "word"),
    [
        ("--out", "rows.foo", "'foo'"),
        ("--chart", "chart.pdf", "'pdf'"),
        ("--csv", "nowhere/rows.csv", "nowhere"),
    ],
)
def test_a_file_that_cannot_be_written_costs_nothing(
    shop: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], option: str, name: str, word: str
) -> None:
    kit = ScriptedKit(["SELECT 1 AS n", "One."])
    assert _ask(shop, "One?", "--kit", "x", option, str(tmp_path / name), kit=kit) == 2
    assert kit.requests == []
    assert word in capsys.readouterr().err
