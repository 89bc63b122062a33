"""What an index keeps of an answer beside its windows."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from known_log import SECRET, answer, index, words

from provenance.evidence.log.building import merge_logs
from provenance.evidence.log.index import NO_DAY
from provenance.evidence.log.windows import hash_texts

# What it holds


def test_account_endpoint_day_and_id_are_kept(tmp_path: Path) -> None:
    text = words(np.random.default_rng(0), 20)
    log = [
        answer(1, text, "p", id="né-1", account="zoë", endpoint="chat", day="2024-05-01"),
        answer(2, text, "p", id="2", account="", endpoint="batch", day="0001-01-01"),
        answer(3, text, "q", id="2", account="amy", endpoint=""),
    ]
    found = index(tmp_path / "a.idx", log)
    assert (found.n_answers, found.n_texts) == (3, 1)
    assert found.account_names == ["", "amy", "zoë"]
    assert found.endpoint_names == ["", "batch", "chat"]
    arrays = found.arrays
    rows = {
        (
            found.answer_id(number),
            found.account_names[arrays["accounts"][number]],
            found.endpoint_names[arrays["endpoints"][number]],
            int(arrays["days"][number]),
        )
        for number in found.answers(0)
    }
    assert rows == {
        ("né-1", "zoë", "chat", 19844),
        ("2", "", "batch", -719162),
        ("2", "amy", "", NO_DAY),
    }


def test_no_text_is_inside_unless_it_is_kept(tmp_path: Path) -> None:
    found = index(tmp_path / "a.idx", [answer(1, SECRET, "Whereabouts of the wombat?")])
    data = found.path.read_bytes().lower()
    for word in (SECRET + " whereabouts wombat").lower().replace(",", "").replace(".", "").split():
        if len(word) > 4:
            for encoding in ("utf-8", "utf-16-le", "utf-32-le"):
                assert word.encode(encoding) not in data
    assert not found.has_text
    assert found.kept_text(0) is None


@settings(deadline=None, max_examples=10)
@given(texts=st.lists(st.text(), min_size=1, max_size=5))
def test_kept_texts_come_back(texts: list[str], tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("log")
    found = index(folder / "a.idx", texts, keep_text=True)
    merged = merge_logs([found], folder / "b.idx")
    assert merged.path.read_bytes() == found.path.read_bytes()
    clean = {text.encode("utf-8", "replace").decode() for text in hash_texts(texts).texts}
    assert {found.kept_text(number) for number in range(found.n_texts)} == clean


def test_lone_surrogates_are_replaced(tmp_path: Path) -> None:
    found = index(tmp_path / "a.idx", [answer(1, f"{SECRET} \ud800", id="\udcff")], keep_text=True)
    assert found.answer_id(0) == "?"
    assert str(found.kept_text(0)).startswith(SECRET)
