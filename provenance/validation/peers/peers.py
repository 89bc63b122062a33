"""Published estimators of a share, run on the same training texts and the same corpora as ours.

All read the candidate against the pooled rest. Where a choice was open, the one that served the
peers better was taken: classes of equal weight, posteriors held out by prompt, expectation
maximisation on calibrated posteriors.
"""

from __future__ import annotations

import importlib.util
import shutil
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final

from provenance.validation.peers.bayesian import fit_bayesian_kdey, fit_pq
from provenance.validation.peers.counting import fit_counting
from provenance.validation.peers.liang import documents, fit_liang, mixture_alpha, sentences
from provenance.validation.peers.quapy_methods import decisions, fit_emq, fit_kdey, fit_quapy
from provenance.validation.peers.read_me import fit_read_me
from provenance.validation.peers.training import (
    CONFIDENCE_LEVEL,
    N_RESAMPLES,
    Classifier,
    Fitted,
    Interval,
    PeerTexts,
    Training,
)

__all__ = [
    "CONFIDENCE_LEVEL",
    "N_RESAMPLES",
    "PEERS",
    "Classifier",
    "Fitted",
    "Interval",
    "Peer",
    "PeerReading",
    "PeerTexts",
    "Training",
    "compare",
    "missing",
    "mixture_alpha",
]


@dataclass(frozen=True, slots=True)
class Peer:
    """A published estimator.

    Parameters
    ----------
    name : str
    source : str
        Where it is published.
    fit : callable
        Learns from a training set.
    packages : tuple of str
        What has to be importable beyond the package's own requirements.
    extra : str
        Which extra of the package installs them.
    compiles : bool
        Whether it compiles C++ when it is first run.
    """

    name: str
    source: str
    fit: Callable[[Training], Fitted]
    packages: tuple[str, ...] = ()
    extra: str = "peers"
    compiles: bool = False


@dataclass(frozen=True, slots=True)
class PeerReading:
    """What a peer read one corpus of known share as.

    Parameters
    ----------
    peer : str
    truth, share, low, high : float
        Fractions.
    """

    peer: str
    truth: float
    share: float
    low: float
    high: float


def _quapy(
    name: str, source: str, fit: Callable[[Training], Fitted], *packages: str, extra: str = "peers"
) -> Peer:
    compiles = "stan" in packages
    return Peer(
        name, f"{source}; QuaPy (Moreo et al. 2021)", fit, ("quapy", *packages), extra, compiles
    )


_LIANG: Final = "Liang et al. 2024, ICML"
_COMPILERS: Final = ("g++", "c++", "clang++")
# QuaPy's Bayesian module takes all of them or none; pystan looks for its plugins by the last.
_BAYES: Final = ("jax", "numpyro", "stan", "pkg_resources")

PEERS: Final = {
    peer.name: peer
    for peer in (
        Peer("Liang, sentences", _LIANG, partial(fit_liang, units=sentences)),
        Peer("Liang, documents", _LIANG, partial(fit_liang, units=documents)),
        Peer("classify and count", "Forman 2008; scikit-learn", fit_counting, ("sklearn",)),
        _quapy("ACC", "Forman 2008", partial(fit_quapy, method="ACC", columns=decisions)),
        _quapy("PACC", "Bella et al. 2010", partial(fit_quapy, method="PACC")),
        _quapy("EMQ", "Saerens et al. 2002, Alexandari et al. 2020", fit_emq),
        _quapy("KDEyML", "Moreo et al. 2024", fit_kdey),
        _quapy("HDy", "González-Castro et al. 2013", partial(fit_quapy, method="HDy")),
        _quapy("DyS", "Maletzke et al. 2019", partial(fit_quapy, method="DyS")),
        _quapy("RLLS", "Azizzadenesheli et al. 2019", partial(fit_quapy, method="RLLS"), "cvxpy"),
        _quapy("ReadMe", "Hopkins and King 2010", fit_read_me),
        _quapy("BayesianKDEy", "Moreo et al. 2024, Bayesian", fit_bayesian_kdey),
        _quapy("PQ", "arXiv:2507.06061", fit_pq, *_BAYES, extra="peers-bayes"),
    )
}
"""Every peer by its name, in the order of the table."""


def missing(peer: Peer) -> str | None:
    """Why a peer is skipped; None where it can run.

    Examples
    --------
    >>> missing(PEERS["Liang, sentences"]) is None
    True
    """
    lacking = [name for name in peer.packages if importlib.util.find_spec(name) is None]
    if not lacking:
        if peer.compiles and not any(map(shutil.which, _COMPILERS)):
            return f"there is no C++ compiler: install one of {', '.join(_COMPILERS)}"
        return None
    return f"{' and '.join(lacking)} not installed: pip install 'llm-provenance[{peer.extra}]'"


def compare(
    training: Training,
    corpora: Iterable[tuple[Sequence[str], float]],
    peers: Mapping[str, Peer] = PEERS,
) -> list[PeerReading]:
    """Read corpora of known share by every peer that can run; ``missing`` says why others cannot.

    Parameters
    ----------
    training : Training
    corpora : iterable of (texts, truth)
        Read one at a time; its features are made once for all peers.
    peers : mapping of str to Peer
    """
    able = [peer for peer in peers.values() if missing(peer) is None]
    fitted = {peer.name: peer.fit(training) for peer in able}
    return [
        PeerReading(name, truth, *one.read(texts))
        for texts, truth in ((PeerTexts(documents), truth) for documents, truth in corpora)
        for name, one in fitted.items()
    ]
