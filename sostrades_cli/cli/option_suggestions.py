"""Suggestions for options that do not exist: their names here, misspelt names, and advice where no option fits."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import click

from sostrades_cli.errors import UsageError
from sostrades_cli.local.settings import FORMATS
from sostrades_cli.suggestions import closest

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

MOST_SUGGESTIONS: Final = 3
# Options are short, so with the default limit most suggestions would be wrong: --wait is not meant as --quiet.
ALIKE: Final = 0.7
FORMAT: Final = "-F"


class Advice(NamedTuple):
    """A sentence that explains why a command needs no such option, and the hint."""

    text: str
    hint: str


# Names that other tools have for an option of this one. Of several options, the first one of the command is suggested.
NAMES: Final[Mapping[str, tuple[str, ...]]] = {
    **{f"--{form}": (f"{FORMAT} {form}",) for form in FORMATS},
    **{f"--{form}": (f"--as {form}", f"{FORMAT} {form}") for form in ("csv", "json")},
    **{f"--{form}": (f"--as {form}",) for form in ("html", "png", "svg")},
    **dict.fromkeys(("--jsonl", "--jsonlines"), ("-F ndjson",)),
    "--markdown": ("-F md",),
    **dict.fromkeys(("--text", "--plain"), ("-F tsv",)),
    **dict.fromkeys(("--xlsx", "--excel"), ("--xlsx", "-o FILE.xlsx")),
    "--parquet": ("-o FILE.parquet",),
    **dict.fromkeys(("--out", "--out-file", "--outfile", "--save", "--file"), ("-o FILE",)),
    **dict.fromkeys(("--folder", "--directory", "--out-dir", "--output-dir"), ("-d DIR",)),
    **dict.fromkeys(("--jq", "--jmespath", "--select", "--field", "--fields", "--columns"), ("--query JMESPATH",)),
    **dict.fromkeys(("--filter", "--grep", "--pattern", "--name", "--include"), ("--match GLOB",)),
    **dict.fromkeys(("--check", "--simulate", "--preview", "--plan", "--no-op", "--noop", "--what-if"), ("--dry-run",)),
    **dict.fromkeys(("-y", "--no-confirm", "--no-prompt", "--no-input", "--force-yes", "--confirm"), ("--yes",)),
    **dict.fromkeys(("--clobber", "--replace", "--force"), ("--overwrite",)),
    **dict.fromkeys(("-s", "--silent", "--no-progress"), ("-q",)),
    **dict.fromkeys(("--trace", "--traceback"), ("--debug",)),
    **dict.fromkeys(("--color", "--colour", "--nocolor", "--no-colour", "--no-colors"), ("--no-color",)),
    **dict.fromkeys(("--url", "--server", "--endpoint", "--base-url", "--api-url"), ("--host URL",)),
    **dict.fromkeys(("--comment", "--note", "--reason"), ("--message TEXT",)),
    **dict.fromkeys(("--no-wait", "--nowait", "--background", "--async"), ("--detach",)),
    **dict.fromkeys(("--follow", "--live", "-f", "-w"), ("--watch",)),
    **dict.fromkeys(("--tail", "--last", "--limit"), ("--lines N",)),
    **dict.fromkeys(("--samples", "--size", "--rows", "--count"), ("-n N", "--trials N")),
    **dict.fromkeys(("--parallel", "--workers", "--jobs", "--copies", "-j"), ("--on-copies N", "--jobs N")),
    **dict.fromkeys(("--continue", "--restart"), ("--resume",)),
    "--min": ("--minimize KEY",),
    "--max": ("--maximize KEY",),
    **dict.fromkeys(("--tolerance", "--tol"), ("--rtol NUMBER",)),
}
_KEY: Final = Advice("a key is never an argument, because other users could see it", "sostrades auth login")
_CERTIFICATES: Final = Advice(
    "certificates are always verified", "set SOSTRADES_CA_BUNDLE to the PEM file of your certificate authority"
)
_WAITS: Final = Advice("`calc run` waits for the end anyway", "add --detach to return at once")
_VERIFIED: Final = Advice("every change is verified", "run the command without it")
_PAGE: Final = Advice("another command opens the page", "sostrades study open STUDY")
# By the beginning of a command, the empty one for all, and the option.
ADVICE: Final[Mapping[str, Mapping[str, Advice]]] = {
    "param undo": {
        "--redo": Advice(
            "an undo has an entry in the history, and reverting it with --to ENTRY redoes the change",
            "sostrades param history STUDY",
        )
    },
    "param set": {
        "--undo": Advice("another command reverts the last change", "sostrades param undo STUDY"),
        "--file": Advice("a file of values is given by --from FILE", "sostrades param set STUDY --from FILE"),
        "--no-verify": _VERIFIED,
    },
    "study apply": {"--no-verify": _VERIFIED},
    "study": dict.fromkeys(("--open", "--web", "--browser"), _PAGE),
    "calc run": {
        **dict.fromkeys(("--wait", "--watch", "--follow", "-w", "-f"), _WAITS),
        "--force": Advice("a second start would destroy an active run", "add --attach to watch the active run"),
    },
    "": {
        **dict.fromkeys(("--key", "--api-key", "--apikey", "--token", "--password"), _KEY),
        **dict.fromkeys(("--insecure", "--no-verify-ssl", "--no-check-certificate", "-k"), _CERTIFICATES),
        "--version": Advice("it stands before the command", "sostrades --version"),
    },
}


def option_error(error: click.NoSuchOption, path: str) -> UsageError:
    """Return the error for an option that the command with this path does not have, with the options it has instead."""
    name = error.option_name
    command = error.ctx.command if error.ctx else None
    options = _options(command, error.ctx) if command and error.ctx else []
    advice = _advice(path.partition(" ")[2], name)
    if advice is not None and not any(_is_part(name, option) for option in options):
        return UsageError(f"no such option {name!r}: {advice.text}", hint=advice.hint)
    suggestions = _suggestions(name, options, getattr(getattr(command, "options", None), "formats", FORMATS))
    question = f". Did you mean {' or '.join(map(repr, suggestions))}?" if suggestions else ""
    return UsageError(f"no such option {name!r}{question}", hint=f"{path} --help")


def _options(command: click.Command, ctx: click.Context) -> list[str]:
    """Return the names of the options that the help shows."""
    params = [param for param in command.get_params(ctx) if isinstance(param, click.Option) and not param.hidden]
    return [name for param in params for name in (*param.opts, *param.secondary_opts)]


def _advice(command: str, name: str) -> Advice | None:
    """Return the advice for the command, for its group, or for all commands."""
    words = command.split()
    beginnings = (" ".join(words[:count]) for count in range(len(words), -1, -1))
    return next((ADVICE[start][name] for start in beginnings if name in ADVICE.get(start, {})), None)


def _suggestions(name: str, options: Sequence[str], formats: Sequence[str]) -> list[str]:
    """Return the other name of an option, those that are longer or shorter by a word, or similar ones."""
    for option in NAMES.get(name, ()):
        if option.split()[0] in options and _takes(option, formats):
            return [option]
    if not name.startswith("--"):
        return []
    parts = [option for option in options if _is_part(name, option) or option == name[: name.rfind("-")]]
    bare = {option.lstrip("-"): option for option in options if option.startswith("--")}
    return parts[:MOST_SUGGESTIONS] or [
        bare[similar] for similar in closest(name.lstrip("-"), bare, MOST_SUGGESTIONS, alike=ALIKE)
    ]


def _is_part(name: str, option: str) -> bool:
    """Return whether a name is the first word of an option, or at least its first half."""
    return option.startswith(name) and (option[len(name) :].startswith("-") or len(option) <= 2 * len(name))


def _takes(option: str, formats: Sequence[str]) -> bool:
    """Return whether a command with these formats takes a suggestion."""
    words = option.split()
    if words[0] == FORMAT:
        return words[1] in formats
    return words[0] != "-o" or bool(formats)
