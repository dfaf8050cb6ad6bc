"""Measurements of racto-stores-chroma."""
