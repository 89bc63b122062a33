"""Which texts can be judged."""

from __future__ import annotations

import inspect
import pydoc_data.topics

import pytest

from provenance.matching.library import prose
from provenance.matching.library.prose import left_out


@pytest.mark.parametrize(
    "text",
    [
        "Wir haben gestern lange auf den Zug gewartet, aber er kam erst nach einer Stunde an.",
        "Nous avons attendu le train pendant une heure, mais il est arrivé trop tard hier soir.",
        "我们昨天等了很久的火车，但是它一个小时以后才来。",
        "어제 우리는 기차를 오래 기다렸지만 한 시간 뒤에야 도착했습니다.",
        "def add(first, second):\n    return [one + two for (one, two) in zip(first, second)]",
        "12 45 77 81",
        "",
    ],
)
def test_other_text_is_not_judged(text: str) -> None:
    assert left_out(text)[0]


def test_code_is_not_judged_and_the_manual_is() -> None:
    assert left_out(inspect.getsource(prose.left_out).replace('"""', ""))[0] == "code"
    assert not left_out(pydoc_data.topics.topics["assert"][-400:] + " It is what it was. " * 9)[0]
