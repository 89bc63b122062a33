"""A test stands in the file of the module it tests: ``tests/<folder>/test_<module>.py``."""

from __future__ import annotations

from pathlib import Path

TESTS = Path(__file__).resolve().parent
PACKAGE = TESTS.parent / "provenance"
ALONE = {"__init__.py", "__main__.py", "version.py"}
# Of the house as a whole, or of a family: they mirror no module.
OF_THE_HOUSE = {
    "test_documentation.py",
    "test_layers.py",
    "test_mirror.py",
    "test_notebooks.py",
    "test_package.py",
    "test_ready_for_ci.py",
}
# In any folder: its manual, held to its code.
OF_A_FOLDER = "test_manual.py"
OTHER_FOLDERS = {"contracts", "reference", "statistical"}

# Modules that others call and that no file tests alone: the file that exercises each.
TESTED_THROUGH = {
    "corpus/counts.py": "corpus/test_reading.py",
    "corpus/drawn/drawn_files.py": "corpus/drawn/test_drawn.py",
    "corpus/drawn/drawn_lines.py": "corpus/drawn/test_drawn.py",
    "corpus/drawn/drawn_tables.py": "corpus/drawn/test_drawn.py",
    "corpus/formats/at_offsets.py": "corpus/drawn/test_drawn.py",
    "corpus/formats/commas.py": "contracts/test_files.py",
    "corpus/formats/jsonshapes.py": "contracts/test_files.py",
    "corpus/formats/jsonvalues.py": "contracts/test_files.py",
    "corpus/formats/textlines.py": "contracts/test_files.py",
    "corpus/formats/zstandard_frames.py": "contracts/test_files.py",
    "corpus/opening.py": "corpus/test_reading.py",
    "corpus/chats/row_roles.py": "corpus/chats/test_shapes.py",
    "corpus/chats/transcripts.py": "corpus/chats/test_shapes.py",
    "corpus/chats/trees.py": "corpus/chats/test_shapes.py",
    "corpus/chats/turn_counts.py": "matching/checks/test_checks.py",
    "corpus/chats/turns.py": "corpus/chats/test_shapes.py",
    "corpus/rows/written.py": "corpus/chats/test_shapes.py",
    "corpus/rewriting/choosing.py": "corpus/rewriting/test_rewriting.py",
    "corpus/rewriting/columnar.py": "corpus/rewriting/test_rewriting.py",
    "corpus/rewriting/lines.py": "corpus/rewriting/test_rewriting.py",
    "corpus/rewriting/packing.py": "corpus/rewriting/test_rewriting.py",
    "evidence/hidden/evidence.py": "matching/test_evidence.py",
    "evidence/hidden/findings.py": "matching/test_evidence.py",
    "evidence/log/evidence.py": "matching/test_evidence.py",
    "evidence/log/findings.py": "cli/test_log.py",
    "evidence/log/writing.py": "evidence/log/test_building.py",
    "evidence/protocol.py": "matching/test_evidence.py",
    "evidence/regenerated/evidence.py": "evidence/regenerated/test_findings.py",
    "evidence/washed/evidence.py": "matching/test_evidence.py",
    "evidence/watermark/evidence.py": "matching/test_evidence.py",
    "evidence/watermark/keys.py": "cli/test_watermark.py",
    "evidence/watermark/known_text.py": "cli/test_watermark.py",
    "evidence/watermark/records.py": "cli/test_watermark.py",
    "evidence/watermark/rows.py": "evidence/watermark/test_findings.py",
    "evidence/watermark/schemes/draws.py": "contracts/test_watermark_schemes.py",
    "evidence/watermark/schemes/parameters.py": "contracts/test_watermark_schemes.py",
    "evidence/watermark/tally.py": "cli/test_watermark.py",
    "matching/segments/adding_up.py": "matching/segments/test_segments.py",
    "matching/estimating.py": "matching/test_matching.py",
    "matching/filtering/checks.py": "matching/filtering/test_filtering.py",
    "matching/filtering/filtered.py": "matching/filtering/test_filtering.py",
    "matching/filtering/left.py": "matching/filtering/test_filtering.py",
    "matching/filtering/places.py": "matching/filtering/test_filtering.py",
    "matching/filtering/rows.py": "matching/filtering/test_filtering.py",
    "matching/filtering/side_by_side.py": "matching/filtering/test_filtering.py",
    "matching/custody/manifest.py": "matching/test_matching.py",
    "matching/matched.py": "matching/test_matching.py",
    "matching/scanning/rows.py": "matching/scanning/test_scanning.py",
    "matching/scanning/telling.py": "matching/scanning/test_scanning.py",
    "matching/partials/partials.py": "matching/partials/test_sharding.py",
    "matching/summary.py": "matching/test_matching.py",
    "records/baseline.py": "report/test_baseline.py",
    "records/diagnostics.py": "report/test_report.py",
    "records/findings.py": "matching/test_evidence.py",
    "records/manifest.py": "report/test_report.py",
    "records/corpus.py": "report/test_report.py",
    "records/refusing.py": "records/test_shares.py",
    "report/page/log_view.py": "cli/test_log.py",
    "scoring/fitting/dealing.py": "scoring/fitting/test_fitting.py",
    "scoring/fitting/learning.py": "scoring/fitting/test_fitting.py",
    "scoring/fitting/stages.py": "scoring/fitting/test_fitting.py",
    "scoring/cached/wholeness.py": "scoring/cached/test_file.py",
    "share/many_sources/problem.py": "share/many_sources/test_many_sources.py",
    "share/other_domain/shift_model.py": "share/other_domain/test_shift.py",
    "statistics/conventions.py": "matching/test_judging.py",
    "validation/bench/fault_material.py": "validation/bench/test_faults.py",
    "validation/bench/marked_shares.py": "statistical/test_marked_shares.py",
    "validation/bench/suites_of_models.py": "validation/bench/test_known_shares.py",
    "validation/peers/peer_rows.py": "cli/test_validate.py",
}


def modules() -> set[str]:
    return {
        path.relative_to(PACKAGE).as_posix()
        for path in PACKAGE.rglob("*.py")
        if path.name not in ALONE
    }


def written_tests() -> set[str]:
    return {
        path.relative_to(TESTS).as_posix()
        for path in TESTS.rglob("test_*.py")
        if path.relative_to(TESTS).parts[0] not in OTHER_FOLDERS | OF_THE_HOUSE
        and path.name != OF_A_FOLDER
    }


def place_of(module: str) -> str:
    folder, _, name = module.rpartition("/")
    return f"{folder}/test_{name}".lstrip("/")


def test_a_module_has_its_test_file() -> None:
    """Write the file that is named here, or give the module a row."""
    expected = {TESTED_THROUGH.get(module, place_of(module)) for module in modules()}
    assert {file for file in expected if not (TESTS / file).is_file()} == set()


def test_a_test_file_has_its_module() -> None:
    assert written_tests() - {place_of(module) for module in modules()} == set()


def test_the_table_has_no_row_too_many() -> None:
    assert TESTED_THROUGH.keys() <= modules()
    assert not [module for module in TESTED_THROUGH if place_of(module) in written_tests()]
