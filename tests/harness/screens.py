"""The screens of the window that are looked at, each in a state worth looking at."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import talks
from stage import Refused, Stage
from staged_world import (
    BEN,
    CLEO,
    LONG,
    ME,
    NOW,
    TITLE,
    chat,
    contact,
    ident,
    open_stage,
    person,
)

from privity.client.verbs import evidence_results as evidence
from privity.client.verbs import ledger_results as ledger
from privity.client.verbs import repair_results as repair
from privity.client.verbs import results
from privity.web.results import Begun, Phase, State
from privity.web.verify import Files

__all__ = ["SCREENS", "Screen"]

HOSTILE = (
    "\u202egnp.exe\u0301\u0301\u0301\u0301\u0301\u0301<img src=x onerror=alert(1)>\n\n"
)
DIRECT = chat("Ben", (ME, BEN))
GROUP = chat("Garden", (ME, BEN, CLEO, person(LONG), person(HOSTILE)))
CROWD = chat(TITLE, (ME, *(person(f"Member {n}") for n in range(999))))
GONE = chat("Old boat", (ME, BEN, CLEO), status="removed")
PEOPLE = (
    contact(BEN, chat_id=DIRECT.chat),
    contact(CLEO),
    contact(person(LONG, handle="wilhelmina.of.the.long.name@relay.example")),
    contact(person(HOSTILE), "blocked"),
)
MANY = tuple(contact(person(f"Person {n}")) for n in range(1000))
KEY = "-".join(["ABCD", "2345", "EFGH", "67IJ", "KLMN", "OPQR", "STUV"] * 2)
NUMBER = tuple(f"{n * 7919 % 100000:05}" for n in range(1, 13))


@dataclass(frozen=True, slots=True)
class Screen:
    """A place of the window, on a stage; `steps` are labels of buttons to press."""

    hash: str
    stage: Callable[[], Stage]
    steps: tuple[str, ...] = ()


def _everybody() -> Stage:
    return open_stage((DIRECT, GROUP, CROWD, GONE), PEOPLE, verify=_verify)


def _verify(_params: Mapping[str, object]) -> results.Verification:
    return results.Verification(BEN, NUMBER, "privity:" + "0" * 120, verified=False)


def _nobody() -> Stage:
    return open_stage()


def _new(**changed: object) -> Stage:
    state = State(Phase.NEW, "/profiles/ana", "0.6", **changed)  # type: ignore[arg-type]
    mine = open_stage().answers["account"]
    assert isinstance(mine, results.Account)
    return open_stage(
        **{
            "ui.state": state,
            "ui.recovery": Begun(mine, KEY, (2, 7, 11)),
            "ui.recovery_check": Refused("recovery_answer", "group 2"),
        }
    )


def _locked() -> Stage:
    state = State(Phase.LOCKED, "/profiles/ana", "0.6", "relay.example")
    return open_stage(**{"ui.state": state, "ui.unlock": Refused("locked")})


def _proven() -> Stage:
    proof = repair.Proof(GROUP.chat, LONG, NOW - 90_000)
    place = evidence.SignedPlace(7, "0a" * 32, NOW)
    told = evidence.EvidenceVerified(
        "0a" * 32, "0a" * 32, place, place, "0b" * 32, "relay.example", NOW
    )
    name, data = "privity-fork-0a0b0c0d.evidence", bytes(range(256))
    made = evidence.EvidenceExported("", LONG, told, name, data)
    return open_stage(
        (DIRECT, GROUP),
        PEOPLE,
        **{
            "repair.list": repair.RepairList((), (), (), (proof,)),
            "repair.evidence": made,
        },
    )


def _still() -> Stage:
    state = State(
        Phase.OPEN,
        "/profiles/ana",
        "0.6",
        "relay.example",
        online=False,
        problem="rolled_back",
    )
    return open_stage(
        (DIRECT, GROUP),
        PEOPLE,
        **{"ui.state": state, "repair.list": repair.RepairList((), (), ())},
    )


def _unwell() -> Stage:
    stuck = repair.Stuck(
        GROUP.chat,
        LONG,
        "forked",
        "pleading",
        NOW - 90_000,
        unheard=True,
        happened="Two histories of this chat were seen, and both hold.",
        usually="The relay was restored from an old copy.",
        todo="Ask the members for help; nothing that you have is lost.",
        now="The members were asked.",
    )
    plea = repair.Plea(
        ident("plea"), GROUP.chat, TITLE, CLEO, "lost_state", "new_device", NOW
    )
    offer = repair.RefoundOffer(
        ident("offer"),
        GROUP.chat,
        "Garden",
        BEN,
        "The old one broke.",
        (CLEO,),
        3,
        stronger=True,
        received=NOW,
    )
    checks = (
        results.Check(
            "relay", ok=True, detail="relay.example answers in 12 ms", next=""
        ),
        results.Check(
            "clock",
            ok=False,
            detail="It is 9 minutes behind the relay's.",
            next="Set the clock.",
        ),
    )
    return open_stage(
        (DIRECT, GROUP),
        PEOPLE,
        **{
            "repair.list": repair.RepairList((stuck,), (plea,), (offer,)),
            "doctor": results.Checkup(well=False, checks=checks),
        },
    )


def _failing() -> Stage:
    refused = Refused("unreachable")
    verbs = ("repair.list", "doctor", "account", "typing", "verify", "invite", "join")
    return open_stage((DIRECT,), PEOPLE, **dict.fromkeys(verbs, refused))


def _left() -> Stage:
    lines = tuple(
        ledger.LedgerLine(
            number=99 - n,
            time=NOW - n * 700,
            plane=("identified", "anonymous")[n % 2],
            endpoint="/v1/logs/ID/entries",
            what="message",
            size=4096 * (n + 1),
            reason="send",
            cause=ident(f"cause {n}"),
        )
        for n in range(20)
    )
    planes = tuple(
        ledger.Plane(
            "relay.example",
            "https://relay.example",
            plane,
            "chats",
            online=plane == "anonymous",
            since=NOW - 90_000,
            count=1200,
            size=5_400_000,
            reasons=(ledger.Share("send", 800, 4_000_000),),
        )
        for plane in ("identified", "anonymous")
    )
    return open_stage(
        (DIRECT,),
        PEOPLE,
        **{
            "ledger": ledger.LedgerPage(lines, more=True),
            "connections": ledger.Connections(planes),
            "ui.files": Files("0.6", True, False, True, 400_000, ()),
        },
    )


def _link() -> Stage:
    link = "https://relay.example/c#" + "q7Zk3vW9" * 24
    return open_stage((DIRECT,), PEOPLE, invite=results.InviteLink(link, NOW, 1))


SCREENS: Mapping[str, Screen] = MappingProxyType(
    {
        "begin-1-invitation": Screen("", _new),
        "begin-1-open-relay": Screen("", _new, ("My relay needs no invitation",)),
        "begin-1-missing": Screen("", _new, ("Next",)),
        "begin-4-key": Screen("", lambda: _new(recovery_due=True)),
        "begin-5-check": Screen(
            "", lambda: _new(recovery_due=True), ("I have written it down",)
        ),
        "unlock": Screen("", _locked),
        "chats": Screen("", talks.chats),
        "talk": Screen(f"#/chat/{talks.DIRECT.chat}", talks.talk),
        "talk-group": Screen(
            f"#/chat/{talks.GROUP.chat}", lambda: talks.talk(talks.GROUP)
        ),
        "talk-left": Screen(
            f"#/chat/{talks.LEFT.chat}", lambda: talks.talk(talks.LEFT)
        ),
        "talk-stuck": Screen(f"#/chat/{talks.STUCK.chat}", talks.stuck),
        "requests": Screen("#/requests", talks.asked),
        "requests-back": Screen("#/requests", talks.asked_back),
        "requests-none": Screen("#/requests", _nobody),
        "new-chat": Screen("#/new", _link),
        "new-chat-link": Screen("#/new", _link, ("Make a link",)),
        "new-chat-failed": Screen("#/new", _failing, ("Make a link",)),
        "new-group": Screen("#/new-group", _everybody),
        "new-group-empty": Screen("#/new-group", _nobody),
        "new-group-thousand": Screen("#/new-group", lambda: open_stage((), MANY)),
        "group": Screen(f"#/info/{GROUP.chat}", _everybody),
        "group-thousand-long-title": Screen(f"#/info/{CROWD.chat}", _everybody),
        "group-removed": Screen(f"#/info/{GONE.chat}", _everybody),
        "group-add": Screen(f"#/info/{GROUP.chat}", _everybody, ("Add people",)),
        "group-leave": Screen(f"#/info/{GROUP.chat}", _everybody, ("Leave group",)),
        "group-none": Screen("#/group/none", _nobody),
        "person": Screen(f"#/info/{DIRECT.chat}", _everybody),
        "person-long": Screen(f"#/person/{ident(LONG)}", _everybody),
        "person-hostile-blocked": Screen(f"#/person/{ident(HOSTILE)}", _everybody),
        "verify": Screen(f"#/verify/{BEN.account}", _everybody),
        "verify-differ": Screen(
            f"#/verify/{BEN.account}", _everybody, ("They differ",)
        ),
        "verify-failed": Screen(f"#/verify/{BEN.account}", _failing),
        "settings": Screen("#/settings", _everybody),
        "settings-account": Screen("#/settings/account", _everybody),
        "settings-looks": Screen("#/settings/looks", _everybody),
        "settings-language": Screen("#/settings/language", _everybody),
        "settings-writing": Screen("#/settings/writing", _everybody),
        "settings-privacy": Screen("#/settings/privacy", _everybody),
        "settings-failed": Screen("#/settings/account", _failing),
        "health": Screen("#/health", _everybody),
        "health-unwell": Screen("#/health", _unwell),
        "health-anew": Screen("#/health", _unwell, ("Begin anew",)),
        "health-proof": Screen("#/health", _proven),
        "health-still": Screen("#/health", _still),
        "health-failed": Screen("#/health", _failing),
        "left": Screen("#/left", _left),
        "left-failed": Screen("#/left", _failing),
        "about": Screen("#/about", _everybody),
        "shortcuts": Screen("#/about", _everybody, ("Keyboard shortcuts",)),
        "media-empty": Screen(f"#/media/{DIRECT.chat}", _everybody),
    }
)
"""By the name of their pictures."""
