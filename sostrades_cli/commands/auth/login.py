"""``sostrades auth login``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from sostrades_cli.cli import framework
from sostrades_cli.errors import UsageError
from sostrades_cli.local import credentials
from sostrades_cli.local.config_file import store
from sostrades_cli.output.results import Rows

if TYPE_CHECKING:
    from sostrades_cli.app import App


@framework.command(
    examples=[
        "sostrades auth login --host https://corp.example/sostrades",
        "sostrades auth login --host https://corp.example --with-key < key.txt",
        "sostrades auth login --host https://old.example --profile old --as-user ann@corp.example",
    ],
    new_profile=True,
)
@click.option("--with-key", is_flag=True, help="Read the key from standard input.")
@click.option("--as-user", metavar="E-MAIL", help="Use a group's key with the rights of this member.")
def command(app: App, with_key: bool, as_user: str | None) -> Rows:
    """Check a key against the server and store it.

    The key is asked for without echo, tried in the forms that server versions accept, stored in the OS keyring
    only if the server takes it, and read back: a keyring that does not keep it is exit 4. The address becomes that of
    the profile; each profile has its own.
    """
    if as_user is not None and not credentials.is_email(as_user):
        raise UsageError(f"{as_user!r} is no e-mail address", hint="--as-user ann@corp.example")
    if not with_key and not app.runtime.stdin.isatty():
        raise UsageError("there is no terminal to ask for the key", hint="--with-key reads it from standard input")
    text = app.runtime.stdin.readline() if with_key else app.runtime.ask_secret(f"API key for {app.host}: ")
    token = credentials.checked(text) + (f":{as_user}" if as_user else "")
    api = app.connect(app.host, credentials.Credential(token, "typed").forms())
    api.calculations.check_key()
    credentials.keep(app.key_entry, api.session.accepted_form or token, app.runtime.keyring)
    store(app.folders, app.settings.profile, "host", app.host)
    if app.settings.api_key:
        app.notes.warning("SOSTRADES_API_KEY is set in the environment and beats the stored key")
    return Rows(("profile", "host", "key"), [(app.settings.profile, app.host, "accepted")])
