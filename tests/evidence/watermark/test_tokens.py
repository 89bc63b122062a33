"""Token ids of texts, by a tokenizer of one's own."""

from __future__ import annotations

from pathlib import Path

import pytest

from provenance.evidence.watermark.tokens import character_span, tokenize_texts


def test_a_local_tokenizer(tmp_path: Path) -> None:
    tokenizers = pytest.importorskip("tokenizers")
    words = {"[UNK]": 0, "a": 1, "b": 2, "</s>": 3}
    made = tokenizers.Tokenizer(tokenizers.models.WordLevel(words, unk_token="[UNK]"))
    made.pre_tokenizer = tokenizers.pre_tokenizers.WhitespaceSplit()
    made.add_special_tokens(["</s>"])
    made.enable_truncation(2)
    made.save(str(tmp_path / "tokenizer.json"))
    found = tokenize_texts(["a b a", "</s> b\ud800"], str(tmp_path / "tokenizer.json"))
    assert found.bounds.tolist() == [0, 3, 5]
    assert found.ids.tolist()[:3] == [1, 2, 1]
    assert character_span("a b a", str(tmp_path / "tokenizer.json"), 1, 3) == (2, 5)
