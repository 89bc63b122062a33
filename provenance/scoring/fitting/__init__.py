"""The scorer, fitted: folds, ridge, calibration, and sources left out."""
