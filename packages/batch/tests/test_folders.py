"""Folders: where state is, who may read it, and who is submitting."""

from __future__ import annotations

import stat
import subprocess
import sys
from pathlib import Path

import pytest

from racto.batch.folders import Claim, private_file, private_folder, state_folder
from racto.core import ConfigurationError, JobError

not_on_windows = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such modes")


def test_state_is_where_the_standard_has_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "mine"))
    assert state_folder() == tmp_path / "mine" / "racto" / "batch"


def test_a_relative_path_in_the_environment_is_ignored(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", "state")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("LOCALAPPDATA", raising=False)
    assert state_folder() == tmp_path / ".local" / "state" / "racto" / "batch"


@not_on_windows
def test_folders_and_files_are_for_the_user_alone(tmp_path: Path) -> None:
    folder = private_folder(tmp_path / "a" / "b")
    private_file(folder / "file", "wb").close()
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert stat.S_IMODE((folder / "file").stat().st_mode) == 0o600


@not_on_windows
def test_a_folder_that_others_may_write_into_is_refused(tmp_path: Path) -> None:
    open_folder = tmp_path / "open"
    open_folder.mkdir()
    open_folder.chmod(0o777)
    with pytest.raises(ConfigurationError, match="chmod 700"):
        private_folder(open_folder)


@not_on_windows
def test_links_are_not_followed(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real")
    (tmp_path / "file").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(ConfigurationError, match="is a link"):
        private_folder(tmp_path / "link")
    with pytest.raises(OSError, match="file"):
        private_file(tmp_path / "file", "wb")


def test_a_job_is_claimed_once_until_the_claim_ends(tmp_path: Path) -> None:
    claim = Claim(tmp_path)
    with pytest.raises(JobError, match="another process is at work"):
        Claim(tmp_path)
    claim.end()
    claim.end()
    Claim(tmp_path).end()


def test_the_claim_of_a_process_that_died_is_free(tmp_path: Path) -> None:
    code = (
        "import os, sys; from pathlib import Path; from racto.batch.folders import Claim; "
        "claim = Claim(Path(sys.argv[1])); os._exit(9)"
    )
    died = subprocess.run([sys.executable, "-c", code, str(tmp_path)], check=False)
    assert died.returncode == 9
    Claim(tmp_path).end()
