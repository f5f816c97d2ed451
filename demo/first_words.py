"""The story of the first words: contact, direct chat, group, files, a removal.

Three people talk as people do. Then everything that the operator has is searched
for everything that they said, and the one who was removed tries the later log.
"""

import random
import shutil
import sqlite3
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from demo import canaries, columns
from demo.outcome import Outcome
from demo.processes import Account, Failed
from demo.removed import Attempt, try_to_open
from demo.stage import BUILD, MEDIA, Stage

__all__ = ["Figures", "report", "tell"]

TITLE = "Sunday picnic by the old lighthouse"
FILE_SIZE = 25_000_000
PLANTED = "this canary text was planted to be found"
_SEED = 20


@dataclass
class Figures:
    """What is counted while the story goes on."""

    messages: int = 0
    epochs: int = 0
    bytes: int = 0
    seconds: float = 0.0
    lost: int = 0
    duplicated: int = 0
    canaries_found: int = 0
    forms_found: int = 0
    forms: int = 0
    removed: Attempt | None = None
    said: list[str] = field(default_factory=list)

    def outcome(self) -> Outcome:
        """Return what the story came to, and whether it ended as it must."""
        removed = self.removed
        good = (
            not (self.lost or self.duplicated or self.canaries_found)
            and self.forms_found == self.forms
            and removed is not None
            and removed.later > 0 == removed.opened
            and removed.earlier > 0
        )
        return Outcome(
            ok=good,
            messages=self.messages,
            epochs=self.epochs,
            bytes=self.bytes,
            seconds=self.seconds,
            lost=self.lost,
            duplicated=self.duplicated,
            canaries_found=self.canaries_found,
        )


def tell(stage: Stage) -> Figures:
    """Play the story on a stage and return its figures; raises Failed."""
    figures = Figures()
    began = time.monotonic()
    big = _big_file(stage.home)
    ana = stage.person("Ana Ibarra-Lindqvist", "ana")
    ben = stage.person("Ben Okonkwo-Castellanos", "ben")
    cem = stage.person("Cem Yildirim-Hallström", "cem")
    say("three accounts are registered, each in a process of its own")
    _become_contacts(ana, ben, cem)
    _direct_chat(ana, ben, figures)
    _group(ana, ben, cem, big, figures)
    kept = _remove(stage, ana, ben, cem, figures)
    messages = _compare(ana, ben, cem, figures)
    _count(ana, figures)
    figures.seconds = time.monotonic() - began
    _hand_over(stage, figures, messages, big)
    figures.removed = try_to_open(
        kept,
        cem.passphrase.read_text().strip(),
        stage.relay.data / "logs.sqlite",
        TITLE,
    )
    return figures


def report(figures: Figures) -> None:
    """Print what the story came to."""
    print(
        f"\n{figures.messages} messages, {figures.epochs} epochs,"
        f" {figures.bytes / 1e6:.1f} MB on the wire, {figures.seconds:.1f} s;"
        f" lost {figures.lost}, twice {figures.duplicated}"
    )
    print(
        f"searched the relay's databases, files and traffic: {figures.canaries_found}"
        f" findings; of {figures.forms} planted forms {figures.forms_found} were found"
    )
    if removed := figures.removed:
        print(
            f"Cem's old keys opened {removed.opened} of {removed.later} later entries"
            f" (and {removed.earlier} of Cem's own time)"
        )
    print("what the operator has: build/demo/operator/")


def say(text: str) -> None:
    """Tell the visitor what happens."""
    print(f"  {text}", flush=True)


def _big_file(home: Path) -> Path:
    path = home / "harbour-plan-full-scan.bin"
    path.write_bytes(random.Random(_SEED).randbytes(FILE_SIZE))  # noqa: S311
    return path


def _become_contacts(ana: Account, ben: Account, cem: Account) -> None:
    for other in (ben, cem):
        link = other("invite")["link"]
        ana("join", link, "--text", "It is me from the rowing club")
        other.until("accept", ana.handle, what="the request does not arrive")
        ana.until("history", other.handle, what="the chat does not begin")
    say("Ben and Cem accepted Ana's requests; nobody was added without asking")


def _direct_chat(ana: Account, ben: Account, figures: Figures) -> None:
    _send(figures, ana, "ben", "Do you have the lighthouse key for tomorrow?")
    question = _arrives(ben, "ana", "lighthouse key")
    _send(figures, ben, "ana", "Yes, under the blue flowerpot", reply=question)
    _arrives(ana, "ben", "blue flowerpot")
    say("a direct chat: a text and a reply")


def _group(
    ana: Account, ben: Account, cem: Account, big: Path, figures: Figures
) -> None:
    ana("group", "new", TITLE, "ben", "cem")
    for person in (ben, cem):
        person.until("accept", TITLE, what="the invitation does not arrive")
        person.until("history", TITLE, what="the group does not begin")
    _send(figures, ana, TITLE, "Who brings the strawberry cake?")
    cake = _arrives(cem, TITLE, "strawberry cake")
    cem("react", TITLE, cake, "🍓")
    _send(figures, cem, TITLE, "I bring two, and the tabel")
    _arrives(cem, TITLE, "tabel")
    cem("edit", TITLE, "last", "I bring two, and the folding table")
    _send(figures, ben, TITLE, "wrong chat, sorry about that secret")
    ben("unsend", TITLE, "last")
    say("a group of three: text, reaction, edit, delete")
    for path in (MEDIA / "cat.jpg", MEDIA / "rabbit.mp4", big):
        _file(figures, ana, path)
        _saved(cem, path)
    say("a photo (its metadata stripped), a video and a 25 MB file, all verified")


def _file(figures: Figures, sender: Account, path: Path) -> None:
    caption = f"here is {path.name} as promised"
    sender("send", TITLE, caption, "--file", str(path), "--wait", "60")
    figures.said += [caption, path.name]


def _saved(reader: Account, path: Path) -> None:
    message = _arrives(reader, TITLE, path.name)
    to = reader.home / f"saved-{path.name}"
    reader("save", TITLE, message, "--to", str(to))
    original, got = path.read_bytes(), to.read_bytes()
    if path.suffix == ".jpg":
        if b"Exif" in got or b"Exif" not in original:
            raise Failed("the photo kept its metadata")
    elif original != got:
        raise Failed(f"{path.name} did not arrive as it was sent")


def _remove(
    stage: Stage, ana: Account, ben: Account, cem: Account, figures: Figures
) -> Path:
    """Remove Cem, who keeps a copy of the whole profile from before."""
    cem.stop()
    kept = stage.home / "kept-by-cem"
    shutil.copytree(cem.profile, kept, ignore=shutil.ignore_patterns("sock"))
    ana("group", "remove", TITLE, "cem")
    _send(figures, ana, TITLE, "Cem is out, so about the surprise party")
    _arrives(ben, TITLE, "surprise party")
    _send(figures, ben, TITLE, "Hide the balloons in the boathouse")
    _arrives(ana, TITLE, "boathouse")
    cem.watch()
    deadline = time.monotonic() + 30
    while _status(cem) != "removed" and time.monotonic() < deadline:
        time.sleep(0.2)
    if _status(cem) != "removed":
        raise Failed("Cem does not learn of the removal")
    say("Cem is removed, keeps the whole profile with its keys, and sees it happen")
    return kept


def _status(person: Account) -> str:
    chats = person("chats")["chats"]
    return next(str(c["status"]) for c in chats if c["title"] == TITLE)


def _send(
    figures: Figures, who: Account, chat: str, text: str, *, reply: str = ""
) -> None:
    more = ("--reply", reply) if reply else ()
    sent = who("send", chat, text, *more)["messages"]
    if any(message["state"] != "sent" for message in sent):
        raise Failed(f"{who.name}'s message is not sent")
    figures.said.append(text)


def _arrives(reader: Account, chat: str, words: str) -> str:
    """Wait until a message with these words is there; returns its id."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        for message in reader.texts(chat):
            name = (message["file"] or {}).get("name", "")
            if words in message["text"] or words in name:
                return str(message["message"])
        time.sleep(0.1)
    raise Failed(f"{reader.name} never gets “{words}”")


def _compare(
    ana: Account, ben: Account, cem: Account, figures: Figures
) -> list[dict[str, Any]]:
    """Compare what each of them has, message by message."""
    removed_at = len(cem.texts(TITLE))
    for chat, readers in (
        (TITLE, (ana, ben)),
        (TITLE, (ana, cem)),
        (None, (ana, ben)),
    ):
        lists = [
            [m["message"] for m in r.texts(chat or other.handle)]
            for r, other in zip(readers, readers[::-1], strict=True)
        ]
        if cem in readers:
            lists = [listed[:removed_at] for listed in lists]
        figures.lost += len(set(lists[0]) ^ set(lists[1]))
        figures.duplicated += sum(len(one) - len(set(one)) for one in lists)
        figures.lost += 0 if lists[0] == lists[1] else 1
    everything: list[dict[str, Any]] = ana("history", TITLE)["messages"]
    return everything


def _count(ana: Account, figures: Figures) -> None:
    traffic = BUILD / "operator" / "traffic"
    figures.bytes = sum(p.stat().st_size for p in traffic.glob("*.bytes"))
    chats = ana("chats")["chats"]
    figures.messages = sum(len(ana.texts(c["chat"])) for c in chats)


def _hand_over(
    stage: Stage, figures: Figures, messages: list[dict[str, Any]], big: Path
) -> None:
    """Stop the relay and search all that its operator has."""
    for person in stage.people:
        person.stop()
    stage.plant(canaries.planted(PLANTED))
    stage.relay.stop()
    stage.recorder.stop()
    figures.epochs = _epochs(stage.relay.data / "logs.sqlite")
    print()
    print(
        columns.two_columns(
            columns.members_view(messages),
            columns.operator_view(stage.relay.data, 12)
            + columns.wire_view(BUILD / "operator" / "traffic", 8),
        )
    )
    _search(stage, figures, big)


def _epochs(database: Path) -> int:
    connection = sqlite3.connect(f"file:{database}?mode=ro", uri=True)
    try:
        return int(connection.execute("SELECT count(*) FROM commits").fetchone()[0])
    finally:
        connection.close()


def _search(stage: Stage, figures: Figures, big: Path) -> None:
    files = stage.operator_files()
    texts = [*figures.said, TITLE, PLANTED, *(p.name for p in stage.people)]
    runs = [run for data in _sent_files(stage, big) for run in canaries.runs_of(data)]
    found = canaries.search(files, texts, runs)
    real = [finding for finding in found if finding.what != PLANTED]
    figures.canaries_found = len(real)
    for finding in real[:10]:
        say(f"FOUND {finding}")
    wanted = set(canaries.planted(PLANTED))
    figures.forms = len(wanted)
    figures.forms_found = len(wanted & {f.form for f in found if f.what == PLANTED})


def _sent_files(stage: Stage, big: Path) -> list[bytes]:
    photo = stage.home / "people" / "saved-cat.jpg"
    paths = (MEDIA / "cat.jpg", photo, MEDIA / "rabbit.mp4", big)
    return [path.read_bytes() for path in paths]
