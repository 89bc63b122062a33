"""Code points of joined texts are those that Python tells."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from provenance.features.code_points import joined


@given(
    st.lists(
        st.text()
        | st.text(st.sampled_from("aé€😀\ud800\udfff\x00\x7f\x80\u07ff\u0800"))
        # Eight of ASCII are read together.
        | st.text(st.sampled_from("abcdefghé\x7f\x80"), min_size=7, max_size=40)
    )
)
def test_every_code_point_stands_where_it_stood(texts: list[str]) -> None:
    code_points, bounds = joined(texts)
    written = "".join(texts).encode("utf-32-le", "replace")
    np.testing.assert_array_equal(code_points, np.frombuffer(written, np.uint32))
    assert bounds.tolist() == [len("".join(texts[:n])) for n in range(len(texts) + 1)]
