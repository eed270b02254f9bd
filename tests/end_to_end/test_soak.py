"""Measure the memory needed for ten thousand polls of a run."""

from __future__ import annotations

import gc
import tracemalloc
from typing import TYPE_CHECKING

import httpx
import pytest
from conftest import StubTransport  # type: ignore[attr-defined] # the one above this folder

if TYPE_CHECKING:
    from collections.abc import Callable

    from conftest import User  # type: ignore[attr-defined] # the same

LOOKS = 10_000
WARM = 1_000


class _Measured(httpx.BaseTransport):
    """A stub that discards its requests and measures memory at two polls."""

    def __init__(self, user: User) -> None:
        self._inner = StubTransport(user.world)
        self._world = user.world
        self.looks = 0
        self.sizes: list[int] = []

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Answer, and measure."""
        self.looks += 1
        self._world.requests.clear()
        if self.looks in {WARM, LOOKS}:
            gc.collect()
            self.sizes.append(tracemalloc.get_traced_memory()[0])
        return self._inner.handle_request(request)


@pytest.mark.slow
@pytest.mark.parametrize("form", [("-F", "tsv"), ("-F", "ndjson"), ("-F", "json"), ("--quiet",)], ids=" ".join)
def test_ten_thousand_polls_need_less_than_one_mebibyte_more(
    user_of: Callable[..., User], form: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    user = user_of()
    user.types("calc", "run", "26", "--detach")
    measured = user.transport = _Measured(user)
    tracemalloc.start()
    try:
        done = user.types("calc", "watch", "26", "--interval", "1", "--timeout", f"{LOOKS + 5}s", *form)
    finally:
        tracemalloc.stop()
    assert done.code == 124
    assert measured.looks >= LOOKS
    first, last = measured.sizes
    with capsys.disabled():
        print(f"\n{LOOKS} looks, {' '.join(form)}: {(last - first) / 1024:+.1f} KiB")  # noqa: T201 - the figure
    assert last - first < 2**20
