"""Test parallel work on many items."""

from __future__ import annotations

import threading

import pytest

from sostrades_cli.operations.thread_pool import in_parallel


def test_each_item_is_returned_once_with_its_result() -> None:
    assert sorted(in_parallel(lambda n: n * n, range(500), 8)) == [(n, n * n) for n in range(500)]
    assert list(in_parallel(lambda n: n, [], 8)) == []


@pytest.mark.parametrize("jobs", [1, 3, 8])
def test_number_of_parallel_items_is_limited(jobs: int) -> None:
    together = threading.Barrier(jobs)
    lock, flying, most = threading.Lock(), [0], [0]

    def work(_: int) -> None:
        with lock:
            flying[0] += 1
            most[0] = max(most[0], flying[0])
        together.wait(timeout=60)
        with lock:
            flying[0] -= 1

    assert len(list(in_parallel(work, range(jobs * 5), jobs))) == jobs * 5
    assert most[0] == jobs


def test_exception_is_raised_to_the_caller() -> None:
    begun: list[int] = []
    hold = threading.Event()

    def work(n: int) -> None:
        begun.append(n)
        if n == 0:
            raise ValueError("the first")
        hold.wait(timeout=60)

    with pytest.raises(ValueError, match="the first"):
        list(in_parallel(work, range(100), 2))
    hold.set()
    assert len(begun) <= 4


def test_work_stops_if_the_caller_stops() -> None:
    begun: list[int] = []
    hold = threading.Event()

    def work(n: int) -> None:
        begun.append(n)
        if n:
            hold.wait(timeout=60)

    outcomes = in_parallel(work, range(100), 2)
    next(outcomes)
    outcomes.close()  # type: ignore[attr-defined] # it is a generator
    hold.set()
    assert len(begun) <= 4


def test_threads_do_not_keep_the_program_alive() -> None:
    daemons: list[bool] = []
    list(in_parallel(lambda _: daemons.append(threading.current_thread().daemon), range(4), 2))
    assert daemons == [True] * 4
