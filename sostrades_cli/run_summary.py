"""How several runs ended, taken together."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sostrades_cli.exit_codes import severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sostrades_cli.errors import SostradesError
    from sostrades_cli.run_events import Event


class RunSummary:
    """The ends of the runs, noted while their events pass."""

    def __init__(self) -> None:
        self._errors: list[SostradesError] = []
        self._count = 0

    def noted(self, events: Iterator[Event]) -> Iterator[Event]:
        """Pass events on."""
        for event in events:
            if event.name == "finished":
                self._count += 1
                if event.error is not None:
                    self._errors.append(event.error)
            yield event

    def error(self) -> SostradesError | None:
        """Return the one error of one run; of several the worst, with what is known of each."""
        if not self._errors or self._count == 1:
            return self._errors[0] if self._errors else None
        worst = max(self._errors, key=severity)
        details = [f"{error.message}\n{error.detail}" if error.detail else error.message for error in self._errors]
        return worst.reworded(
            f"{len(self._errors)} of {self._count} studies did not finish well", detail="\n".join(details)
        )
