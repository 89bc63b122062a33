"""Published peers on the very corpora of the protocol, as rows of the same table."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass

import numpy as np

from provenance.corpus import Corpus
from provenance.corpus.batches.batches import batches
from provenance.errors import InputError
from provenance.features.features import prepare
from provenance.features.hashes import text_hash
from provenance.features.spec import FeatureSpec
from provenance.validation.held_out import Drawn, Pool
from provenance.validation.peers.peers import (
    CONFIDENCE_LEVEL,
    PEERS,
    Peer,
    PeerReading,
    PeerTexts,
    Training,
    compare,
    missing,
)
from provenance.validation.readings import Reading

__all__ = ["PeerBench", "chosen_peers", "texts_by_hash"]


def chosen_peers(names: Iterable[str]) -> dict[str, Peer]:
    """Peers by their names; ``all`` stands for every one that can run.

    Raises
    ------
    InputError
        Where there is no such peer, or it cannot run here.
    """
    chosen: dict[str, Peer] = {}
    for name in names:
        if name == "all":
            chosen |= {key: peer for key, peer in PEERS.items() if missing(peer) is None}
        elif name not in PEERS:
            known = "; ".join(("all", *PEERS))
            raise InputError(f"there is no peer {name!r}", expected=f"one of {known}")
        elif (why := missing(PEERS[name])) is not None:
            raise InputError(f"the peer {name!r} cannot run: {why}")
        else:
            chosen[name] = PEERS[name]
    return chosen


def texts_by_hash(
    corpus: Corpus, spec: FeatureSpec, sampled: Set[int] | None = None
) -> dict[int, str]:
    """The texts of a corpus as they are measured, by the hash that a fingerprint keeps.

    Parameters
    ----------
    corpus : Corpus
    spec : FeatureSpec
    sampled : set of int, optional
        Hashes of those that are kept; by default all are.
    """
    found: dict[int, str] = {}
    for batch in batches(corpus):
        repaired = prepare([item.text for item in batch], spec).texts
        hashed = ((text_hash(text), text) for text in repaired)
        found |= {one: text for one, text in hashed if sampled is None or one in sampled}
    return found


@dataclass(frozen=True, slots=True)
class PeerBench:
    """Peers that learn from what a panel learns from.

    Parameters
    ----------
    peers : mapping of str to Peer
    texts : mapping of int to str
        By hash.
    pool : Pool
        The rows that are learnt from.
    learnt : PeerTexts
        Their texts: features are made once for all candidates.
    seed : int
    confidence_level : float
        Of their intervals.
    """

    peers: Mapping[str, Peer]
    texts: Mapping[int, str]
    pool: Pool
    learnt: PeerTexts
    seed: int
    confidence_level: float = CONFIDENCE_LEVEL

    @classmethod
    def of(
        cls,
        names: Iterable[str],
        texts: Mapping[int, str],
        pool: Pool,
        seed: int,
        confidence_level: float = CONFIDENCE_LEVEL,
    ) -> PeerBench:
        """A bench for the rows of a pool.

        Raises
        ------
        InputError
            Where the text of a row is not there.
        """
        peers = chosen_peers(names)
        own = PeerTexts(_texts(texts, pool, np.arange(len(pool))))
        return cls(peers, texts, pool, own, seed, confidence_level)

    def readings(
        self, held: Pool, candidate: str, split: int, drawn: Sequence[Drawn]
    ) -> list[Reading]:
        """What every peer reads each corpus as, one corpus behind the other."""
        corpora = (_texts(self.texts, held, one.corpus.rows) for one in drawn)
        told = zip(drawn, self.read(candidate, corpora), strict=True)
        return [
            one.read_as(
                candidate,
                split,
                estimator=item.peer,
                share=item.share,
                low=item.low,
                high=item.high,
            )
            for one, found in told
            for item in found
        ]

    def read(self, candidate: str, corpora: Iterable[Sequence[str]]) -> Iterator[list[PeerReading]]:
        """What every peer reads each corpus as, given as texts; truths are not looked at."""
        is_candidate = self.pool.source == self.pool.names.index(candidate)
        groups = [str(number) for number in self.pool.component.tolist()]
        training = Training(self.learnt, is_candidate, groups, self.seed, self.confidence_level)
        found = compare(training, ((texts, 0.0) for texts in corpora), self.peers)
        size = len(self.peers)
        yield from (found[first : first + size] for first in range(0, len(found), size))


def _texts(
    texts: Mapping[int, str], pool: Pool, rows: np.ndarray[tuple[int], np.dtype[np.int64]]
) -> list[str]:
    try:
        return [texts[value] for value in pool.sample.text_hash[rows].tolist()]
    except KeyError:
        raise InputError(
            "peers need the words of every source, and a fingerprint holds none",
            remedy="Give the corpora instead of .fp files, or leave --peers out",
        ) from None
