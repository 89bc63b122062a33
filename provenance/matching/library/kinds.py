"""Which files of a data folder are whose text, and what about: what a library is built of.

``python -m provenance.matching.library.building DATA`` reads the folders named here.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final

__all__ = ["CHAT_FOLDERS", "found_files", "topic_of", "written_by"]

CHAT_FOLDERS: Final = (
    "alpaca_eval",
    "more/debate_2026",
    "more/eqbench_cw",
    "more/glimpse_en",
    "more/hc3plus",
    "more/human_abstracts",
    "more/human_web",
    "more/raidar",
    "more/reddit_qa",
    "more/selfinstruct_human",
    "more/slop_score",
    "more/stackoverflow",
)
_DETECTRL: Final = ("human_*.jsonl.gz", "*/direct_prompt/*.jsonl.gz")
_TOPIC_OF_PART: Final = {
    **dict.fromkeys(
        ("yelp", "amazon_review", "imdb_review", "wine_2003", "yelp_review"), "reviews"
    ),
    **dict.fromkeys(
        (
            *("xsum", "bbc_xsum", "abc_rural_2006", "abc_science_2006"),
            *("cnn_dailymail", "newser_summary"),
        ),
        "news",
    ),
    **dict.fromkeys(("writing", "movie_plot"), "stories"),
    **dict.fromkeys(("arxiv", "pubmed", "human_abstracts"), "abstracts"),
    **dict.fromkeys(("wikipedia", "wikipedia_quoref"), "encyclopedia"),
    "c4": "web",
    "state_of_the_union": "speech",
}
_TOPIC_OF_FOLDER: Final = {
    "slop_score": "stories",
    "eqbench_cw": "stories",
    "debate_2026": "speech",
    "selfinstruct_human": "instructions",
    "alpaca_eval": "instructions",
}


def found_files(folder: Path) -> Iterator[tuple[str, Path]]:
    """Name of the folder that a file belongs to, and the file, in the order of their names."""
    for place in CHAT_FOLDERS:
        for path in sorted((folder / place).glob("*.jsonl.gz")):
            yield place.split("/")[-1], path
    for pattern in _DETECTRL:
        for path in sorted((folder / "detectrl").glob(pattern)):
            yield "detectrl", path


def topic_of(folder: str, part: str) -> str:
    """What a kind of text is about and for; whole topics are left out together.

    Examples
    --------
    >>> topic_of("raidar", "arxiv"), topic_of("human_abstracts", "human_abstracts")
    ('abstracts', 'abstracts')
    >>> topic_of("alpaca_eval", "koala"), topic_of("reddit_qa", "eli5")
    ('instructions', 'reddit_qa')
    """
    return _TOPIC_OF_PART.get(part) or _TOPIC_OF_FOLDER.get(folder, folder)


def written_by(name: str) -> str:
    """``people`` or ``models``, by the name of a file.

    Examples
    --------
    >>> written_by("human_reddit"), written_by("gpt-4")
    ('people', 'models')
    """
    return "people" if name.startswith("human") else "models"
