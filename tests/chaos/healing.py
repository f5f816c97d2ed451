"""How fast a fault is healed: from its end until everybody has what was said by then.

What somebody's client had kept when the fault ended has to be sent, and every resident
of the chat has to have read as far as its sender had when it was.
"""

import time

from tests.chaos.village import Village

__all__ = ["Healing"]


class Healing:
    """One measurement; `look` until it says that all are healed."""

    def __init__(self, village: Village) -> None:
        self.began = time.monotonic()
        self._world = village
        self._unsent = {
            (name, place.chat): village.person(name).kept.get(place.chat, 0)
            for place in village.places
            for name in place.residents
        }
        self._unread: set[tuple[str, str, int]] = set()
        self._residents = {place.chat: place.residents for place in village.places}

    def look(self) -> bool:
        """Return whether everybody is synced with what there was."""
        for key, number in tuple(self._unsent.items()):
            name, chat = key
            person = self._world.person(name)
            there = person.status.get("chats", {}).get(chat)
            if there is None or not person.status["online"]:
                continue
            if person.kept.get(chat, 0) - there["unsent"] >= number:
                del self._unsent[key]
                others = self._residents[chat]
                self._unread |= {(o, chat, there["cursor"]) for o in others}
        self._unread = {one for one in self._unread if not self._has_read(*one)}
        return not self._unsent and not self._unread

    def waits_for(self) -> str:
        """Say what is still missing, for the journal."""
        return f"{len(self._unsent)} to send, {len(self._unread)} to read"

    def _has_read(self, name: str, chat: str, cursor: int) -> bool:
        there = self._world.person(name).status.get("chats", {}).get(chat, {})
        return bool(there.get("synced")) and there["cursor"] >= cursor
