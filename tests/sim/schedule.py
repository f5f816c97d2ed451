"""From a seed to what happens: deeds drawn at random, of one theme."""

from random import Random

from tests.sim.deeds import Deed
from tests.sim.lives import NAMES

__all__ = ["FIRST_AMONG_VANDALS", "FIRST_REFOUND", "THEMES", "schedule", "theme_of"]

LONGEST = 45
LIFE = {
    "say": 16,
    "accept": 4,
    "invite": 6,
    "remove": 3,
    "leave": 1,
    "title": 1,
    "act": 8,
    "pass_time": 8,
    "offline": 3,
    "online": 4,
}
NETWORK = {
    "lose_request": 2,
    "lose_answer": 3,
    "hold_answer": 3,
    "release": 3,
    "answer_twice": 1,
    "small_batches": 1,
    "batch_again": 2,
    "relay_restarts": 1,
}
DEATH = {"crash": 3, "die_soon": 9, "clock": 1, "sleep": 1}
REFOUNDS = {"refound": 7, "follow": 9}
FIRST_REFOUND = 1_000_000
"""From this seed on all are about refounds: those before keep their schedules."""
FIRST_AMONG_VANDALS = 2_000_000
"""From this seed on chats are begun anew among people who break the rules."""
THEMES: dict[str, dict[str, int]] = {
    "life": LIFE | NETWORK | DEATH,
    "disks": LIFE | {"snapshot": 9, "restore": 9, "crash": 6, "sleep": 1},
    "vandals": LIFE | {"vandalize": 7, "haunt": 1, "poison": 1, "lose_answer": 1},
    "refounds": LIFE | NETWORK | REFOUNDS | {"crash": 3, "die_soon": 6},
    "refounds among vandals": LIFE
    | REFOUNDS
    | {"vandalize": 8, "haunt": 2, "poison": 1, "crash": 2, "die_soon": 3}
    | {"lose_answer": 1, "hold_answer": 1, "release": 1},
    "liars": LIFE
    | {"alter": 6, "skip": 2, "reorder": 2, "refuse": 2, "fork": 1, "other_side": 2},
}


def theme_of(seed: int) -> str:
    """Return what a seed is about: half of them are about ordinary life."""
    if seed >= FIRST_AMONG_VANDALS:
        return "refounds among vandals"
    if seed >= FIRST_REFOUND:
        return "refounds"
    return ("life", "disks", "life", "vandals", "life", "liars")[seed % 6]


def schedule(seed: int) -> list[Deed]:
    """Return the deeds of a seed."""
    # Not for secrets: a schedule has to be the same again.
    random = Random(f"schedule {seed}")
    weights = THEMES[theme_of(seed)]
    count = random.randrange(8, LONGEST)
    names = random.choices(list(weights), list(weights.values()), k=count)
    people = len(NAMES)
    return [
        Deed(number, name, random.randrange(people), random.randrange(240))
        for number, name in enumerate(names, 1)
    ]
