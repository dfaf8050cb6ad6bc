"""What every comparison uses: cases, environments of peers, workers, timing, table, results."""
