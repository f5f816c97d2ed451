"""The verb that carries the proof of two histories out of a profile."""

import os
from pathlib import Path

from privity.client import lookup, views
from privity.client.errors import ClientError
from privity.client.evidence import described
from privity.client.session import Session
from privity.client.transfers import Reason, disk_failures
from privity.client.verbs import evidence_results, params
from privity.wire.evidence import open_evidence, pack
from privity.wire.heads import Fork

__all__ = ["export"]


class NoEvidence(ClientError):
    """No proof of two histories of a chat is kept here."""

    code = "no_evidence"


async def export(
    session: Session, asked: params.RepairEvidence
) -> evidence_results.EvidenceExported:
    """Write the proof that a chat's relay signed two histories, or hand it out."""
    state = session.state
    chat = lookup.find_chat(state, asked.chat)
    known = state.forks.get(chat.chat_id)
    if known is None:
        raise NoEvidence(views.title_of(state, chat))
    data = pack(Fork.decode(known.fork), state.account.host, known.found)
    told = described(open_evidence(data))
    name = f"privity-fork-{told.log[:8]}.evidence"
    title = views.title_of(state, chat)
    if asked.to is None:
        return evidence_results.EvidenceExported("", title, told, name, data)
    path = await session.driver.disk.write(_write_new, Path(asked.to), name, data)
    return evidence_results.EvidenceExported(str(path), title, told)


def _write_new(path: Path, name: str, data: bytes) -> Path:
    """Write a file that is not there yet, under `name` in a directory, or none."""
    if path.is_dir():
        path /= name
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    with disk_failures(Reason.UNWRITABLE):
        descriptor = os.open(path, flags, 0o600)
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
        except OSError:
            path.unlink()
            raise
    return path
