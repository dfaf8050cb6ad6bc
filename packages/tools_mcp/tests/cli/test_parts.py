"""Files of what strangers send: in the folder, whatever they are called."""

from __future__ import annotations

from pathlib import Path

import pytest

from racto.core import DocumentPart, ImagePart, TextPart
from racto.tools.mcp.cli.parts import save_parts


@pytest.mark.parametrize(
    ("name", "saved"),
    [
        ("", "tool.pdf"),
        ("file:///etc/passwd", "passwd.pdf"),
        ("../../.bashrc", "bashrc.pdf"),
        ("a://b/%2e%2e%2f%2e%2e%2fx.sh", "x.sh"),
        ("C:\\windows\\evil.exe", "evil.exe"),
        ("report; rm -rf.pdf", "report_rm_-rf.pdf"),
        ("....", "tool.pdf"),
        ("n" * 300, f"{'n' * 80}.pdf"),
    ],
)
def test_a_name_leads_nowhere_else(tmp_path: Path, name: str, saved: str) -> None:
    part = DocumentPart(data=b"x", mime_type="application/pdf", name=name)
    found = save_parts([part], tmp_path / "kept", "tool")
    assert found == {0: tmp_path / "kept" / saved}
    assert [path.name for path in (tmp_path / "kept").iterdir()] == [saved]


def test_only_media_are_saved_and_only_where_it_is_wanted(tmp_path: Path) -> None:
    parts = [TextPart(text="a"), ImagePart(data=b"x", mime_type="image/jpeg")]
    assert save_parts(parts, None, "tool") == {}
    assert save_parts(parts[:1], tmp_path / "kept", "tool") == {}
    assert not (tmp_path / "kept").exists()
    assert save_parts(parts, tmp_path / "kept", "tool") == {1: tmp_path / "kept" / "tool.jpg"}


def test_a_link_of_that_name_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "a.png").symlink_to(tmp_path / "elsewhere")
    part = ImagePart(data=b"x", mime_type="image/png", name="a.png")
    assert save_parts([part], tmp_path, "tool") == {0: tmp_path / "a-2.png"}
    assert not (tmp_path / "elsewhere").exists()
