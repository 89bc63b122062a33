"""Which field of a row holds its text, where nobody named one; where it may be several, ask.

Fields of a known name come first, then what holds turns by its shape, then fields whose names say
that they answer what stands beside them (`answers`). How one row of a file decides for others
stands in `field_choice`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from provenance.corpus.chats.chat import (
    asks_alone,
    holds_turns,
    is_chat,
    is_transcript,
    said_by_model,
    shown_keys,
    speaks_for_system,
)
from provenance.corpus.chats.roles import role_of
from provenance.corpus.chats.shapes import holds_words, is_alternating
from provenance.corpus.document import TEXT_FIELDS, BadRow
from provenance.corpus.rows.answers import ALONE, ANSWERS, answering_field, each_answer
from provenance.corpus.rows.naming import (
    SUGGESTED,
    for_example,
    is_address,
    is_another,
    is_models,
    is_no_text,
    is_of_strings,
    is_sentence,
    is_worded,
    is_words,
    may_answer,
    may_replace,
    worded,
)
from provenance.corpus.rows.vocabulary import ASKING, PROMPTS
from provenance.errors import InputError
from provenance.words import visible

__all__ = ["BODIES", "PREFERENCES", "WHOLE_ROW", "found_text_field", "telling_fields"]

WHOLE_ROW: Final = "the whole row"
"""What stands for the text field where a row is a turn, or a question beside its answer."""
PREFERENCES: Final = ("chosen", "rejected")

BODIES: Final = ("text", "content")
"""Fields that may hold the question as well as the answer."""
_CHATS: Final = ("messages", "conversations")
_SPOKEN_ALIKE: Final = frozenset("data conversation conversations messages chat chats msgs".split())
"""Fields whose strings are the user's and the model's in turn; in others it is asked."""
_WHOLE: Final = frozenset("body raw_content article document story passage full_text".split())
"""Fields that are the text where no other of the row holds words."""
_ENDS: Final = {"candidates": "finishReason", "choices": "finish_reason"}
"""Lists in which interfaces answer, and what tells there why an answer ended."""
_OF_AN_INTERFACE: Final = frozenset({"usageMetadata", "modelVersion", "responseId"})
"""What stands beside candidates only where an interface itself sent them."""
_TOLD: Final = ("output", "response", "completion")
_LABELS: Final = ("label", "labels", "annotation", "annotations")
"""Fields in which annotators keep what a text is to be turned into, as well as what it is."""
_TOLD_TOO: Final = frozenset({*_TOLD, *ALONE, "prediction"})
"""Fields of which two in one row are what a model said and what it was to say."""


def telling_fields(names: Sequence[str]) -> list[str]:
    """Columns of a table that decide which of them is the text; none where no name tells.

    Examples
    --------
    >>> telling_fields(["id", "text", "label"]), telling_fields(["prompt", "text", "response"])
    (['text'], ['text', 'response'])
    >>> telling_fields(["id", "conversation"])
    []
    """
    known = [name for name in TEXT_FIELDS if name in names]
    if not known or known[0] in PREFERENCES:
        return known
    answers = (
        name
        for name in names
        if name in ANSWERS or may_answer(name) or may_replace(name) or is_another(name)
    )
    return [*dict.fromkeys([*known, *answers])]


def _is_told(name: str) -> bool:
    """Whether a field may hold what a model said, beside another one that may."""
    return name in _TOLD_TOO or is_another(name) or (is_models(name) and may_answer(name))


def found_text_field(record: Mapping[str, Any], path: str) -> str:
    """Find the field of the text in a row, the first one of a file.

    Parameters
    ----------
    record : mapping
    path : str
        The file as shown to people.

    Raises
    ------
    BadRow
        Where there is none; fields that hold several words are named.
    InputError
        Where it may be one of several and nobody said which.

    Examples
    --------
    >>> found_text_field({"question": "Why?", "answer": "Because it is."}, "a.jsonl")
    'answer'
    >>> row = {"prompt": "Why?", "outputs": [{"text": "It is so."}, {"text": "Ask him."}]}
    >>> found_text_field(row, "a.jsonl")
    'outputs[*].text'
    """
    if piece := _piece(record):
        raise InputError(
            "the rows are pieces of answers, as interfaces send them while a model speaks"
            f" ({piece})",
            where=path,
            expected="rows of whole answers",
            remedy="Join the pieces of each answer first, or ask for answers that are not streamed;"
            " --text-field names the field of rows that are whole all the same",
        )
    found = _by_name(record, path) or _by_shape(record, path) or answering_field(record)
    found = found or _only_words(record)
    if found is None:
        raise BadRow(
            f"no text field is found; the keys are {shown_keys(record)}",
            f"one of {', '.join(TEXT_FIELDS)}, or a field of turns",
            f"Name the field with --text-field{for_example(record)}",
        )
    return found


def _piece(record: Mapping[str, Any]) -> str:
    """What says of a row that it is a piece of an answer that goes on; nothing where none does."""
    if record.get("done") is False and "model" in record:
        return "'done' is false"
    for name, end in _ENDS.items():
        said = record.get(name)
        if not isinstance(said, list) or not said or not isinstance(said[0], dict):
            continue
        # One interface leaves the key out until it has ended, another one sends it empty.
        is_told = end in said[0] or not _OF_AN_INTERFACE.isdisjoint(record)
        if is_told and not any(one.get(end) for one in said if isinstance(one, dict)):
            return f"no {end!r} under {name!r}"
    return ""


# --- by its name


def _by_name(record: Mapping[str, Any], path: str) -> str | None:
    present = [name for name in TEXT_FIELDS if name in record]
    if not present:
        return None
    saying = [name for name in present if _says(record[name])]
    texts = [name for name in saying if not is_no_text(record[name])]
    if not texts:
        return _nothing_said(record, present, saying)
    saying = texts
    found = saying[0]
    if is_of_strings(record[found]) and holds_words(record):
        # Lists of roles and of words beside one another: the row is a chat, zipped.
        return WHOLE_ROW
    if found in PREFERENCES or (found in _CHATS and asks_alone(record[found], found)):
        if not {*PREFERENCES}.isdisjoint(saying):
            raise InputError(
                "the rows hold preference pairs, and which side is the text is not said",
                where=path,
                remedy="Pass --text-field chosen or --text-field rejected; or"
                " --text-field chosen,rejected for both, which --by text_field tells apart",
            )
        return _answered(record, found, path)
    if found in _TOLD:
        return _one_of_told(record, found, path)
    return _body_or_answer(record, saying, path) if found in BODIES else found


def _nothing_said(record: Mapping[str, Any], present: list[str], saying: list[str]) -> str:
    """The field to read where those of a known name hold no text in this row."""
    found = answering_field(record)
    if found is not None:
        return found
    if not saying:
        name = next((name for name in present if record[name] is not None), present[0])
        inner = each_answer(record, name)
        if not inner:
            _refuse_object(record[name], name)
        return f"{name}{inner}"
    name, value = saying[0], record[saying[0]].strip()
    beside = [one for one in worded(record) if one not in PROMPTS]
    if not is_address(value) and not (name in _TOLD and beside):
        return name
    what = "where something is" if is_address(value) else "what became of something"
    raise BadRow(
        f"the field {name!r} holds {value[:60]!r}, {what}, and no text",
        "a text",
        f"Name the field of the text{for_example(record, name)}; or pass --text-field {name} to"
        " read these all the same",
    )


def _only_words(record: Mapping[str, Any]) -> str | None:
    """A field with the name of a whole text, where no other one of the row holds words."""
    if _WHOLE.isdisjoint(record):
        return None
    names = [name for name in record if is_worded(record[name])]
    return (
        names[0] if len(names) == 1 and is_words(record[names[0]]) and names[0] in _WHOLE else None
    )


def _refuse_object(value: object, name: str) -> None:
    advice = for_example({name: value})
    if isinstance(value, dict) and advice:
        raise BadRow(
            f"the field {name!r} holds an object with the keys {shown_keys(value)}",
            "a string, a list of strings or a chat",
            f"Name one of its keys{advice}",
        )


def _says(value: object) -> bool:
    """Whether a field holds what may be text: no null, nothing empty, no object without turns."""
    if isinstance(value, str):
        return not value.isspace() and value != ""
    if isinstance(value, dict):
        return holds_turns(value)
    return value is not None and value != [] and not isinstance(value, bool | int | float)


def _body_or_answer(record: Mapping[str, Any], saying: list[str], path: str) -> str:
    """The text, or what stands beside it and says more clearly whose words it holds."""
    found, text = saying[0], record[saying[0]]
    if not isinstance(text, str):
        return found
    chats = [name for name in saying if name in _CHATS and is_chat(record[name], name)]
    if chats and not asks_alone(record[chats[0]], chats[0]):
        return chats[0]
    rivals = [name for name in saying[1:] if name not in (*BODIES, *_CHATS)]
    rivals += [name for name in ANSWERS if name in record]
    rivals = [name for name in rivals if is_worded(record[name])]
    rivals += [name for name in _LABELS if is_sentence(record.get(name))]
    if is_transcript(text):
        return found
    if not rivals:
        remade = [name for name in record if may_replace(name) or is_another(name)]
        remade = [name for name in remade if is_worded(record[name]) and record[name] != text]
        if remade:
            raise _several(path, [found, *remade])
        return found
    within = [name for name in rivals if isinstance(record[name], str) and record[name] in text]
    if within:
        # The text is the whole of a template, question and answer.
        return within[0]
    raise _several(path, [found, *rivals])


def _one_of_told(record: Mapping[str, Any], found: str, path: str) -> str:
    """The field itself, unless another one holds other words that a model may have said as well."""
    text = record[found]
    if not isinstance(text, str):
        return found
    others = [name for name in record if _is_told(name) and name != found]
    others = [name for name in others if is_words(record[name]) and record[name] != text]
    chats = [name for name in _CHATS if name in record and is_chat(record[name], name)]
    others += [name for name in chats if not _is_the_end(text, record[name], name)]
    if others:
        raise _several(path, [found, *others])
    return found


def _is_the_end(text: str, chat: object, name: str) -> bool:
    """Whether a chat waits for an answer, or holds this one."""
    said = (one.strip() for one in said_by_model(chat, name))
    return asks_alone(chat, name) or text.strip() in said


def _several(path: str, names: Sequence[str]) -> InputError:
    named = " and ".join(repr(visible(name[:60])) for name in names[:SUGGESTED])
    passed = " or ".join(f"--text-field {visible(name[:60])}" for name in names[:SUGGESTED])
    return InputError(
        f"the rows hold texts under {named}, and which of them is to be read is not said",
        where=path,
        remedy=f"Pass {passed}; what was asked goes to --prompt-field",
    )


def _answered(record: Mapping[str, Any], name: str, path: str) -> str:
    """What answers a chat that ends with the user's words; the chat, where nothing else may."""
    found = answering_field(record) or _told_in_turn(record, name)
    others = [one for one in record if one != name and may_answer(one)]
    if found is None and any(is_worded(record[one]) for one in others):
        raise _asked_only(record, [name], path)
    return found or name


def _told_in_turn(record: Mapping[str, Any], name: str) -> str | None:
    """The one field of turns beside a chat that only asks, which answer it."""
    names = [one for one in record if one != name and one.lower() not in ASKING]
    names = [one for one in names if holds_turns(record[one]) and said_by_model(record[one], one)]
    return names[0] if len(names) == 1 and not asks_alone(record[names[0]], names[0]) else None


# --- by its shape


def _by_shape(record: Mapping[str, Any], path: str) -> str | None:
    """The one field that holds turns; or the row, where it is itself a turn."""
    names = [name for name in record if holds_turns(record[name])]
    names = names or [name for name in record if is_chat(record[name], name)]
    names = names or [name for name in record if _is_transcript(record[name], name)]
    names = [name for name in names if not speaks_for_system(record[name], name)]
    answering = [name for name in names if name.lower() not in ASKING]
    if len(answering) > 1:
        raise InputError(
            f"the rows hold turns in several fields, {shown_keys(dict.fromkeys(answering))}",
            where=path,
            remedy=f"Name one of them, for example --text-field {visible(answering[0][:60])}, or"
            " several with commas between",
        )
    if answering:
        return _said_in_turn(record, answering[0], path)
    if names:
        return _asked(record, names, path)
    return _whole_row(record, path) if holds_turns(record) else None


def _whole_row(record: Mapping[str, Any], path: str) -> str:
    """A row that is a turn, or a question beside its answer, unless what was asked is another."""
    sides = [name for name in record if name.lower() in ("human", "user")]
    asked = [name for name in record if name in PROMPTS and is_words(record[name])]
    if sides and asked and not holds_words(record):
        answers = [name for name in record if name not in (*asked, *sides) and role_of(name)]
        raise _several(path, [*answers[:1], *sides])
    return WHOLE_ROW


def _is_transcript(value: object, name: str) -> bool:
    lowered = name.lower()
    return isinstance(value, str) and lowered not in ASKING | PROMPTS and is_transcript(value)


def _said_in_turn(record: Mapping[str, Any], name: str, path: str) -> str:
    """A chat; of strings without names it has to be known that the model says every other one."""
    if is_alternating(record[name], name) and name.lower() not in _SPOKEN_ALIKE:
        raise InputError(
            f"the field {name[:60]!r} holds strings in turn, and who says which is not said",
            where=path,
            expected="turns that name who speaks",
            remedy=f"With --text-field {visible(name[:60])} every other one, from the second, is"
            f" read as the assistant's; else name another field{for_example(record, name)}",
        )
    return _answered(record, name, path) if asks_alone(record[name], name) else name


def _asked(record: Mapping[str, Any], names: list[str], path: str) -> str:
    """Only fields of questions hold turns: the answers are elsewhere, or they are all there is."""
    found = answering_field(record)
    if found is not None:
        return found
    rest = {name: value for name, value in record.items() if name not in names}
    if len(names) == 1 and not asks_alone(record[names[0]], names[0]) and not [*worded(rest)]:
        return names[0]
    raise _asked_only(record, names, path)


def _asked_only(record: Mapping[str, Any], names: Sequence[str], path: str) -> InputError:
    rest = {name: value for name, value in record.items() if name not in names}
    return InputError(
        f"the only turns stand under {', '.join(map(repr, names))[:100]}, where they are what"
        " was asked, and where the answers are is not said",
        where=path,
        expected="a field of answers",
        remedy=f"Name it with --text-field{for_example(rest)}; or pass --text-field"
        f" {visible(names[0][:60])} to read the assistant's turns there",
    )
