import pytest
from hypothesis import given
from hypothesis import strategies as st

from privity.content.filenames import safe_filename


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("draft.pdf", "draft.pdf"),
        ("Übersicht 2026.odt", "Übersicht 2026.odt"),
        ("../../etc/passwd", "etcpasswd"),
        ("..\\..\\boot.ini", "boot.ini"),
        (".bashrc", "bashrc"),
        ("", "file"),
        ("...", "file"),
        ("con", "file-con"),
        ("LPT1.txt", "file-LPT1.txt"),
        ("aux .txt", "file-aux .txt"),
        ("com¹.txt", "file-com¹.txt"),
        ("CONIN$", "file-CONIN$"),
        ("invoice\u202efdp.exe", "invoicefdp.exe"),
        ("two\nlines.txt", "twolines.txt"),
        ("a  b.txt", "a b.txt"),
    ],
)
def test_names_are_kept_but_for_what_is_dangerous(name, safe):
    assert safe_filename(name) == safe


def test_a_long_name_keeps_its_ending():
    assert safe_filename("ä" * 300 + ".pdf") == "ä" * 98 + ".pdf"
    assert len(safe_filename("x" * 300)) == 200
    assert len(safe_filename("x." + "y" * 300)) == 200


@given(st.text())
def test_any_name_becomes_one_safe_component(name):
    safe = safe_filename(name)
    assert safe
    assert safe not in (".", "..")
    assert not safe.startswith(".")
    assert not set(safe) & set('/\\:*?"<>|\0\n')
    assert len(safe.encode()) <= 205
