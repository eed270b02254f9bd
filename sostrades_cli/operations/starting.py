"""Starting a run: never twice, since a second start destroys the first."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sostrades_cli.api.models import Phase, RunStatus
from sostrades_cli.errors import RunActive, SostradesError

if TYPE_CHECKING:
    from sostrades_cli.operations.server import Server

# An accepted start shows as PENDING at once; several server processes may lag a little.
LOOKS_S: Final = (1.0, 2.0, 3.0)


def start(server: Server, study: int) -> RunStatus:
    """Start the calculation and return the state that the server gave.

    Raises
    ------
    RunActive
        A run is going on; nothing was sent.
    SostradesError
        The server refused, or the answer was lost and no run has begun.

    """
    refuse_active(server.api.calculations.status(study))
    try:
        return server.api.calculations.execute(study)
    except SostradesError as error:
        if not error.answer_lost:
            raise
        server.notify(f"{error.message}; looking whether the run has begun")
        return _begun(server, study, error)


def refuse_active(seen: RunStatus) -> None:
    """Refuse to start a study whose run is going on, or whose status is not known to be an end."""
    if seen.phase in {Phase.ACTIVE, Phase.UNKNOWN}:
        raise RunActive(
            f"study {seen.study} is {seen.status}: starting it again would destroy its run",
            hint=f"sostrades calc watch {seen.study}",
            study=seen.study,
        )


def _begun(server: Server, study: int, error: SostradesError) -> RunStatus:
    seen = server.api.calculations.status(study)
    for wait_s in LOOKS_S:
        if seen.phase is Phase.ACTIVE:
            server.notify("the run has begun all the same")
            return seen
        server.clock.sleep(wait_s)
        seen = server.api.calculations.status(study)
    raise type(error)(
        f"{error.message}, and no run of study {study} has begun",
        detail=f"its status is {seen.status or 'empty'}",
        hint=f"the same command can be given again once sostrades calc status {study} shows no run",
        study=study,
        server=error.server,
    )
