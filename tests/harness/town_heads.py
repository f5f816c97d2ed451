"""What a town's relay says to who begins to follow a log."""

import sqlite3

from privity.core import inputs as i
from privity.core.effects import Follow
from privity.relay import reading
from privity.relay.heads import Heads
from privity.wire.codes import Refusal
from privity.wire.frames import Cursor

__all__ = ["announced"]


def announced(logs: sqlite3.Connection, heads: Heads, follow: Follow) -> list[i.Input]:
    """Return the inputs with which a subscription begins, or is refused."""
    place = (follow.log_id, follow.generation)
    try:
        end = reading.end_behind(logs, Cursor(*place, follow.after))
    except Refusal as refusal:
        return [i.FollowRefused(*place, refusal.code.value)]
    chain = reading.find_generation(logs, *place).chain
    signed = heads.sign(follow.log_id, end, chain)
    told: list[i.Input] = [i.Following(*place, end, signed)]
    if reading.has_pleas(logs, *place):
        told.append(i.PleaRings(follow.log_id))
    return told
