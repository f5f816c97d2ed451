"""Deleting an account: groups hear of it, the relay forgets it, the disk is bare."""

import pytest

from privity.cli.render import render
from privity.client import farewells, vault
from privity.client.errors import Misbehaved, NoProfile, Unreachable
from privity.client.session import open_session
from privity.client.store import Store
from privity.client.verbs.farewell import NotConfirmed
from privity.client.words import said_of

PASSPHRASE = "correct horse"


async def in_a_group(ana, ben, meet):
    await meet(ana, ben)
    chat = (await ana.do("group.new", "Picnic", ("Ben",))).chat.chat

    async def asked():
        return (await ben.do("requests")).requests

    await ben.until(asked)
    await ben.do("accept", "Picnic")
    await ana.until(lambda: any(len(g.members()) == 2 for g in _groups(ana)))

    async def inside():
        shown = (await ben.do("chats")).chats
        return any(c.title == "Picnic" and c.status == "active" for c in shown)

    await ben.until(inside)
    return chat


def _groups(who):
    kinds = {c.chat_id for c in who.state.chats.values() if c.kind.value == "group"}
    return [who.state.groups[k] for k in kinds if k in who.state.groups]


def files_of(who):
    return {path.name for path in who.session.profile.root.iterdir()}


async def test_groups_are_left_the_relay_forgets_and_the_disk_is_empty(people, meet):
    ana, ben = await people("Ana", "Ben")
    chat = await in_a_group(ana, ben, meet)
    (ben.session.profile.root / "window.json").write_text("{}")
    gone = await ben.do("account.delete", " ben ")
    assert (gone.at_relay, gone.left, gone.waiting) == (True, 1, 0)
    assert "gone from" in render(gone)
    assert files_of(ben) == {"lock"}
    assert ben.session.stopping.is_set()

    async def left():
        history = await ana.do("history", chat)
        return any(m.what == "left" for m in history.messages)

    await ana.until(left)
    account = ben.state.account
    plane = farewells._plane(account)
    try:
        with pytest.raises(NoProfile):
            await _ask(plane, account)
    finally:
        await plane.close()


async def _ask(plane, account):
    from privity.client.transport.http import Call
    from privity.core.effects import Cause
    from privity.identity.ids import id_to_text
    from privity.wire import http
    from privity.wire.codes import Refusal

    path = f"/v1/accounts/{id_to_text(account.account_id)}"
    try:
        await plane.ask(Call("GET", path, path, Cause("test")), http.Directory)
    except Refusal as refusal:
        raise NoProfile(refusal.code.value) from None


async def test_another_name_deletes_nothing(people):
    (ana,) = await people("Ana")
    before = files_of(ana)
    with pytest.raises(NotConfirmed):
        await ana.do("account.delete", "Anna")
    assert files_of(ana) == before
    assert not ana.session.stopping.is_set()
    assert ana.session.driver.online


async def test_a_relay_that_is_away_leaves_the_account_here(people, monkeypatch):
    (ana,) = await people("Ana")

    async def away(*_):
        raise Unreachable("planted")

    monkeypatch.setattr(farewells.HttpPlane, "ask", away)
    with pytest.raises(Unreachable):
        await ana.do("account.delete", "Ana")
    monkeypatch.undo()
    assert "vault" in files_of(ana)
    await ana.do("account.delete", "Ana")
    assert files_of(ana) == {"lock"}


async def test_a_device_can_be_wiped_without_a_word(people):
    (ana,) = await people("Ana")
    gone = await ana.do("account.delete", "Ana", only_here=True)
    assert not gone.at_relay
    assert files_of(ana) == {"lock"}
    assert "nobody was told" in render(gone)
    plane = farewells._plane(ana.state.account)
    await _ask(plane, ana.state.account)
    await plane.close()


async def opened_again(who):
    opening = open_session(who.session.profile, who.lock, lambda: PASSPHRASE)
    async with opening as session:
        return session.store.setting("deleting")


async def test_a_crash_behind_the_relays_answer_is_finished_by_opening(people):
    (ana,) = await people("Ana")
    await farewells.delete_at_relay(ana.session.store, ana.state.account)
    await ana.session.driver.close()
    with pytest.raises(NoProfile):
        await opened_again(ana)
    assert files_of(ana) == {"lock"}


async def test_a_crash_in_front_of_the_relays_answer_deletes_nothing(people):
    (ana,) = await people("Ana")
    ana.session.store.set_setting("deleting", b"1")
    await ana.session.driver.close()
    assert await opened_again(ana) == b""


async def test_a_relay_that_talks_nonsense_keeps_nobody_from_opening(
    people, monkeypatch
):
    (ana,) = await people("Ana")
    ana.session.store.set_setting("deleting", b"1")
    await ana.session.driver.close()

    async def nonsense(*_):
        raise Misbehaved("planted")

    monkeypatch.setattr(farewells.HttpPlane, "ask", nonsense)
    assert await opened_again(ana) == b"1"


async def test_a_wipe_that_died_within_the_vault_is_finished(people):
    (ana,) = await people("Ana")
    profile = ana.session.profile
    await ana.session.driver.close()
    (profile.root / "deleted").touch()
    farewells._overwrite(profile.vault)
    farewells.sweep(profile)
    assert files_of(ana) == {"lock"}


async def test_a_wipe_that_was_stopped_is_finished_before_another_moves_in(people):
    (ana,) = await people("Ana")
    profile = ana.session.profile
    await ana.session.driver.close()
    (profile.root / "deleted").touch()
    profile.vault.unlink()
    farewells.sweep(profile)
    assert files_of(ana) == {"lock"}
    profile.transfers.mkdir()
    key = vault.create_vault(profile.vault, PASSPHRASE)
    Store(profile.database, key, said_of, create=True).close()
    farewells.sweep(profile)
    assert "vault" in files_of(ana)


def test_the_command_line_wants_the_name_typed(run, account, capsys):
    profile = account("Ana")
    status, error = run(profile, "account", "delete", "--confirm", "Ben")
    assert (status, error["code"]) == (2, "not_confirmed")
    assert run(profile, "account", "delete")[1]["code"] == "no_terminal"
    status, data = run(profile, "account", "delete", "--confirm", "ana")
    assert (status, data["at_relay"]) == (0, True)
    assert run(profile, "account")[1]["code"] == "no_profile"
