"""The three behaviours of servers with API v0."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Behaviour:
    """A behaviour: the parts that work."""

    name: str
    load_works: bool
    upload_works: bool
    url_works_for_users: bool


BEHAVIOURS = {
    "documented": Behaviour("documented", load_works=True, upload_works=True, url_works_for_users=True),
    "5.0": Behaviour("5.0", load_works=True, upload_works=False, url_works_for_users=True),
    "5.3": Behaviour("5.3", load_works=False, upload_works=False, url_works_for_users=False),
}
