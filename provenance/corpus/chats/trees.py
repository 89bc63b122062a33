"""Chats that branch: replies inside replies, and exports that name each node's parent.

Every reply of every branch is read once, each with the words of the user before it on its own
branch, and is known as another where it stands beside an earlier one. Nothing here recurses, and a
node that was seen is not gone to again.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from provenance.corpus.chats.roles import role_of
from provenance.corpus.chats.turns import TEXT_KEYS, Turn, TurnWithMore, name_of, turn_of
from provenance.corpus.document import MORE_THAN_WORDS, BadRow, Said

__all__ = [
    "Reply",
    "is_mapping",
    "is_tree",
    "said_before",
    "turns_of_mapping",
    "turns_of_tree",
]

_BRANCHES = ("replies", "children")


class Reply(NamedTuple):
    """A turn, the user's words before it, and whether one of its role stands before it there.

    Such are answers that were asked for again, and words that were edited. Last comes all that was
    said before it on its own branch.
    """

    name: str
    text: str | None
    prompt: str | None
    is_another: bool = False
    said: Said | None = None


class _Siblings:
    """Which roles have spoken after each turn."""

    def __init__(self) -> None:
        self._roles: dict[object, set[str]] = defaultdict(set)

    def reply(self, parent: object, turn: Turn, prompt: str | None, said: Said | None) -> Reply:
        name, text = turn
        role = role_of(name) or name
        is_another = role in self._roles[parent]
        self._roles[parent].add(role)
        return Reply(name, text, prompt, is_another, said)


def is_tree(value: object) -> bool:
    """Whether a value is a turn with a list of replies inside.

    Examples
    --------
    >>> is_tree({"role": "prompter", "text": "Hi", "replies": []})
    True
    """
    if not isinstance(value, dict) or name_of(value) is None:
        return False
    return _branches(value) is not None and any(key in value for key in TEXT_KEYS)


def is_mapping(value: object) -> bool:
    """Whether a value maps ids to nodes that name their parents, as exports of chats do."""
    if not isinstance(value, dict) or not value:
        return False
    node = next(iter(value.values()))
    return isinstance(node, dict) and "message" in node and ("parent" in node or bool(_named(node)))


def _branches(node: Mapping[Any, Any]) -> list[Any] | None:
    return next((node[key] for key in _BRANCHES if isinstance(node.get(key), list)), None)


def turns_of_tree(root: Mapping[Any, Any], field: str) -> Iterator[Reply]:
    """Read all turns of a tree of replies, parents before their replies.

    Examples
    --------
    >>> reply = {"role": "assistant", "text": "Yes?"}
    >>> root = {"role": "prompter", "text": "Hi", "replies": [reply]}
    >>> [reply[:4] for reply in turns_of_tree(root, "prompt")]
    [('prompter', 'Hi', None, False), ('assistant', 'Yes?', 'Hi', False)]
    """
    siblings, number = _Siblings(), 0
    waiting: list[tuple[Any, str | None, Said | None, int]] = [(root, None, None, 0)]
    while waiting:
        node, prompt, said, parent = waiting.pop()
        number += 1
        turn = turn_of(node)
        if turn is None:
            raise BadRow(f"a reply in the field {field!r} holds no role or no text", "a turn")
        said = said_before(turn, said)
        yield siblings.reply(parent, turn, prompt, said)
        asked, said = _prompt_after(turn, prompt), _said_after(turn, said)
        waiting += [(reply, asked, said, number) for reply in reversed(_branches(node) or [])]


def _prompt_after(turn: Turn, prompt: str | None) -> str | None:
    name, text = turn
    return text if text is not None and role_of(name) == "user" else prompt


def said_before(turn: Turn, said: Said | None) -> Said | None:
    """What was said before a turn, and that the turn shows more than words, where it does.

    Examples
    --------
    >>> said_before(TurnWithMore("user", "What is it?"), None)
    ('more than words', 'user', None)
    """
    return (MORE_THAN_WORDS, turn.name, said) if isinstance(turn, TurnWithMore) else said


def _said_after(turn: Turn, said: Said | None) -> Said | None:
    name, text = turn
    return said if text is None else (name, text, said)


def turns_of_mapping(nodes: Mapping[Any, Any], field: str) -> Iterator[Reply]:
    """Read all turns of a map of nodes, parents before their children.

    Raises
    ------
    BadRow
        Where the nodes go in a circle, or one is no node.
    """
    children = _children(nodes, field)
    placed = {child for inner in children.values() for child in inner}
    siblings = _Siblings()
    waiting: list[tuple[Any, str | None, Said | None, Any]] = [
        (key, None, None, None) for key in reversed(nodes) if key not in placed
    ]
    seen = set()
    while waiting:
        key, prompt, said, parent = waiting.pop()
        if key in seen:
            continue
        seen.add(key)
        message = nodes[key].get("message")
        if message is not None:
            turn = turn_of(message)
            if turn is None:
                turn = _silent(message, field)
            said = said_before(turn, said)
            # Beginnings stand beside nothing: an export may have several.
            yield siblings.reply((key,) if parent is None else parent, turn, prompt, said)
            prompt, said = _prompt_after(turn, prompt), _said_after(turn, said)
        waiting += [(child, prompt, said, key) for child in reversed(children[key])]
    if len(seen) < len(nodes):
        raise BadRow(f"the nodes of the field {field!r} go in a circle", "a tree of messages")


def _children(nodes: Mapping[Any, Any], field: str) -> dict[Any, list[Any]]:
    if not all(isinstance(node, dict) for node in nodes.values()):
        raise BadRow(f"a node of the field {field!r} is no object", "nodes with a message")
    # In the order of the parent's list; a child's own word on its parent stands above it.
    children = {
        key: [child for child in _named(node) if _may_be_of(key, child, nodes)]
        for key, node in nodes.items()
    }
    placed = {child for inner in children.values() for child in inner}
    for key, node in nodes.items():
        parent = _parent(node, nodes)
        if parent is not None and key not in placed:
            children[parent].append(key)
    return children


def _parent(node: Mapping[Any, Any], nodes: Mapping[Any, Any]) -> Any:
    parent = node.get("parent")
    return parent if isinstance(parent, str | int) and parent in nodes else None


def _named(node: Mapping[Any, Any]) -> list[Any]:
    children = node.get("children")
    return children if isinstance(children, list) else []


def _may_be_of(key: Any, child: Any, nodes: Mapping[Any, Any]) -> bool:
    node = nodes.get(child) if isinstance(child, str | int) else None
    return node is not None and _parent(node, nodes) in (None, key)


def _silent(message: Any, field: str) -> Turn:
    """A message of an export that has a role and a content that is no text."""
    if isinstance(message, dict) and (name := name_of(message)) is not None:
        return name, None
    raise BadRow(f"a message of the field {field!r} holds no role", "an author with a role")
