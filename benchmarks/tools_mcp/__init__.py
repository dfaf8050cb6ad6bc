"""Measures racto-tools-mcp beside the SDK that it is built on, and beside the reference package."""
