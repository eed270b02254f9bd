"""Refusals of a change: raised, or collected by a dry run, which shows the plan together with them."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sostrades_cli.errors import Conflict, RunActive, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sostrades_cli.errors import SostradesError


@dataclass(frozen=True, slots=True)
class Refusals:
    """The errors for which a change would not be made."""

    dry_run: bool
    errors: list[SostradesError] = field(default_factory=list)

    @contextlib.contextmanager
    def collected(self) -> Iterator[None]:
        """Keep a refusal in a dry run; otherwise, and with any other error, let it pass."""
        try:
            yield
        except (RunActive, Conflict, UsageError) as error:
            if not self.dry_run:
                raise
            self.errors.append(error)


def joined(errors: Sequence[SostradesError]) -> SostradesError | None:
    """Return the first of several refusals, which the change would raise, with the others as details."""
    if not errors:
        return None
    for other in errors[1:]:
        errors[0].add_detail(other.message)
    return errors[0]
