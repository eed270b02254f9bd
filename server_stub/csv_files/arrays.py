"""Numpy arrays: built from cells and printed in cells like on the server."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

from server_stub.values import Array, Value

_PRINTS_TYPES_OF_SCALARS = int(np.__version__.partition(".")[0]) >= 2  # noqa: PLR2004 - numpy 2


def build(value: Value) -> Value:
    """Convert a list to an array, item by item. Other values are returned unchanged.

    Raises
    ------
    ValueError
        If the lists within are not of one length.

    """
    return _plain(_array(value))


def list_of_rows(value: Value) -> list[Value]:
    """Convert a list to an array, and the array to a list of its rows."""
    return [_plain(row) for row in _array(value)]


def _array(value: Value) -> Any:  # noqa: ANN401 - an ndarray for a list, else the value itself
    return np.array([_array(item) for item in value]) if isinstance(value, list) else value


def _plain(value: Any) -> Value:  # noqa: ANN401 - whatever is in an array
    if isinstance(value, np.ndarray):
        return Array(value.tolist())
    return value.item() if isinstance(value, np.generic) else value


def shape(array: Array) -> tuple[int, ...]:
    """Return the shape of an array."""
    if array.flat:
        return (len(array.data),)
    return tuple(int(length) for length in _ndarray(array).shape)


def joint_shape(values: list[Value]) -> tuple[int, ...]:
    """Return the shape of an array of arrays.

    Raises
    ------
    ValueError
        If the arrays are of different shapes.

    """
    joint = np.array([_ndarray(value) if isinstance(value, Array) else value for value in values])
    return tuple(int(length) for length in joint.shape)


def rows(array: Array) -> list[Value]:
    """Return the items of an array. They are arrays if it has several dimensions."""
    if len(shape(array)) == 1:
        return array.data
    return [Array(row) for row in array.data]


def text(value: Value) -> str:
    """Return the result of ``str`` on the server for a value with or without arrays."""
    if isinstance(value, Array):
        return str(_ndarray(value))
    if isinstance(value, dict | list | tuple):
        with _old_printing():
            return str(_printable(value))
    return str(value)


def _ndarray(array: Array) -> Any:  # noqa: ANN401 - an ndarray of any type
    try:
        return np.array(array.data)
    except ValueError:
        return np.array(array.data, dtype=object)


def _printable(value: Value) -> Value:
    if isinstance(value, Array):
        return _ndarray(value)
    if isinstance(value, dict):
        return {key: _printable(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return type(value)(_printable(item) for item in value)
    return value


@contextmanager
def _old_printing() -> Iterator[None]:
    """Print arrays within containers like numpy 1.26, without the shape of shortened arrays."""
    if not _PRINTS_TYPES_OF_SCALARS:
        yield
        return
    with np.printoptions(legacy="1.25"):
        yield
