"""Options that leave a command, however they were written."""

from __future__ import annotations

import pytest

from provenance.report.commands import OF_PARTS, OUTPUT, without


@pytest.mark.parametrize(
    ("given", "kept", "values"),
    [
        ("match a -o out --only", "match a --only", {"-o": "out"}),
        ("match -oout a --output=b", "match a", {"-o": "out", "--output": "b"}),
        ("match a --resume b --shard 1/2", "match a b", {"--shard": "1/2"}),
        ("match a --only-this -o", "match a --only-this", {"-o": ""}),
        ("match --output-like x --partialsx", "match --output-like x --partialsx", {}),
        ("match -o out -- -o a", "match -- -o a", {"-o": "out"}),
    ],
)
def test_options_leave_with_their_values(given: str, kept: str, values: dict[str, str]) -> None:
    assert without(given.split(), (*OUTPUT, *OF_PARTS)) == (kept.split(), values)
