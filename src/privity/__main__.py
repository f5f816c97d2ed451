"""The composition root: the one place that knows several edges, each imported late."""

import sys

__all__ = ["main", "relay_main"]


def main() -> int:
    """Run `privity`."""
    from privity.cli.app import main as run

    return run()


def relay_main() -> int:
    """Run `privity-relay`."""
    from privity.relay.cli import main as run

    return run()


if __name__ == "__main__":
    sys.exit(main())
