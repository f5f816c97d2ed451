"""Every code has its sentence, every verb its command, every schema is current."""

import ast
import re
import subprocess
import sys
import time
from pathlib import Path

import pytest
import typer

from privity import core
from privity.cli import commands
from privity.cli.app import main
from privity.cli.menu import HELP, menu
from privity.cli.render import _WORDS
from privity.client import errors as client_errors
from privity.client.errors import ClientError
from privity.client.sentences import CAUSES, SENTENCES, Exit, exit_of, explain, notice
from privity.client.transfers import Reason as TransferReason
from privity.client.troubles import STAGES, TROUBLES
from privity.client.verbs import evidence_results, local_results, results
from privity.client.verbs.catalogue import VERBS
from privity.client.verbs.handlers import HANDLERS, STREAMS
from privity.core.errors import CommandRefused, Reason, Refusal
from privity.core.pleading import CAUSES as CAUSES_OF_PLEAS
from privity.core.repairs import Stage
from privity.errors import (
    DecodeError,
    NotAuthentic,
    PrivityError,
    Stale,
    Unsupported,
    UsageError,
)
from privity.wire.codes import Code
from tools import cli_schemas


def named_errors():
    return [
        error
        for error in vars(client_errors).values()
        if isinstance(error, type) and issubclass(error, ClientError)
    ]


def all_codes():
    own = {error.code for error in named_errors() if error is not ClientError}
    return sorted(
        {*map(str, Code), *map(str, Refusal), *map(str, TransferReason), *own}
    )


@pytest.mark.parametrize("code", all_codes())
def test_every_code_has_a_sentence(code):
    assert code in SENTENCES
    assert SENTENCES[code].message.endswith(".")


@pytest.mark.parametrize("reason", Reason)
def test_every_reason_why_a_chat_stops_has_words(reason):
    assert reason.value in CAUSES


@pytest.mark.parametrize("reason", sorted({*CAUSES_OF_PLEAS, "join", "rules_version"}))
def test_every_cause_that_stops_a_chat_has_its_three_sentences(reason):
    told = TROUBLES[reason]
    assert all((told.happened, told.usually, told.todo))


def test_what_a_stopped_chat_advises_is_a_verb_that_there_is():
    advised = " ".join(told.todo for told in TROUBLES.values())
    verbs = set(re.findall(r"privity ([a-z]+ [a-z]+)", advised))
    assert verbs == {"repair ask", "repair refound"}
    assert {verb.replace(" ", ".") for verb in verbs} <= VERBS.keys()
    assert "remove this device" not in advised


def test_every_stage_of_a_repair_has_words():
    assert {stage.value for stage in Stage} | {""} == STAGES.keys()


def test_every_verb_has_a_handler_and_every_handler_a_verb():
    assert VERBS.keys() == HANDLERS.keys() | STREAMS.keys()
    assert {name for name, verb in VERBS.items() if verb.streaming} == STREAMS.keys()


def test_every_command_is_in_the_menu_and_every_verb_has_a_command():
    app = typer.main.get_command(commands.application())
    parts = ("account", "chats", "contacts", "requests", "group", "profile")
    parts += ("repair", "evidence", "ui", "profiles")
    names = {
        name
        for name, command in app.commands.items()
        if name not in parts or command.invoke_without_command
    }
    names |= {f"{part} {n}" for part in parts for n in app.commands[part].commands}
    assert names == HELP.keys()
    without_verb = {"init", "chat", "evidence verify", "open", "ui verify"}
    without_verb |= {"profiles list", "profiles new"}
    without_command = {"read", "compose", "media"}
    verbs = {name.replace(".", " ") for name in VERBS}
    assert names - without_verb == verbs - without_command


def test_every_result_has_words():
    plain = {verb.result for verb in VERBS.values() if not verb.streaming}
    beside = {results.Created, evidence_results.EvidenceVerified}
    beside |= {local_results.ProfileList, local_results.ProfileMade}
    assert plain | beside == _WORDS.keys()


def test_the_schemas_are_current():
    assert cli_schemas.differences() == []


@pytest.mark.parametrize(
    ("error", "code", "status"),
    [
        (client_errors.Locked(), "locked", Exit.LOCKED),
        (client_errors.Busy(), "busy", Exit.TRY_LATER),
        (client_errors.Unreachable(), "unreachable", Exit.NETWORK),
        (client_errors.WrongCertificate(), "wrong_certificate", Exit.VERIFICATION),
        (client_errors.NoProfile(), "no_profile", Exit.NOT_FOUND),
        (CommandRefused(Refusal.NO_SUCH_CHAT), "no_such_chat", Exit.NOT_FOUND),
        (UsageError("x"), "usage", Exit.USAGE),
        (Unsupported("x"), "unsupported", Exit.ERROR),
        (NotAuthentic(), "not_authentic", Exit.VERIFICATION),
        (DecodeError("x"), "malformed_input", Exit.USAGE),
        (Stale("x"), "stale", Exit.TRY_LATER),
        (PrivityError("x"), "internal_error", Exit.ERROR),
        (FileNotFoundError(2, "none"), "not_a_file", Exit.NOT_FOUND),
        (ZeroDivisionError(), "internal_error", Exit.ERROR),
    ],
)
def test_errors_have_codes_and_exit_statuses(error, code, status):
    told = explain(error)
    assert (told.code, exit_of(told.code)) == (code, status)
    assert told.message


def test_an_unforeseen_error_tells_nothing_of_its_content():
    assert "secret" not in explain(ValueError("secret")).message


def codes_of_notices():
    """Return every code that the engine's source gives to a notice."""
    calls = [
        node
        for path in Path(core.__path__[0]).glob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Notice"
    ]
    return {
        call.args[0].value for call in calls if isinstance(call.args[0], ast.Constant)
    }


def test_every_notice_of_the_engine_has_a_sentence():
    assert len(codes_of_notices()) > 15
    assert codes_of_notices() <= SENTENCES.keys()


def test_a_notice_without_a_sentence_says_itself():
    assert notice("planted", "x").message == "planted x"


def test_help_is_there_at_once(capsys):
    assert main(["--help"]) == 0
    assert capsys.readouterr().out == menu()
    assert all(f"  {name.split()[0]}" in menu() for name in HELP)


def test_help_imports_nothing_heavy():
    code = (
        "import sys; from privity.cli.app import main; main(['--help']);"
        "heavy = {'typer', 'msgspec', 'asyncio', 'privity.core', 'cryptography'};"
        "sys.exit(bool(heavy & set(sys.modules)))"
    )
    began = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-c", code], check=False, capture_output=True, timeout=30
    )
    assert done.returncode == 0, done.stderr
    assert time.monotonic() - began < 5


def test_the_version_is_the_packages(capsys):
    from privity import __version__

    assert main(["--version"]) == 0
    assert capsys.readouterr().out == f"privity {__version__}\n"
