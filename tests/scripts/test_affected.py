"""CI tests the packages that a change touches, their dependants, and no others."""

from __future__ import annotations

from pathlib import Path

import pytest

import affected
from distributions import distributions

ROOT = Path(__file__).resolve().parents[2]
ALL = sorted(entry.name for entry in distributions(ROOT))


@pytest.mark.parametrize(
    ("paths", "expected"),
    [
        (["packages/stores_memory/src/racto/stores/memory/store.py"], ["racto-stores-memory"]),
        (["packages/rag/README.md", "packages/providers/x"], ["racto-providers", "racto-rag"]),
        (["packages/core/src/racto/core/errors.py"], ALL),
        (
            ["packages/testing/src/racto/testing/server.py"],
            [
                "racto-batch",
                "racto-finetune",
                "racto-kafka",
                "racto-providers",
                "racto-stores-pinecone",
                "racto-stores-weaviate",
                "racto-testing",
            ],
        ),
        (["uv.lock"], ALL),
        (["Makefile", "docs/why.md"], ALL),
        ([".github/workflows/ci.yml"], ALL),
        (["tests/house/laws/sizes.py"], ALL),
        (["packages/gone/pyproject.toml"], ALL),
        (["docs/why.md", "README.md", "LICENSE", "benchmarks/peers.py", ""], []),
        ([], []),
    ],
)
def test_affected_packages(paths: list[str], expected: list[str]) -> None:
    assert affected.affected(ROOT, paths) == expected


def test_all_lists_every_package(capsys: pytest.CaptureFixture[str]) -> None:
    assert affected.main(["--all"]) == 0
    assert capsys.readouterr().out.split() == ALL
