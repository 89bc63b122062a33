"""Properties that are found once, in as many threads as ask for them."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

__all__ = ["cached_property"]

if TYPE_CHECKING:
    from functools import cached_property
else:

    class cached_property(functools.cached_property):  # noqa: N801  (it stands in for that one)
        """`functools.cached_property` as it is from Python 3.12 on.

        Python 3.11 finds one such property of one object at a time: two corpora that are read in
        two threads wait for each other. Without that two threads that ask one object may both find
        it, which costs time alone, as both find the same.

        Examples
        --------
        >>> class Square:
        ...     side = 2
        ...     area = cached_property(lambda self: self.side**2)
        >>> one = Square()
        >>> one.area, one.__dict__
        (4, {'area': 4})
        """

        def __get__(self, instance: Any, owner: Any = None) -> Any:
            if instance is None:
                return self
            held = instance.__dict__
            if self.attrname not in held:
                held[self.attrname] = self.func(instance)
            return held[self.attrname]
