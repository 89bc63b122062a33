"""``fingerprint``, ``merge``, ``compare`` and ``inspect``, each for real."""

from __future__ import annotations

from pathlib import Path

import orjson
import pytest
from known_commands import done

from provenance.features.spec import FeatureSpec
from provenance.fingerprint.fingerprint import Fingerprint
from provenance.fingerprint.sample import Limits
from provenance.fingerprint.showing import describe, ngram_rates

pytestmark = pytest.mark.usefixtures("folder")


# fingerprint


def test_a_fingerprint_is_made_and_told(folder: Path) -> None:
    told = done("fingerprint", "api.jsonl", "--name", "api", "-o", folder / "a.fp")
    made = Fingerprint.load(folder / "a.fp")
    assert (made.name, made.n_documents, made.sealed) == ("api", 100, False)
    assert "100 documents" in told and "field text" in told
    assert made.sha256 == Fingerprint.load("fps/api.fp").sha256


def test_a_fingerprint_that_exists_is_replaced(folder: Path) -> None:
    (folder / "a.fp").write_text("something else")
    done("fingerprint", "api.jsonl", "--name", "api", "-o", folder / "a.fp")
    assert Fingerprint.load(folder / "a.fp").n_documents == 100
    assert [path.name for path in folder.glob("*.fp")] == ["a.fp"]


def test_options_of_the_spec_arrive(folder: Path) -> None:
    options = "--encoding cl100k_base --min-tokens 3 --strip-markdown --rows 7 --row-tokens 900"
    made = folder / "a.fp"
    done("fingerprint", "api.jsonl", "--name", "a", "-o", made, "--sealed", *options.split())
    found = Fingerprint.load(made)
    spec = FeatureSpec(encoding="cl100k_base", min_tokens=3, strip_markdown=True)
    assert (found.spec, found.limits, found.sealed) == (spec, Limits(7, 900), True)
    assert found.readable == found.origin == ()


def test_skipped_rows_are_counted_and_named(folder: Path) -> None:
    made = folder / "a.fp"
    told = done("fingerprint", "bad.jsonl", "--name", "a", "--on-error", "skip", "-o", made)
    assert "1 rows skipped" in told and "bad.jsonl:2" in told
    assert Fingerprint.load(made).n_documents == 1


# merge, compare, inspect, report


def test_merge_makes_one_of_a_folder(folder: Path) -> None:
    told = done("merge", "fps", "-o", folder / "both.fp")
    assert Fingerprint.load(folder / "both.fp").n_documents == 200
    assert "api + human" in told
    done("merge", "fps/api.fp", "fps/human.fp", "-o", folder / "two.fp", "--name", "both")
    assert Fingerprint.load(folder / "two.fp").name == "both"


def test_a_file_named_twice_is_counted_once(folder: Path) -> None:
    done("merge", "fps/api.fp", "fps", "./fps/../fps/api.fp", "-o", folder / "both.fp")
    assert Fingerprint.load(folder / "both.fp").n_documents == 200


def test_compare_tells_the_distance_with_its_interval() -> None:
    told = orjson.loads(done("compare", "fps", "--json", "--confidence-level", 0.9))
    (row,) = told["distances"]
    assert told["confidence_level"] == 0.9
    assert {row["source"], row["other"]} == {"api", "human"}
    assert 0 < row["low"] < row["distance"] < row["high"]
    assert all("commas_a_word" in figures for figures in told["statistics"].values())
    table = done("compare", "fps/*.fp")
    assert "commas a word" in table
    assert f"{row['distance']:.3f}" in table and "95 %" in table


def test_inspect_shows_what_a_fingerprint_holds() -> None:
    told = orjson.loads(done("inspect", "fps/api.fp", "--json", "--top", 5))
    made = Fingerprint.load("fps/api.fp")
    assert told == orjson.loads(orjson.dumps(describe(made, ngram_rates(made, count=5))))
    assert told["counts"]["documents"] == 100
    rates = [row["rate"] for row in told["ngrams"]]
    assert len(rates) == 5 and rates == sorted(rates, reverse=True)
    shown = done("inspect", "fps/api.fp", "--top", 5)
    assert all(row["ngram"] in shown for row in told["ngrams"])


def test_inspect_ranks_by_what_tells_sources_apart() -> None:
    told = orjson.loads(done("inspect", "fps/api.fp", "--against", "fps/human.fp", "--json"))
    rows = told["ngrams"]
    assert len(rows) == 20
    assert all(row["rate"] > row["rate_against"] for row in rows)
    assert "tell it from human" in done("inspect", "fps/api.fp", "--against", "fps/human.fp")


def test_a_sealed_fingerprint_says_so(folder: Path) -> None:
    done("fingerprint", "api.jsonl", "--name", "api", "-o", folder / "a.fp", "--sealed")
    told = done("inspect", folder / "a.fp")
    assert "sealed" in told and "no readable n-gram" in told and "read from" not in told
