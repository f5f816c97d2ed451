"""The window's own files: read once, held against their hashes, served from memory.

`integrity.txt` has the SHA-256 of every file of `ui/`; `tools/ui_hashes.py` writes it,
so that the hashes are constants of the wheel. They go into the page's import map and
links, and so the browser refuses what is not the file it was told of.
"""

import json
import mimetypes
import re
from base64 import b64encode
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from types import MappingProxyType

from privity.client.errors import ClientError
from privity.web.preload import imported_by

__all__ = [
    "IMPORTS",
    "File",
    "Site",
    "WindowChanged",
    "build",
    "integrity_of",
    "load",
    "paths_of_files",
    "read_integrity",
    "to_integrity",
]

UI = Path(__file__).parent / "ui"
INTEGRITY = Path(__file__).parent / "integrity.txt"
IMPORTS: Mapping[str, str] = MappingProxyType(
    {
        "@preact/signals": "/vendor/signals.mjs",
        "@preact/signals-core": "/vendor/signals-core.mjs",
        "htm": "/vendor/htm.mjs",
        "preact": "/vendor/preact.mjs",
        "preact/hooks": "/vendor/preact-hooks.mjs",
    }
)
"""The bare names that modules may import."""

_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".json": "application/json",
    ".mjs": "text/javascript; charset=utf-8",
}
_PINNED = (".mjs", ".json")
"""What the page fetches by itself; `i18n.mjs` asks for catalogues with their hashes."""
_IMPORT_MAP = '<script type="importmap"></script>'
_ENTRY = "/app.mjs"
_SCRIPTS = f'<script type="module" src="{_ENTRY}">'
_TAG = re.compile(
    r'<(?:script|link rel="(?:stylesheet|modulepreload)")[^>]*'
    r'\b(?:src|href)="(/[^"]+)"'
)


class WindowChanged(ClientError):
    """A file of the window is not the one that this version was made with."""

    code = "window_changed"


@dataclass(frozen=True, slots=True)
class File:
    """One file as it is sent."""

    media_type: str
    body: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Site:
    """All files by their paths, and the policy under which the browser runs them.

    `read` are their hashes as they were read; the page is put together from one.
    """

    files: Mapping[str, File]
    policy: str
    read: Mapping[str, str]


def load(ui: Path = UI, integrity: Path = INTEGRITY) -> Site:
    """Read the window's files; raises WindowChanged where one is not as it was made."""
    expected = read_integrity(integrity)
    bodies = {path: (ui / path[1:]).read_bytes() for path in paths_of_files(ui)}
    changed = {
        path
        for path in bodies.keys() | expected.keys()
        if path not in bodies or integrity_of(bodies[path]) != expected.get(path)
    }
    if changed:
        raise WindowChanged(", ".join(sorted(changed)[:5]))
    return build(bodies, expected)


def build(bodies: Mapping[str, bytes], expected: Mapping[str, str]) -> Site:
    """Put the page together from files, and from the hashes that they should have."""
    import_map = json.dumps(
        {
            "imports": dict(IMPORTS),
            "integrity": {p: h for p, h in expected.items() if p.endswith(_PINNED)},
        },
        separators=(",", ":"),
    )
    files = {path: File(_type_of(path), body) for path, body in bodies.items()}
    first = imported_by(_ENTRY, bodies, IMPORTS)
    page = _page(bodies["/index.html"].decode(), import_map, first, expected)
    files["/"] = File(_TYPES[".html"], page.encode())
    del files["/index.html"]
    policy = _policy(integrity_of(import_map.encode()))
    read = {path: integrity_of(body) for path, body in bodies.items()}
    return Site(MappingProxyType(files), policy, MappingProxyType(read))


def paths_of_files(ui: Path) -> list[str]:
    """Return the paths of all files below `ui`, as the browser asks for them."""
    return sorted(
        "/" + path.relative_to(ui).as_posix()
        for path in ui.rglob("*")
        if path.is_file() and not path.name.startswith(".")
    )


def integrity_of(body: bytes) -> str:
    """Return what HTML's `integrity` says of these bytes."""
    return to_integrity(sha256(body).digest())


def to_integrity(digest: bytes) -> str:
    """Return what HTML's `integrity` says of a SHA-256."""
    return "sha256-" + b64encode(digest).decode()


def read_integrity(path: Path = INTEGRITY) -> dict[str, str]:
    """Return the hash of each file, by its path."""
    lines: Iterable[str] = path.read_text(encoding="ascii").splitlines()
    return {name: digest for digest, _, name in (one.partition(" ") for one in lines)}


def _type_of(path: str) -> str:
    kind = _TYPES.get(Path(path).suffix) or mimetypes.guess_type(path)[0]
    return kind or "text/plain; charset=utf-8"


def _page(
    source: str, import_map: str, first: Iterable[str], expected: Mapping[str, str]
) -> str:
    if source.count(_IMPORT_MAP) != 1:
        raise WindowChanged("/index.html")
    links = [f'<link rel="modulepreload" href="{path}">' for path in first]
    with_links = source.replace(_SCRIPTS, "\n".join([*links, _SCRIPTS]))

    def sealed(tag: re.Match[str]) -> str:
        return f'{tag[0]} integrity="{expected[tag[1]]}"'

    page = _TAG.sub(sealed, with_links)
    return page.replace(_IMPORT_MAP, f'<script type="importmap">{import_map}</script>')


def _policy(import_map: str) -> str:
    return "; ".join(
        (
            "default-src 'none'",
            f"script-src 'self' '{import_map}'",
            "style-src 'self'",
            "img-src 'self' blob:",
            "media-src blob:",
            "connect-src 'self'",
            "base-uri 'none'",
            "form-action 'none'",
            "frame-ancestors 'none'",
            "require-trusted-types-for 'script'",
            "trusted-types 'none'",
        )
    )
