"""What callers rely on changes only on purpose."""

import shutil

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


def test_a_new_parameter_or_field_or_name_would_be_seen(tmp_path):
    before = public_api.render()
    for file, old, new in (
        (
            "group.py",
            "def keeping(self, epochs: int)",
            "def keeping(self, epochs: str)",
        ),
        ("group.py", "class JoinResult:", "class JoinResult(Struct):"),
        (
            "psks.py",
            "external: Mapping[bytes, bytes]",
            "outside: Mapping[bytes, bytes]",
        ),
        ("__init__.py", "import KnownPsks\n", "import KnownPsks, derive_psk_secret\n"),
    ):
        copy = tmp_path / "mls"
        shutil.copytree(public_api.SOURCE, copy, dirs_exist_ok=True)
        text = (copy / file).read_text(encoding="utf-8")
        assert old in text
        (copy / file).write_text(text.replace(old, new), encoding="utf-8")
        assert public_api.render(copy) != before
    inner = tmp_path / "mls" / "group.py"
    shutil.copytree(public_api.SOURCE, tmp_path / "mls", dirs_exist_ok=True)
    inner.write_text(inner.read_text(encoding="utf-8") + "\n_private = 1\n")
    assert public_api.render(tmp_path / "mls") == before
