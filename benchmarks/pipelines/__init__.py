"""The SQL analyst and the list classifier beside the reference package, and beside what they stand on."""
