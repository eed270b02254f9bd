"""The studies of a world by id; a declared study is built when it is first used."""

import threading
from collections.abc import Callable, Iterator, MutableMapping

from server_stub.study import Study


class DeclaredStudies(MutableMapping[int, Study]):
    """Studies in the order of their entry. Ids are known without building anything."""

    def __init__(self) -> None:
        self._entries: dict[int, Study | Callable[[], Study]] = {}
        self._lock = threading.RLock()  # requests of several threads must not build a study twice

    def declare(self, study_id: int, build: Callable[[], Study]) -> None:
        """Enter a study that `build` makes."""
        self._entries[study_id] = build

    def __getitem__(self, study_id: int) -> Study:
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
