"""Try every HTTPS call of a real relay with what its OpenAPI document allows, and not.

    python -m tests.hostile.calls [--seconds N] [--seed N]

schemathesis makes the calls, in JSON and in msgpack, with a session and without. No
answer may be a 5xx, late, of a form or with a code that the document does not name.
Before it is believed, it has to find a code that was taken out of the document.
"""

import argparse
import asyncio
import copy
import json
import os
import ssl
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tests" / "harness")]

import httpx2  # noqa: E402
from relay_clients import Caller, Planes, TestAccount  # noqa: E402
from relay_process import RelayProcess  # noqa: E402

from privity.relay.openapi import document  # noqa: E402

CHECKS = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_schema_conformance",
    "negative_data_rejection",
    "ignored_auth",
    "unsupported_method",
)
ENDLESS = {"CALLS__LOOKUPS_PER_SECOND": "100000", "CALLS__LOOKUP_BURST": "100000"}
ANSWER_SECONDS = 5
ALL = ("--phases", "coverage,fuzzing", "--continue-on-failure")
PLANTED = ("--phases=coverage", "--max-failures=1", "--include-path=/v1/handles/{name}")


def main(arguments: list[str]) -> int:
    """Try all calls and return the exit status."""
    parser = argparse.ArgumentParser(prog="calls", description=__doc__)
    parser.add_argument("--seconds", type=int, default=30)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        relay = RelayProcess(Path(folder) / "relay", ENDLESS)
        with relay:
            account = TestAccount.new()
            session = asyncio.run(_session(relay, account))
            tried = Tried(relay, session, account, Path(folder))
            status = tried.run(options)
            asyncio.run(_still_serves(relay))
    return status


class Tried:
    """One relay, and whose session the calls show."""

    def __init__(
        self, relay: RelayProcess, session: bytes, account: TestAccount, place: Path
    ) -> None:
        self.relay = relay
        self.session = session
        self.account = account
        self.place = place

    def run(self, options: argparse.Namespace) -> int:
        """Find what was planted, then try everything."""
        planted = self.search(_planted(document()), 30, options.seed, *PLANTED)
        if "Undocumented status code" not in planted.stdout:
            print(planted.stdout, "a planted fault was not found", sep="\n")
            return 1
        print("1 planted fault was found")
        found = self.search(document(), options.seconds, options.seed, *ALL)
        print(found.stdout)
        return found.returncode

    def search(
        self, made: dict[str, object], seconds: int, seed: int, *more: str
    ) -> "subprocess.CompletedProcess[str]":
        """Run schemathesis over a document."""
        file = self.place / "openapi.json"
        formats: set[str] = set()
        _name_formats(made, formats)
        file.write_text(json.dumps(made))
        # Shown to the calls that ask for it alone: the others refuse who names itself.
        (self.place / "schemathesis.toml").write_text(
            '[auth.openapi.session]\nbearer = "${PRIVITY_SESSION}"\n'
        )
        known = (
            self.account.account_id,
            self.account.device.mailbox_id,
            self.account.device.device_id,
            self.account.mailbox_key,
        )
        return subprocess.run(
            [
                *(sys.executable, "-m", "schemathesis.cli", "run", str(file)),
                *("--url", self.relay.url, "--seed", str(seed), "--no-color"),
                *("--tls-verify", str(_certificate(self.relay))),
                *("--max-time", str(seconds), "--max-examples", "25"),
                *("--checks", ",".join(CHECKS)),
                *("--max-response-time", str(ANSWER_SECONDS)),
                *("--request-timeout", str(2 * ANSWER_SECONDS)),
                *("--generation-database", "none"),
                *("--warnings", "off"),
                *more,
            ],
            cwd=self.place,
            env={
                **os.environ,
                "SCHEMATHESIS_HOOKS": "shapes",
                "PYTHONPATH": str(Path(__file__).parent),
                "PRIVITY_FORMATS": " ".join(sorted(formats)),
                "PRIVITY_SESSION": self.session.hex(),
                "PRIVITY_KNOWN": " ".join(one.hex() for one in known),
            },
            capture_output=True,
            text=True,
            check=False,
            timeout=seconds + 60,
        )


def _planted(made: dict[str, object]) -> dict[str, object]:
    """Return the document without a refusal that `GET /v1/handles/{name}` has."""
    changed = copy.deepcopy(made)
    del changed["paths"]["/v1/handles/{name}"]["get"]["responses"]["404"]  # type: ignore[index]
    return changed


def _name_formats(part: object, formats: set[str]) -> None:
    """Name the size of every byte string, so that some of the right size are made."""
    if isinstance(part, list):
        for one in part:
            _name_formats(one, formats)
    if not isinstance(part, dict):
        return
    if part.get("contentEncoding") == "base64":
        least, most = (part.get(end, 0) // 4 * 3 for end in ("minLength", "maxLength"))
        least, most = max(0, least - 2), max(most, 64)
        part["format"] = f"x-bytes-{least}-{most}"
        formats.add(part["format"])
    elif str(part.get("pattern", "")).startswith("^[a-z2-7]"):
        part["format"] = "x-id"
    for one in part.values():
        _name_formats(one, formats)


def _certificate(relay: RelayProcess) -> Path:
    return relay.data / "tls" / "cert.pem"


async def _session(relay: RelayProcess, account: TestAccount) -> bytes:
    """Register an account, log its device in and return its session."""
    trusted = ssl.create_default_context(cafile=_certificate(relay))
    async with httpx2.AsyncClient(base_url=relay.url, verify=trusted) as client:
        await Caller(client).register(account, handle="known")
    planes = Planes(relay.url, trusted)
    _, logged_in = await planes.log_in(account)
    await planes.close()
    return logged_in.session


async def _still_serves(relay: RelayProcess) -> None:
    trusted = ssl.create_default_context(cafile=_certificate(relay))
    async with httpx2.AsyncClient(base_url=relay.url, verify=trusted) as client:
        assert (await client.get("/readyz")).text == "ok\n"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
