"""Whose words a turn is: one table from the names that files use to the roles of a chat."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from types import MappingProxyType

__all__ = [
    "BOT_FLAGS",
    "KIND",
    "PRODUCTS",
    "ROLES",
    "UNTRAINED",
    "USER_FLAGS",
    "RoleChoice",
    "role_of",
]

UNTRAINED = "untrained"
"""Role and name of an assistant's turn that fine-tuning passes over, as those of weight 0."""
USER_FLAGS = "is_user isUser from_user fromUser is_from_user isFromUser isCreatedByUser".split()
BOT_FLAGS = "is_bot isBot from_bot fromBot is_ai isAI is_assistant isAssistant".split()
"""Keys that say by yes or no that a user, or a model, speaks."""

_NAMES = {
    "assistant": "assistant gpt chatgpt model bot ai llm chatbot agent answer response output"
    " completion reply aimessage aimessagechunk ai_message chat_bot assistant_response"
    " model_response ai_response bot_response ai_assistant apimessage 助手 助理 回答 答 输出"
    " asistente assistente assistent ассистент アシスタント 어시스턴트",
    "user": "user human prompter instruction question query prompt input humanmessage"
    " human_message usr customer 用户 问 问题 指令 输入 utilisateur usuario usuário benutzer"
    " nutzer utente пользователь ユーザー 사용자",
    "system": "system developer context systemmessage system_prompt",
    "tool": "tool function ipython observation environment tool_result function_response"
    " function_call tool_call toolmessage functionmessage tool_response tool_output"
    " code_interpreter execution",
    "thinking": "thinking thoughts reasoning analysis commentary",
}
_PRODUCTS = (
    "bing bard claude gemini copilot gemma llama mistral mixtral qwen deepseek vicuna alpaca grok"
    " palm davinci text-davinci cohere command-r yi phi ernie kimi glm chatglm koala dolly falcon"
    " sydney moss internlm baichuan nova pi o1 o3 o4-mini"
)
PRODUCTS = frozenset(_PRODUCTS.split())
"""Names of single products: all are assistants, but asked for they mean no other."""

ROLES: Mapping[str, str] = MappingProxyType(
    {name: role for role, names in _NAMES.items() for name in names.split()}
    | dict.fromkeys(_PRODUCTS.split(), "assistant")
    | {UNTRAINED: UNTRAINED}
)
"""Name in small letters to role."""

# A product and its version: gpt-4, claude-2.1, Llama-3-70b-instruct.
_FAMILIES = "|".join(sorted((*PRODUCTS, "gpt", "chatgpt"), key=len, reverse=True))
_VERSIONED = re.compile(rf"(?:[\w.-]+/)?(?:{_FAMILIES})[-_ .]?v?\d[\w. :-]*")
KIND = re.compile("[-_ ]?(?:message|turn)$")
"""What a name says beside who speaks, as in ``userMessage``."""
_MOST_NAMES = 1000
"""Names kept in a memory; a round figure, not tuned."""
_LONGEST_NAME = 60
"""Characters of a name that are looked at and shown; a round figure, not tuned."""


def _plain(name: object) -> str:
    return str(name)[:_LONGEST_NAME].strip().rstrip(":：").lower()


def role_of(name: object) -> str | None:
    """Find the role of a name, None where the table does not know it.

    Examples
    --------
    >>> role_of("Human"), role_of("bing"), role_of("gpt-4-0613"), role_of("narrator")
    ('user', 'assistant', 'assistant', None)
    """
    return _role_of(name if isinstance(name, str) else str(name)[:_LONGEST_NAME])


@lru_cache(_MOST_NAMES)
def _role_of(name: str) -> str | None:
    plain = _plain(name)
    role = ROLES.get(plain) or ROLES.get(KIND.sub("", plain))
    return "assistant" if role is None and _VERSIONED.fullmatch(plain) else role


class RoleChoice:
    """Which turns are wanted: those of a role, or those that carry one name.

    Parameters
    ----------
    asked : str
        A role, or any name of one (``gpt`` asks for assistants); a product's name, and one that
        the table does not know, asks for the turns named so.

    Examples
    --------
    >>> RoleChoice("gpt")("bing"), RoleChoice("bing")("gpt"), RoleChoice("bing")("Bing")
    (('assistant', True), ('assistant', False), ('assistant', True))
    """

    def __init__(self, asked: str) -> None:
        self.asked = asked
        self._name = _plain(asked)
        self._role = None if self._name in PRODUCTS else ROLES.get(self._name)
        self._known: dict[str, tuple[str, str | None, bool]] = {}

    @property
    def is_default(self) -> bool:
        """Whether assistants are wanted, whose words a text without roles is taken for."""
        return self._role == "assistant"

    def __call__(self, name: str) -> tuple[str | None, bool]:
        """Tell the role of a name as written, and whether its turns are wanted."""
        return self.named(name)[1:]

    def named(self, name: str) -> tuple[str, str | None, bool]:
        """Tell the same behind the name."""
        known = self._known.get(name)
        if known is None:
            role = role_of(name)
            wanted = _plain(name) == self._name if self._role is None else role == self._role
            known = name[:_LONGEST_NAME], role, wanted
            if len(self._known) < _MOST_NAMES:
                self._known[name] = known
        return known
