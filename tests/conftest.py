"""Hypothesis tries the same examples in every continuous-integration run, others elsewhere."""

from __future__ import annotations

import os

from hypothesis import settings

# The matrices of the tests are small and the workers of a run fill the cores: more threads wait
# for one another. Read when NumPy is first imported, which is after this file.
for library in ("OPENBLAS", "OMP", "MKL"):
    os.environ.setdefault(f"{library}_NUM_THREADS", "1")

settings.register_profile("ci", derandomize=True, deadline=None)
if os.environ.get("CI"):
    settings.load_profile("ci")
