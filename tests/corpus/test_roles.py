"""One table from names to roles, and what is asked for."""

from __future__ import annotations

import pytest

from provenance.corpus.roles import PRODUCTS, ROLES, RoleChoice, role_of


@pytest.mark.parametrize(
    ("name", "role"),
    [
        ("assistant", "assistant"),
        (" GPT ", "assistant"),
        ("ChatGPT", "assistant"),
        ("bing", "assistant"),
        ("gpt-4-0613", "assistant"),
        ("claude-3.5-sonnet", "assistant"),
        ("mistralai/Mistral-7B-Instruct-v0.2", "assistant"),
        ("Human", "user"),
        ("prompter", "user"),
        ("developer", "system"),
        ("function", "tool"),
        ("thinking", "thinking"),
        ("narrator", None),
        ("claudette", None),
        ("gpt-four", None),
        ("", None),
        (7, None),
        (None, None),
        pytest.param("x" * 10**6, None, id="long"),
    ],
)
def test_roles(name: object, role: str | None) -> None:
    assert role_of(name) == role


@pytest.mark.parametrize("name", [name for name in ROLES if name not in PRODUCTS])
def test_a_name_of_a_role_asks_for_all_of_it(name: str) -> None:
    wanted = RoleChoice(name)
    same = {other for other in ROLES if wanted(other)[1]}
    assert same == {other for other in ROLES if ROLES[other] == ROLES[name]}
    assert wanted.is_default == (ROLES[name] == "assistant")


@pytest.mark.parametrize("name", [*sorted(PRODUCTS), "narrator", "gpt-4"])
def test_any_other_name_asks_for_itself(name: str) -> None:
    wanted = RoleChoice(name)
    assert not wanted.is_default
    assert [other for other in (*ROLES, "gpt-4", "narrator") if wanted(other)[1]] == [name]
    assert wanted(name.upper())[1]
