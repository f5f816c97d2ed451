"""The entry of `privity`: the list of commands at once, everything else by Typer."""

import sys

from privity.cli.menu import menu

__all__ = ["main"]

_ANYWHERE = ("--json", "--jsonl")
"""Options that may also stand behind the command."""


def main(arguments: list[str] | None = None) -> int:
    """Run one command and return its exit status."""
    given = sys.argv[1:] if arguments is None else arguments
    if not given or given in (["--help"], ["-h"], ["help"]):
        sys.stdout.write(menu())
        return 0
    if given == ["--version"]:
        from privity import __version__

        sys.stdout.write(f"privity {__version__}\n")
        return 0
    from privity.cli.commands import run

    return run(_hoisted(given))


def _hoisted(arguments: list[str]) -> list[str]:
    end = arguments.index("--") if "--" in arguments else len(arguments)
    front = [one for one in arguments[:end] if one in _ANYWHERE]
    rest = [one for one in arguments[:end] if one not in _ANYWHERE]
    return front + rest + arguments[end:]
