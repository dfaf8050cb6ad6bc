"""The tour: the same shop each time, all questions as they should go, no network."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from racto.core import ChatConfig
from racto.core.errors import ConfigurationError
from racto.core.protocols import ChatKit
from racto.pipelines.sql_analyst.command import main
from racto.pipelines.sql_analyst.demo import ShopKit, build_shop
from racto.pipelines.sql_analyst.demo.tour import CHART


def _all_rows(path: Path) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(path)) as link:
        tables = ("customers", "products", "orders", "order_items")
        return [row for name in tables for row in link.execute(f"SELECT * FROM {name}")]


def test_the_shop_is_the_same_each_time(tmp_path: Path) -> None:
    first = _all_rows(build_shop(tmp_path / "a.db"))
    assert first == _all_rows(build_shop(tmp_path / "b.db"))
    assert len(first) > 1500
    # A shop that was there is replaced, and not added to.
    assert first == _all_rows(build_shop(tmp_path / "a.db"))


def test_the_tour_goes_to_its_end(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["demo", "--folder", str(tmp_path / "new")]) == 0
    shown = capsys.readouterr()
    assert shown.out.count("Q: ") == 4
    assert shown.out.count("As it should be") == 2
    assert "***MASKED***" in shown.out
    assert "example.org" not in shown.out + shown.err
    assert (tmp_path / "new" / CHART).stat().st_size > 1000


async def test_the_kit_keeps_the_protocol() -> None:
    kit = ShopKit()
    assert isinstance(kit, ChatKit)
    config = ChatConfig(user_message="<question>\nWhat?\n</question>", system="You write SQL")
    whole = kit.chat(config)
    assert (await kit.achat(config)).content == whole.content
    assert next(c.delta.text for c in kit.stream(config)) == whole.content
    last = [c async for c in kit.astream(config)][-1]
    assert last.response is not None
    assert last.response.usage == whole.usage
    kit.close()
    await kit.aclose()


def test_a_database_of_yours_is_never_replaced(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    mine = tmp_path / "shop.db"
    with closing(sqlite3.connect(mine)) as link:
        link.execute("CREATE TABLE mine (n)")
        link.commit()
    before = mine.read_bytes()
    with pytest.raises(ConfigurationError, match="another file"):
        build_shop(mine)
    assert main(["demo", "--folder", str(tmp_path)]) == 2
    assert "shop.db" in capsys.readouterr().err
    assert mine.read_bytes() == before
    assert [path.name for path in tmp_path.iterdir()] == ["shop.db"]


def test_a_chart_of_yours_is_never_replaced(tmp_path: Path) -> None:
    mine = tmp_path / CHART
    mine.write_text("mine")
    assert main(["demo", "--folder", str(tmp_path)]) == 2
    assert mine.read_text() == "mine"
