"""A removed member answers a plea, over a branch that only it calls the chat."""

from dataclasses import dataclass, replace
from typing import Any

import pytest
from forger import Forger, package_of
from msgspec import structs
from town import HOST, Person, Town
from troubles import lobby_of

from privity import mls
from privity.core import inputs as i
from privity.core import requests as r
from privity.core.effects import Kind
from privity.core.events import Notice
from privity.core.generations import Generation, generation_secret
from privity.core.pleas import (
    Answer,
    PleaPlace,
    RoadKey,
    log_hash,
    open_plea,
    plea_hash,
    seal_answer,
)
from privity.core.sealed import Locator
from privity.core.state import Status
from privity.identity.certificates import DeviceCertificate
from privity.wire.entry import Header


@dataclass
class Branch:
    """A branch behind one commit, with the removed member in it."""

    forger: Forger
    seq: int
    group: mls.Group
    secret: bytes

    @property
    def keys(self) -> Generation:
        return Generation(self.secret)


@dataclass
class Four:
    town: Town
    ana: Person
    ben: Person
    cem: Person
    dan: Person
    chat: bytes


@pytest.fixture
def four(
    town: Town, strangers: tuple[Person, ...], make_friends: Any, ask: Any
) -> Four:
    """Ben gets removed, Cem loses its disk; Ana and Dan are honest."""
    ana, ben, cem = strangers
    dan = town.person("Dan", "dan")
    for other in (ben, cem, dan):
        make_friends(town, ana, other)
    make_friends(town, ben, cem)
    make_friends(town, dan, cem)
    chat = ana.take(i.CreateGroup("Picnic", (ben.id, cem.id, dan.id)))
    town.run()
    for person in (ben, cem, dan):
        person.take(i.Accept(ask(person)))
    town.run()
    town.now_ms += 5_000
    return Four(town, ana, ben, cem, dan, chat)


def loses_what_it_sent(four: Four) -> dict[tuple[Kind, bytes], bytes]:
    """Let Cem send something; return the older disk that does not know of it."""
    older = dict(four.cem.disk)
    four.cem.say(four.chat, "soon forgotten")
    four.town.run()
    return older


def branch(forger: Forger, **how: Any) -> Branch:
    made = forger.commit(path=True, opens=True, **how)
    host = forger.person.state.account.host
    secret = generation_secret(made.next, forger.chat.log_id, host)
    return Branch(forger, forger.seq, made.next, secret)


def removes_ben(four: Four) -> None:
    four.town.now_ms += 5_000
    four.ana.take(i.RemoveMember(four.chat, four.ben.id))
    four.town.run()
    members = four.ana.state.groups[four.chat].members()
    assert four.ben.id not in {leaf.credential.identity[:16] for _, leaf in members}


def stuck(four: Four, older: dict[tuple[Kind, bytes], bytes]) -> None:
    """Start Cem from its older disk while nobody honest is there."""
    for person in (four.ana, four.dan, four.ben):
        person.disconnect()
    four.cem.disk = dict(older)
    four.cem.crash()
    four.cem.connect()
    four.town.run(seconds=0)
    assert four.cem.state.chats[four.chat].cause == "rolled_back"


def lists(four: Four, dead: Branch) -> tuple[r.WaitingPlea, ...]:
    """Return what the lobby shows to the branch's key."""
    log_id = dead.forger.chat.log_id
    got = four.ben.perform(r.ListPleas(log_id, dead.seq, dead.keys.access_seed))
    assert isinstance(got, r.Pleas)
    return got.pleas


def answers_over(
    four: Four,
    dead: Branch,
    *road: RoadKey,
    epoch: Branch | None = None,
    head: int = 0,
    by: Person | None = None,
) -> None:
    """Let Ben answer Cem's plea alone, with the branch as where the chat is.

    Or with another `epoch` that he knows, at which nothing came up to `head`; or let
    somebody else (`by`) answer with what Ben knows.
    """
    log_id, account = dead.forger.chat.log_id, (by or four.ben).state.account
    places = {
        leaf.credential.identity[:16]: at
        for at, leaf in (epoch or dead).group.members()
    }
    mine = four.cem.state.repairs[four.chat].plea_id
    (waiting,) = (one for one in lists(four, dead) if one.plea_id == mine)
    there = epoch or dead
    lobby = lobby_of(four.cem, four.chat)
    place = PleaPlace(log_id, waiting.generation, waiting.plea_id)
    plea = open_plea(lobby.seal, place, waiting.body)
    ((header, _), (_, chain)) = (
        four.town.logs.execute(
            "SELECT header, chain FROM entries WHERE log_id = ? AND seq = ?",
            (log_id, seq),
        ).fetchone()
        for seq in (there.seq, head or there.seq)
    )
    parsed = Header.parse(header)
    answer = Answer(
        version=1,
        plea=plea_hash(waiting.body),
        log_hash=log_hash(log_id, HOST),
        certificate=DeviceCertificate.decode(account.certificate),
        leaf=places.get(account.account_id, there.group.own_leaf),
        via=there.seq,
        seq=there.seq,
        head=head or there.seq,
        chain=chain,
        generation=there.seq,
        secret=there.secret,
        group_info=there.group.group_info(),
        checkpoint=Locator(there.seq, parsed.parent, parsed.checkpoint_hash or b""),
        road=road,
    )
    body = seal_answer(mls.suite(account.suite), plea, answer, account.signature_seed)
    seed = dead.keys.access_seed
    request = r.PostAnswer(log_id, dead.seq, seed, plea.plea_id, body)
    assert isinstance(four.ben.perform(request), r.Done)


@pytest.mark.parametrize("is_added", [False, True])
def test_a_second_account_that_was_never_a_member_outweighs_nothing(
    four, shown, make_friends, is_added
):
    eve = four.town.person("Eve", "eve")
    make_friends(four.town, eve, four.cem)
    older = loses_what_it_sent(four)
    forger = Forger(four.ben, four.chat, frozen=True)
    removes_ben(four)
    removal = four.ana.state.chats[four.chat].parent
    dead = branch(forger, after=removal, add=(package_of(eve),) if is_added else ())
    stuck(four, older)
    answers_over(four, dead)
    answers_over(four, dead, by=eve)
    stays(four, shown, dead)


def goes_back_again(four: Four) -> None:
    """Let Cem's disk go back once more, to when the chat was stuck already."""
    four.cem.disconnect()
    four.cem.take(i.DiskWentBack())
    four.cem.connect()
    four.town.run(seconds=0)


def forgets_who_was_there(four: Four) -> None:
    """Let Cem's plea know no members, as that of a chat that was being joined."""
    repair = four.cem.state.repairs[four.chat]
    repairs = {four.chat: structs.replace(repair, members=())}
    four.cem.state = replace(four.cem.state, repairs=repairs)


@pytest.mark.parametrize("then", [goes_back_again, forgets_who_was_there])
def test_no_account_of_a_dead_branch_outweighs_anything_without_the_old_members(
    four, shown, make_friends, then
):
    eve = four.town.person("Eve", "eve")
    make_friends(four.town, eve, four.cem)
    older = loses_what_it_sent(four)
    forger = Forger(four.ben, four.chat, frozen=True)
    removes_ben(four)
    removal = four.ana.state.chats[four.chat].parent
    dead = branch(forger, after=removal, add=(package_of(eve),))
    stuck(four, older)
    then(four)
    answers_over(four, dead, by=eve)
    answers_over(four, dead)
    stays(four, shown, dead)


def test_a_second_account_that_is_not_in_the_tree_outweighs_nothing(four, shown):
    older = loses_what_it_sent(four)
    four.ana.take(i.RemoveMember(four.chat, four.dan.id))
    four.town.run()
    forger = Forger(four.ben, four.chat, frozen=True)
    removes_ben(four)
    dead = branch(forger, after=four.ana.state.chats[four.chat].parent)
    stuck(four, older)
    answers_over(four, dead)
    answers_over(four, dead, by=four.dan)
    stays(four, shown, dead)


def commits_behind(four: Four, seq: int) -> int:
    (count,) = four.town.logs.execute(
        "SELECT count(*) FROM commits WHERE parent = ?", (seq,)
    ).fetchone()
    return int(count)


def stays(four: Four, shown: Any, dead: Branch) -> None:
    """See that Cem asks its owner and goes nowhere."""
    before = four.cem.state.chats[four.chat]
    children = commits_behind(four, dead.seq)
    four.town.run(seconds=3_600)
    assert four.cem.state.chats[four.chat] == before
    assert commits_behind(four, dead.seq) == children
    assert four.chat not in four.cem.state.pending
    codes = [n.code for n in shown(four.cem, Notice)]
    assert codes.count("answer_alone") == 1


def together(four: Four) -> None:
    groups = [p.state.groups[four.chat] for p in (four.ana, four.cem, four.dan)]
    assert len({group.epoch_authenticator for group in groups}) == 1


def behind_its_removal(four: Four) -> tuple[Branch, dict[tuple[Kind, bytes], bytes]]:
    """Let Ben, removed, append a further child of the commit before."""
    older = loses_what_it_sent(four)
    forger = Forger(four.ben, four.chat, frozen=True)
    removes_ben(four)
    removal = four.ana.state.chats[four.chat].parent
    return branch(forger, after=removal), older


def in_front_of_its_removal(
    four: Four,
) -> tuple[Branch, dict[tuple[Kind, bytes], bytes]]:
    """Let Ben append a first child that all members skip, and be removed then."""
    older = loses_what_it_sent(four)
    four.ben.disconnect()
    forger = Forger(four.ben, four.chat, frozen=True)
    dead = branch(forger, keys=Generation(bytes(range(32))).next_keys)
    four.town.run()
    assert four.ana.state.chats[four.chat].failed == dead.seq
    removes_ben(four)
    return dead, older


@pytest.mark.parametrize("where", [behind_its_removal, in_front_of_its_removal])
def test_a_removed_member_alone_leads_nobody_onto_its_branch(four, shown, where):
    dead, older = where(four)
    stuck(four, older)
    answers_over(four, dead, RoadKey(dead.seq, dead.keys.lobby_seed))
    stays(four, shown, dead)


def test_a_removed_member_alone_leads_nobody_into_an_epoch_that_ended(four, shown):
    four.town.now_ms += 8 * 86_400_000
    four.ana.say(four.chat, "a new week")
    four.town.run()
    chat = four.ben.state.chats[four.chat]
    assert chat.parent == chat.generation
    group = four.ben.state.groups[four.chat]
    dead, older = behind_its_removal(four)
    stuck(four, older)
    former = Branch(dead.forger, chat.parent, group, chat.secret)
    answers_over(four, dead, epoch=former, head=dead.seq)
    stays(four, shown, former)


def test_a_member_of_a_dead_branch_can_t_hide_a_plea_from_the_others(four):
    dead, older = behind_its_removal(four)
    stuck(four, older)
    (waiting,) = lists(four, dead)
    log_id, seed = dead.forger.chat.log_id, dead.keys.access_seed
    drop = r.DropPlea(log_id, dead.seq, seed, waiting.plea_id)
    assert isinstance(four.ben.perform(drop), r.Done)
    assert lists(four, dead) == ()
    for person in (four.ana, four.dan):
        person.connect()
    four.town.run(seconds=1_200)
    assert four.cem.state.chats[four.chat].status is Status.ACTIVE
    together(four)


def test_who_pleads_anew_because_a_dead_branch_dropped_it_is_answered(four):
    dead, older = behind_its_removal(four)
    stuck(four, older)
    log_id, seed = dead.forger.chat.log_id, dead.keys.access_seed
    for _ in range(3):
        for waiting in lists(four, dead):
            drop = r.DropPlea(log_id, dead.seq, seed, waiting.plea_id)
            assert isinstance(four.ben.perform(drop), r.Done)
        four.town.run(seconds=3_700)
    pleas = four.town.logs.execute("SELECT count(*) FROM pleas")
    assert pleas.fetchone()[0] > 2
    for person in (four.ana, four.dan):
        person.connect()
    four.town.run(seconds=1_200)
    assert four.cem.state.chats[four.chat].status is Status.ACTIVE
    together(four)


def test_two_honest_members_outweigh_it_without_a_person(four, shown):
    dead, older = behind_its_removal(four)
    stuck(four, older)
    answers_over(four, dead)
    stays(four, shown, dead)
    four.ana.connect()
    four.town.run(seconds=1_200)
    assert four.cem.state.chats[four.chat].status is Status.STUCK
    four.dan.connect()
    four.town.run(seconds=1_200)
    assert four.cem.state.chats[four.chat].status is Status.ACTIVE
    together(four)


def test_a_person_can_trust_the_one_honest_member_that_is_there(four, shown):
    dead, older = behind_its_removal(four)
    stuck(four, older)
    answers_over(four, dead)
    four.ana.connect()
    stays(four, shown, dead)
    four.cem.take(i.AskForHelp(four.chat))
    four.dan.connect()
    four.town.run(seconds=1_200)
    assert four.cem.state.chats[four.chat].status is Status.ACTIVE
    together(four)


def test_one_honest_member_is_enough_on_a_road_of_several_generations(four):
    older = loses_what_it_sent(four)
    removes_ben(four)
    for _ in range(3):
        four.town.now_ms += 8 * 86_400_000
        four.ana.say(four.chat, "another week")
        four.town.run()
    assert len(four.ana.state.pasts[four.chat].lobbies) == 5
    stuck(four, older)
    four.dan.connect()
    four.town.run(seconds=1_200)
    assert four.cem.state.chats[four.chat].status is Status.ACTIVE
    four.ana.connect()
    four.town.run()
    together(four)


def test_who_does_not_remember_the_generations_is_not_believed_alone(four, shown):
    older = loses_what_it_sent(four)
    removes_ben(four)
    four.town.now_ms += 8 * 86_400_000
    four.ana.say(four.chat, "another week")
    four.town.run()
    past = four.dan.state.pasts[four.chat]
    forgetful = structs.replace(past, lobbies=(past.lobbies[0], past.lobbies[-1]))
    pasts = {**four.dan.state.pasts, four.chat: forgetful}
    four.dan.state = replace(four.dan.state, pasts=pasts)
    stuck(four, older)
    four.dan.connect()
    four.town.run(seconds=1_200)
    assert four.cem.state.chats[four.chat].status is Status.STUCK
    assert "answer_alone" in [n.code for n in shown(four.cem, Notice)]
    four.ana.connect()
    four.town.run(seconds=1_200)
    assert four.cem.state.chats[four.chat].status is Status.ACTIVE
    together(four)
