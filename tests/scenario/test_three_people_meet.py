"""Three people, each a process, meet at a relay in a fourth and talk."""

from concurrent.futures import ThreadPoolExecutor

import pytest


@pytest.mark.slow
def test_three_people_meet_talk_and_part(newcomer, befriend, tmp_path):
    ana, ben, cyd = newcomer("Ana"), newcomer("Ben"), newcomer("Cyd")
    befriend(ana, ben)
    befriend(ana, cyd)

    ana.do("send", "Ben", "-", text="first words\nin two lines")
    ben.reads("first words\nin two lines")
    ben.do("send", "Ana", "heard", "--reply", "last")
    assert ana.reads("heard")["message"]["quote"].startswith("first words")
    ben.do("react", "Ana", "last", "👍")
    ana.do("edit", "Ben", "last", "better words")
    edited = ben.sees(lambda item: item.get("change") == "edited")
    assert edited["message"]["text"] == "better words"
    ben.do("unsend", "Ana", "last")
    ana.sees(lambda item: item.get("change") == "deleted")

    numbers = [
        who.do("verify", whom)["number"]
        for who, whom in ((ana, "Ben"), (ben, "ana@localhost"))
    ]
    assert numbers[0] == numbers[1]

    ana.do("group", "new", "Three", "Ben", "Cyd")
    for who in (ben, cyd):
        who.sees(
            lambda item: (
                item["event"] == "request" and item["request"]["kind"] == "group"
            )
        )
        who.do("accept", "Three")
        who.sees(lambda item: item.get("message", {}).get("what") == "joined")
    file = tmp_path / "plan.bin"
    file.write_bytes(bytes(range(256)) * 20_000)
    cyd.do("send", "Three", "the plan", "--file", file)
    ben.reads("the plan")
    saved = tmp_path / "saved.bin"
    ben.do("save", "Three", "last", "--to", saved)
    assert saved.read_bytes() == file.read_bytes()

    assert ana.do("group", "remove", "Three", "Cyd")["done"]
    cyd.sees(lambda item: item.get("chat", {}).get("status") == "removed")
    ben.do("send", "Three", "among ourselves")
    ana.reads("among ourselves")
    assert "among ourselves" not in cyd.texts("Three")
    status, refused = cyd.try_("send", "Three", "hello?")
    assert (status, refused["error"]["code"]) == (1, "chat_not_usable")


@pytest.mark.slow
def test_processes_are_killed_and_nothing_is_lost_or_twice(newcomer, befriend, relay):
    ana, ben = newcomer("Ana"), newcomer("Ben")
    befriend(ana, ben)
    sent = []
    for number in range(6):
        text = f"message {number}"
        sent.append(text)
        if number % 3 == 0:
            relay.kill()
            ana.do("send", "Ben", text, "--wait", "0")
            relay.start()
        elif number % 3 == 1:
            ana.do("send", "Ben", text, "--wait", "0")
            ana.kill()
            ana.watch()
        else:
            ben.kill()
            ana.do("send", "Ben", text)
            ben.watch()
    ana.do("send", "Ben", "the end")
    sent.append("the end")

    ben.reads("the end")
    assert ben.texts("Ana") == sent == ana.texts("Ben")


@pytest.mark.slow
def test_many_commands_at_once_on_one_profile_all_happen(newcomer, befriend):
    ana, ben = newcomer("Ana"), newcomer("Ben")
    befriend(ana, ben)
    texts = {f"at once {number}" for number in range(4)}
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda text: ana.do("send", "Ben", text), texts))
    for text in texts:
        ben.reads(text)
    ana.stop()
    with ThreadPoolExecutor(2) as pool:
        found = list(pool.map(lambda _: ana.do("account")["name"], range(2)))
    assert found == ["Ana", "Ana"]
    ana.watch()
    assert ana.do("lock")["stopped"]
    ana.ends()
