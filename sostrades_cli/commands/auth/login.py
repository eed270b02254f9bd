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
@click.option("--as-user", metavar="E-MAIL", help="With a group key, act as this member of the group.")
def command(app: App, with_key: bool, as_user: str | None) -> Rows:
    """Check an API key and store it.

    You type or paste the key; it is not shown. If the server accepts the key, it is stored in the keyring of your
    operating system, and the address of the server in the profile. Exit 4 if the server rejects the key, or the key
    cannot be stored.
    """
    if as_user is not None and not credentials.is_email(as_user):
        raise UsageError(f"{as_user!r} is not an e-mail address", hint="write it as in --as-user ann@corp.example")
    if not with_key and not app.runtime.stdin.isatty():
        raise UsageError("cannot ask for the key without a terminal", hint="sostrades auth login --with-key < key.txt")
    text = app.runtime.stdin.readline() if with_key else app.runtime.ask_secret(f"API key for {app.host}: ")
    token = credentials.checked(text) + (f":{as_user}" if as_user else "")
    api = app.connect(app.host, credentials.Credential(token, "typed").forms())
    api.calculations.check_key()
    credentials.keep(app.key_entry, api.session.accepted_form or token, app.runtime.keyring)
    store(app.folders, app.settings.profile, "host", app.host)
    if app.settings.api_key:
        app.notes.warning("SOSTRADES_API_KEY is set, and takes precedence over the stored key")
    return Rows(("profile", "host", "key"), [(app.settings.profile, app.host, "accepted")])
