"""Green lists as transformers draws them (``WatermarkLogitsProcessor``, ``WatermarkDetector``)."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from provenance.evidence.watermark.schemes.draws import Documents, Draws
from provenance.evidence.watermark.schemes.kgw import (
    GreenLists,
    draws_of_windows,
    list_size,
    prf_values,
)
from provenance.evidence.watermark.schemes.parameters import (
    LARGEST_ID,
    LARGEST_VOCABULARY,
    fraction,
    no_cuda,
    one_of,
    whole,
)

__all__ = ["KgwHf"]


@dataclass(frozen=True, kw_only=True)
class KgwHf(GreenLists):
    """KGW of transformers: its ``selfhash`` has a table of the key's own, unlike the original.

    Parameters
    ----------
    vocab_size : int
        ``model.config.vocab_size``.
    greenlist_ratio : float
    hashing_key : int
    seeding_scheme : {"lefthash", "selfhash"}, default "lefthash"
    context_width : int, default 1
        ``lefthash`` looks at one id whatever the width, and starts to score behind it.
    bos_token_id : int, optional
        Left out where a document begins with it.
    bias : float, optional
        Of the generation; a text is read without it.
    device : str, default "cpu"

    Examples
    --------
    >>> KgwHf(vocab_size=50257, greenlist_ratio=0.25, hashing_key=15485863).window
    (1, 2)
    """

    greenlist_ratio: float
    hashing_key: int = field(repr=False)
    seeding_scheme: str = "lefthash"
    context_width: int = 1
    bos_token_id: int | None = None
    bias: float | None = None
    device: str = "cpu"

    def __post_init__(self) -> None:
        no_cuda(self.device)
        put = object.__setattr__
        put(self, "vocab_size", whole("vocab_size", self.vocab_size, 2, LARGEST_VOCABULARY))
        put(self, "greenlist_ratio", fraction("greenlist_ratio", self.greenlist_ratio))
        list_size(self.vocab_size, self.greenlist_ratio, "greenlist_ratio")
        key = whole("hashing_key", self.hashing_key, -(1 << 63), (1 << 64) - 1, secret=True)
        put(self, "hashing_key", key)
        one_of("seeding_scheme", self.seeding_scheme, ("lefthash", "selfhash"))
        put(self, "context_width", whole("context_width", self.context_width, 1, 64))
        if self.bos_token_id is not None:
            put(self, "bos_token_id", whole("bos_token_id", self.bos_token_id, 0, LARGEST_ID))

    @property
    def greenlist_size(self) -> int:
        return list_size(self.vocab_size, self.greenlist_ratio, "greenlist_ratio")

    @property
    def _salted(self) -> bool:
        return self.seeding_scheme == "selfhash"

    @property
    def window(self) -> tuple[int, int]:
        before = self.context_width - self._salted
        return before, before + 1

    def draws(self, documents: Documents) -> Draws:
        first = self.context_width - self._salted
        before, width = (first, first + 1) if self._salted else (1, 1)
        prf = "anchored_minhash" if self._salted else "additive"
        seeds = prf_values(documents, prf, self.hashing_key, before, width, self.hashing_key)
        draws = draws_of_windows(documents, seeds, before, first)
        if self.bos_token_id is None:
            return draws
        starts = documents.bounds[:-1][np.diff(documents.bounds) > 0]
        with_bos = np.zeros(len(documents.bounds) - 1, np.bool_)
        with_bos[documents.numbers[starts]] = documents.ids[starts] == self.bos_token_id
        late = documents.offsets >= first + with_bos[documents.numbers]
        return Draws(draws.states, draws.contexts, draws.known, draws.eligible & late)
