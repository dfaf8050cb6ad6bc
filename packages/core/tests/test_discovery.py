"""Plug-ins are found by name, imported when asked for, and missing ones say what to install."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from racto.core import discovery
from racto.core.errors import ConfigurationError, MissingExtraError, PluginNotFoundError
from racto.core.installs import INSTALLS

PLUGIN = """
class Store:
    def __init__(self, *, url="here"):
        self.url = url
"""
NEEDY = """
from racto.core.errors import MissingExtraError
raise MissingExtraError("lib", install="needy[lib]", purpose="needy")
"""


def install(site: Path, name: str, entries: str) -> None:
    info = site / f"{name.replace('-', '_')}-1.2.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.2\n")
    (info / "entry_points.txt").write_text(entries)


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    (tmp_path / "plugin_good.py").write_text(PLUGIN)
    (tmp_path / "plugin_broken.py").write_text("import no_such_library")
    (tmp_path / "plugin_needy.py").write_text(NEEDY)
    group = "[racto.vector_stores]\n"
    install(tmp_path, "acme-good", f"{group}acme = plugin_good:Store\ntwice = plugin_good:Store\n")
    install(
        tmp_path,
        "acme-bad",
        f"{group}broken = plugin_broken:Store\nneedy = plugin_needy:Store\n"
        "gone = plugin_good:Nothing\ntwice = plugin_good:Store\n",
    )
    monkeypatch.syspath_prepend(tmp_path)
    discovery.refresh()
    yield tmp_path
    discovery.refresh()
    for name in ("plugin_good", "plugin_broken", "plugin_needy"):
        sys.modules.pop(name, None)


def test_names_import_nothing(site: Path) -> None:
    found = discovery.names("racto.vector_stores")
    assert {"acme", "broken", "gone", "needy", "twice"} <= set(found)
    assert found == sorted(set(found))
    assert found == discovery.names("vector_stores")
    assert "plugin_good" not in sys.modules
    assert discovery.names("racto.no_such_group") == []


def test_find_and_create(site: Path) -> None:
    kind = discovery.find("vector_stores", "acme")
    assert kind.__name__ == "Store"
    assert discovery.create("vector_stores", "acme", url="there").url == "there"
    with pytest.raises(ConfigurationError, match=r"'acme'.*'uri'"):
        discovery.create("vector_stores", "acme", uri="there")


def test_a_well_known_name_prints_its_install_line(
    site: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A working copy has all of racto's own stores installed.
    found = discovery._entries("racto.vector_stores")
    own = tuple(entry for entry in found if entry.dist and entry.dist.name.startswith("acme"))
    with monkeypatch.context() as patch:
        patch.setattr(discovery, "_entries", lambda group: own)
        with pytest.raises(PluginNotFoundError) as caught:
            discovery.find("vector_stores", "weaviate")
    text = str(caught.value)
    assert 'pip install "racto-stores-weaviate"' in text
    assert "Installed: acme, broken" in text


@pytest.mark.parametrize(
    ("group", "name", "line"),
    [
        ("chat_kits", "anthropic", 'pip install "racto-providers[anthropic]"'),
        ("embedders", "voyage", 'pip install "racto-providers[voyage]"'),
        ("caches", "redis", 'pip install "racto-cache[redis]"'),
        ("vector_stores", "pgvector", 'pip install "racto-stores-pgvector"'),
    ],
)
def test_install_lines(group: str, name: str, line: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(discovery, "_entries", lambda group: ())
    with pytest.raises(PluginNotFoundError, match=r"Installed: none\. Install it: ") as caught:
        discovery.find(group, name)
    assert line in str(caught.value)


def test_a_slip_of_the_pen_gets_a_suggestion(site: Path) -> None:
    with pytest.raises(PluginNotFoundError, match="did you mean 'acme'"):
        discovery.find("vector_stores", "acne")
    with pytest.raises(LookupError, match="none"):
        discovery.find("no_such_group", "x")


def test_a_plugin_that_fails_names_its_distribution_and_the_reason(site: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"acme-bad 1\.2.*no_such_library") as caught:
        discovery.find("vector_stores", "broken")
    assert isinstance(caught.value.__cause__, ModuleNotFoundError)
    with pytest.raises(ConfigurationError, match=r"plugin_good:Nothing.*AttributeError"):
        discovery.find("vector_stores", "gone")


def test_a_missing_extra_speaks_for_itself(site: Path) -> None:
    with pytest.raises(MissingExtraError, match=r"needy\[lib\]"):
        discovery.find("vector_stores", "needy")


def test_two_owners_of_a_name_are_an_error_until_one_is_chosen(site: Path) -> None:
    with pytest.raises(ConfigurationError, match="acme-bad, acme-good"):
        discovery.find("vector_stores", "twice")
    assert discovery.find("vector_stores", "twice", distribution="acme-good")
    with pytest.raises(PluginNotFoundError, match="'other'"):
        discovery.find("vector_stores", "acme", distribution="other")


def test_every_install_line_is_of_a_racto_distribution() -> None:
    lines = [line for group in INSTALLS.values() for line in group.values()]
    assert lines
    assert all(line.startswith("racto-") for line in lines)
    assert all(group.startswith("racto.") for group in INSTALLS)
