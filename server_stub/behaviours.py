"""The three behaviours of servers with API v0."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Behaviour:
    """A behaviour: the parts that work.

    ``load_works``: a load answers with the parameters, not with 400. ``upload_works``: a multipart change is applied,
    not answered with 415. ``url_works_for_users``: the link of a study is given to the key of a user, too, instead of
    500. ``has_routes_of_5_3_1``: the routes for the read-only file, metadata and documentation exist, which came with
    5.3.1. Source: the folder blueprints of sostrades-webapi.
    """

    name: str
    load_works: bool
    upload_works: bool
    url_works_for_users: bool
    has_routes_of_5_3_1: bool


BEHAVIOURS = {
    "documented": Behaviour(
        "documented", load_works=True, upload_works=True, url_works_for_users=True, has_routes_of_5_3_1=True
    ),
    "5.0": Behaviour("5.0", load_works=True, upload_works=False, url_works_for_users=True, has_routes_of_5_3_1=False),
    "5.3": Behaviour("5.3", load_works=False, upload_works=False, url_works_for_users=False, has_routes_of_5_3_1=True),
}
