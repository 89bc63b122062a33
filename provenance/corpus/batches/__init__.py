"""Work shared out: batches over processes, a scheduler, or parts that are kept."""
