"""Which field of a row holds its text, where nobody named one; where it may be several, ask.

The first row of a file decides, unless it leaves such a field empty. Fields of a known name come
first, then what holds turns by its shape, then fields whose names say that they answer what stands
beside them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

from provenance.corpus.chat import (
    asks_alone,
    holds_turns,
    is_chat,
    is_transcript,
    said_by_model,
    shown_keys,
    speaks_for_system,
)
from provenance.corpus.document import TEXT_FIELDS, BadRow
from provenance.corpus.shapes import holds_words, is_alternating
from provenance.errors import InputError
from provenance.words import visible

__all__ = ["PREFERENCES", "WHOLE_ROW", "found_text_field", "is_sure", "telling_fields"]

WHOLE_ROW: Final = "the whole row"
"""What stands for the text field where a row is a turn, or a question beside its answer."""
PREFERENCES: Final = ("chosen", "rejected")

_BODIES: Final = ("text", "content")
"""Fields that may hold the question as well as the answer."""
_CHATS: Final = ("messages", "conversations")
_SPOKEN_ALIKE: Final = frozenset("data conversation conversations messages chat chats msgs".split())
"""Fields whose strings are the user's and the model's in turn; in others it is asked."""
_ASKING: Final = frozenset(
    "prompt prompts instruction question query input inputs context history chat_history request"
    " requests request_body requestbody params body modelinput model_input input_messages doc"
    " example examples few_shot fewshot demonstrations".split()
)
"""Fields whose turns are what was asked, with examples and earlier answers among them."""
_ALONE: Final = (
    "generated_text generation generated_solution model_output model_response llm_response"
    " assistant_response ai_response output_text text_output targets_pretokenized"
).split()
_BESIDE_A_PROMPT: Final = ("answer", "targets", "target")
_LISTS: Final = (
    "completions responses outputs generations answers choices summaries prediction resps"
).split()
"""Lists of answers to one prompt: each is a document."""
_CHOSEN_FROM: Final = frozenset({"choices", "answers"})
"""Of these only objects count: strings may be what a question offers."""
_ANSWERS: Final = [*_ALONE, *_BESIDE_A_PROMPT, *(name for name in _LISTS if name != "choices")]
"""What may answer a text, too."""
_ITEM_KEYS: Final = (
    "response completion generated_text generation answer text output content"
).split()
_PROMPTS: Final = frozenset(
    "prompt instruction question query problem inputs input messages context conversation"
    " inputs_pretokenized".split()
)
_TOLD: Final = ("output", "response", "completion")
_TOLD_TOO: Final = frozenset({*_TOLD, *_ALONE, "prediction"})
"""Fields of which two in one row are what a model said and what it was to say."""
_RIVALS: Final = (
    "answer response output completion solution generat reply predict chosen rejected candidate"
).split()
_NOT_THE_MODELS: Final = ("expected", "reference", "gold", "ground", "correct", "prompt")
_OF_MODELS: Final = ("model", "models", "model_name", "model_id", "generator")
"""Parts of names: of fields that may hold an answer too, of those that surely hold none, and ends
of names that tell of a model."""
_TELLING: Final = frozenset({*TEXT_FIELDS, *_ANSWERS})
"""Names of fields that decide, also against one another."""
_DEEPEST: Final = 4
_SUGGESTED: Final = 3
"""Levels of a row that are looked into for advice, and fields that are named; round figures."""


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
    if known[0] in _TOLD:
        known = [name for name in known if name not in PREFERENCES]
        return known + [name for name in names if name in _TOLD_TOO and name not in known]
    return known + [name for name in names if name in _ANSWERS or _may_answer(name)]


def is_sure(record: Mapping[str, Any]) -> bool:
    """Whether a row decides for those behind it: none of its fields that could tell is empty.

    Examples
    --------
    >>> is_sure({"text": "It is.", "id": None}), is_sure({"text": "It is.", "response": None})
    (True, False)
    """
    return all(_says(record[name]) for name in record if name in _TELLING)


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
    found = _by_name(record, path) or _by_shape(record, path) or _answer(record)
    if found is None:
        raise BadRow(
            f"no text field is found; the keys are {shown_keys(record)}",
            f"one of {', '.join(TEXT_FIELDS)}, or a field of turns",
            f"Name the field with --text-field{_for_example(record)}",
        )
    return found


# --- by its name


def _by_name(record: Mapping[str, Any], path: str) -> str | None:
    present = [name for name in TEXT_FIELDS if name in record]
    if not present:
        return None
    saying = [name for name in present if _says(record[name])]
    if not saying:
        return present[0]
    found = saying[0]
    if _is_of_strings(record[found]) and holds_words(record):
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
    return _body_or_answer(record, saying, path) if found in _BODIES else found


def _says(value: object) -> bool:
    """Whether a field holds what may be text: no null, nothing empty, no object without turns."""
    if isinstance(value, str):
        return not value.isspace() and value != ""
    if isinstance(value, dict):
        return holds_turns(value)
    return value is not None and value != []


def _is_of_strings(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(item, str) for item in value)


def _body_or_answer(record: Mapping[str, Any], saying: list[str], path: str) -> str:
    """The text, or what stands beside it and says more clearly whose words it holds."""
    found, text = saying[0], record[saying[0]]
    if not isinstance(text, str):
        return found
    chats = [name for name in saying if name in _CHATS and is_chat(record[name], name)]
    if chats and not asks_alone(record[chats[0]], chats[0]):
        return chats[0]
    rivals = [name for name in saying[1:] if name not in (*_BODIES, *_CHATS)]
    rivals += [name for name in _ANSWERS if name in record]
    rivals = [name for name in rivals if _is_worded(record[name])]
    if not rivals or is_transcript(text):
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
    others = [name for name in record if name in _TOLD_TOO and name != found]
    others = [name for name in others if _is_words(record[name]) and record[name] != text]
    chats = [name for name in _CHATS if name in record and is_chat(record[name], name)]
    others += [name for name in chats if not _is_the_end(text, record[name], name)]
    if others:
        raise _several(path, [found, *others])
    return found


def _is_the_end(text: str, chat: object, name: str) -> bool:
    """Whether a chat waits for an answer, or holds this one."""
    return asks_alone(chat, name) or text in said_by_model(chat, name)


def _several(path: str, names: Sequence[str]) -> InputError:
    named = " and ".join(repr(visible(name[:60])) for name in names[:_SUGGESTED])
    passed = " or ".join(f"--text-field {visible(name[:60])}" for name in names[:_SUGGESTED])
    return InputError(
        f"the rows hold texts under {named}, and which of them is to be read is not said",
        where=path,
        remedy=f"Pass {passed}; what was asked goes to --prompt-field",
    )


def _answered(record: Mapping[str, Any], name: str, path: str) -> str:
    """What answers a chat that ends with the user's words; the chat, where nothing else may."""
    found = _answer(record)
    others = [one for one in record if one != name and _may_answer(one)]
    if found is None and any(_is_worded(record[one]) for one in others):
        raise _asked_only(record, [name], path)
    return found or name


# --- by its shape


def _by_shape(record: Mapping[str, Any], path: str) -> str | None:
    """The one field that holds turns; or the row, where it is itself a turn."""
    names = [name for name in record if holds_turns(record[name])]
    names = names or [name for name in record if is_chat(record[name], name)]
    names = names or [name for name in record if _is_transcript(record[name], name)]
    names = [name for name in names if not speaks_for_system(record[name], name)]
    answering = [name for name in names if name.lower() not in _ASKING]
    if len(answering) > 1:
        raise InputError(
            f"the rows hold turns in several fields, {shown_keys(dict.fromkeys(answering))}",
            where=path,
            remedy=f"Name one of them, for example --text-field {visible(answering[0][:60])}",
        )
    if answering:
        return _said_in_turn(record, answering[0], path)
    if names:
        return _asked(record, names, path)
    return WHOLE_ROW if holds_turns(record) else None


def _is_transcript(value: object, name: str) -> bool:
    lowered = name.lower()
    return isinstance(value, str) and lowered not in _ASKING | _PROMPTS and is_transcript(value)


def _said_in_turn(record: Mapping[str, Any], name: str, path: str) -> str:
    """A chat; of strings without names it has to be known that the model says every other one."""
    if is_alternating(record[name], name) and name.lower() not in _SPOKEN_ALIKE:
        raise InputError(
            f"the field {name!r} holds strings in turn, and who says which is not said",
            where=path,
            expected="turns that name who speaks",
            remedy=f"With --text-field {visible(name[:60])} every other one, from the second, is"
            f" read as the assistant's; else name another field{_for_example(record, name)}",
        )
    return _answered(record, name, path) if asks_alone(record[name], name) else name


def _asked(record: Mapping[str, Any], names: list[str], path: str) -> str:
    """Only fields of questions hold turns: the answers are elsewhere, or they are all there is."""
    found = _answer(record)
    if found is not None:
        return found
    rest = {name: value for name, value in record.items() if name not in names}
    if len(names) == 1 and not asks_alone(record[names[0]], names[0]) and not [*_worded(rest)]:
        return names[0]
    raise _asked_only(record, names, path)


def _asked_only(record: Mapping[str, Any], names: Sequence[str], path: str) -> InputError:
    rest = {name: value for name, value in record.items() if name not in names}
    return InputError(
        f"the only turns stand under {', '.join(map(repr, names))[:100]}, where they are what"
        " was asked, and where the answers are is not said",
        where=path,
        expected="a field of answers",
        remedy=f"Name it with --text-field{_for_example(rest)}; or pass --text-field"
        f" {visible(names[0][:60])} to read the assistant's turns there",
    )


# --- by what stands beside it


def _answer(record: Mapping[str, Any]) -> str | None:
    """The one field that answers a prompt of the row, by its name; None where it may be another."""
    paths = {name: name for name in _ALONE if _is_words(record.get(name))}
    paths |= {name: f"{name}{rest}" for name in _LISTS if (rest := _each(record, name))}
    if not _PROMPTS.isdisjoint(record):
        paths |= {name: name for name in _BESIDE_A_PROMPT if _is_words(record.get(name))}
    elif "answers" in paths:
        del paths["answers"]
    if "resps" in paths:  # rows of lm-evaluation-harness, whose targets are the references
        return paths["resps"]
    others = [name for name in record if name not in paths and _may_answer(name)]
    if len(paths) != 1 or any(_is_worded(record[name]) for name in others):
        return None
    return next(iter(paths.values()))


def _may_answer(name: str) -> bool:
    lowered = name.lower()
    if lowered.endswith(_OF_MODELS) or any(part in lowered for part in _NOT_THE_MODELS):
        return False
    return any(part in lowered for part in _RIVALS)


def _each(record: Mapping[str, Any], name: str) -> str:
    """How a list of answers goes on to each of them, empty where it is none."""
    value, steps = _first_of(record.get(name))
    if isinstance(value, dict) and isinstance(value.get("turns"), list):
        # What one model said turn by turn, as MT-bench keeps it.
        value, inner = _first_of(value["turns"])
        steps = f"{steps}.turns{inner}"
    elif name in _CHOSEN_FROM and isinstance(value, str):
        return ""
    if not steps or _is_words(value):
        return steps
    keys = [key for key in _ITEM_KEYS if isinstance(value, dict) and _is_words(value.get(key))]
    return f"{steps}.{keys[0]}" if keys else ""


def _first_of(value: object) -> tuple[object, str]:
    """What lists begin with, and the step to each of them."""
    steps = 0
    while isinstance(value, list) and value and steps < _DEEPEST:
        value, steps = value[0], steps + 1
    return value, "[*]" * steps


# --- advice


def _is_words(value: object) -> bool:
    """Whether it is a string of several words, which a label or a number is not."""
    return isinstance(value, str) and len(value.split(None, 1)) > 1


def _is_worded(value: object) -> bool:
    return any(True for _ in _worded({"": value}))


def _worded(value: object, path: str = "", depth: int = 0) -> Iterator[str]:
    """The dotted fields of a value that hold several words."""
    if _is_words(value):
        yield path
    elif depth > _DEEPEST:
        return
    elif isinstance(value, list):
        yield from _worded(value[0] if value else None, f"{path}[*]", depth + 1)
    elif isinstance(value, Mapping):
        for key, item in value.items():
            if isinstance(key, str) and not any(sign in key for sign in "[]"):
                yield from _worded(item, f"{path}.{key}" if path else key, depth + 1)


def _for_example(record: Mapping[str, Any], but: str = "") -> str:
    """Name fields that hold several words, those first that look like answers."""
    rest = {name: value for name, value in record.items() if name != but}
    paths = [path for path in _worded(rest) if path]
    paths.sort(key=_unlikely)
    if not paths:
        return ""
    return f", for example {_listed(map(_quoted, paths[:_SUGGESTED]))}"


def _unlikely(path: str) -> int:
    names = path.lower().replace("[*]", "").split(".")
    if any(part in path.lower() for part in _NOT_THE_MODELS) or names[0] in _ASKING | _PROMPTS:
        return 2
    last = ".".join(names[-2:])
    return 0 if any(part in last for part in (*_RIVALS, "text", "content")) else 1


def _quoted(path: str) -> str:
    shown = visible(path[:80])
    return f"'{shown}'" if "[" in path or " " in path else shown


def _listed(names: Iterable[str]) -> str:
    *most, last = [f"--text-field {name}" for name in names]
    return f"{', '.join(most)} or {last}" if most else last
