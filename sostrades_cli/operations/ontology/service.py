"""Ask the live ontology service. It is optional: no command fails because it is down, slow or absent."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from sostrades_cli.api.ontology import Absence
from sostrades_cli.errors import AccessError, SostradesError

if TYPE_CHECKING:
    from collections.abc import Callable

    from sostrades_cli.api.ontology import OntologyApi
    from sostrades_cli.operations.context import Context

Answer = TypeVar("Answer")


class Unavailable(str):
    """The reason why the service gave no answer, as the end of a sentence."""

    __slots__ = ()


def ask_service(context: Context, request: Callable[[OntologyApi], Answer | Absence]) -> Answer | Unavailable:
    """Return the answer of the service, or why there is none. After a failure, no request is sent for a minute."""
    # The server's own request has no time limit, so an attempt may hang. After a failure, it waits ten minutes itself.
    now, mark = context.clock.now(), context.cache.ontology.fault
    failed_at = mark.noted_at(now)
    if failed_at is not None:
        return Unavailable(f"the ontology service gave no answer at {failed_at.astimezone():%H:%M:%S}")
    try:
        answer = request(context.api.ontology)
    except AccessError as error:
        # The key is rejected, not the service down. After a login, the next request must not wait.
        return Unavailable(error.message)
    except SostradesError as error:
        mark.note(context.clock.now())
        return Unavailable(f"the ontology service failed: {error.message}")
    if isinstance(answer, Absence):
        mark.note(context.clock.now())
        return Unavailable("no ontology service answers now")
    return answer
