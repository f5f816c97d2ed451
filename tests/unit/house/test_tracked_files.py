"""What no file of the project may contain."""

import re

import pytest

# Written in halves, so that this file passes its own test.
REGISTRIES = re.compile(
    rb"(?i)py" + rb"pi\.(org|python)|python" + rb"hosted\.org|registry\.npm" + rb"js"
    rb"|npm" + rb"js\.(com|org)|crates" + rb"\.io|proxy\.go" + rb"lang|--extra-index"
    rb"-url[ =]|--index" + rb"-url[ =]|--find" + rb"-links[ =]"
)
MACHINE_PATHS = re.compile(rb"(?<![\w.~-])/" + rb"(work|root|Users|home/[a-z]+)/")
UNFINISHED = re.compile(rb"\b(TO" + rb"DO|FIX" + rb"ME|XX" + rb"X)\b")
COVERAGE_EXCUSE = re.compile(rb"pragma: no (cover|branch)(?!\s+\S)")


def lines_with(pattern, files, root):
    return [
        f"{path.relative_to(root)}:{number}: {line.decode(errors='replace')}"
        for path in files
        for number, line in enumerate(path.read_bytes().splitlines(), start=1)
        if path.suffix not in {".jpg", ".mp4", ".webm", ".png"} and pattern.search(line)
    ]


def test_no_file_names_a_package_registry(files, root):
    assert lines_with(REGISTRIES, files, root) == []


def test_no_file_names_a_path_of_one_machine(files, root):
    assert lines_with(MACHINE_PATHS, files, root) == []


def test_no_file_is_marked_as_unfinished(files, root):
    assert lines_with(UNFINISHED, files, root) == []


def test_no_line_escapes_coverage_without_its_reason(files, root):
    sources = [path for path in files if path.is_relative_to(root / "src")]
    assert lines_with(COVERAGE_EXCUSE, sources, root) == []


@pytest.mark.parametrize(
    ("pattern", "line"),
    [
        (REGISTRIES, b"see https://py" + b"pi.org/simple"),
        (REGISTRIES, b"https://files.python" + b"hosted.org/x.whl"),
        (MACHINE_PATHS, b"open('/" + b"root/x')"),
        (UNFINISHED, b"# TO" + b"DO: later"),
        (COVERAGE_EXCUSE, b"x = 1  # pragma: no cover"),
    ],
)
def test_each_of_these_would_be_found(pattern, line):
    assert pattern.search(line)


def test_every_locked_package_has_hashes(root):
    for lock in (root / "requirements").glob("*.txt"):
        blocks = re.split(r"\n(?=\S)", lock.read_text().strip())
        assert blocks
        assert [one for one in blocks if "--hash=sha256:" not in one] == []


def test_the_metadata_and_the_lock_name_the_same_dependencies(root, project):
    chosen = (root / "requirements" / "runtime.in").read_text().split()
    declared = [re.split(r"[><=]", one)[0] for one in project["dependencies"]]
    assert sorted(declared) == sorted(chosen)


def test_no_dependency_is_idle(root, project):
    names = {
        "pynacl": "nacl",
        "zxing-cpp": "zxingcpp",
        "nats-py": "nats",
        "pillow": "PIL",
        "prometheus-client": "prometheus_client",
    }
    sources = [path.read_text() for path in (root / "src").rglob("*.py")]
    idle = [
        one
        for one in (re.split(r"[><=]", it)[0] for it in project["dependencies"])
        if not any(
            re.search(rf"(import|from) {names.get(one, one.lower())}\b|\"{one}\"", text)
            for text in sources
        )
    ]
    assert idle == []
