"""How a run that failed is told to whoever has to mend it."""

from tests.sim.deeds import tell
from tests.sim.run import Result
from tests.sim.schedule import theme_of

__all__ = ["story"]


def story(failed: Result, shortest: Result) -> str:
    """Return what is broken, in how few deeds, and how to see it again."""
    faults = "\n".join(f"  {promise}: {detail}" for promise, detail in shortest.faults)
    deeds = "\n".join(f"  {deed.number:2}. {tell(deed)}" for deed in shortest.deeds)
    return (
        f"seed {failed.seed} ({theme_of(failed.seed)}) breaks\n{faults}\n"
        f"by {len(shortest.deeds)} of its {len(failed.deeds)} deeds:\n{deeds}\n"
        f"again: make chaos SEED={failed.seed}"
    )
