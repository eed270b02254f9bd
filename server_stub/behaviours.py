"""The three behaviours of servers with API v0."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Behaviour:
    """A behaviour: the parts that work.

    ``describes``: the routes for the read-only file, metadata and documentation exist. They came with 5.3.1.
    Source: the folder blueprints of sostrades-webapi.
    """

    name: str
    load_works: bool
    upload_works: bool
    url_works_for_users: bool
    describes: bool


BEHAVIOURS = {
    "documented": Behaviour("documented", load_works=True, upload_works=True, url_works_for_users=True, describes=True),
    "5.0": Behaviour("5.0", load_works=True, upload_works=False, url_works_for_users=True, describes=False),
    "5.3": Behaviour("5.3", load_works=False, upload_works=False, url_works_for_users=False, describes=True),
}
