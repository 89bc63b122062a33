"""Small corpora, what is read of them, and what a refusal says."""

from __future__ import annotations

import datetime
import json
from pathlib import Path
from typing import Any

import pytest

from provenance.corpus import Document, open_corpus
from provenance.errors import InputError

DAY = datetime.date(2024, 1, 31)


def write(path: Path, *rows: object) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


def texts(source: object, **changes: Any) -> list[str]:
    return [document.text for document in open_corpus(source, **changes)]


def one(row: dict[str, Any], **changes: Any) -> Document:
    (document,) = open_corpus([row], **changes)
    return document


def refusal(source: object, **changes: Any) -> str:
    with pytest.raises(InputError) as caught:
        list(open_corpus(source, **changes))
    return str(caught.value)


# --- which text

OPENAI = [
    {"role": "system", "content": "Be brief."},
    {"role": "user", "content": "Hi"},
    {"role": "assistant", "content": "Hello"},
    {"role": "user", "content": [{"type": "text", "text": "Why"}, {"type": "image_url"}]},
    {"role": "assistant", "content": None, "tool_calls": [{"id": 1}]},
    {"role": "assistant", "content": [{"type": "text", "text": "So"}]},
]


SHAREGPT = [{"from": "human", "value": "Hi"}, {"from": "gpt", "value": "Hello"}]


def rows_file(path: Path, numbers: range) -> Path:
    return write(path, *({"text": str(number)} for number in numbers))
