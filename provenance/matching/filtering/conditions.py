"""What rows are dropped for: the words and comparisons of ``--drop``, on a report's rows."""

from __future__ import annotations

import difflib
import math
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from provenance.errors import InputError
from provenance.records import OF_LIBRARY, Finding, unchecked_kinds
from provenance.report.report import Report
from provenance.statistics.conventions import FDR
from provenance.words import did_you_mean, visible

__all__ = ["FAMILY", "ON_RECORD", "WORDS", "Condition", "conditions", "list_names"]

WORDS: Final = {
    "log": "matches the API's own log: half of its words are runs, or it is an edited answer",
    "watermark": "is listed as marked with a key",
    "hidden": "holds a hidden mark",
    "repaired": "holds characters that were undone as a disguise",
    "disclosure": "says what a model says of itself, or holds what an interface leaves",
    "known": "is an answer that a model is on record with, word for word",
    "machine": f"reads as a language model's: its q-value is at most {FDR:g}",
}
"""Conditions that are words, and what they say of a document."""

ON_RECORD: Final = ("log", "watermark", "known")
"""Those by which a document itself says whose it is, whatever its style."""
FAMILY: Final = "family"
"""The posteriors of a candidate and of its siblings, added up."""
_KNOWN: Final = "known"
_ANSWER: Final = "known_answer"
"""The column that names whose known answer a document is."""
_TEXTS: Final = {"id", "group", "path", "findings", "log_answer", "left_out", _ANSWER}
"""Columns that hold no numbers, besides those of `--by`."""
_SHARES: Final = ("q", "p", "posterior", "llr", "rows_up_to", "false_at_most")
"""Columns of each source that stand on the shares: nothing where these are withheld."""
_COMPARISON: Final = re.compile(r"\s*(.+?)\s*(<=|>=)\s*([^<>=\s]+)\s*")
_LOOSE: Final = re.compile(r"\s*([^<>=≤≥]+?)\s*([<>=≤≥]{1,3})\s*([^<>=≤≥\s%]+)\s*(%?)\s*")
_RUNS_KEPT: Final = (
    "Documents less than half of which are runs of the log, and which are not listed as edited"
    " answers, do not match the log and are kept: --drop 'log_covered>=0.0001' takes all that hold"
    " a run."
)
_AFRESH: Final = (
    "Known answers are copies of what was published: what a model wrote afresh, or somebody"
    " reworded, is not found by them and is kept."
)
_NAMED: Final = re.compile(rf"{_KNOWN}\[(.+)\]")
_BETWEEN: Final = re.compile(r",(?![^\[\]]*\])")

Test = Callable[[Any], NDArray[np.bool_]]


@dataclass(frozen=True, slots=True)
class Condition:
    """One reason to drop a document.

    Parameters
    ----------
    told : str
        As it was written.
    columns : tuple of str
        Of ``documents.parquet``, that it looks at.
    test : callable
        Which documents of a table it holds for.
    listed : tuple of str
        Sources whose q-values it cuts, and nothing else; empty for all other conditions.
    most : float or None
        The q-value that it cuts at.
    is_part : bool
        Whether it is a value of a field that shares were broken down by.
    note : str
        What it leaves that may be looked for, in words; empty where there is nothing to say.
    """

    told: str
    columns: tuple[str, ...]
    test: Test
    listed: tuple[str, ...] = ()
    most: float | None = None
    is_part: bool = False
    note: str = ""


def list_names(report: Report) -> tuple[str, ...]:
    """Sources whose rows have p- and q-values: the candidates, else ``machine``."""
    names = tuple(str(row.source) for row in report.candidates("documents"))
    return names or ("machine",)


def conditions(written: Sequence[str], report: Report, columns: Sequence[str]) -> list[Condition]:
    """Read what rows are dropped for.

    Parameters
    ----------
    written : sequence of str
        Each may hold several, with commas between them.
    report : Report
    columns : sequence of str
        What its ``documents.parquet`` has.

    Raises
    ------
    InputError
        Where one cannot be read, the report did not look for it, or it stands on shares that the
        report withholds.
    """
    told = [part.strip() for one in written for part in _BETWEEN.split(one) if part.strip()]
    return [_condition(one, report, columns) for one in dict.fromkeys(told)]


def _condition(told: str, report: Report, columns: Sequence[str]) -> Condition:
    if told in WORDS:
        return _word(told, report, columns)
    whose = _NAMED.fullmatch(told)
    if whose is not None:
        return _known(told, whose[1], report, columns)
    of_part = _of_part(told, columns)
    if of_part is not None:
        return of_part
    match = _COMPARISON.fullmatch(told)
    number = _number(match[3]) if match else None
    if match is None or number is None:
        raise InputError(
            f"--drop {visible(told[:80])} cannot be read",
            expected=f"{', '.join(WORDS)}, or a comparison such as q<=0.05 or posterior>=0.9, or a"
            " part such as source=web of a field that the report was broken down by",
            remedy=_meant(told, columns),
        )
    return _compared(told, match[1], match[2], number, report, columns)


def _of_part(told: str, columns: Sequence[str]) -> Condition | None:
    """Rows that hold one value of a field that the report was broken down by (`--by`)."""
    name, is_equal, value = told.partition("=")
    column = f"by[{name.strip()}]"
    if not is_equal or column not in columns:
        return None
    return Condition(told, (column,), partial(_is_value, column, value.strip()), is_part=True)


def _meant(told: str, columns: Sequence[str]) -> str | None:
    """What a condition that cannot be read may stand for."""
    names = [*_numbers(columns)]
    short = _short(columns)
    match = _LOOSE.fullmatch(told)
    if match is None:
        plain = told.strip().lower()
        inside = (word for word in WORDS if word in re.split(r"[^a-z]+", plain))
        near = difflib.get_close_matches(plain, WORDS, 1)
        word = next(inside, near[0] if near else None)
        if plain in names or plain in short:
            # Without quotes a shell takes what stands behind < and > for a file.
            return f"Write the comparison in quotes: --drop '{visible(plain)}<=0.05'"
        return word and f"Write --drop {word}"
    known = {one.lower(): one for one in (*names, *short)}
    found = difflib.get_close_matches(match[1].lower(), known, 1)
    number = _number(match[3])
    if not found or number is None:
        return None
    name, sign = known[found[0]], match[2]
    is_few = name.partition("[")[0] in ("q", "p")
    is_most = any(one in sign for one in "<≤") or (is_few and not any(one in sign for one in ">≥"))
    told_number = f"{number / 100 if match[4] else number:g}"
    return f"Write --drop '{visible(name)}{'<=' if is_most else '>='}{told_number}'"


def _number(text: str) -> float | None:
    try:
        value = float(text)
    except ValueError:
        return None
    return value if math.isfinite(value) else None


def _compared(
    told: str, name: str, sign: str, number: float, report: Report, columns: Sequence[str]
) -> Condition:
    kind = name.partition("[")[0]
    if kind == FAMILY:
        return _of_family(told, name, sign, number, report)
    names = [name] if name in columns else [f"{name}[{one}]" for one in list_names(report)]
    found = tuple(one for one in names if one in columns)
    if not found or any(one in _TEXTS or one.startswith("by[") for one in found):
        known = ", ".join(visible(one) for one in (*_short(columns), *_numbers(columns)))
        raise InputError(
            f"--drop {visible(told[:80])}: the report's rows have no {visible(name[:60])}",
            expected=f"one of {known}",
            remedy=_meant(told, columns),
        )
    if kind in _SHARES:
        _refuse_withheld(told, report)
    test = partial(_is_any_beyond, found, sign, number)
    cuts_list = kind == "q" and sign == "<="
    listed = tuple(one[2:-1] for one in found) if cuts_list else ()
    return Condition(told, found, test, listed, number if cuts_list else None)


def _of_family(told: str, name: str, sign: str, number: float, report: Report) -> Condition:
    """What a candidate and its siblings have together of a document."""
    families = [
        tuple(f"posterior[{member}]" for member in one.members)
        for one in report.families
        if one.unit == "documents" and name in (FAMILY, f"{FAMILY}[{one.source}]")
    ]
    if not families:
        raise InputError(
            f"--drop {visible(told[:80])}: the report tells of no {visible(name[:60])}",
            expected="a candidate with siblings among the other sources",
            remedy="Name the candidate's own rows: --drop 'posterior>=0.9'",
        )
    _refuse_withheld(told, report)
    test = partial(_are_together_beyond, tuple(families), sign, number)
    every = dict.fromkeys(column for columns in families for column in columns)
    return Condition(told, tuple(every), test)


def _numbers(columns: Sequence[str]) -> Iterator[str]:
    passed = _TEXTS | {"line", "judged"}
    yield from (name for name in columns if name not in passed and not name.startswith("by["))


def _short(columns: Sequence[str]) -> list[str]:
    """Names that stand for the column of each candidate."""
    return [one for one in _SHARES if any(name.startswith(f"{one}[") for name in columns)]


def _refuse_withheld(told: str, report: Report) -> None:
    if report.verdict == "withheld":
        why = report.reasons[0] if report.reasons else "a check failed"
        raise InputError(
            f"--drop {visible(told[:80])} stands on shares, which the report withholds:"
            f" {visible(why[:300])}",
            expected=f"what rows show by themselves: {', '.join(list(WORDS)[:-1])}",
        )


def _floats(table: Any, column: str) -> NDArray[Any]:
    values: NDArray[Any] = table[column].to_numpy(zero_copy_only=False)
    return values if values.dtype.kind == "f" else values.astype(np.float64)


def _word(told: str, report: Report, columns: Sequence[str]) -> Condition:
    if told == "machine":
        if report.unattributed() is None:
            raise InputError(
                "--drop machine: the report does not tell text like a language model's, or beside"
                " candidates alone",
                remedy="Name a candidate's rows: --drop 'q<=0.05', or scan the corpus",
            )
        return _compared(told, "q", "<=", FDR, report, columns)
    if told == "disclosure" and told in unchecked_kinds(report.findings):
        raise InputError(
            "--drop disclosure: the report did not look for it", remedy="Match the corpus again"
        )
    if told == _KNOWN:
        return _known(told, None, report, columns)
    needed = {"log": "log_covered", "watermark": "watermark_p["}.get(told, "findings")
    if not any(name.startswith(needed) for name in columns):
        commands = {
            "log": "Match with --log",
            "watermark": "Match with --watermark-keys",
        }
        remedy = commands.get(told, "Match the corpus: a scan does not look for it")
        raise InputError(f"--drop {told}: the report did not look for it", remedy=remedy)
    names = ("findings", "log_covered") if told == "log" else ("findings",)
    if told == "log":
        return Condition(told, names, _is_of_log, note=_runs_kept(report))
    word = {"hidden": "hidden_mark", "repaired": "text_repair"}.get(told, told)
    return Condition(told, names, partial(_found, word))


def _runs_kept(report: Report) -> str:
    found = (one for one in report.findings if one.kind == "overlap")
    runs = next((one for one in found if "n_half_covered" in one.details), None)
    return _RUNS_KEPT if runs and runs.n_documents != runs.details["n_half_covered"] else ""


def _known(told: str, whose: str | None, report: Report, columns: Sequence[str]) -> Condition:
    """Known answers of models: of all that the report names, or of a family or a model alone."""
    finding = next((one for one in report.findings if one.details.get("of") == OF_LIBRARY), None)
    if finding is None or finding.verdict == "not_checked" or _ANSWER not in columns:
        raise InputError(
            f"--drop {visible(told[:80])}: the report did not look for it",
            expected="a report of provenance scan",
            remedy="Scan the corpus: provenance scan CORPUS -o OUT",
        )
    models = _keys(finding, "by_model")
    names = {one.lower(): one for one in (*_keys(finding, "by_source"), *models)}
    if whose is not None and whose.lower() not in names:
        # "GPT (gpt-4o)" is called gpt-4o, where no other family has a model of this name.
        called = [one for one in models if one.lower().endswith(f" ({whose.lower()})")]
        whose = called[0] if len(called) == 1 else whose
    if whose is not None and whose.lower() not in names:
        raise InputError(
            f"--drop {visible(told[:80])}: the report names no answers of {visible(whose[:60])}",
            expected=f"one of {', '.join(map(visible, names.values()))}" if names else None,
            remedy=did_you_mean(whose, names.values()),
        )
    whose = whose and names[whose.lower()]
    return Condition(told, (_ANSWER,), partial(_is_answer, whose), note=_AFRESH)


def _keys(finding: Finding, name: str) -> list[str]:
    told = finding.details.get(name)
    return [str(one) for one in told] if isinstance(told, Mapping) else []


# Tests are functions of this module, as whoever writes a file may be another process.


def _is_value(column: str, value: str, table: Any) -> NDArray[np.bool_]:
    found: NDArray[np.bool_] = np.array(table[column].to_pylist(), object) == value
    return found


def _is_any_beyond(
    columns: Sequence[str], sign: str, number: float, table: Any
) -> NDArray[np.bool_]:
    hit = np.zeros(table.num_rows, bool)
    for column in columns:
        hit |= _is_beyond(_floats(table, column), sign, number)
    return hit


def _are_together_beyond(
    families: Sequence[Sequence[str]], sign: str, number: float, table: Any
) -> NDArray[np.bool_]:
    hit = np.zeros(table.num_rows, bool)
    for columns in families:
        together = np.sum([_floats(table, column) for column in columns], axis=0)
        hit |= _is_beyond(together, sign, number)
    return hit


def _is_beyond(values: NDArray[Any], sign: str, number: float) -> NDArray[np.bool_]:
    with np.errstate(invalid="ignore"):
        # In the bits that the figures are kept in: 0.05 of 32 bits is up to 0.05.
        hit: NDArray[np.bool_] = values <= number if sign == "<=" else values >= number
    return hit


def _is_answer(whose: str | None, table: Any) -> NDArray[np.bool_]:
    """Answers of a family are told with their model in brackets, where one alone gave them."""
    names = table[_ANSWER].to_pylist()
    if whose is None:
        return np.array([one is not None for one in names], bool)
    return np.array(
        [one is not None and (one == whose or one.startswith(f"{whose} (")) for one in names], bool
    )


def _is_of_log(table: Any) -> NDArray[np.bool_]:
    """As the report counts what matches: half of a document's words are runs, or it is listed."""
    return _is_beyond(_floats(table, "log_covered"), ">=", 0.5) | _found("near_duplicate", table)


def _found(word: str, table: Any) -> NDArray[np.bool_]:
    import pyarrow.compute as pc

    findings = table["findings"].combine_chunks()
    hit = np.zeros(table.num_rows, bool)
    parents = pc.list_parent_indices(findings).to_numpy()
    is_word = pc.equal(pc.list_flatten(findings), word).to_numpy(zero_copy_only=False)
    hit[parents[is_word.astype(bool)]] = True
    return hit
