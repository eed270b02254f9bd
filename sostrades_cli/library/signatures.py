"""Readable signatures in ``help()`` and in IPython."""

from __future__ import annotations

from types import FunctionType
from typing import ForwardRef, TypeVar

ClassT = TypeVar("ClassT", bound=type)


class _Annotation(str):
    """The text of a type, which is shown without quotes."""

    __slots__ = ()

    def __repr__(self) -> str:
        return str(self)


def readable(cls: ClassT) -> ClassT:
    """Show the types in the signatures of a class without quotes, and name the class in errors of its calls.

    All annotations are texts, so that no import is needed for them, and ``inspect.signature`` shows texts in quotes.
    """
    for base in cls.__mro__:
        if base.__module__.partition(".")[0] == __name__.partition(".")[0]:
            for member in vars(base).values():
                _improve(getattr(member, "fget", None) or getattr(member, "__func__", None) or member, cls.__name__)
    return cls


def _improve(function: object, owner: str) -> None:
    while function is not None:
        if isinstance(function, FunctionType):
            # Users know `Study`, but not the class that defines the method.
            function.__qualname__ = f"{owner}.{function.__name__}"
        annotations = getattr(function, "__annotations__", None)
        if callable(function) and isinstance(annotations, dict):
            annotations.update({name: _unquoted(annotation) for name, annotation in annotations.items()})
        # The signature of a decorated function is that of the function within.
        function = getattr(function, "__wrapped__", None)


def _unquoted(annotation: object) -> object:
    # A named tuple stores its annotations as `ForwardRef`.
    text = annotation.__forward_arg__ if isinstance(annotation, ForwardRef) else annotation
    return _Annotation(text) if isinstance(text, str) else annotation
