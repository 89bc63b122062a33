"""One source against the mixture of all others: binned score densities."""
