"""What a user would otherwise do: the snippets of the documentation with requests, the standard library, curl."""

from __future__ import annotations

from typing import Final

# What the snippets of the documentation begin with.
_BEGIN: Final = """
import json, os, sys
import requests

host, key = os.environ["SOSTRADES_HOST"], os.environ["SOSTRADES_API_KEY"]
headers = {"Authorization": f"Bearer {key}"}
"""

URL: Final = f"""{_BEGIN}
answer = requests.get(f"{{host}}/api/v0/study-case/21/url", headers=headers)
answer.raise_for_status()
print(answer.json()["study_url"])
"""

LOAD: Final = f"""{_BEGIN}
answer = requests.get(f"{{host}}/api/v0/study-case/23/30", headers=headers)
answer.raise_for_status()
print(json.dumps(answer.json(), indent=2))
"""

# One after the other, as the documentation does: `requests` has no way of its own to do several at once.
DOWNLOADS: Final = f"""{_BEGIN}
answer = requests.get(f"{{host}}/api/v0/study-case/23/30", headers=headers)
answer.raise_for_status()
for name, fields in answer.json().items():
    if fields["type"] not in ("dataframe", "array", "list", "dict"):
        continue
    table = requests.post(
        f"{{host}}/api/v0/study-case/23/parameter/download", headers=headers, json={{"parameter_key": name}}
    )
    table.raise_for_status()
    with open(os.path.join(sys.argv[1], name + ".csv"), "wb") as file:
        file.write(table.content)
"""
