"""Measurements of racto-stores-qdrant."""
