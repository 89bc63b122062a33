"""What an API answered, joined to what it was asked: by id, else by the words of the prompt."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from provenance.corpus.document import BadRow, Document
from provenance.corpus.places.inputs import shown
from provenance.corpus.reading import Corpus
from provenance.corpus.rows.rows import RowReader
from provenance.errors import InputError
from provenance.features.hashes import text_hash
from provenance.fingerprint.asking.belonging import Belonging
from provenance.fingerprint.asking.requests import Asked
from provenance.fingerprint.asking.results import Outcome, result_of

__all__ = ["UNKNOWN_LIMIT", "AskedAnswers", "Joined", "joined_to"]

UNKNOWN_LIMIT: Final = 0.1
"""Part of the answers that may belong to no prompt that was asked; a round figure, not tuned."""


@dataclass(slots=True)
class Joined:
    """How the answers of one reading belong to the prompts.

    Parameters
    ----------
    n_asked : int
    outcomes : dict of str to str
        What became of each id that something came back for; an answer outweighs a failure.
    n_further, n_copies, n_cut : int
        Further answers to a prompt that has one; those in the very words of another to it, left
        out; answers that are cut off.
    n_others : int
        Answers that name an id and hold the prompt of another, left out.
    n_unknown : int
        Answers to what was not asked, left out.
    unknown : list of str
        Ids of the first of these, or where they stand.
    n_odd : int
        Lines that cannot be read as an answer, and count as failed.
    first_odd : str
        Where the first of these stands, and what is odd.
    is_part : bool
        Whether only a part of the answers was read, so that nobody knows which are missing.
    words : dict of int to set of str
        Hash of each answer, and the ids under which it stands.
    belonging : Belonging
        Whether answers that came under an id alone are about its prompt.
    """

    n_asked: int
    outcomes: dict[str, Outcome] = field(default_factory=dict)
    n_further: int = 0
    n_copies: int = 0
    n_cut: int = 0
    n_others: int = 0
    n_unknown: int = 0
    unknown: list[str] = field(default_factory=list)
    n_odd: int = 0
    first_odd: str = ""
    is_part: bool = False
    words: dict[int, set[str]] = field(default_factory=dict, repr=False)
    belonging: Belonging = field(default_factory=Belonging, repr=False)

    @property
    def n_missing(self) -> int:
        """Prompts for which nothing came back, or nothing was read."""
        return self.n_asked - len(self.outcomes)

    @property
    def n_repeated(self) -> int:
        """Answers whose words stand under another prompt too."""
        return sum(len(ids) for ids in self.words.values() if len(ids) > 1)

    @property
    def n_wrong(self) -> int:
        """Answers that belong to no prompt that was asked, or to another one."""
        return self.n_unknown + self.n_others

    @property
    def n_read(self) -> int:
        """Answers, and prompts for which something else came back."""
        return len(self.outcomes) + self.n_further + self.n_copies + self.n_wrong

    def note(self, key: str, outcome: Outcome, text: str = "") -> bool:
        """Count what came back for an id; whether it is an answer that is not there yet."""
        if outcome != "answered":
            self.outcomes.setdefault(key, outcome)
            return False
        ids = self.words.setdefault(text_hash(text), set())
        if key in ids:
            self.n_copies += 1
            return False
        ids.add(key)
        self.n_further += self.outcomes.get(key) == "answered"
        self.outcomes[key] = outcome
        return True

    def note_odd(self, where: str, what: str) -> None:
        """Count a line that cannot be read as an answer."""
        self.n_odd += 1
        self.first_odd = self.first_odd or f"{where}: {what}"

    def told(self) -> list[str]:
        """Say what came back, in sentences.

        Examples
        --------
        >>> joined = Joined(3)
        >>> joined.note("a", "answered"), joined.note("b", "refused")
        (True, False)
        >>> print(*joined.told(), sep="\\n")
        1 of 3 prompts that were asked is answered, 1 was refused, 0 failed, 1 is missing
        """
        n = Counter(self.outcomes.values())
        lines = [
            f"{n['answered']:,} of {self.n_asked:,} prompts that were asked"
            f" {_is(n['answered'])} answered, {n['refused']:,} {_was(n['refused'])} refused,"
            f" {n['failed']:,} failed, {self._rest()}"
        ]
        for count, what in (
            (self.n_cut, "cut off, at a bound of tokens or in a pause"),
            (self.n_further, "more to a prompt that has one"),
            (self.n_copies, "in the words of another to its prompt, left out"),
            (self.n_repeated, "in words that stand under another prompt too, as refusals do"),
            (self.n_others, "to another prompt than that of the id, left out"),
            (self.n_unknown, f"to what was not asked, left out, first {', '.join(self.unknown)}"),
        ):
            if count:
                lines.append(f"{count:,} answer{'s' * (count != 1)} {what}")
        if self.belonging.is_doubtful:
            lines.append(self.belonging.told())
        if self.n_odd:
            lines.append(
                f"{self.n_odd:,} line{'s' * (self.n_odd != 1)} cannot be read as an answer, and"
                f" count{'s' * (self.n_odd == 1)} as failed, first {self.first_odd}"
            )
        return lines

    def _rest(self) -> str:
        n = self.n_missing
        if self.is_part and n:
            return f"{n:,} {_was(n)} not read, as only a part of the answers was asked for"
        return f"{n:,} {_is(n)} missing"


def _is(n: int) -> str:
    return "is" if n == 1 else "are"


def _was(n: int) -> str:
    return "was" if n == 1 else "were"


class AskedAnswers(Corpus):
    """The answers to prompts that were asked, each a document with its prompt.

    `joined_to` makes one. ``joined`` tells of the last iteration.
    """

    asked: Asked
    joined: Joined
    _digest: str

    def __iter__(self) -> Iterator[Document]:
        """Yield every answer to a prompt that was asked, those in the same words once.

        Raises
        ------
        InputError
            As `Corpus` does; and where too many answers belong to nothing that was asked.
        """
        limit = self.options.limit
        self._digest = self.asked.digest
        self.joined = Joined(
            len(self.asked),
            is_part=self.options.sample is not None,
            belonging=Belonging(self.asked.prompts),
        )
        yield from super().__iter__()
        self.joined.is_part = self.counts.n_documents == limit or self.counts.unread > 0
        if self.joined.n_wrong > UNKNOWN_LIMIT * self.joined.n_read:
            raise self._wrong_answers()

    def documents_of(
        self, reader: RowReader, path: str, line: int, record: object
    ) -> list[Document]:
        """The answers in one record; of a conversation the last."""
        if isinstance(record, BadRow):
            raise record
        result = result_of(record) if isinstance(record, Mapping) else None
        where = f"{path}:{line}"
        if result is None:
            documents = reader.documents(line, record)
            return [] if not documents else self._of_row(documents, where)
        if result.odd:
            self.joined.note_odd(shown(where), result.odd)
        found = record.get("prompt") if isinstance(record, Mapping) else None
        prompt = found if isinstance(found, str) else None
        key = self._place(result.id, prompt, result.id)
        if key is None:
            return []
        new = [one for one in result.every if self.joined.note(key, one.outcome, one.text)]
        self.joined.n_cut += sum(one.is_cut for one in new)
        if prompt is None:
            for one in new:
                self.joined.belonging.add(key, one.text)
        asked = self.asked.prompts[key]
        return [
            Document(key, one.text, path, line, prompt=asked, asked=self._digest) for one in new
        ]

    def _of_row(self, documents: list[Document], where: str) -> list[Document]:
        """Of turns before the last answer others are the authors."""
        document = documents[-1]
        key = document.id.rpartition("#")[0] if len(documents) > 1 else document.id
        found = self._place(key, document.prompt, where)
        if found is None or not self.joined.note(found, "answered", document.text):
            return []
        if document.prompt is None:
            self.joined.belonging.add(found, document.text)
        prompt = self.asked.prompts[found]
        return [replace(document, id=found, prompt=prompt, asked=self._digest)]

    def _place(self, key: str, prompt: str | None, where: str) -> str | None:
        """The id that an answer belongs to, None where it belongs to none; that is counted."""
        asked = self.asked.prompts.get(key)
        if asked is not None:
            if prompt is None or prompt.split() in ([], asked.split()):
                return key
            self.joined.n_others += 1
            return None
        found = None if prompt is None else self.asked.id_of(prompt)
        if found is None:
            self._unknown(where)
        return found

    def _unknown(self, what: str) -> None:
        self.joined.n_unknown += 1
        if len(self.joined.unknown) < 3:
            self.joined.unknown.append(shown(what)[:60])

    def what_was_read(self) -> list[str]:
        """Say what came back, before whose words the last iteration took."""
        return [*self.joined.told(), *super().what_was_read()]

    def nothing_told(self) -> InputError | None:
        """Nobody answered, or not this file."""
        if self.joined.n_wrong:
            return self._wrong_answers()
        if not self.joined.outcomes:
            return None
        return InputError(
            f"no prompt is answered ({'; '.join(self.joined.told())})",
            where=shown(", ".join(self.paths[:3])),
            expected="answers to the prompts that were asked",
            remedy="Ask again what failed",
        )

    def _wrong_answers(self) -> InputError:
        wrong, read = self.joined.n_wrong, self.joined.n_read
        first = f", first {', '.join(self.joined.unknown)}" if self.joined.unknown else ""
        return InputError(
            f"{wrong:,} of {read:,} answers are not to the prompts that were asked{first}",
            where=shown(", ".join(self.paths[:3])),
            expected=f"answers to the prompts of {shown(self.asked.path)}, by their ids or with the"
            f" prompts beside them; at most {UNKNOWN_LIMIT:.0%} of others",
            remedy="Name the file that was asked with --asked, or leave it out",
        )


def joined_to(asked: Asked, corpus: Corpus) -> AskedAnswers:
    """A corpus of answers joined to what was asked.

    Parameters
    ----------
    asked : Asked
    corpus : Corpus
        Lines as a batch interface wrote them, ids beside answers, or rows that hold the prompt.

    Examples
    --------
    >>> from provenance.corpus import open_corpus
    >>> rows = [{"id": "p1", "answer": "Yes?"}, {"prompt": "Who?", "text": "They."}]
    >>> answers = joined_to(Asked("ask.jsonl", {"p1": "Hi", "p2": "Who?"}), open_corpus(rows))
    >>> [(answer.prompt, answer.text) for answer in answers]
    [('Hi', 'Yes?'), ('Who?', 'They.')]
    """
    answers = AskedAnswers.over(corpus)
    answers.asked, answers.joined = asked, Joined(len(asked))
    return answers
