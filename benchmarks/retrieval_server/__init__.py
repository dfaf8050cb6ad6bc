"""Comparisons of racto-retrieval-server: what stands between a caller and an engine."""
