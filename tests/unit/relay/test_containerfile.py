"""The tool that runs the Containerfile's steps: it takes them as they stand there."""

import pytest

from tools.containerfile.__main__ import FILE
from tools.containerfile.building import Builder, StepFailed, instructions


@pytest.fixture
def builder(tmp_path):
    for name in ("base", "stages", "wheels"):
        (tmp_path / name).mkdir()
    (tmp_path / "base" / "etc").mkdir()
    (tmp_path / "base" / "etc" / "debian").write_text("bookworm")
    return Builder(tmp_path / "stages", tmp_path / "base", tmp_path / "wheels")


def test_an_instruction_may_go_over_lines_and_comments_are_none():
    text = "# first\nRUN one \\\n    && two\n# between\nUSER 1:2\n"
    assert instructions(text) == [("RUN", "one      && two"), ("USER", "1:2")]


def test_all_but_the_running_steps_of_the_real_file_are_performed(builder):
    for word, rest in instructions(FILE.read_text()):
        if word != "RUN":
            if rest.startswith("--from"):
                (builder._stages["build"].root / "opt" / "privity").mkdir(parents=True)
            builder.perform(word, rest)
    first, last = builder._stages["build"], builder.stage
    assert (first.root / "build" / "src" / "privity" / "relay").is_dir()
    assert (first.root / "build" / "requirements" / "runtime.txt").is_file()
    assert not (last.root / "build").exists()
    assert (last.root / "etc" / "debian").read_text() == "bookworm"
    assert (last.user, last.stop, last.volumes) == ("10001:10001", "SIGTERM", ["/data"])
    assert [*last.entrypoint, *last.command][-1] == "serve"
    assert last.environment == {"PRIVITY_RELAY_DATA": "/data"}


@pytest.mark.parametrize(
    ("word", "rest"),
    [("ADD", "https://example.invalid/x /x"), ("FROM", "alpine:3 AS build")],
)
def test_what_it_can_not_do_as_an_engine_would_is_refused(builder, word, rest):
    with pytest.raises(StepFailed):
        builder.perform(word, rest)


def test_what_is_no_instruction_is_refused():
    with pytest.raises(StepFailed):
        instructions("RUN true\nrm -rf /\n")
