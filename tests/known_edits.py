"""Texts to launder, and everything that a launderer makes of one."""

from __future__ import annotations

import numpy as np
from hypothesis import strategies as st

from provenance.validation.laundering.table import LAUNDERERS, launder

NAMES = sorted(LAUNDERERS)


RATES = (0.01, 0.05, 0.1, 0.3, 0.7)


LONG = " ".join(
    f"The new idea number {n} is simple, and it can help people find a way." for n in range(60)
)


HOSTILE = [
    "",
    " ",
    "\n\n \t",
    "a",
    ".",
    "。",
    "你好，世界。今天天气很好！我们去公园吧。",
    "これはペンです。あれは本です。",
    "안녕하세요. 반갑습니다.",
    "مرحبا بالعالم. كيف حالك؟",
    "def f(x):\n\treturn [x**2 for _ in range(10)]\n\n```\n__init__\n```",
    "e\u0301" * 5 + "\u200d\ufeff\u202e \U0001f468\u200d\U0001f469\u200d\U0001f467",
    "\ud800 lone \udfff",
    "\x00\x1b[2J \x85\u2028x",
    "ß ŉ ǆ İ ﬁ ² ½ Ⅷ",
    "\\1 \\g<0> \\",
]


ANY_TEXT = st.one_of(
    st.text(),
    st.text(alphabet="ab.!? \n*_`|-#[]()<>'\"“”—,0189。你"),
    st.lists(st.sampled_from([*LONG.split()[:20], "\n", "**x**", "OpenAI"])).map(" ".join),
)


def draw(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


def outcomes(text: str, name: str, strength: float = 1.0) -> set[str]:
    return {launder(text, name, strength, draw(seed)) for seed in range(60)}
