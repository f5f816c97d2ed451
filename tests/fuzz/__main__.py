"""One target by itself.

    python -m tests.fuzz TARGET FILE...             run again on these inputs
    python -m tests.fuzz TARGET --search OPTION...  search, with libFuzzer's options
    python -m tests.fuzz --keep [TARGET...]         keep what searches have learnt

Only a search needs atheris.
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "harness"))


def main(arguments: list[str]) -> int:
    """Run one target and return the exit status; a fault comes out as it is."""
    name, *rest = arguments
    if name == "--keep":
        from tests.fuzz.choose import keep

        keep(rest)
        return 0
    if rest[:1] == ["--search"]:
        return search(name, rest[1:])
    target = targets()[name]
    for file in rest:
        check(target)(Path(file).read_bytes())
        print(f"{name}: {file} does no harm")
    return 0


def search(name: str, options: list[str]) -> int:
    """Look for faults until libFuzzer's options say that it is enough."""
    import atheris

    with atheris.instrument_imports(include=["privity", "tests.fuzz.planted"]):
        target = targets()[name]
    if name.startswith("planted"):
        plant(target, Path(options[-1]))
    limit = f"-max_len={target.longest}"
    atheris.Setup([name, limit, *options], check(target))
    atheris.Fuzz()
    return 0


def plant(target, corpus):
    """Let the search for a planted fault begin where one in the product would."""
    for number, seed in enumerate(target.seeds()):
        (corpus / f"seed{number}").write_bytes(seed)


def targets():
    """Return all targets; imported late, so that a search can watch them."""
    from tests.fuzz.catalogue import TARGETS
    from tests.fuzz.planted import PLANTED

    return TARGETS | PLANTED


def check(target):
    """Return what runs the target on an input and raises for a fault."""
    from tests.fuzz.target import check

    return lambda data: check(target, data)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
