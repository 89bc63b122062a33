"""What is made of what: read from one file, made where it is out of date."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from provenance.errors import InputError
from provenance.matching.recipe import STATE, Step, follow, read_recipe

RECIPE = """
[match.report]
paths = ["suspect.txt"]
candidate = "api"
reference = ["people", "of the library"]
only = true
same-domain = false
fdr = 0.1

[fingerprint.api]
paths = "api-*.txt"
group_field = "topic"

[fingerprint.people]
paths = ["people.txt"]
output = "kept/people.fp"
name = "humans"
"""


@pytest.fixture
def steps(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Step, ...]:
    monkeypatch.chdir(tmp_path)
    for name in ("suspect", "api-1", "people"):
        (tmp_path / f"{name}.txt").write_text(name)
    (tmp_path / "R.toml").write_text(RECIPE)
    return read_recipe("R.toml")


class Maker:
    """Makes each step by copying its command line into its output."""

    def __init__(self, *statuses: int) -> None:
        self.made: list[str] = []
        self.states: list[str] = []
        self.statuses: Iterator[int] = iter(statuses)

    def run(self, step: Step) -> int:
        self.made.append(step.name)
        Path(step.output).parent.mkdir(exist_ok=True)
        Path(step.output).write_text(" ".join(step.words))
        return next(self.statuses, 0)

    def told(self, _: Step, state: str) -> None:
        self.states.append(state)

    def follow(self, steps: tuple[Step, ...], *, dry: bool = False) -> int:
        return follow(steps, self.run, self.told, dry=dry)


def made(steps: tuple[Step, ...]) -> list[str]:
    maker = Maker()
    assert maker.follow(steps) == 0
    return maker.made


def test_tables_are_commands_in_the_order_of_what_they_need(steps: tuple[Step, ...]) -> None:
    assert [step.words for step in steps] == [
        ("fingerprint", "api-*.txt", "--group-field=topic", "--name=api", "--output=api.fp"),
        ("fingerprint", "people.txt", "--name=humans", "--output=kept/people.fp"),
        (
            *("match", "suspect.txt", "--candidate=api.fp", "--reference=kept/people.fp"),
            *("--reference=of the library", "--only", "--fdr=0.1", "--output=report"),
        ),
    ]


def test_only_what_is_out_of_date_is_made(steps: tuple[Step, ...]) -> None:
    assert made(steps) == ["api", "people", "report"]
    assert made(steps) == []
    Path("suspect.txt").write_text("another corpus")
    assert made(steps) == ["report"]
    Path("api-2.txt").write_text("one more file of the glob")
    assert made(steps) == ["api", "report"]
    Path("report").unlink()
    assert made(steps) == ["report"]
    os.utime("kept/people.fp", ns=(1, 1))
    assert made(steps) == ["people", "report"]
    Path("R.toml").write_text(RECIPE.replace("0.1", "0.2"))
    assert made(read_recipe("R.toml")) == ["report"]
    Path(STATE).write_text("[not what was written]")
    assert made(steps) == ["api", "people", "report"]


def test_a_dry_run_makes_nothing_and_knows_what_follows(steps: tuple[Step, ...]) -> None:
    assert made(steps) == ["api", "people", "report"]
    Path("people.txt").write_text("others")
    maker = Maker()
    maker.follow(steps, dry=True)
    assert maker.made == []
    assert maker.states == ["up to date", "would be made", "would be made"]


def test_a_gate_that_fired_fires_again_where_nothing_changed(steps: tuple[Step, ...]) -> None:
    assert Maker(0, 0, 1).follow(steps) == 1
    maker = Maker()
    assert maker.follow(steps) == 1
    assert maker.made == []


def test_a_failure_ends_all_and_is_tried_again(steps: tuple[Step, ...]) -> None:
    maker = Maker(0, 2)
    assert maker.follow(steps) == 2
    assert maker.states == ["made", "failed"]
    assert made(steps) == ["people", "report"]


@pytest.mark.parametrize(
    ("recipe", "told"),
    [
        ("", "nothing is to be made"),
        ("[", "no TOML"),
        ("[mach.a]\npaths='x'", "Perhaps 'match' is meant"),
        ("match = 3", r"\[match.match\]: this is no table"),
        ("[match]\nreport = 3", r"\[match.report\]: this is no table"),
        ("[match.'../out']\npaths='x'", "cannot be a name"),
        ("[match.a]\ncandidate='x'", "nothing is read"),
        ("[match.a]\npaths=['--help']", "read as an option"),
        ("[match.a]\npaths=['x']\nby=[[1]]", "`by` is of another type"),
        ("[match.a]\npaths=['x']\n[index.a]\npaths=['x']", "two steps have one name"),
    ],
)
def test_what_cannot_be_followed(tmp_path: Path, recipe: str, told: str) -> None:
    path = tmp_path / "R.toml"
    path.write_text(recipe)
    with pytest.raises(InputError, match=told):
        read_recipe(path)


def test_a_recipe_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be read"):
        read_recipe(tmp_path / "none.toml")
