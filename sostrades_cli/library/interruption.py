"""Ctrl-C in a call of the library: always a KeyboardInterrupt, which ``except SostradesError`` does not catch."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any, Self

from sostrades_cli import errors

if TYPE_CHECKING:
    from collections.abc import Iterator


class Interrupted(KeyboardInterrupt):
    """Ctrl-C was pressed during a call that has left or restored something on the server, which this exception says.

    ``message``, ``detail``, ``hint``, ``study`` and ``result`` are as in ``SostradesError``. It is a KeyboardInterrupt
    and not a SostradesError, so a handler of errors in a loop does not swallow Ctrl-C.
    """

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message
        self.detail: str | None = None
        self.hint: str | None = None
        self.study: int | None = None
        self.result: Any = None

    @classmethod
    def of(cls, error: errors.SostradesError) -> Self:
        """Return the interrupt for the error of an interrupted operation, with its exception notes."""
        interrupt = cls(error.message)
        interrupt.detail, interrupt.hint = error.detail, error.hint
        interrupt.study, interrupt.result = error.study, error.result
        for note in getattr(error, "__notes__", ()):
            interrupt.add_note(note)
        return interrupt

    def _render_traceback_(self) -> list[str]:
        """Return the lines that IPython shows instead of a traceback."""
        return errors.rendered(self)


@contextlib.contextmanager
def interruptible() -> Iterator[None]:
    """Raise the error of an interrupted operation as a KeyboardInterrupt."""
    try:
        yield
    except (errors.UserInterrupt, errors.Terminated, errors.HungUp) as error:
        # The frames of the library do not help the person who has pressed Ctrl-C.
        raise Interrupted.of(error) from None
