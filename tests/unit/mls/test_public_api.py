"""What callers rely on changes only on purpose."""

import pytest

import privity.mls
from tools import public_api

MEANT = (
    "if this change is meant, run `python tools/public_api.py` and commit what it did"
)


def test_the_public_names_and_signatures_are_those_written_down():
    written = public_api.SNAPSHOT.read_text(encoding="utf-8")
    assert public_api.render() == written, MEANT


def test_each_public_name_is_written_down_with_something_behind_it():
    blocks = public_api.render().split("\n\n")[1:]
    heads = [block.splitlines()[0] for block in blocks]
    assert len(heads) == len(privity.mls.__all__)
    for name in privity.mls.__all__:
        assert any(name in head for head in heads), name


PACKAGE = {
    "__init__.py": "from privity.mls.group import Group, LIMIT, join\n",
    "group.py": """
LIMIT = 3


class Group:
    name: bytes
    _hidden: int = 0

    @property
    def epoch(self) -> int:
        return 1

    def keeping(self, epochs: int) -> "Group":
        return self


def join(welcome: bytes, *, tree: bytes | None = None) -> Group:
    return Group()
""",
}


@pytest.fixture
def written(tmp_path):
    """Render a small package, some of its text replaced."""

    def written(file="group.py", old="", new=""):
        for name, text in PACKAGE.items():
            changed = text.replace(old, new) if name == file else text
            (tmp_path / name).write_text(changed, encoding="utf-8")
        return public_api.render(tmp_path)

    return written


def test_names_fields_and_signatures_are_written_down(written):
    assert written().split("\n\n")[1:] == [
        (
            "class Group\n"
            "    name: bytes\n"
            "    @property\n"
            "    def epoch(self) -> int\n"
            "    def keeping(self, epochs: int) -> 'Group'"
        ),
        "LIMIT = 3",
        "def join(welcome: bytes, *, tree: bytes | None=None) -> Group\n",
    ]


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        ("group.py", "epochs: int", "epochs: str"),
        ("group.py", "class Group:", "class Group(Struct):"),
        ("group.py", "    name: bytes\n", ""),
        ("group.py", "@property", "@staticmethod"),
        ("group.py", "*, tree", "tree"),
        ("group.py", "LIMIT = 3", "LIMIT = 4"),
        ("__init__.py", ", join", ""),
    ],
)
def test_what_callers_would_notice_is_seen(written, file, old, new):
    assert written(file, old, new) != written()


@pytest.mark.parametrize(
    ("old", "new"), [("return 1", "return 2"), ("_hidden", "_other")]
)
def test_what_callers_would_not_notice_is_not_seen(written, old, new):
    assert written("group.py", old, new) == written()
