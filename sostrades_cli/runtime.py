"""The environment of the program as one object: streams, clock, keyring and network."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Protocol, TextIO

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from pathlib import Path

    import httpx

    from sostrades_cli.api.http.network_probe import Network
    from sostrades_cli.clock import Clock
    from sostrades_cli.local.keyring_store import KeyStore
    from sostrades_cli.operations.calc.notify import ProgramRunner

    class Picker(Protocol):
        """Lets the user pick from rows."""

        def __call__(self, question: str, rows: Mapping[str, str], *, several: bool) -> list[str]:
            """Show a question, and rows with their descriptions. Return the picked rows, none if the user left."""


class Runtime(NamedTuple):
    """The environment of the program; tests pass their own.

    If not ``None``, ``transport`` replaces HTTP, and ``network`` the layer below it. ``ask_secret`` shows a prompt and
    reads without echo. ``open_url`` opens a browser and returns whether that worked. ``edit_file`` opens the user's
    editor and returns when it is closed. ``run_program`` runs the user's own command. ``repeat`` calls a function ten
    times a second in another thread until that function returns ``False``; without it no spinner is shown. ``page``
    shows the parts of a text in the pager with these words, and returns whether that worked. Without ``pick``, nothing
    can be picked. ``discard_typed`` drops what was typed into the terminal and not yet read.
    """

    environ: Mapping[str, str]
    stdin: TextIO
    stdout: TextIO
    stderr: TextIO
    clock: Clock
    keyring: KeyStore
    ask_secret: Callable[[str], str]
    open_url: Callable[[str], bool]
    edit_file: Callable[[Path], None]
    run_program: ProgramRunner
    transport: httpx.BaseTransport | None = None
    network: Network | None = None
    repeat: Callable[[Callable[[], bool]], None] | None = None
    page: Callable[[Sequence[str], Iterable[str]], bool] | None = None
    pick: Picker | None = None
    discard_typed: Callable[[], None] = lambda: None
