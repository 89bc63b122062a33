"""DetectRL: samples of two labelled domains, a corpus of the third.

The data is not part of the project: it is read from the folder that ``PROVENANCE_DATA`` names.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from provenance.validation.bench import suites_of_domains
from provenance.validation.bench.known_shares import run_suite

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("suite", ["detectrl_other_domain", "detectrl_trusted_rows"])
def test_shares_of_a_model_that_is_told_easily(
    suite: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = Path(os.environ.get("PROVENANCE_DATA", "")) / "detectrl"
    if not place.is_dir():
        pytest.skip("PROVENANCE_DATA names no folder with detectrl")
    monkeypatch.setattr(suites_of_domains, "DETECTRL_MODELS", ("Claude-instant",))
    found = run_suite(suite, place.parent, tmp_path, {"sizes": (500,), "shares": (0.0, 0.2)})
    assert all(item.covers for item in found.readings)
    told = [item for item in found.readings if not item.withheld]
    assert len(told) > len(found.readings) / 2
    assert not any(item.low for item in told if not item.truth)
