"""The contract suites, one file a family; everything public is offered by racto.core.testing."""

# First of all: a suite that is imported before this would fail without printing any value.
from .rewriting import SUITES as SUITES
