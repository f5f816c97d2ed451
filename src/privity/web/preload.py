"""What the window's first screen runs, so that the browser asks for all of it at once.

A module names what it imports, and the browser learns of that when it has the module:
one round of requests for each step of the way. The page names all of them instead.
"""

import re
from collections.abc import Mapping
from posixpath import dirname, join, normpath

__all__ = ["imported_by"]

_STATIC = re.compile(r"\b(?:import|export)\b[\w$*{},\s]*?\bfrom\s*[\"']([^\"']+)[\"']")


def imported_by(
    entry: str, bodies: Mapping[str, bytes], names: Mapping[str, str]
) -> list[str]:
    """Return the paths of all that a module imports at once, the nearest first.

    `names` are the bare ones. What is imported while it runs is not there.
    """
    found = [entry]
    for path in found:
        for name in _STATIC.findall(bodies[path].decode()):
            target = names.get(name) or normpath(join(dirname(path), name))
            if target in bodies and target not in found:
                found.append(target)
    return found[1:]
