"""The log side of one running relay: what all its connections share."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from privity.relay.attach import Grants
from privity.relay.bus import hints
from privity.relay.config import Config
from privity.relay.heads import Heads, head_seed
from privity.relay.known_links import KnownLinks
from privity.relay.leases import Leases
from privity.relay.logs import Attempt
from privity.relay.pace import AppendPace, CommitPace
from privity.relay.reading import Placed
from privity.relay.sequencer import Sequencer, Stored
from privity.relay.signals import SignalPace
from privity.relay.storage.store import Connection, Store
from privity.relay.subscriptions import Bus
from privity.relay.token_statement import TokenStatement
from privity.wire.frames import Entry, encode_entry
from privity.wire.tokens import Scheme, week_of

__all__ = ["LogSide", "open_log_side"]


@dataclass(frozen=True, slots=True)
class LogSide:
    """Store, pace, grants and listeners; `clock` is Unix time in seconds."""

    host: str
    database: Store
    clock: Callable[[], float]
    random: Callable[[int], bytes]
    append_pace: AppendPace
    sequencer: Sequencer
    leases: Leases
    heads: Heads
    token_statement: TokenStatement
    ticks: Callable[[], float]
    grants: Grants = field(default_factory=Grants)
    bus: Bus = field(default_factory=Bus)
    known_links: KnownLinks = field(default_factory=KnownLinks)
    others: hints.Teller = field(default_factory=hints.Alone)
    signal_pace: SignalPace = field(default_factory=SignalPace)

    def minute(self) -> int:
        """Return Unix time / 60."""
        return int(self.clock()) // 60

    def judge(self, db: Connection, attempt: Attempt) -> Stored:
        """Append in a step on the database that checks first; raises Refusal."""
        return self.sequencer.append(db, attempt, self.minute())

    def stored(self, attempt: Attempt, stored: Stored) -> None:
        """Tell everybody whom it concerns, once an entry is durable."""
        if stored.is_repeat:
            return
        header, frame = attempt.header, attempt.frame
        at, generation = stored.seq, header.generation
        self.others.tell(hints.Stored(header.log_id, at, generation, header.opens))
        if header.opens:
            before = (header.log_id, header.generation)
            self.append_pace.opened((header.log_id, stored.seq), before)
            self.grants.close(before)
        if self.bus.has_listeners(header.log_id):
            place = (stored.seq, stored.minute, stored.stamp_key, stored.stamp)
            entry = encode_entry(Entry(*place, frame.header, frame.envelope))
            placed = Placed(stored.seq, entry, stored.before, stored.chain)
            self.bus.publish(header.log_id, header.generation, placed)


def open_log_side(
    config: Config,
    database: Store,
    clock: Callable[[], float],
    random: Callable[[int], bytes],
    ticks: Callable[[], float] = time.monotonic,
) -> LogSide:
    """Return the log side with nobody attached; `ticks` never goes back."""
    pace = CommitPace(config.log, ticks)
    sequencer = Sequencer(random, pace)
    database.when_rolled_back(sequencer.forget)
    database.when_begun(sequencer.look_ahead)
    seed = database.begin(lambda db: head_seed(db, random))
    heads = Heads(seed, config.host, lambda: int(clock()) // 60)
    scheme = Scheme[config.token_quotas.upper()]
    statement = TokenStatement(database, heads, scheme, clock, random)
    database.begin(lambda db: statement.keep(db, week_of(int(clock()))))
    return LogSide(
        heads=heads,
        token_statement=statement,
        host=config.host,
        database=database,
        clock=clock,
        random=random,
        append_pace=AppendPace(config.log, ticks),
        sequencer=sequencer,
        leases=pace.leases,
        ticks=ticks,
    )
