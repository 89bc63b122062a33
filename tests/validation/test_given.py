"""Names of the sources that are given."""

from __future__ import annotations

from pathlib import Path

from provenance.validation.given import is_fingerprint, named_path


def test_names_of_what_is_given(tmp_path: Path) -> None:
    assert named_path("gpt=a.jsonl") == ("gpt", "a.jsonl")
    assert named_path("https://host/a.jsonl?x=1") == ("a", "https://host/a.jsonl?x=1")
    assert named_path("folder/a.jsonl.gz") == ("a", "folder/a.jsonl.gz")
    assert is_fingerprint("a.fp") and is_fingerprint("*.fp") and not is_fingerprint("a.jsonl")
    assert not is_fingerprint(str(tmp_path))
    (tmp_path / "a.fp").touch()
    assert is_fingerprint(str(tmp_path))
