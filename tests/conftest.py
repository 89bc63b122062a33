"""Settings of a run, and the folder that commands work in.

Hypothesis tries the same examples in every continuous-integration run, others elsewhere; how many,
``HYPOTHESIS_PROFILE`` says: ``few``, as where it is not set, or ``many``.
"""

from __future__ import annotations

import gc
import os
from collections.abc import Generator
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings

if TYPE_CHECKING:
    from known_commands import Files

# The matrices of the tests are small and the workers of a run fill the cores: more threads wait
# for one another. Read when NumPy and numba are first imported, which is after this file.
for library in ("OPENBLAS", "OMP", "MKL", "NUMBA"):
    os.environ.setdefault(f"{library}_NUM_THREADS", "1")
# Lines are broken where it is set, and messages would be.
os.environ.pop("COLUMNS", None)

# Every run tries few examples; .ci/run tries many of the same laws beside the slow tests. Round
# figures, not tuned.
for profile, examples in (("few", 10), ("many", 25)):
    settings.register_profile(
        profile,
        max_examples=examples,
        deadline=None,
        derandomize=bool(os.environ.get("CI")),
    )
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "few"))


def pytest_sessionstart(session: pytest.Session) -> None:
    """Two workers of a whole run compile a half each of what they both would compile."""
    worker = getattr(session.config, "workerinput", None)
    if worker is None or session.config.args_source != pytest.Config.ArgsSource.TESTPATHS:
        return
    from warm_up import PARTS

    place = int(worker["workerid"].removeprefix("gw"))
    if place < len(PARTS):
        PARTS[place]()


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Nothing that is collected is garbage: nobody looks for it now, nor through it later."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        # A tenth of the searches that Python makes by itself; a round figure, not tuned.
        gc.set_threshold(10 * gc.get_threshold()[0], *gc.get_threshold()[1:])
        gc.enable()


@pytest.fixture(scope="session", autouse=True)
def _commands_are_built_once() -> Generator[None, None, None]:
    """The runner of typer would build every command again for each call."""
    from typer.main import get_command

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("typer.testing._get_command", cache(get_command), raising=False)
        yield


@pytest.fixture(scope="session")
def files(tmp_path_factory: pytest.TempPathFactory) -> Files:
    from known_commands import Files

    from provenance.features.spec import FeatureSpec
    from provenance.fingerprint.measuring import fit_fingerprint

    made = Files(tmp_path_factory.mktemp("cli"), tmp_path_factory.mktemp("cache"))
    made.write("bad.jsonl", {"text": "as it was in the beginning it is now"}, {"text": None})
    spec = FeatureSpec(min_tokens=20)
    fit_fingerprint(made.texts["human"][:30], "other", spec).save(made.root / "other.fp")
    (made.root / "empty").mkdir()
    (made.root / "broken.fp").write_bytes(b"PK\x03\x04 and nothing else")
    return made


@pytest.fixture
def folder(files: Files, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    monkeypatch.chdir(files.root)
    monkeypatch.setenv("XDG_CACHE_HOME", str(files.cache))
    monkeypatch.setenv("COLUMNS", "400")
    return tmp_path
