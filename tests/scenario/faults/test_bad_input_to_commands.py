"""What people and machines get wrong, and what `privity` says then.

Each has an exit code, a stable name and a next step, and changes nothing.
"""

import io
import itertools
import json
import shutil
import socket
import ssl
import subprocess
import sys
import threading
from contextlib import redirect_stdout
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from commands import Account, Outcome, environment, wait_until
from relay_process import RelayThread, quick_config

from privity.cli import perform
from privity.cli.app import main
from privity.client.profile import Profile, ProfileLock
from privity.identity.links import parse_link, render_link
from privity.relay.tls import make_certificate

NUMBERS = itertools.count()
NOBODY = "http://127.0.0.1:9"


class Person(Account):
    """Runs commands in this process, which is quicker."""

    def run(self, *arguments: str, **_: object) -> Outcome:
        written = io.BytesIO()
        text = io.TextIOWrapper(written, write_through=True)
        with redirect_stdout(text):
            options = ("--profile", str(self.profile), "--json")
            code = main(
                [*options, "--passphrase-file", str(self.passphrase), *arguments]
            )
        return Outcome(code, json.loads(written.getvalue()))

    def run_elsewhere(self, *arguments: str, **options: object) -> Outcome:
        """Run a command in a process of its own."""
        return super().run(*arguments, **options)


@pytest.fixture(scope="module")
def relay(tmp_path_factory):
    """A relay that takes new accounts by invitation only."""
    data = tmp_path_factory.mktemp("relay") / "data"
    with RelayThread(data, quick_config(is_open=False)) as relay:
        yield relay


@pytest.fixture
def newcomer(tmp_path):
    return Person(tmp_path, f"nia{next(NUMBERS)}")


@dataclass
class Friends:
    """Ana, who has a chat with Ben."""

    ana: Person
    ben: Person


@pytest.fixture(scope="module")
def friends(tmp_path_factory, relay):
    return met(tmp_path_factory.mktemp("friends"), relay)


def met(home, relay, handles=("ana", "ben")):
    """Let two people make a chat."""
    ana, ben = (Person(home, handle) for handle in handles)
    for person in (ana, ben):
        assert person.init(relay.invite()).ok
    first, second = (handle.capitalize() for handle in handles)
    assert ana.run("join", ben.run("invite").data["link"]).ok
    assert ben.run("accept", first).ok
    # On a busy machine a first command may not wait until the answer has come.
    wait_until(lambda: [c["status"] for c in ana.chats()] == ["active"])
    assert ana.run("send", second, "hello").data["messages"][0]["state"] == "sent"
    assert ben.texts(first) == ["hello"]
    return Friends(ana, ben)


@pytest.fixture
def copy(friends, tmp_path):
    """Ana's profile, copied, to be treated badly."""
    return copied(friends.ana, tmp_path)


def copied(person, home):
    made = Person(home, person.handle)
    shutil.copytree(person.profile, made.profile)
    return made


def refused(outcome: Outcome, code: int, name: str) -> None:
    assert (outcome.code, outcome.error) == (code, name), outcome
    assert outcome.next
    assert outcome.told["error"]["message"]


def changed(link: str, **fields: object) -> str:
    """Return a link in which its relay's fields are others."""
    body = parse_link(link)
    return render_link(replace(body, relay=replace(body.relay, **fields)))


def test_a_link_that_names_another_relay_is_noticed_and_blocks_nothing(relay, newcomer):
    wrong = changed(relay.invite(), host=b"elsewhere.example")
    refused(newcomer.init(wrong), 6, "wrong_host")
    assert newcomer.init(relay.invite()).ok


def test_plain_http_to_another_machine_is_refused(newcomer):
    refused(newcomer.init("--relay", "http://10.255.255.1"), 6, "insecure")
    assert not newcomer.profile.joinpath("vault").exists()


@pytest.mark.parametrize(
    "link", ["privity:1#AAAA", "https://relay.example", "privity:9#A"]
)
def test_a_text_that_is_no_link_is_refused(newcomer, link):
    refused(newcomer.init(link), 2, "bad_link")


def test_a_relay_that_is_not_there_is_named(newcomer):
    refused(newcomer.init("--relay", NOBODY), 5, "unreachable")


class Listener(threading.Thread):
    """A TLS server of its own; it keeps what it is told inside of TLS."""

    def __init__(self, home: Path) -> None:
        super().__init__(daemon=True)
        cert, key = home / "cert.pem", home / "key.pem"
        make_certificate(cert, key, ["localhost"])
        self.tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.tls.load_cert_chain(cert, key)
        self.listening = socket.create_server(("127.0.0.1", 0))
        self.port = self.listening.getsockname()[1]
        self.visits = 0
        self.heard = b""

    def run(self) -> None:
        while True:
            try:
                visitor, _ = self.listening.accept()
                self.visits += 1
                with self.tls.wrap_socket(visitor, server_side=True) as inside:
                    inside.settimeout(5)
                    while data := inside.recv(4096):
                        self.heard += data
            except ssl.SSLError:
                continue
            except OSError:
                return


def test_nothing_is_sent_to_a_server_with_another_certificate(relay, newcomer):
    listener = Listener(newcomer.home)
    listener.start()
    url = f"https://localhost:{listener.port}".encode()
    link = changed(relay.invite(), url=url, fingerprint=bytes(32))
    refused(newcomer.init(link), 6, "wrong_certificate")
    listener.listening.close()
    assert listener.visits > 0
    assert listener.heard == b""
    assert newcomer.init(relay.invite()).ok


def test_a_taken_handle_is_named_and_another_can_be_chosen(relay, newcomer, tmp_path):
    assert newcomer.init(relay.invite()).ok
    second = Person(tmp_path / "second", newcomer.handle)
    link = relay.invite()
    refused(second.init(link), 1, "handle_taken")
    second.handle += ".two"
    assert second.init(link).ok


def test_an_invitation_that_was_used_is_named(relay, newcomer, tmp_path):
    link = relay.invite()
    assert Person(tmp_path / "first", "uma").init(link).ok
    refused(newcomer.init(link), 1, "code_used")


def test_an_invitation_that_expired_is_named_here_and_there(relay, newcomer):
    link = relay.invite(expires=1_000_000_000)
    refused(newcomer.init(link), 1, "link_expired")
    later = render_link(replace(parse_link(link), expiry=0))
    refused(newcomer.init(later), 1, "code_expired")


def test_a_contact_link_that_expired_is_named(friends):
    link = friends.ben.run("invite").data["link"]
    expired = render_link(replace(parse_link(link), expiry=1_000_000_000))
    assert friends.ana.run("join", expired).code != 0
    refused(friends.ana.run("join", expired), 1, "link_expired")


def test_a_file_that_is_not_there_is_named(friends, tmp_path):
    missing = str(tmp_path / "nothing.bin")
    outcome = friends.ana.run("send", "Ben", "look", "--file", missing)
    assert (outcome.code, outcome.error) == (3, "file_vanished")
    assert friends.ana.texts("Ben") == ["hello"]


def test_a_wrong_passphrase_opens_nothing(friends, tmp_path):
    friends.ana.passphrase.write_text("another one\n")
    try:
        refused(friends.ana.run("chats"), 4, "locked")
    finally:
        friends.ana.passphrase.write_text("the passphrase of ana\n")
    assert friends.ana.run("chats").ok


@pytest.mark.parametrize("name", ["vault", "store.db"])
@pytest.mark.parametrize("how", ["cut", "changed", "emptied", "missing"])
def test_a_damaged_profile_is_refused_by_name(copy, name, how):
    path = copy.profile / name
    data = path.read_bytes()
    match how:
        case "cut":
            path.write_bytes(data[: len(data) // 2])
        case "changed":
            path.write_bytes(data[:8] + bytes([data[8] ^ 1]) + data[9:])
        case "emptied":
            path.write_bytes(b"")
        case "missing":
            path.unlink()
    if (name, how) == ("vault", "missing"):
        refused(copy.run("chats"), 3, "no_profile")
    else:
        refused(copy.run("chats"), 1, "damaged")


def test_an_old_copy_of_a_profile_heals_and_the_second_time_asks(relay, tmp_path):
    """The newest one was used meanwhile: the relay has seen its later login."""
    friends = met(tmp_path, relay, ("una", "odo"))
    copy = copied(friends.ana, tmp_path / "copy")
    assert friends.ana.run("send", "Odo", "after the copy").ok
    friends.ben.watch()
    try:
        copy.watch()
        wait_until(lambda: [c["status"] for c in copy.chats()] == ["active"])
        copy.stop()
        assert copy.run("send", "Odo", "from the copy").ok
        wait_until(lambda: "from the copy" in friends.ben.texts("Una"))
        lines = [m["what"] for m in copy.run("history", "Odo").data["messages"]]
        assert {"restored", "rejoined", "gap"} <= set(lines)
        # The newer disk is the old copy now; it takes the place of the other, once.
        assert friends.ana.run("chats").ok
        refused(copy.run("send", "Odo", "again"), 1, "rolled_back")
        assert "again" not in friends.ben.texts("Una")
        assert copy.run("repair", "device").ok
    finally:
        friends.ben.stop()


def test_a_holder_that_serves_nobody_is_waited_for_and_named(friends, monkeypatch):
    monkeypatch.setattr(perform, "LOCK_PATIENCE", 0.2)
    lock = ProfileLock(Profile(friends.ana.profile))
    assert lock.try_acquire()
    try:
        refused(friends.ana.run("chats"), 75, "busy")
    finally:
        lock.release()


def test_commands_at_the_same_time_wait_for_each_other_or_say_that_it_is_busy(friends):
    """Who waits for too long is told so, and has sent nothing."""
    before = len(friends.ben.texts("Ana"))
    said = [f"at once {number}" for number in range(2)]
    commands = [friends.ana.start("send", "Ben", text) for text in said]
    codes = [command.wait(60) for command in commands]
    assert 0 in codes
    assert set(codes) <= {0, 75}
    sent = [text for text, code in zip(said, codes, strict=True) if code == 0]
    assert sorted(friends.ben.texts("Ana")[before:]) == sent


LIMITED = """
import resource, sys
size = int(sys.argv.pop(1))
resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))
from privity.__main__ import main
sys.exit(main())
"""


def test_a_full_disk_is_named_and_keeps_what_was_there(friends):
    """No file may grow: the write-ahead log can't take a message."""
    before = friends.ana.texts("Ben")
    size = 8 * 1024
    options = ("--profile", str(friends.ana.profile), "--json")
    secret = ("--passphrase-file", str(friends.ana.passphrase))
    done = subprocess.run(
        [
            *(sys.executable, "-c", LIMITED, str(size)),
            *options,
            *secret,
            *("send", "Ben", "too much"),
        ],
        env=environment(),
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    refused(Outcome(done.returncode, json.loads(done.stdout)), 75, "storage_full")
    assert friends.ana.texts("Ben") == before
    assert friends.ana.run("send", "Ben", "room again").ok
    assert friends.ben.texts("Ana")[-1] == "room again"
