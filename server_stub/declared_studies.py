"""The studies of a world by id. A declared study is built on its first use."""

import threading
from collections.abc import Callable, Iterator, MutableMapping

from server_stub.study import Study


class DeclaredStudies(MutableMapping[int, Study]):
    """Studies in the order of their declaration. The ids are known before a study is built."""

    def __init__(self) -> None:
        self._entries: dict[int, Study | Callable[[], Study]] = {}
        self._lock = threading.RLock()  # two threads must not build the same study

    def declare(self, study_id: int, build: Callable[[], Study]) -> None:
        """Add a study that ``build`` creates on its first use."""
        self._entries[study_id] = build

    def built(self) -> list[Study]:
        """Return the studies that are built already."""
        with self._lock:
            return [entry for entry in self._entries.values() if isinstance(entry, Study)]

    def __getitem__(self, study_id: int) -> Study:
        # A large study takes seconds to build, and most tests use few studies.
        with self._lock:
            entry = self._entries[study_id]
            if not isinstance(entry, Study):
                entry = self._entries[study_id] = entry()
            return entry

    def __setitem__(self, study_id: int, study: Study) -> None:
        self._entries[study_id] = study

    def __delitem__(self, study_id: int) -> None:
        del self._entries[study_id]

    def __contains__(self, study_id: object) -> bool:
        return study_id in self._entries

    def __iter__(self) -> Iterator[int]:
        return iter(self._entries)

    def __len__(self) -> int:
        return len(self._entries)
