"""A property is found once, and two objects' at the same time."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from provenance.statistics.lazily import cached_property


@dataclass(frozen=True)
class Asked:
    both: threading.Barrier

    @cached_property
    def found(self) -> object:
        self.both.wait()
        return object()


def test_two_objects_do_not_wait_for_each_other() -> None:
    both = threading.Barrier(2, timeout=60)
    asked = [Asked(both), Asked(both)]
    with ThreadPoolExecutor(2) as pool:
        found = [*pool.map(lambda one: one.found, asked)]
    assert [one.found for one in asked] == found


def test_a_class_tells_the_property_itself() -> None:
    assert isinstance(Asked.__dict__["found"], cached_property)
    assert Asked.found is Asked.__dict__["found"]  # type: ignore[comparison-overlap]
