"""The tutorial of everyday verbs: each command runs, and prints the lines below it."""

import re
import shlex
from pathlib import Path

import pytest

from privity.cli.app import main
from privity.client.profile import Profile

ROOT = Path(__file__).parents[3]
PAGE = ROOT / "docs" / "tutorial" / "everyday.md"
pytestmark = pytest.mark.slow

FENCE = re.compile(r"```(sh|text)\n(.*?)```", re.DOTALL)


@pytest.fixture
def typed(capsys, monkeypatch, passphrase_file):
    """Type a command as a person does; gives its exit status and what it prints."""
    monkeypatch.chdir(ROOT)
    monkeypatch.setenv("PRIVITY_PASSPHRASE_FILE", str(passphrase_file))

    def type_(arguments):
        capsys.readouterr()
        status = main(list(arguments))
        told = capsys.readouterr()
        return status, told.out + told.err

    return type_


@pytest.fixture
def homes(account, run):
    """Make the profiles of Ana and Ben, who talk to each other."""
    ana, ben = account("Ana", "--handle", "ana"), account("Ben")
    _, made = run(ana, "invite")
    assert run(ben, "join", made["link"])[0] == 0
    assert run(ana, "accept", "Ben")[0] == 0
    for profile in (ben, ana):
        assert run(profile, "chats")[1]["chats"][0]["status"] == "active"
    return {"ana": ana, "ben": ben}


def commands(block, homes):
    """Split a block as a shell does; the profiles stand where the test made them."""
    for line in block.splitlines():
        words = shlex.split(line)
        if words[0] == "export":
            assert words[1] == "PRIVITY_HOME=$PWD/ana"
            continue
        assert words[0] == "privity", line
        if words[1] == "--profile":
            yield line, ["--profile", str(homes[words[2][2:]]), *words[3:]]
        else:
            yield line, ["--profile", str(homes["ana"]), *words[1:]]


def test_each_command_runs_and_says_what_the_page_says(homes, typed):
    said = ""
    for kind, block in FENCE.findall(PAGE.read_text()):
        if kind == "text":
            for line in block.splitlines():
                assert line.strip() in said, said
            continue
        said = ""
        for line, arguments in commands(block, homes):
            status, out = typed(arguments)
            assert status == 0, (line, out)
            said += out
    assert not Profile(homes["ana"]).exists
    assert Profile(homes["ben"]).exists


def test_the_page_has_commands_and_lines_to_compare():
    kinds = [kind for kind, _ in FENCE.findall(PAGE.read_text())]
    assert kinds.count("sh") > 10
    assert kinds.count("text") == 3
