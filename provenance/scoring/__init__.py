"""Documents under sources: cross-fitted scores, calibrated to likelihood ratios."""
