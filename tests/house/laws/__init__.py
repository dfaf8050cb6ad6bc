"""The laws of the house, each a function from a workspace's root to a report."""
