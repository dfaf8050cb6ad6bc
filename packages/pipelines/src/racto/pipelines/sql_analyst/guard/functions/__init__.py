"""The functions that a statement may call, one file a database: they compute and do nothing else."""
