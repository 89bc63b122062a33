"""What a library is built of."""

from __future__ import annotations

from pathlib import Path

from provenance.matching.library.kinds import found_files, written_by


def test_files_are_found_in_the_order_of_their_names(tmp_path: Path) -> None:
    for name in ("more/raidar/human", "more/raidar/gpt-4", "detectrl/xsum/direct_prompt/ChatGPT"):
        path = tmp_path / f"{name}.jsonl.gz"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    found = [(folder, path.name.split(".")[0]) for folder, path in found_files(tmp_path)]
    assert found == [("raidar", "gpt-4"), ("raidar", "human"), ("detectrl", "ChatGPT")]
    assert [written_by(name) for _, name in found] == ["models", "people", "models"]
