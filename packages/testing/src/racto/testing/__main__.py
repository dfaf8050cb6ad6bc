"""Runs the command: ``python -m racto.testing --help``."""

from __future__ import annotations

from .command import main

raise SystemExit(main())
