"""One API among several sources: generalised moments, and what unknown sources may take."""
