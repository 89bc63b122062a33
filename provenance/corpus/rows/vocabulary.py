"""Names of fields that hold what was asked: the one table of them."""

from __future__ import annotations

from typing import Final

__all__ = [
    "ASKED_IN_PAIRS",
    "ASKED_ROWS",
    "ASKING",
    "INSTRUCTED",
    "MORE_PROMPTS",
    "PROMPTS",
    "PROMPT_CHATS",
    "PROMPT_FIELDS",
]

PROMPT_FIELDS: Final = ("prompt", "instruction", "question", "query")
"""Where the prompt of a text is looked for, in this order."""
MORE_PROMPTS: Final = (
    "problem user_prompt user_input text_input input_text input inputs_pretokenized inputs".split()
)
"""Where it is looked for next."""
PROMPT_CHATS: Final = (
    "messages conversation context request request_body modelInput instance input_messages".split()
)
"""Where it is looked for last, and only where a chat stands there."""
INSTRUCTED: Final = ("input", "context")
"""What an instruction is about."""
PROMPTS: Final = frozenset({*PROMPT_FIELDS, *MORE_PROMPTS, "messages", "context", "conversation"})
"""Fields beside which an answer stands."""
ASKING: Final = frozenset(
    {*PROMPT_FIELDS, "input", "inputs", "context", "request", "request_body", "instance"}
    | {"modelinput", "input_messages"}
    | {*"prompts history chat_history requests requestbody instances params body".split()}
    | {*"model_input doc example examples few_shot fewshot demonstrations".split()}
)
"""Fields whose turns are what was asked, with examples and earlier answers among them."""
ASKED_IN_PAIRS: Final = frozenset({*PROMPT_FIELDS, "user", "human", "prompter", "input"})
"""Keys of an object beside whose value the answer stands."""
ASKED_ROWS: Final = frozenset(
    {"prompt", "request", "question", "query", "input"}
    | {"inbound", "incoming", "in", "received", "ask"}
)
"""Values of a column that say of a row that it is what was asked."""
