"""The root of the command line: the table of groups, and the streams and signals of the process."""

from __future__ import annotations

import contextlib
import functools
import os
import signal
import sys
from typing import TYPE_CHECKING, Final, NoReturn

import click

from sostrades_cli.cli import framework
from sostrades_cli.cli.invocation import Invocation
from sostrades_cli.cli.options import version_option
from sostrades_cli.cli.streams import discard, exact_input, exact_output, null_stream
from sostrades_cli.clock import SystemClock
from sostrades_cli.errors import Hangup, Termination, UsageError
from sostrades_cli.local.keyring_store import SystemKeyring
from sostrades_cli.runtime import Runtime

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from pathlib import Path
    from types import FrameType

REPEAT_S: Final = 0.1
_OUTPUTS: Final = (1, 2)  # the descriptors of standard output and standard error

root = framework.RootGroup(
    "sostrades",
    help="Load, change, run and watch simulation studies on a SoSTrades server.",
    package="sostrades_cli.commands",
    titled={
        "Studies": {
            "study": "Show, explain, export, compare and copy studies.",
            "param": "Show, trace and change the parameters of a study.",
            "alias": "Manage short names for studies.",
        },
        "Runs": {"calc": "Start and watch runs, sweeps and searches."},
        "Charts": {"postproc": "Show, export and compare charts."},
        "Setup": {
            "auth": "Store, check and remove the API key.",
            "config": "Show and change settings.",
            "completion": "Print or install tab completion for a shell.",
            "doctor": "Check your setup and the server for problems.",
        },
        "More": {
            "api": "Send a raw request to the server.",
            "demo": "Take a guided tour without a server.",
            "stub": "Run a stub server on this computer.",
            "help": "Show the help of a command or a topic.",
        },
    },
    # The option prints text with -F json, too, as that of gh and aws does. Its only fact is one word.
    related={"version": "--version"},
    for_study="study show",
    next_steps={
        "sostrades COMMAND --help": "Options and examples of a command.",
        "sostrades help TOPIC": "Topics: arguments, options, exit-codes, environment.",
        "sostrades demo": "Start here if you have no server.",
    },
)


root.params.append(version_option())


def main() -> NoReturn:
    """Run the command line of this process."""
    # httpcore imports anyio if it can, for asynchronous programs. This one is not, and saves 1 ms.
    sys.modules.setdefault("anyio", None)  # type: ignore[arg-type] # None makes the import fail
    _catch_signals()
    # With a closed stream (`>&-`), notes may be lost, but a lost result must be an error.
    sys.stdin, sys.stderr = sys.stdin or null_stream(os.O_RDONLY, "r"), sys.stderr or null_stream(os.O_WRONLY, "w")
    sys.stdout = sys.stdout or null_stream(os.O_RDONLY, "w")
    sys.stdin = exact_input(sys.stdin, os.environ)
    sys.stdout, sys.stderr = (
        exact_output(stream, os.environ, messages=stream is sys.stderr) for stream in (sys.stdout, sys.stderr)
    )
    if os.environ.get(framework.COMPLETE_VARIABLE):
        _prepare_completion()
    invocation = Invocation(this_runtime(), sys.argv[1:])
    _catch_suspension(invocation)
    code = framework.run(root, invocation)
    sys.exit(code)  # the only one


def _prepare_completion() -> None:
    """Prepare for a completion request, which click answers before it runs a command."""
    from sostrades_cli.cli import shell_completion

    shell_completion.register()
    # Click's scripts pass stderr through, which would spoil the line being typed.
    sys.stderr = null_stream(os.O_WRONLY, "w")


def this_runtime() -> Runtime:
    """Return the runtime of this process."""
    return Runtime(
        environ=os.environ,
        stdin=sys.stdin,
        stdout=sys.stdout,
        stderr=sys.stderr,
        clock=SystemClock(),
        keyring=SystemKeyring(),
        ask_secret=_ask_secret,
        open_url=_open_url,
        edit_file=_edit_file,
        run_program=_run_program,
        repeat=_repeat,
        page=_page,
        pick=_pick,
        discard_typed=_discard_typed,
    )


def _repeat(step: Callable[[], bool]) -> None:
    import threading
    import time

    def loop() -> None:
        while step():
            time.sleep(REPEAT_S)

    # Ctrl-C must not wait for its end.
    threading.Thread(target=loop, daemon=True).start()


def _ask_secret(prompt: str) -> str:
    from getpass import getpass

    return getpass(prompt, stream=sys.stderr)


def _open_url(url: str) -> bool:
    # The library would start a blank command.
    if not os.environ.get("BROWSER", "").strip():
        os.environ.pop("BROWSER", None)
    import webbrowser

    # Without a display, a browser for terminals would start, which cannot draw the pages.
    has_display = any(os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY", "BROWSER"))
    if not has_display and sys.platform not in ("win32", "darwin"):
        return False
    try:
        with _output_to_stderr():
            return webbrowser.open(url)
    except (ValueError, webbrowser.Error):  # the quotation marks in BROWSER are not balanced
        return False


@contextlib.contextmanager
def _output_to_stderr() -> Iterator[None]:
    """Keep the messages of a started program out of the result on stdout."""
    sys.stdout.flush()
    stdout, stderr = _OUTPUTS
    with contextlib.ExitStack() as restored:
        # A stream may be closed.
        with contextlib.suppress(OSError):
            kept = os.dup(stdout)
            restored.callback(os.close, kept)
            restored.callback(os.dup2, kept, stdout)
            os.dup2(stderr, stdout)
        yield


def _edit_file(path: Path) -> None:
    from sostrades_cli.cli.prompt import EDITOR_HINT, EDITORS, editor_command

    # Click would start a blank command.
    for name in EDITORS:
        if not os.environ.get(name, "").strip():
            os.environ.pop(name, None)
    try:
        # An editor draws on standard output, which may be a pipe for the result.
        with _output_to_stderr():
            click.edit(filename=str(path), editor=editor_command(os.environ))
    except click.ClickException as error:
        raise UsageError(error.message, hint=EDITOR_HINT) from error


def _run_program(arguments: Sequence[str], variables: Mapping[str, str]) -> int:
    import shutil
    import subprocess

    # Windows starts a script such as `report.cmd` only by its path.
    program = shutil.which(arguments[0]) or arguments[0]
    # Its output must not mix with the result on stdout.
    process = subprocess.run([program, *arguments[1:]], env={**os.environ, **variables}, stdout=sys.stderr, check=False)  # noqa: S603 - the user's own
    return process.returncode


def _page(words: Sequence[str], parts: Iterable[str]) -> bool:
    from sostrades_cli.output.pager import run_pager

    return run_pager(words, parts, os.environ)


def _pick(question: str, rows: Mapping[str, str], *, several: bool) -> list[str]:
    from prompt_toolkit.application import create_app_session
    from prompt_toolkit.output import create_output

    from sostrades_cli.cli.picker import pick

    with create_app_session(output=create_output(sys.stderr)):
        return pick(question, rows, several=several)


def _discard_typed() -> None:
    if sys.platform == "win32":
        import msvcrt  # this system only

        while msvcrt.kbhit():
            msvcrt.getwch()
    else:
        import termios  # this system only

        with contextlib.suppress(OSError, termios.error):  # the terminal may be gone
            termios.tcflush(sys.stdin, termios.TCIFLUSH)


def _catch_signals() -> None:
    """Convert signals that end the program into exceptions, so that cleanup runs and temporary files are removed."""
    # A background job of a shell starts with SIGINT ignored.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGTERM, _terminated)
    if hasattr(signal, "SIGBREAK"):  # Ctrl-Break, and the end of the console, on Windows
        signal.signal(signal.SIGBREAK, _terminated)
    # Under nohup, SIGHUP is ignored, and must stay ignored.
    if hasattr(signal, "SIGHUP") and signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:
        signal.signal(signal.SIGHUP, functools.partial(_hung_up, [fd for fd in _OUTPUTS if os.isatty(fd)]))


def _catch_suspension(invocation: Invocation) -> None:
    """Restore the terminal before Ctrl-Z stops the process, and show a live view again when it continues."""
    # A shell without job control ignores the signal, and so must its commands.
    if not hasattr(signal, "SIGTSTP") or signal.getsignal(signal.SIGTSTP) is not signal.SIG_DFL:
        return

    def suspended(number: int, _: FrameType | None) -> None:
        # A second Ctrl-Z must not interrupt the first.
        signal.signal(number, signal.SIG_IGN)
        notes = invocation.app.notes if invocation.app is not None else None
        with notes.off_terminal() if notes is not None else contextlib.nullcontext():
            signal.signal(number, signal.SIG_DFL)
            os.kill(os.getpid(), number)  # the process stops here, until `fg` or `bg`
            signal.signal(number, signal.SIG_IGN)
        signal.signal(number, suspended)

    signal.signal(signal.SIGTSTP, suspended)


def _terminated(_: int, __: FrameType | None) -> NoReturn:
    raise Termination


def _hung_up(terminals: Sequence[int], number: int, _: FrameType | None) -> NoReturn:
    """Stop the program, and discard further output to a terminal that is gone."""
    # The kernel and the shell both send the signal. The second one must not interrupt the cleanup.
    signal.signal(number, signal.SIG_IGN)
    for descriptor in terminals:
        if not os.isatty(descriptor):
            discard(descriptor)
    raise Hangup
