"""What the documents say about files and commands is so."""

import re
import subprocess

import pytest

LINK = re.compile(r"(?<!!)\[[^\]\n]*\]\(([^)\s]+)\)|!\[[^\]\n]*\]\(([^)\s]+)\)")


def documents(files):
    return [path for path in files if path.suffix == ".md"]


def local_links(path):
    text = re.sub(r"```.*?```", "", path.read_text(), flags=re.DOTALL)
    for pair in LINK.findall(text):
        target = pair[0] or pair[1]
        if not re.match(r"[a-z]+:", target):
            yield target


def anchors(path):
    """Compute the anchors of a document's headings as GitHub forms them."""
    for heading in re.findall(r"^#+ (.+)$", path.read_text(), flags=re.MULTILINE):
        plain = re.sub(r"[^\w\- ]", "", heading.lower())
        yield plain.replace(" ", "-")


def test_every_link_between_documents_leads_somewhere(files, root):
    dead = []
    for path in documents(files):
        for link in local_links(path):
            target, _, anchor = link.partition("#")
            there = (path.parent / target).resolve() if target else path
            if not there.exists() or (anchor and anchor not in anchors(there)):
                dead.append(f"{path.relative_to(root)}: {link}")
    assert dead == []


def commands_of(readme):
    blocks = re.findall(r"```sh\n(.*?)```", readme, flags=re.DOTALL)
    lines = "".join(blocks).splitlines()
    return [line.split("#")[0].strip() for line in lines if line.startswith("make ")]


def test_the_readme_opens_with_exactly_two_commands(root):
    assert commands_of((root / "README.md").read_text()) == ["make demo", "make test"]


def test_make_knows_every_target_that_a_document_names(files, root):
    named = {
        target
        for path in documents(files)
        if path.name != "CHANGELOG.md"
        for target in re.findall(r"`(?:[A-Z]+=\w+ )?make ([a-z-]+)", path.read_text())
    }
    assert named >= {"demo", "test", "check"}
    for target in sorted(named):
        done = subprocess.run(
            ["make", "--dry-run", target], cwd=root, check=False, capture_output=True
        )
        assert done.returncode == 0, target


@pytest.mark.parametrize("name", ["LICENSE", "SECURITY.md", "STYLE.md"])
def test_the_papers_that_people_look_for_are_there(root, name):
    assert (root / name).stat().st_size > 500


def test_every_decision_has_its_four_parts(files, root):
    records = [
        path
        for path in documents(files)
        if path.is_relative_to(root / "docs" / "adr") and path.stem[:4].isdigit()
    ]
    assert records
    for path in records:
        headings = re.findall(r"^## (.+)$", path.read_text(), flags=re.MULTILINE)
        assert headings == ["Context", "Options", "Decision", "What it costs us"], path


def test_no_number_of_a_decision_is_given_twice(root):
    numbers = [path.stem[:4] for path in (root / "docs" / "adr").glob("[0-9]*.md")]
    assert len(numbers) == len(set(numbers))


def test_ci_runs_the_commands_of_the_readme(root):
    makefile = (root / "Makefile").read_text()
    recipe = re.search(r"^\.ci:.*\n\t(.*)$", makefile, flags=re.MULTILINE)
    assert recipe
    assert {"check", "test", "demo"} <= set(recipe[1].split())
    assert "make ci" in (root / ".ci" / "run").read_text()
