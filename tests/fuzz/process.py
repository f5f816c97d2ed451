"""Members receive what an insider says: `Group.process`, `PublicGroup.follow`.

Everybody must judge alike, refused input must leave no trace, and a state that
follows must survive being stored.
"""

from mls_groups import body_of, stored

from privity.codec import Reader
from privity.errors import DecodeError
from privity.mls import (
    Application,
    CommitOptions,
    ConfirmationTagMismatch,
    ExternalJoin,
    Group,
    GroupInfo,
    OwnCommit,
    PathSlotFailed,
    Proposed,
    ReInit,
    StagedCommit,
    UnknownPsk,
)
from privity.mls.framing import ContentType, PublicMessage, encode_content
from tests.fuzz.insider import Mode, Recipe, crafted
from tests.fuzz.target import REFUSALS, Fault, Target
from tests.fuzz.world import PSK, World, seeded, world

DAN = 3
"""A leaf that has sent nothing in this epoch."""
Event = Application | Proposed | StagedCommit


def run(data: bytes) -> None:
    """Let bob and ada receive the message of a recipe."""
    reader = Reader(data)
    try:
        recipe = Recipe.read(reader)
    except DecodeError:
        return
    here = world()
    groups = here.waiting if recipe.mode & Mode.WAITING else here.company.groups
    bob, ada = groups["bob"], groups["ada"]
    message = crafted(here, bob.state, recipe, reader.take(reader.remaining))
    seen = received(here, "bob", bob, message)
    if isinstance(seen, StagedCommit):
        _agree(bob, seen, received(here, "ada", ada, message), message)


def received(here: World, name: str, group: Group, message: bytes) -> Event | Exception:
    """Return what a member makes of a message, or why it refuses it."""
    before = stored(group)
    try:
        event = group.process(message, psks=here.psks)
    except REFUSALS as refusal:
        if stored(group) != before:
            raise Fault("a refused message left a trace") from refusal
        return refusal
    if stored(group) != before:
        raise Fault("an old state changed")
    if event.next is not None:
        parts = stored(event.next)
        if stored(Group.load(*parts, here.company.people[name])) != parts:
            raise Fault("a state that loads as another")
    return event


def _agree(
    bob: Group, seen: StagedCommit, other: Event | Exception, message: bytes
) -> None:
    """Raise Fault if others could find that a commit of bob's liking leads elsewhere.

    A member may be unable to follow by itself, and the committer knows its own.
    """
    in_the_open = isinstance(body_of(message), PublicMessage)
    if in_the_open and bob.public.follow(message).context != seen.context:
        raise Fault("a watcher is led elsewhere")
    if isinstance(other, OwnCommit | PathSlotFailed | UnknownPsk):
        return
    if seen.removes_me and isinstance(other, ConfirmationTagMismatch):
        return
    if not isinstance(other, StagedCommit) or other.context != seen.context:
        raise Fault(f"one accepts what another sees as {other!r}")
    if seen.next and other.next:
        one, two = seen.next.epoch_authenticator, other.next.epoch_authenticator
        if one != two:
            raise Fault("two epochs in one")


def seeds() -> list[bytes]:
    """Return one recipe for each thing that can be said, valid as it stands."""
    with seeded(b"process") as draw:
        return _seeds(world(), draw)


def _seeds(here: World, draw) -> list[bytes]:
    dan = here.company["dan"]
    package = here.bundle.key_package
    options = (
        CommitOptions(),
        CommitOptions(add=(package,)),
        CommitOptions(add=(package,), path=False),
        CommitOptions(remove=(here.company.leaf("cyd"),)),
        CommitOptions(remove=(here.company.leaf("bob"),)),
        CommitOptions(psks=(PSK,), known_psks=here.psks),
        CommitOptions(extensions=()),
        CommitOptions(reinit=ReInit(b"next", 1, 1, ())),
    )
    bodies = [dan.commit(one, draw).message for one in options]
    waiting = here.waiting["dan"]
    waited = waiting.commit(CommitOptions(known_psks=here.psks), draw).message
    proposals = [
        dan.propose_update(random=draw)[0],
        dan.propose_remove(0)[0],
        dan.propose_add(package)[0],
        dan.propose_extensions(())[0],
        dan.propose_psk(PSK, random=draw)[0],
    ]
    found = [_recipe(_content(it), 16 * n % 32) for n, it in enumerate(bodies)]
    found += [_recipe(_content(it), Mode.MEND_LEAF | Mode.PRIVATE) for it in bodies]
    found.append(_recipe(_content(waited), Mode.WAITING))
    found += [_recipe(_content(it), n % 2 * 4) for n, it in enumerate(proposals)]
    found += [_recipe(_content(proposals[n]), 1, leaf=0) for n in (1, 2, 3)]
    found.append(_recipe(_content(proposals[2]), 2))
    for mode in (Mode.PRIVATE, Mode.PRIVATE | Mode.LATE):
        found.append(_recipe((ContentType.APPLICATION, b"\x05hello"), mode))
    return [*found, *_external(here, draw)]


def _external(here: World, draw) -> list[bytes]:
    info = GroupInfo.decode(here.company["ada"].group_info(with_tree=True))
    joined = Group.join_externally(info, here.outsider, ExternalJoin(), draw)
    resync = ExternalJoin(replaces=here.company.leaf("cyd"))
    again = Group.join_externally(info, here.outsider, resync, draw)
    return [
        _recipe(_content(made.message), 3 | more)
        for made, more in ((joined, 0), (again, 0), (joined, Mode.FRESH_PATH))
    ]


def _content(message: bytes) -> tuple[ContentType, bytes]:
    content = body_of(message).content
    return content.content_type, encode_content(content.content)


def _recipe(content: tuple[ContentType, bytes], mode: int, leaf: int = DAN) -> bytes:
    kind, body = content
    padding = b"\0" if mode & Mode.PRIVATE else b""
    return Recipe(mode, leaf, 0, kind, b"", padding).encode() + body


TARGET = Target("process", run, seeds)
