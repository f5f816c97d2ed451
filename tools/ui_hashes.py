"""Write the hashes of the window's files: `python -m tools.ui_hashes`.

Run it after each change below src/privity/web/ui; a test compares.
"""

from privity.web.site import INTEGRITY, UI, integrity_of, paths_of_files

__all__ = ["main", "text"]


def text() -> str:
    """Return what integrity.txt should say of the files that are there."""
    lines = [
        f"{integrity_of((UI / path[1:]).read_bytes())} {path}\n"
        for path in paths_of_files(UI)
    ]
    return "".join(lines)


def main() -> None:
    """Write it."""
    INTEGRITY.write_text(text(), encoding="ascii")
    print(f"{len(text().splitlines())} files")


if __name__ == "__main__":
    main()
