"""Training data beside the reference package: lines of JSON built, parsed, checked, streamed."""
