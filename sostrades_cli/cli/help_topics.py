"""The topics of ``sostrades help``: texts that belong to no single command."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import click

from sostrades_cli.cli.framework import LazyGroup
from sostrades_cli.cli.help_formatter import formatter_of
from sostrades_cli.cli.options import shared_options
from sostrades_cli.errors import UsageError
from sostrades_cli.exit_codes import ExitCode

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from click.shell_completion import CompletionItem

ARGUMENTS: Final = {
    "STUDY": "The number of a study (21), its alias (dice), its name, or the link to its web page.",
    "KEY": "The full name of a parameter, the name without the study in front, or a unique ending of it. Case is "
    "ignored if no name matches exactly.",
    "GLOB": "A pattern: * is any text, ? is one character, and [ab] is a or b. A text without these characters "
    "matches every name that contains it.",
    "DURATION": "A number of seconds, or numbers with units: 90s, 10m, 1h30m, 2 days.",
    "FILE": "A path whose ending selects the format, such as .csv. `-` is standard output or standard input.",
    "JMESPATH": "An expression of https://jmespath.org, for example 'length(@)'. A field that does not exist is null.",
}
ENVIRONMENT: Final = {
    "SOSTRADES_HOST": "Address of the server, as --host.",
    "SOSTRADES_API_KEY": "API key. It takes precedence over the keyring.",
    "SOSTRADES_API_KEY_FILE": "File with the API key. SOSTRADES_API_KEY takes precedence.",
    "SOSTRADES_PROFILE": "Profile of config.toml to use, as --profile.",
    "SOSTRADES_FORMAT": "Format of results, as --format.",
    "SOSTRADES_ALLOW_HTTP": "Allow plain http to other computers, as --allow-http.",
    "SOSTRADES_CA_BUNDLE": "PEM file of the certificate authority to trust.",
    "SOSTRADES_CLIENT_CERT": "PEM file of your client certificate.",
    "SOSTRADES_CLIENT_KEY": "PEM file of the key of your client certificate.",
    "SOSTRADES_CONFIG_DIR": "Folder of config.toml and keys.json.",
    "SOSTRADES_CACHE_DIR": "Folder of the cache: names of studies and parameters.",
    "SOSTRADES_STATE_DIR": "Folder of the history of your changes.",
    "SOSTRADES_POWERSHELL_PROFILE": "Path of $PROFILE, for `sostrades completion powershell`.",
    "BROWSER": "Browser that opens pages of studies and charts.",
    "VISUAL": "Editor of `param edit` and `config edit`. Without it, EDITOR is used.",
    "BROWSER_PATH": "Path of the browser that makes pictures of charts.",
    "HTTPS_PROXY": "Proxy for requests. NO_PROXY names servers that need none.",
    "SOSTRADES_PAGER": "Pager of long results at a terminal, instead of PAGER or `less -FRX`. `cat` turns it off.",
    "NO_COLOR": "Show no colours. FORCE_COLOR shows them in a pipe, too.",
}


class Topic(NamedTuple):
    """A topic: its first line, and names with their texts."""

    text: str
    rows: Sequence[tuple[str, str]]


def topics(ctx: click.Context) -> Mapping[str, Topic]:
    """Return all topics by name."""
    options = [record for option in shared_options() if (record := option.get_help_record(ctx)) is not None]
    codes = [(str(int(code)), f"{code.meaning[0].upper()}{code.meaning[1:]}.") for code in ExitCode]
    return {
        "arguments": Topic(
            "The arguments of several commands. At a terminal, leave them out to pick from a list. Esc cancels. The "
            "examples use studies of `sostrades stub`, and aliases such as my-copy for copies of study 21.",
            list(ARGUMENTS.items()),
        ),
        "options": Topic("These options work with every command, in front of it or after it.", options),
        "exit-codes": Topic("Every command ends with one of these codes. In a shell, `echo $?` prints it.", codes),
        "environment": Topic(
            "These variables change what commands do. Options take precedence.", [*ENVIRONMENT.items()]
        ),
    }


def help_text(words: Sequence[str], root: click.Context) -> str:
    """Return the help of a command or a topic; without words, that of the program.

    Raises
    ------
    UsageError
        There is no such command or topic.

    """
    by_word = topics(root)
    if len(words) == 1 and words[0] in by_word:
        return _topic_text(by_word[words[0]], root)
    ctx = root
    for position, word in enumerate(words):
        inner = ctx.command.get_command(ctx, word) if isinstance(ctx.command, click.Group) else None
        if inner is None:
            raise _unknown(words, position, ctx, [] if position else list(by_word))
        ctx = click.Context(inner, parent=ctx, info_name=word, help_option_names=root.help_option_names)
    return ctx.get_help()


def _topic_text(topic: Topic, ctx: click.Context) -> str:
    formatter = formatter_of(ctx)
    formatter.write_text(topic.text)
    formatter.write_paragraph()
    with formatter.indentation():
        formatter.write_dl(topic.rows)
    return formatter.getvalue().rstrip("\n")


def _unknown(words: Sequence[str], position: int, ctx: click.Context, names: Sequence[str]) -> UsageError:
    before = " ".join(["sostrades help", *words[:position]])
    similar: list[str] = []
    if isinstance(ctx.command, LazyGroup):
        similar = ctx.command.suggestions(words[position], [*ctx.command.list_commands(ctx), *names])
    return UsageError(
        f"no command or topic {' '.join(words[: position + 1])!r}",
        detail=f"similar: {', '.join(similar)}" if similar else None,
        hint=f"{before} {similar[0]}" if similar else before,
    )


class SubjectParamType(click.types.StringParamType):
    """A command or topic, with completion."""

    name = "subject"

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
        """Return the commands of the group that the words before name, and at first the topics."""
        from click.shell_completion import CompletionItem

        words = ctx.params.get(param.name or "") or ()
        command: click.Command | None = ctx.find_root().command
        for word in words:
            command = command.get_command(ctx, word) if isinstance(command, click.Group) else None
        known = dict.fromkeys(() if words else topics(ctx), "topic")
        items = [CompletionItem(name, help=text) for name, text in known.items() if name.startswith(incomplete)]
        return [*(command.shell_complete(ctx, incomplete) if isinstance(command, click.Group) else []), *items]


SUBJECT: Final = SubjectParamType()
