"""Code is compiled once by the workers of a whole run, each its part; else each compiles all."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any


def features_and_scores() -> None:
    from known_matches import MIXED, matched

    matched(MIXED)


def log_and_watermarks() -> None:
    from known_log import index
    from known_text import texts
    from known_watermarks import SETTINGS, V

    from provenance import detect_watermark
    from provenance.evidence.log.matcher import LogMatcher
    from provenance.evidence.watermark.detection import KEYS

    with tempfile.TemporaryDirectory() as folder:
        found = texts("alpha", 5, 0)
        path = index(Path(folder) / "log.idx", found)
        LogMatcher.fit(path, path).match(found)
    keyed: dict[str, Any]
    for scheme, settings in SETTINGS.values():
        key = KEYS[scheme]
        keyed = {key: [7] * 10 if key == "keys" else 7}
        detect_watermark([[5, 6, 7, 8, 9] * 9], scheme=scheme, vocab_size=V, **keyed, **settings)


PARTS = (features_and_scores, log_and_watermarks)
