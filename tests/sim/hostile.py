"""Members and relays that break the rules, as deeds like all others."""

from contextlib import suppress
from dataclasses import replace

from forger import Forger, leaf, package_of
from town import Person

from privity import mls
from privity.core import inputs as i
from privity.core import requests as r
from privity.core.generations import Generation
from privity.core.state import Status
from privity.errors import PrivityError
from privity.relay import reading
from privity.wire.entry import chain_of_links
from privity.wire.frames import Entries, Entry
from tests.sim.deeds import DEEDS, Deed, DeedKind, cut
from tests.sim.lives import Forging, World, copied, side

__all__ = ["ATTACKS"]

_OTHER = bytes(range(32))


def _opens_nothing(forger: Forger, victim: int) -> None:
    forger.commit(remove=(victim,))


def _wrong_next_key(forger: Forger, victim: int) -> None:
    forger.commit(opens=True, header_keys=_OTHER)


def _wrong_stated_keys(forger: Forger, victim: int) -> None:
    forger.commit(opens=True, keys=Generation(_OTHER).next_keys)


def _states_otherwise(forger: Forger, victim: int) -> None:
    forger.commit(opens=True, stated=False)


def _no_commit(forger: Forger, victim: int) -> None:
    made = forger.group.commit(mls.CommitOptions(), forger.random)
    forger.append(made, opens=False, payload=b"\x01\x00")


def _bad_group_info(forger: Forger, victim: int) -> None:
    made = forger.group.commit(mls.CommitOptions(path=True), forger.random)
    other = forger.group.group_info()
    forger.append(replace(made, group_info=other), opens=False)


def _other_rules(forger: Forger, victim: int) -> None:
    kept = forger.group.context.extensions
    extensions = tuple(e for e in kept if e.extension_type != 0xF5A3)
    forger.commit(extensions=extensions)


def _reinit(forger: Forger, victim: int) -> None:
    reinit = mls.ReInit(b"next", 1, forger.group.suite.code, ())
    forger.commit(path=False, reinit=reinit)


def _false_certificate(forger: Forger, victim: int) -> None:
    town = forger.person.town
    other = town.people[-1]
    certificate = forger.person.state.account.certificate
    forger.commit(add=(package_of(other, certificate),))


ATTACKS = (
    _opens_nothing,
    _wrong_next_key,
    _wrong_stated_keys,
    _states_otherwise,
    _no_commit,
    _bad_group_info,
    _other_rules,
    _reinit,
    _false_certificate,
)


def _forge(world: World, person: Person, make, roster=None) -> None:
    """Let somebody append what its own engine never would; who does is hostile."""
    world.hostile.add(world.name(person))
    world.forging = Forging(roster)
    try:
        make()
    except (AssertionError, PrivityError):
        world.journal.note("  nothing comes of it")
    finally:
        world.forging = None


def _vandalize(world: World, deed: Deed) -> None:
    """A member appends a commit that breaks a rule."""
    person = world.people[deed.who]
    if deed.n % 2:
        # The owner can break more rules than others.
        person = next((p for p in world.people if world.is_a_member(p)), person)
    if not world.is_a_member(person) or world.hostile - {world.name(person)}:
        return
    members = person.state.groups[world.group].members()
    me = person.state.groups[world.group].own_leaf
    victim = next((n for n, _ in members[::-1] if n != me), None)
    if victim is not None:
        attack = ATTACKS[deed.n % len(ATTACKS)]
        world.journal.note(f"  {attack.__name__.strip('_').replace('_', ' ')}")
        forger = Forger(person, world.group)
        _forge(world, person, lambda: attack(forger, victim))


def _haunt(world: World, deed: Deed) -> None:
    """A removed member appends children under the epoch that it was removed from."""
    person = world.people[deed.who]
    before = world.ghosts.get((world.name(person), world.group))
    if before is None or world.is_a_member(person):
        return
    if world.group not in before.groups:
        # It left while its disk was too old to commit.
        return
    ghost = Person(world.town, before)
    ghost.perform = person.perform
    forger = Forger(ghost, world.group)
    for _ in range(4):
        _forge(world, person, lambda: forger.commit(opens=True))


def _poison(world: World, deed: Deed) -> None:
    """A commit that all can apply but one, whose path slot is garbage."""
    person, victim = world.people[deed.who], world.people[deed.n % len(world.people)]
    both = world.is_a_member(person) and world.is_a_member(victim)
    if not both or person is victim or world.hostile - {world.name(person)}:
        return
    group = person.state.groups[world.group]
    names = world.names_of(group)
    if world.name(victim) not in names:
        return
    target = group.member(leaf(person, world.group, victim)).encryption_key
    honest = mls.CipherSuite.encrypt_with_label

    def encrypt(self, public, *rest):
        sealed = honest(self, public, *rest)
        return replace(sealed, ciphertext=bytes(48)) if public == target else sealed

    mls.CipherSuite.encrypt_with_label = encrypt
    try:
        forger = Forger(person, world.group)
        _forge(world, person, lambda: forger.commit(path=True), names)
    finally:
        mls.CipherSuite.encrypt_with_label = honest
    world.poisoned.add(world.name(victim))


def _next_batch(world: World, person: Person) -> Entries | None:
    """Return what the relay would send next, of the group."""
    chat = person.state.chats.get(world.group)
    follow = chat and person.following.get(chat.log_id)
    if not person.online or follow is None:
        return None
    with suppress(reading.Refusal):
        after = person.cursors[chat.log_id]
        batch = person.read(chat.log_id, follow.generation, after)
        return batch if batch.entries else None
    return None


def _lie(world: World, person: Person, batch: Entries, entries: list) -> None:
    """Send these entries in place of a batch, with the chain that they have."""
    world.lied_to.add(world.name(person))
    value = batch.before
    for entry in entries:
        value = chain_of_links(value, entry.links)
    told = replace_entries(batch, entries, value)
    upto = batch.entries[-1].seq
    person.cursors[batch.log_id] = upto
    person.take(i.EntriesArrived(told))
    misled = world.misled.setdefault(world.name(person), set())
    misled.add(batch.log_id)
    chat = person.state.chats[world.group]
    is_read = chat.status is not Status.ACTIVE or chat.cursor >= upto
    if not is_read and chat.generation == batch.generation:
        # As `client.online` does it: what is missing is read over another connection.
        cut(world, person, "entries left out")
        person.connect()


def replace_entries(batch: Entries, entries: list, chain: bytes) -> Entries:
    """Return a batch with other entries and another chain value."""
    log_id, generation = batch.log_id, batch.generation
    return Entries(log_id, generation, entries, batch.before, chain, batch.end)


def _alter(world: World, deed: Deed) -> None:
    """The relay changes a byte of an envelope, and the chain values with it."""
    person = world.people[deed.who]
    batch = _next_batch(world, person)
    if batch is None:
        return
    at = deed.n % len(batch.entries)
    entries = list(batch.entries)
    old = entries[at]
    if isinstance(old, Entry):
        envelope = bytearray(old.envelope)
        envelope[deed.n % len(envelope)] ^= 1
        entries[at] = Entry(
            old.seq,
            old.minute,
            old.stamp_key,
            old.stamp,
            old.header,
            bytes(envelope),
        )
        _lie(world, person, batch, entries)


def _skip(world: World, deed: Deed) -> None:
    """The relay leaves entries out."""
    person = world.people[deed.who]
    batch = _next_batch(world, person)
    if batch is not None and len(batch.entries) > 1:
        at = deed.n % len(batch.entries)
        entries = [e for n, e in enumerate(batch.entries) if n != at]
        _lie(world, person, batch, entries)


def _reorder(world: World, deed: Deed) -> None:
    """The relay sends entries in another order."""
    person = world.people[deed.who]
    batch = _next_batch(world, person)
    if batch is not None and len(batch.entries) > 1:
        _lie(world, person, batch, list(batch.entries)[::-1])


def _refuse(world: World, deed: Deed) -> None:
    """The relay takes something, and says that it does not."""
    person = world.people[deed.who]
    if person.online and person.requests:
        send = person.requests.pop(0)
        person.perform(send.request)
        codes = ("stale", "rate_limited", "wrong_generation", "internal")
        refused = r.Refused(codes[deed.n % len(codes)], "", 500)
        world.lied_to.add(world.name(person))
        person.take(i.Answered(send.job, refused))


def _fork(world: World, deed: Deed) -> None:
    """From now on the relay shows some people another log."""
    if len(world.sides) > 1:
        return
    world.sides.append(side(world.town, copied(world.sides[0].logs)))
    world.journal.fork(0, 1)
    _to_side(world, world.people[deed.who], 1)


def _other_side(world: World, deed: Deed) -> None:
    """The relay shows somebody the other log."""
    person = world.people[deed.who]
    if len(world.sides) > 1:
        _to_side(world, person, 1 - world.side_of[world.name(person)])


def _to_side(world: World, person: Person, number: int) -> None:
    world.lied_to.add(world.name(person))
    world.moved.add(world.name(person))
    if person.online:
        cut(world, person, "shown another log")
    world.side_of[world.name(person)] = number
    person.connect()


DEEDS.update(
    {
        "vandalize": DeedKind(_vandalize, "{who} breaks a rule by a commit ({n})"),
        "haunt": DeedKind(_haunt, "{who}, who was removed, goes on committing"),
        "poison": DeedKind(_poison, "{who} commits with garbage for {other}"),
        "alter": DeedKind(_alter, "the relay alters what {who} reads ({n})"),
        "skip": DeedKind(_skip, "the relay leaves out what {who} should read ({n})"),
        "reorder": DeedKind(_reorder, "the relay turns {who}'s entries around"),
        "refuse": DeedKind(_refuse, "the relay takes what {who} sends and denies it"),
        "fork": DeedKind(_fork, "the relay begins another log for {who}"),
        "other_side": DeedKind(_other_side, "the relay shows {who} the other log"),
    }
)
