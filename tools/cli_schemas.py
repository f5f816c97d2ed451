"""Write the JSON Schemas of the command line's output to docs/spec/cli/.

    python tools/cli_schemas.py          write them
    python tools/cli_schemas.py --check  fail if what is there is another

One file for each verb: what it takes on the profile's socket, what it answers.
`envelope.json` is what surrounds every answer of `--json`.
"""

import json
import sys
from pathlib import Path
from typing import Any

import msgspec

from privity.client.sentences import Failure
from privity.client.verbs import evidence_results, local_results, results
from privity.client.verbs.catalogue import VERBS

ROOT = Path(__file__).parents[1]
TARGET = ROOT / "docs" / "spec" / "cli"
_DIALECT = "https://json-schema.org/draft/2020-12/schema"


def schemas() -> dict[str, str]:
    """Return the text of each file by its name."""
    made = {"envelope.json": _text(_envelope())}
    made["init.json"] = _text(_result("init", results.Created))
    verified = _result("evidence.verify", evidence_results.EvidenceVerified)
    made["evidence.verify.json"] = _text(verified)
    for name, kind in {
        "profiles.list": local_results.ProfileList,
        "profiles.new": local_results.ProfileMade,
    }.items():
        made[f"{name}.json"] = _text(_result(name, kind))
    for name, verb in VERBS.items():
        schema = _result(name, verb.result)
        params = msgspec.json.schema(verb.params)
        schema["$defs"] |= params.pop("$defs")
        schema["$defs"]["params"] = params
        made[f"{name}.json"] = _text(schema)
    return made


def _result(name: str, kind: Any) -> dict[str, Any]:  # noqa: ANN401  a type or a union
    schema = msgspec.json.schema(kind)
    definitions = schema.pop("$defs", {})
    return {
        "$schema": _DIALECT,
        "$id": f"privity:schema/{name}",
        "title": f"What `{name.replace('.', ' ')}` answers (the envelope's data)",
        **schema,
        "$defs": definitions,
    }


def _envelope() -> dict[str, Any]:
    schema = msgspec.json.schema(Failure)
    return {
        "$schema": _DIALECT,
        "$id": "privity:schema/envelope",
        "title": "What surrounds every answer of --json; a line of --jsonl",
        "oneOf": [_one(ok=True, data={}), _one(ok=False, error=schema["$ref"])],
        "$defs": schema["$defs"],
    }


def _one(*, ok: bool, **rest: Any) -> dict[str, Any]:  # noqa: ANN401  schemas
    parts = {
        name: {"$ref": value} if isinstance(value, str) else value
        for name, value in rest.items()
    }
    properties = {"v": {"const": 1}, "ok": {"const": ok}, **parts}
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def _text(schema: dict[str, Any]) -> str:
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"


def differences() -> list[str]:
    """Return the names of files that are missing, changed or left over."""
    wanted = schemas()
    there = {path.name: path.read_text() for path in TARGET.glob("*.json")}
    names = wanted.keys() | there.keys()
    return sorted(name for name in names if wanted.get(name) != there.get(name))


def main() -> int:
    """Write or check; returns the exit status."""
    if "--check" in sys.argv[1:]:
        found = differences()
        print("\n".join(found) or "current")
        return 1 if found else 0
    TARGET.mkdir(parents=True, exist_ok=True)
    for path in TARGET.glob("*.json"):
        path.unlink()
    for name, text in schemas().items():
        (TARGET / name).write_text(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
