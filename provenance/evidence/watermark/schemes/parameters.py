"""Parameters of a scheme: checked one by one, never echoed where they are a key."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import MISSING, fields
from functools import cache
from typing import Any, Final, TypeVar

import numpy as np
from numpy.typing import NDArray

from provenance.errors import InputError, told

__all__ = ["construct", "fraction", "no_cuda", "one_of", "real_array", "whole", "whole_array"]

T = TypeVar("T")

LARGEST_VOCABULARY: Final = 1 << 26
"""Far above any model's; a longer permutation would need more than one word a step."""

_DIGITS: Final = re.compile("-?[0-9]{1,20}")
LARGEST_ID: Final = (1 << 31) - 1


def whole(name: str, value: Any, low: int, high: int, *, secret: bool = False) -> int:
    """A whole number between two ends, given as one or as its decimal digits.

    Raises
    ------
    InputError
        Otherwise; a secret value is not told.

    Examples
    --------
    >>> whole("ngram_len", "5", 1, 9)
    5
    """
    found: int | None = None
    is_number = isinstance(value, int | np.integer) and not isinstance(value, bool)
    if is_number or (isinstance(value, str) and _DIGITS.fullmatch(value)):
        found = int(value)
    if found is None or not low <= found <= high:
        raise InputError(
            f"{name} is {_shown(value, secret)}",
            expected=f"a whole number from {low:,} to {high:,}",
        )
    return found


def fraction(name: str, value: Any, *, low: float = 0.0, high: float = 1.0) -> float:
    """A number above ``low``, up to ``high``.

    Examples
    --------
    >>> fraction("gamma", 0.25)
    0.25
    """
    is_number = isinstance(value, int | float | np.number) and not isinstance(value, bool)
    if not is_number or not low < value <= high:
        raise InputError(
            f"{name} is {told(value)}", expected=f"a number above {low:g}, up to {high:g}"
        )
    return float(value)


def one_of(name: str, value: Any, names: Sequence[str]) -> str:
    """One of some names.

    Examples
    --------
    >>> one_of("window_scheme", "left", ("left", "self"))
    'left'
    """
    if not isinstance(value, str) or value not in names:
        raise InputError(
            f"{name} is {str(value)[:40]!r}", expected=f"one of {', '.join(sorted(names))}"
        )
    return value


def no_cuda(device: Any) -> str:
    """``"cpu"``; another device's generator draws other permutations, which need that device.

    Examples
    --------
    >>> no_cuda("cpu")
    'cpu'
    """
    if str(device) != "cpu":
        raise InputError(
            f"device is {str(device)[:40]!r}: that generator's draws cannot be evaluated here",
            expected='"cpu", the device whose generator marked the text',
            remedy="Check the text on a machine with such a device, by the library that marked it; "
            "a score with the other generator would read as no watermark",
        )
    return "cpu"


def whole_array(name: str, value: Any) -> NDArray[np.int64]:
    """64-bit integers, each given as a number or as its digits, unsigned ones wrapped."""
    if isinstance(value, str) or not isinstance(value, Sequence | np.ndarray) or not len(value):
        raise InputError(f"{name} is not a list", expected="one or more whole numbers of 64 bits")
    found = [whole(name, item, -(1 << 63), (1 << 64) - 1, secret=True) for item in value]
    return np.array([item & 0xFFFFFFFFFFFFFFFF for item in found], np.uint64).view(np.int64)


def real_array(name: str, value: Any, shape: tuple[int, ...]) -> NDArray[np.float64]:
    """Finite numbers in an array of that shape."""
    try:
        found = np.asarray(value, np.float64)
    except (TypeError, ValueError):
        found = np.empty(0)
    found = found.reshape(shape) if found.size == np.prod(shape) and found.size else found
    if found.shape != shape or not np.isfinite(found).all():
        raise InputError(
            f"{name} has the shape {found.shape}" if found.size else f"{name} is no array",
            expected=f"finite numbers of the shape {shape}, as they were trained for these keys",
        )
    return found


@cache
def _parameters(scheme: type[Any]) -> dict[str, bool]:
    """Names, and whether each is needed."""
    return {
        item.name: item.default is MISSING and item.default_factory is MISSING
        for item in fields(scheme)
    }


def construct(name: str, scheme: type[T], given: dict[str, Any]) -> T:
    """Build a scheme from its keywords.

    What a generator's own settings state beside them (``STATED`` of the scheme: the length of a
    green list, say) may be given too, and must be what follows from the rest.

    Raises
    ------
    InputError
        For a keyword that is not known or missing, or a statement that does not hold.
    """
    known = _parameters(scheme)  # type: ignore[arg-type]
    stated: dict[str, str] = getattr(scheme, "STATED", {})
    renamed: dict[str, str] = getattr(scheme, "RENAMED", {})
    arguments: dict[str, Any] = {}
    for word, value in given.items():
        target = renamed.get(word, word)
        if target in arguments:
            raise InputError(f"{name} was given {target} twice, once as {word}")
        if target in known:
            arguments[target] = value
        elif word not in stated:
            raise InputError(
                f"{name} has no parameter called {word[:40]!r}",
                expected=f"among {', '.join(known)}",
            )
    missing = [word for word, needed in known.items() if needed and word not in arguments]
    if missing:
        raise InputError(
            f"{name} lacks {', '.join(missing)}",
            expected="every setting that the generator used",
            remedy="A wrong one would read as no watermark, so none is guessed",
        )
    built = scheme(**arguments)
    for word in stated.keys() & given.keys():
        if str(getattr(built, stated[word])) != str(given[word]):
            raise InputError(
                f"{word} is not what follows from the other parameters of {name}",
                remedy="One of them is not the generator's: a text would be read with a wrong key",
            )
    return built


def _shown(value: Any, secret: bool) -> str:
    return "not usable (its value is not shown)" if secret else told(value)
