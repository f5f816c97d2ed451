"""Behind a commit that nobody follows, honest members make one that all follow."""

from collections import Counter
from dataclasses import replace

import pytest
from forger import Forger
from msgspec import structs

from privity.core import inputs as i
from privity.core.events import MessageDropped, Notice
from privity.core.requests import Refused
from privity.core.state import Status
from privity.wire import frames
from privity.wire.entry import Header, Kind, chain_of_links


def commits_of(person, chat_id):
    """Return (seq, parent, opens) of every commit of a log, as the relay has them."""
    chat = person.state.chats[chat_id]
    rows = person.town.logs.execute(
        "SELECT seq, header FROM entries WHERE log_id = ? ORDER BY seq", (chat.log_id,)
    )
    headers = [(seq, Header.parse(header)) for seq, header in rows]
    return [(n, h.parent, h.opens) for n, h in headers if h.kind is Kind.COMMIT]


def children(person, chat_id, parent):
    return [n for n, above, _ in commits_of(person, chat_id) if above == parent]


def spent(town):
    """Return how many "child" tokens were given out."""
    row = town.accounts.execute(
        "SELECT coalesce(sum(count), 0) FROM tokens_issued WHERE kind = 'child'"
    )
    return row.fetchone()[0]


def agree(chat, *people):
    """See that all stand in one epoch, with one transcript."""
    groups = [person.state.groups[chat] for person in people]
    assert len({group.epoch_authenticator for group in groups}) == 1
    assert len({tuple(person.texts(chat)) for person in people}) == 1
    for person in people:
        assert person.state.chats[chat].status is Status.ACTIVE
        assert not person.state.pending
        assert not any(person.state.outgoing.values())


def test_who_has_nothing_to_say_waits(trio, shown):
    forger = Forger(trio.ana, trio.chat, frozen=True)
    forger.junk()
    trio.town.run()
    parent = forger.chat.parent
    assert children(trio.ben, trio.chat, parent) == [forger.seq]
    assert trio.ben.state.chats[trio.chat].failed == forger.seq
    assert spent(trio.town) == 0
    assert shown(trio.ben, MessageDropped)[-1].cause == "envelope"


def test_one_further_child_is_paid_for_and_no_more(trio):
    """Cem's turn would come a second after Ben's; Ana, who forges, has none."""
    Forger(trio.ana, trio.chat).junk()
    trio.town.run(seconds=0)
    for person in (trio.ben, trio.cem):
        person.say(trio.chat, person.state.account.name)
    trio.town.run()
    agree(trio.chat, trio.ben, trio.cem)
    assert sorted(trio.ben.texts(trio.chat)) == ["Ben", "Cem"]
    assert spent(trio.town) == 1


def test_what_was_said_before_the_junk_was_read_arrives(trio):
    """The attempt is stale; the same message goes again in the next epoch."""
    Forger(trio.ana, trio.chat).junk()
    trio.ben.say(trio.chat, "hello")
    trio.town.run()
    agree(trio.chat, trio.ben, trio.cem)
    assert trio.cem.texts(trio.chat) == ["hello"]


def test_the_lowest_valid_child_counts_whoever_comes_later(trio):
    forger = Forger(trio.ana, trio.chat, frozen=True)
    forger.junk()
    trio.town.run(seconds=0)
    trio.ben.say(trio.chat, "hello")
    trio.town.run()
    after = children(trio.ben, trio.chat, forger.chat.parent)
    forger.commit(after=after[-1])
    trio.town.run()
    agree(trio.chat, trio.ben, trio.cem)
    assert trio.ben.state.chats[trio.chat].parent == after[-1]


def test_my_commit_goes_again_with_the_same_bytes_behind_an_invalid_one(trio):
    """Ben's own commit lost the first place to one that nobody follows."""
    junk = Forger(trio.cem, trio.chat)
    trio.ana.take(i.RemoveMember(trio.chat, trio.cem.id))
    made = trio.ana.state.pending[trio.chat]
    junk.junk()
    trio.town.run()
    agree(trio.chat, trio.ana, trio.ben)
    sent = [it for it in trio.ana.sent_frames if made.idem in it.header]
    assert len({(it.header, it.envelope) for it in sent}) == 1
    assert [bool(it.token) for it in sent] == [False, True]
    assert trio.cem.id not in {
        leaf.credential.identity[:16]
        for _, leaf in trio.ben.state.groups[trio.chat].members()
    }


def test_my_commit_is_made_anew_where_it_has_to_open(trio, town):
    """Ana adds; the junk in front opened a generation, so hers has to as well."""
    dan = town.person("Dan")
    chat = trio.ana.state.chats[trio.chat]
    forger = Forger(trio.cem, trio.chat)
    trio.ana.say(trio.chat, "hello")
    trio.ana.disconnect()
    forger.junk(opens=True)
    trio.ana.connect()
    trio.town.run()
    agree(trio.chat, trio.ana, trio.ben)
    last = commits_of(trio.ana, trio.chat)[-1]
    assert last[1:] == (chat.parent, True)
    assert trio.ana.state.chats[trio.chat].generation == last[0]
    assert dan.state.chats == {}


def test_whose_commit_lost_to_a_valid_one_commits_again(trio):
    """Ben's removal and another commit race; the intent is stored until it is done."""
    forger = Forger(trio.ben, trio.chat)
    trio.ana.take(i.RemoveMember(trio.chat, trio.cem.id))
    forger.commit()
    trio.town.run()
    assert trio.cem.state.chats[trio.chat].status is Status.REMOVED
    assert trio.ana.state.chats[trio.chat].intents == ()
    assert spent(trio.town) == 0


def test_an_accepted_invitation_outlives_lost_races(trio, town, make_friends):
    """The Add loses to junk and then to a valid commit: the same package is added."""
    dan = town.person("Dan", "dan")
    make_friends(town, trio.ana, dan)
    trio.ana.take(i.AddMembers(trio.chat, (dan.id,)))
    town.run()
    request = next(k for k, v in dan.state.requests.items() if v.state == "pending")
    dan.take(i.Accept(request))
    while not trio.ana.state.chats[trio.chat].intents:
        dan.act()
        trio.ana._mailbox()
    Forger(trio.cem, trio.chat).junk()
    Forger(trio.cem, trio.chat).commit(after=trio.ana.state.chats[trio.chat].cursor + 1)
    town.run()
    trio.ana.say(trio.chat, "welcome")
    town.run()
    agree(trio.chat, trio.ana, trio.ben, dan)
    assert dan.texts(trio.chat) == ["welcome"]


def test_an_admission_leaves_only_when_the_commit_is_in_its_place(
    trio, town, make_friends
):
    dan = town.person("Dan", "dan")
    make_friends(town, trio.ana, dan)
    trio.ana.take(i.AddMembers(trio.chat, (dan.id,)))
    town.run()
    dan.take(i.Accept(next(k for k, v in dan.state.requests.items() if v.title)))
    forger = Forger(trio.cem, trio.chat)
    forger.junk()
    admitted = []
    for _ in range(400):
        if not any(person.act() for person in town.people):
            break
        jobs = [j for j in trio.ana.state.jobs.values() if j.reason == "admission"]
        if jobs and not admitted:
            admitted.append(trio.ana.state.chats[trio.chat])
    town.run()
    (place,) = admitted
    assert (place.failed, place.parent) == (0, forger.seq + 1)
    agree(trio.chat, trio.ana, trio.ben, dan)


def test_a_joiner_s_walk_leads_past_commits_that_nobody_follows(
    trio, town, make_friends
):
    """Between the checkpoint and the Add stand junk, a dead branch and its messages."""
    dan = town.person("Dan", "dan")
    make_friends(town, trio.ana, dan)
    forger = Forger(trio.cem, trio.chat, frozen=True)
    forger.junk()
    town.run(seconds=0)
    trio.ana.say(trio.chat, "one")
    town.run()
    forger.junk(after=children(trio.ana, trio.chat, forger.chat.parent)[-1])
    forger.junk(opens=True, after=forger.seq)
    trio.ana.take(i.AddMembers(trio.chat, (dan.id,)))
    town.run()
    dan.take(i.Accept(next(k for k, v in dan.state.requests.items() if v.title)))
    town.run()
    trio.ben.say(trio.chat, "two")
    town.run()
    agree(trio.chat, trio.ana, trio.ben)
    assert dan.texts(trio.chat) == ["two"]
    assert dan.state.chats[trio.chat].chain == trio.ana.state.chats[trio.chat].chain


def test_a_removed_member_s_hundred_children_change_nothing(trio):
    """Each costs it a token; those who went on see two hashes of each."""
    forger = Forger(trio.cem, trio.chat, frozen=True)
    trio.ana.take(i.RemoveMember(trio.chat, trio.cem.id))
    trio.town.run()
    opening = children(trio.ana, trio.chat, forger.chat.parent)[-1]
    rounds, after = 100, opening
    for number in range(rounds):
        trio.town.now_ms += 1_000
        forger.junk(after=after, opens=number % 2 == 0)
        after = forger.seq
    trio.town.run()
    assert trio.ben.state.chats[trio.chat].cursor == opening, "nothing is told"
    size = len(trio.ben.disk[next(k for k in trio.ben.disk if k[1] == trio.chat)])
    trio.ben.say(trio.chat, "hello")
    trio.town.run()
    agree(trio.chat, trio.ana, trio.ben)
    assert trio.ana.texts(trio.chat) == ["hello"]
    chat = trio.ben.state.chats[trio.chat]
    assert chat.cursor > opening + rounds
    grown = len(trio.ben.disk[next(k for k in trio.ben.disk if k[1] == trio.chat)])
    assert grown < size + 64, "what is skipped is not kept"
    with pytest.raises(AssertionError):
        forger.junk(after=after)
    assert forger.answer.code == "rate_limited"


def test_a_hundred_junk_children_of_a_member_are_judged_one_by_one(trio, shown):
    """While all are invalid nothing is sent; then one further child is enough."""
    forger = Forger(trio.ana, trio.chat, frozen=True)
    forger.junk()
    for _ in range(99):
        trio.town.now_ms += 1_000
        forger.junk(after=forger.seq)
    trio.town.run()
    causes = Counter(it.cause for it in shown(trio.ben, MessageDropped))
    assert causes == {"envelope": 100}
    for person in (trio.ben, trio.cem):
        person.say(trio.chat, "still here")
    trio.town.run()
    agree(trio.chat, trio.ben, trio.cem)
    assert spent(trio.town) == 100


def test_who_is_off_line_for_the_junk_and_what_followed_comes_to_the_same(trio):
    trio.cem.disconnect()
    forger = Forger(trio.ana, trio.chat, frozen=True)
    forger.junk()
    forger.junk(after=forger.seq, opens=True)
    trio.town.run()
    trio.ben.say(trio.chat, "hello")
    trio.town.run()
    forger.junk(after=children(trio.ben, trio.chat, forger.chat.parent)[-1])
    trio.cem.connect()
    trio.town.run()
    agree(trio.chat, trio.ben, trio.cem)


def test_what_a_batch_shows_behind_an_opening_is_read_with_the_new_key(trio):
    """To the old key the new generation is hidden; its messages must not be lost."""
    forger = Forger(trio.cem, trio.chat, frozen=True)
    trio.ben.disconnect()
    trio.ana.take(i.RemoveMember(trio.chat, trio.cem.id))
    trio.town.run()
    trio.ana.say(trio.chat, "hello")
    trio.town.run()
    opening = children(trio.ana, trio.chat, forger.chat.parent)[-1]
    forger.junk(after=opening)
    behind = trio.ben.state.chats[trio.chat].cursor
    batch = trio.ben.read(forger.chat.log_id, forger.chat.generation, behind)
    kinds = [type(it) for it in batch.entries]
    assert kinds == [frames.Entry, frames.Hidden, frames.Entry]
    trio.ben.connect()
    trio.town.run()
    agree(trio.chat, trio.ana, trio.ben)
    assert trio.ben.texts(trio.chat) == ["hello"]


def test_an_opening_that_nobody_follows_makes_the_next_commit_open(trio):
    """The relay counts the generation as closed then, and gives it a trickle."""
    forger = Forger(trio.cem, trio.chat, frozen=True)
    Forger(trio.ana, trio.chat).junk()
    trio.town.run(seconds=0)
    trio.ben.say(trio.chat, "one")
    trio.town.run()
    generation = trio.ben.state.chats[trio.chat].generation
    assert generation == 0
    forger.junk(after=children(trio.ben, trio.chat, forger.chat.parent)[-1], opens=True)
    trio.town.run(seconds=0)
    trio.town.now_ms += 20 * 60_000
    trio.ben.say(trio.chat, "two")
    trio.town.run()
    agree(trio.chat, trio.ben, trio.cem)
    assert trio.ben.state.chats[trio.chat].generation > generation


def test_a_relay_that_hides_what_it_said_it_stored_is_named(pair):
    idem = pair.ana.say(pair.chat, "hello")
    chat = pair.ana.state.chats[pair.chat]
    while not any(it.seq for it in pair.ana.state.outgoing[pair.chat]):
        pair.ana._request()
    batch = pair.ana.read(chat.log_id, chat.generation, chat.cursor)
    hidden = [frames.Hidden(it.seq, it.links) for it in batch.entries]
    pair.ana.take(i.EntriesArrived(structs.replace(batch, entries=hidden)))
    now = pair.ana.state.chats[pair.chat]
    assert (now.status, now.cause) == (Status.STUCK, "chain")
    assert idem in {it.idem for it in pair.ana.state.outgoing[pair.chat]}


def test_a_relay_that_shows_another_entry_where_mine_was_stored_is_named(pair):
    idem = pair.ana.say(pair.chat, "hello")
    chat = pair.ana.state.chats[pair.chat]
    while not any(it.seq for it in pair.ana.state.outgoing[pair.chat]):
        pair.ana._request()
    batch = pair.ana.read(chat.log_id, chat.generation, chat.cursor)
    entry = batch.entries[0]
    header = replace(Header.parse(entry.header), idem=bytes(16)).encode()
    other = structs.replace(entry, header=header)
    value = chain_of_links(batch.before, other.links)
    told = structs.replace(batch, entries=[other], chain=value)
    pair.ana.take(i.EntriesArrived(told))
    now = pair.ana.state.chats[pair.chat]
    assert (now.status, now.cause) == (Status.STUCK, "chain")
    assert idem in {it.idem for it in pair.ana.state.outgoing[pair.chat]}


def test_hidden_entries_that_contradict_the_chain_are_not_taken(pair):
    chat = pair.ana.state.chats[pair.chat]
    false = frames.Entries(
        chat.log_id,
        chat.generation,
        [frames.Hidden(chat.cursor + 1, bytes(64))],
        chat.chain,
        bytes(32),
        chat.cursor + 1,
    )
    pair.ana.take(i.EntriesArrived(false))
    assert pair.ana.state.chats[pair.chat] == chat


def test_a_batch_of_another_generation_is_not_taken(pair):
    chat = pair.ana.state.chats[pair.chat]
    pair.ben.say(pair.chat, "hello")
    pair.ben._request()
    batch = pair.ana.read(chat.log_id, chat.generation, chat.cursor)
    late = structs.replace(batch, generation=chat.generation + 1)
    pair.ana.take(i.EntriesArrived(late))
    assert pair.ana.state.chats[pair.chat] == chat
    pair.town.run()
    assert pair.ana.texts(pair.chat) == ["hello"]


def test_who_has_no_tokens_left_waits_and_another_goes_on(trio):
    trio.town.accounts.execute(
        "INSERT INTO tokens_issued (account_id, device_id, kind, day, count)"
        " VALUES (?, ?, 'child', ?, 100)",
        (
            trio.ben.id,
            trio.ben.state.account.device_id,
            trio.town.now_ms // 86_400_000,
        ),
    )
    Forger(trio.ana, trio.chat).junk()
    trio.town.run(seconds=0)
    for person in (trio.ben, trio.cem):
        person.say(trio.chat, person.state.account.name)
    trio.town.run()
    agree(trio.chat, trio.ben, trio.cem)


def test_in_the_hour_of_a_further_child_commits_are_paid_for_and_go_on(trio):
    """A first child needs a token then; the loser of a race keeps its own."""
    Forger(trio.cem, trio.chat).junk()
    trio.town.run(seconds=0)
    trio.ana.say(trio.chat, "hello")
    trio.town.run()
    before = spent(trio.town)
    trio.ana.take(i.RemoveMember(trio.chat, trio.cem.id))
    trio.town.run()
    agree(trio.chat, trio.ana, trio.ben)
    assert spent(trio.town) == before + 1
    assert trio.ben.state.chats[trio.chat].generation > 0


def test_who_leaves_gets_out_behind_a_commit_that_nobody_follows(trio):
    Forger(trio.ana, trio.chat).junk()
    trio.town.run(seconds=0)
    trio.cem.take(i.Leave(trio.chat))
    trio.town.run()
    assert trio.cem.state.chats[trio.chat].status is Status.LEFT
    members = trio.ben.state.groups[trio.chat].members()
    assert len(members) == 2


def test_a_leave_in_the_log_is_committed_behind_junk(trio):
    trio.ben.disconnect()
    trio.cem.take(i.Leave(trio.chat))
    while trio.cem._request():
        pass
    Forger(trio.ana, trio.chat).junk()
    trio.ben.connect()
    trio.town.run()
    assert trio.cem.state.chats[trio.chat].status is Status.LEFT
    assert trio.ben.state.chats[trio.chat].status is Status.ACTIVE


def test_a_relay_that_asks_twice_for_a_token_is_asked_again_later(trio):
    Forger(trio.ana, trio.chat).junk()
    trio.town.run(seconds=0)
    trio.ben.say(trio.chat, "hello")
    trio.town.now_ms += 1_000
    trio.ben.take(i.Tick())
    (number,) = [k for k, j in trio.ben.state.jobs.items() if j.reason == "commit"]
    for _ in range(3):
        asked = Refused("token_needed")
        trio.ben.take(i.Answered(number, asked))
        assert trio.ben.state.session.retry_at[number] > trio.town.now_ms
    assert trio.ben.state.jobs[number].request.paid


def test_a_commit_that_is_refused_for_good_is_not_made_again_at_once(trio, shown):
    Forger(trio.ana, trio.chat).junk()
    trio.town.run(seconds=0)
    trio.ben.say(trio.chat, "hello")
    trio.town.now_ms += 1_000
    trio.ben.take(i.Tick())
    (number,) = [k for k, j in trio.ben.state.jobs.items() if j.reason == "commit"]
    trio.ben.take(i.Answered(number, Refused("too_large")))
    assert shown(trio.ben, Notice)[-1].code == "commit_refused"
    assert trio.chat not in trio.ben.state.pending
    trio.ben.requests.clear()
    trio.town.run(seconds=90)
    agree(trio.chat, trio.ben, trio.cem)


def test_those_whose_leaves_came_too_late_make_the_further_child(trio):
    """Nobody else has anything to say; a leave that is stale is not pending."""
    Forger(trio.ana, trio.chat).junk()
    for person in (trio.ben, trio.cem):
        person.take(i.Leave(trio.chat))
    trio.town.run(seconds=120)
    for person in (trio.ben, trio.cem):
        assert person.state.chats[trio.chat].status is Status.LEFT
        assert not person.state.jobs


def test_a_further_child_that_came_too_late_is_not_asked_for_again_at_once(trio):
    """Ben and Cem pay at the same time; Cem's waits until it has read Ben's."""
    Forger(trio.ana, trio.chat).junk()
    trio.town.run(seconds=0)
    for person in (trio.ben, trio.cem):
        person.say(trio.chat, person.state.account.name)
    trio.town.now_ms += 5_000
    for person in (trio.ben, trio.cem):
        person.take(i.Tick())
        for _ in range(10):
            person._request()
    assert trio.cem.state.pending
    assert not trio.cem.requests
    trio.town.run()
    agree(trio.chat, trio.ben, trio.cem)
