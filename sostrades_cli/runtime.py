"""The outside world, as one value: streams, time, keyring, network."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, TextIO

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import httpx

    from sostrades_cli.api.http.network_probe import Network
    from sostrades_cli.clock import Clock
    from sostrades_cli.local.credentials import KeyStore
    from sostrades_cli.operations.calc.notify import ProgramRunner


class Runtime(NamedTuple):
    """The outside world, passed in: tests pass their own.

    ``transport`` replaces HTTP, and ``network`` what is below it, where they are not ``None``. ``ask_secret`` shows a
    prompt and reads without echo; ``open_url`` opens a browser and says whether it could; ``run_program`` runs a user's
    own command.
    """

    environ: Mapping[str, str]
    stdin: TextIO
    stdout: TextIO
    stderr: TextIO
    clock: Clock
    keyring: KeyStore
    ask_secret: Callable[[str], str]
    open_url: Callable[[str], bool]
    run_program: ProgramRunner
    transport: httpx.BaseTransport | None = None
    network: Network | None = None
