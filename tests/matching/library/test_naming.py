"""A source of the library is named as people name it; one that is not there is told."""

from __future__ import annotations

from pathlib import Path

import pytest
from known_text import fingerprint

from provenance.errors import InputError
from provenance.matching.library.naming import (
    found_entry,
    is_no_corpus,
    named_source,
    named_sources,
    own_entry,
    require_new_name,
    words_of,
)
from provenance.matching.library.shelf import Entry, Shelf, added, own_shelf, shipped_shelf


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("alpaca_eval/gpt-4o-2024-05-13", "alpaca_eval/gpt-4o-2024-05-13"),
        ("gpt-4o", "alpaca_eval/gpt-4o-2024-05-13"),
        ("GPT4 0613", "alpaca_eval/gpt4_0613"),
        ("claude-3-opus", "alpaca_eval/claude-3-opus-20240229"),
    ],
)
def test_a_model_by_its_name(name: str, found: str) -> None:
    assert found_entry([shipped_shelf()], name)[1].name == found


def test_a_name_of_several_and_of_none() -> None:
    with pytest.raises(InputError, match=r"several sources called 'gemma-3'.*gemma-3-12b"):
        found_entry([shipped_shelf()], "gemma-3")
    with pytest.raises(InputError, match=r"no such file.*such as .*gpt-4o-mini"):
        found_entry([shipped_shelf()], "gtp4o-mini")


def test_files_and_names_stand_beside_each_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "none"))
    path = tmp_path / "x.fp"
    fingerprint("alpha").save(path)
    found = named_sources([path, fingerprint("beta"), "human-imdb-review", str(path)])
    assert {one.name for one in found} == {"alpha", "beta", "human_web/human_imdb_review"}
    with pytest.raises(InputError, match="there is no such file"):
        named_sources([tmp_path / "no.fp"])


def test_people_are_all_people(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    found = named_sources("people")
    known = [one.name for one in shipped_shelf().entries if one.by == "people"]
    assert [one.name for one in found] == known and len(known) > 12


@pytest.mark.parametrize(
    "name",
    [
        *["../x", "/x", "~x", "x.fp", "x*", "x/", " ", "people", "Library", "library:mine", "-"],
        # Where a corpus may stand too, these are read as one.
        *["hf:mine/a", "s3://mine/a", "a=b", "mine/a.jsonl"],
        *["--all", "-x", " mine/a", "mine/a.fp "],
    ],
)
def test_a_name_that_could_not_be_used_is_refused(name: str) -> None:
    with pytest.raises(InputError, match="cannot name a source"):
        require_new_name(name)


def test_a_name_that_ships_is_not_given_to_another() -> None:
    with pytest.raises(InputError, match="that ships"):
        require_new_name("alpaca_eval/GPT-4o-2024-05-13")
    require_new_name("mine/gpt-4o-2024-05-13")


def test_a_name_that_means_another_of_yours_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    entry = Entry("mine/a-1", "model", "mine", 0, 0, "en", "", "", "")
    added(own_shelf(), entry, fingerprint("alpha"))
    for name in ("MINE/A-1", "mine a1"):
        with pytest.raises(InputError, match="mine/a-1 too"):
            require_new_name(name)
    require_new_name("mine/a-2")
    # Names in other scripts are names, and not all one.
    require_new_name("模型/甲")
    assert words_of("模型/甲") != words_of("模型/乙")
    assert words_of("नमूना/कि") != words_of("नमूना/का")


def test_a_name_is_one_however_it_is_encoded() -> None:
    assert words_of("mod\u00e8le") == words_of("mode\u0300le") != words_of("modele")
    assert words_of("\uff41\uff11") == "a1"


def test_what_is_taken_out_is_not_guessed_at() -> None:
    entry = Entry("mine/gpt-4o-tuned", "model", "mine", 0, 0, "en", "", "", "")
    own = Shelf(Path("own"), (entry,))
    assert own_entry(own, "mine/gpt-4o-tuned") is entry
    for name in ("gpt-4o-tuned", "MINE/gpt-4o-tuned", "gpt-4o"):
        with pytest.raises(InputError, match=r"no source called .*such as mine/gpt-4o-tuned"):
            own_entry(own, name)
    with pytest.raises(InputError, match="ships with llm-provenance"):
        own_entry(own, "alpaca_eval/cohere")


def test_one_source_and_not_several(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    made = fingerprint("alpha")
    made.save(tmp_path / "x.fp")
    assert named_source(made) is made
    assert named_source(str(tmp_path / "x.fp")).name == "alpha"
    assert named_source("human-imdb-review").name == "human_web/human_imdb_review"
    with pytest.raises(InputError, match="'people' stands for"):
        named_source("people")


@pytest.mark.parametrize(
    ("name", "is_source"),
    [
        ("gpt-3.5-turbo", True),
        ("alpaca_eval/gpt-4o", True),
        ("answers.jsonl", False),
        ("answers.csv.gz", False),
        ("api=gpt-4o", False),
        ("hf:a/b", False),
        ("s3://a/b", False),
        ("*.jsonl", False),
    ],
)
def test_what_can_be_no_corpus(name: str, is_source: bool) -> None:
    assert is_no_corpus(name) == is_source


@pytest.mark.parametrize(("typed", "meant"), [("peopel", "people"), ("libary", "library")])
def test_a_word_for_several_sources_is_known_though_misspelt(typed: str, meant: str) -> None:
    with pytest.raises(InputError, match=f"a name such as {meant}"):
        named_sources(typed)
