"""The command ``racto-sql``: questions, checks and examinations from a shell."""

from .entry import main as main
