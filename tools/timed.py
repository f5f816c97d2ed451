"""Run a command and say as the last line how it ended: ``PASS name 12.3 s``.

The command's output is passed through untouched; its exit status becomes ours.
"""

import subprocess
import sys
import time


def main(arguments: list[str]) -> int:
    """Run ``NAME COMMAND...`` and return the command's exit status."""
    name, *command = arguments
    started = time.monotonic()
    try:
        status = subprocess.run(command, check=False).returncode
    except KeyboardInterrupt:
        status = 130
    seconds = time.monotonic() - started
    verdict = "FAIL" if status else "PASS"
    print(f"{verdict} {name} {seconds:.1f} s", flush=True)
    # A command that a signal ended has a negative status, which exit() would wrap.
    return status if status >= 0 else 128 - status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
