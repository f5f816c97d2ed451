"""Search for broken promises: ``python -m tests.sim.simulate``, or one ``--seed N``."""

import argparse
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "harness"))


def main(arguments: list[str]) -> int:
    """Run the search and return the exit status."""
    from tests.sim import search

    parser = argparse.ArgumentParser(prog="simulate", description=__doc__)
    parser.add_argument("--seed", type=int, help="run one seed, and tell all of it")
    parser.add_argument("--first", type=int, default=0, help="the first seed")
    parser.add_argument("--runs", type=int, default=1 << 40, help="how many, at most")
    parser.add_argument("--seconds", type=float, default=100)
    parser.add_argument("--processes", type=int, default=2)
    options = parser.parse_args(arguments)
    if options.seed is not None:
        return search.once(options.seed)
    seeds = range(options.first, options.first + options.runs)
    return search.many(seeds, options.seconds, options.processes)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
