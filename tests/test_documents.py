"""What the documents say is so: settings, names, commands, snippets, links, files, hops, words."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
from pathlib import Path
from textwrap import dedent

import pytest
import yaml

import stores
from bot.command import main
from bot.questions import TRIES, WAITS
from bot.sandbox.page.page import TRIES as TO_TRY
from bot.sandbox.trying import PORT
from bot.settings import Settings
from bot.slack.directory import MINUTES
from bot.sources import SOURCE_TOKENS
from bot.thread import THREAD_TOKENS
from stores.documents import INDEXES
from stores.expansion import QUESTION
from stores.insight_changes import UNDO
from stores.insight_documents import PENDING
from stores.loading import MOST_FIELDS, MOST_KINDS
from stores.machine import CONTEXT_SECONDS, RECALL_SECONDS
from stores.testing import StoreContract
from stores.trust import UNCONFIRMED
from stores.watchdog import BLOCKED, BLOCKS
from workers.conversations import RETRY_AFTER
from workers.leases import LEASE, RENEW
from workers.window import BACKGROUND, WINDOW

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
OURS = ("bot", "workers", "stores", "deploy", "tests")
TEXTS = frozenset({".py", ".md", ".toml", ".yaml", ".txt", ".js", ".css", ".html", ".svg", ".example", ".go", ".mod", ""})

PROMISES = sum(name.startswith("test_") for name in vars(StoreContract))

GLOSSARY = """workspace teammate message conversation question reply insight kind evidence audience store machine draft settling model
place outsider readers teacher standing cues things terms withheld supersede doubt withdraw expansion kit context handle cited mark ledger
lease due through run attempt doorbell ring sweep desk installation directory transcripts sandbox inspector scenario""".split()  # noqa: SIM905 - a list that people read


def documents() -> list[Path]:
    return sorted([*ROOT.glob("*.md"), *(path for folder in OURS for path in (ROOT / folder).rglob("*.md"))])


def files() -> list[Path]:
    """Every text of the project."""
    found = [path for path in ROOT.iterdir() if path.is_file() and path.name != ".git"]  # a file where this is a linked worktree
    found += [
        path for folder in (*OURS, ".ci") for path in (ROOT / folder).rglob("*") if path.is_file() and "__pycache__" not in path.parts
    ]
    return [path for path in found if path.suffix in TEXTS]


def section(title: str) -> str:
    """What stands under a heading of README.md."""
    found = re.search(rf"^## {title}\n(.*?)(?=^## |\Z)", README, re.MULTILINE | re.DOTALL)
    assert found, title
    return found[1]


def rows(text: str) -> list[list[str]]:
    """The cells of a text's tables, row by row, headings included."""
    return [
        [cell.strip() for cell in line.strip("|").split("|")] for line in text.splitlines() if line.startswith("|") and "---" not in line
    ]


def slug(heading: str) -> str:
    return re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-")


def test_the_settings_are_those_of_the_code() -> None:
    shown = [tuple(row) for row in rows(section("Settings")) if row[0] not in ("setting", "`PORT`")]
    fields = Settings.model_fields.items()
    wanted = [(f"`{name.upper()}`", "not set" if f.default is None else f"`{f.default}`", f.description) for name, f in fields]
    assert shown == wanted


def test_the_page_s_port_is_the_code_s() -> None:
    [row] = [row for row in rows(section("Settings")) if row[0] == "`PORT`"]
    assert row[1] == f"`{PORT}`"


@pytest.mark.parametrize(
    ("document", "words", "holds"),
    [
        ("README.md", "Tacit comes with eight", len(PYPROJECT["project"]["entry-points"]["tacit.stores"]) == 8),
        ("README.md", "seventeen promises", PROMISES == 17),
        ("CHANGELOG.md", "seventeen promises", PROMISES == 17),
        ("stores/testing/README.md", "a test file with seventeen tests", PROMISES == 17),
        ("stores/README.md", "more than 20 kinds, more than 10 fields", (MOST_KINDS, MOST_FIELDS) == (20, 10)),
        ("stores/README.md", "blocks for 30 s, or three calls in a row do", (BLOCKED, BLOCKS) == (30, 3)),
        ("stores/README.md", "`recall` 2 s, `build_context` 0.2 s", (RECALL_SECONDS, CONTEXT_SECONDS) == (2, 0.2)),
        ("README.md", "after ten quiet minutes", Settings.model_fields["learn_after"].default == 600),
        ("README.md", "*Undo* works for ten minutes", UNDO == 600),
        ("README.md", "kept for at most five minutes", MINUTES == 5),
        ("README.md", "at most about 6,000 tokens of it", THREAD_TOKENS == 6_000),
        ("README.md", "(about 6,000 tokens a run) with some background (2,000)", (WINDOW, BACKGROUND) == (6_000, 2_000)),
        ("README.md", "(1,500 tokens each)", SOURCE_TOKENS == 1_500),
        ("README.md", "first 2,000 characters of the question", QUESTION == 2_000),
        ("README.md", "for 20 seconds unless renewed", LEASE == 20),
        ("workers/README.md", "6,000 tokens of news, 2,000 of background", (WINDOW, BACKGROUND) == (6_000, 2_000)),
        ("workers/README.md", "20 s, renewed every 5 s", (LEASE, RENEW) == (20, 5)),
        ("workers/README.md", "5, 30, 120 and then every 600 seconds", RETRY_AFTER == (5, 30, 120, 600)),
        ("README.md", "gone after 14 days", PENDING == 14 * 86_400),
        ("README.md", "Who taught three standing insights", UNCONFIRMED == 3),
        ("bot/README.md", "1, 5, 15 and 30 seconds; one that crashes five times", (WAITS, TRIES) == ((1, 5, 15, 30), 5)),
    ],
)
def test_the_figures_are_the_code_s(document: str, words: str, holds: bool) -> None:
    assert words in (ROOT / document).read_text(encoding="utf-8")
    assert holds


def test_the_things_to_try_are_those_of_the_page() -> None:
    for one in TO_TRY:
        assert one.text in section("Try it")


def test_the_public_names_of_stores() -> None:
    """These are an API for others: taking one away, or changing it, breaks their stores."""
    assert stores.__all__ == [
        "CONTEXT_TOKENS",
        "STANDING_TOKENS",
        "Conversation",
        "Draft",
        "Evidence",
        "Insight",
        "Kind",
        "Kit",
        "LearningStore",
        "Message",
        "ModelFailed",
        "Question",
        "Said",
        "evidence_of",
        "named",
        "quote",
        "standing_first",
        "tokens",
    ]
    assert all(hasattr(stores, name) for name in stores.__all__)


def test_the_store_in_the_readme_is_the_tested_one() -> None:
    snippet, promises = (dedent(found) for found in re.findall(r"^ *```python\n(.*?)^ *```$", README, re.MULTILINE | re.DOTALL))
    assert promises in (ROOT / "tests" / "example_store" / "test_filing_deadlines.py").read_text(encoding="utf-8")
    assert snippet == (ROOT / "tests" / "example_store" / "filing_deadlines.py").read_text(encoding="utf-8")
    assert sum(bool(line.strip()) for line in snippet.splitlines()) <= 15


def test_every_folder_explains_itself() -> None:
    packages = [path.parent for folder in ("bot", "workers", "stores") for path in (ROOT / folder).glob("*/__init__.py")]
    for folder in [*(ROOT / name for name in OURS), *packages]:
        assert (folder / "README.md").is_file(), folder


@pytest.mark.parametrize("folder", ["bot", "bot/slack", "workers", "stores"])
def test_every_file_is_named_where_its_folder_explains_itself(folder: str) -> None:
    named = re.findall(r"`(\w+\.py)`", (ROOT / folder / "README.md").read_text(encoding="utf-8"))
    there = {path.name for path in (ROOT / folder).glob("*.py")} - {"__init__.py"}
    assert there <= set(named)


def test_every_command_exists() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    for document in documents():
        text = document.read_text(encoding="utf-8")
        assert set(re.findall(r"(?:`|^ {4})make ([a-z-]+)", text, re.MULTILINE)) <= targets, document
        assert set(re.findall(r"(?:`|^ {4})(?:\.venv/bin/)?tacit ([a-z]+)", text, re.MULTILINE)) <= main.commands.keys(), document


def test_every_link_leads_somewhere() -> None:
    for document in documents():
        text = document.read_text(encoding="utf-8")
        here = {slug(heading) for heading in re.findall(r"^#+ (.*)$", text, re.MULTILINE)}
        for target in re.findall(r"\]\(([^)\s]+)\)", text):
            path, _, heading = target.partition("#")
            if not path:
                assert heading in here, f"{document}: {target}"
            elif not target.startswith("http"):
                assert (document.parent / path).exists(), f"{document}: {target}"


@pytest.mark.parametrize("path", ["A. Answer", "B. Learn"])
def test_each_path_takes_seven_hops_at_most_and_every_hop_exists(path: str) -> None:
    part = section("How it works").partition(f"**{path}**")[2].split("\n\n")[1]
    hops = re.findall(r"^\d+\. `([\w/]+\.py):([\w.]+)`", part, re.MULTILINE)
    assert 3 <= len(hops) == len(part.strip().splitlines()) <= 7
    for file, name in hops:
        assert name in _defined(ROOT / file), f"{file}:{name}"


def _defined(file: Path) -> set[str]:
    """The functions of a file, and the methods with their class before them."""
    names = set()
    for node in ast.parse(file.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            names.add(node.name)
        elif isinstance(node, ast.ClassDef):
            names |= {f"{node.name}.{each.name}" for each in node.body if isinstance(each, ast.FunctionDef | ast.AsyncFunctionDef)}
    return names


def test_the_glossary_has_every_word_once() -> None:
    words = [row[0] for row in rows(section("Glossary"))]
    assert len(set(words)) == len(words)
    assert set(GLOSSARY) <= set(words)


def test_the_data_section_names_every_collection() -> None:
    assert {row[0] for row in rows(section("Your data"))} - {"collection"} == {f"`{name}`" for name in INDEXES}


def test_every_scenario_is_named() -> None:
    folder = ROOT / "bot" / "sandbox" / "scenarios"
    there = {path.name: yaml.safe_load(path.read_text(encoding="utf-8"))["name"] for path in folder.glob("*.yaml")}
    named = {Path(re.findall(r"\((.*?)\)", row[0])[0]).name: row[1] for row in rows(section("Scenarios")) if row[0] != "file"}
    assert named == there


def test_importing_stores_loads_no_foreign_service() -> None:
    heavy = ["motor", "pymongo", "openai", "slack_sdk", "slack_bolt", "aiohttp", "redis", "rq"]
    script = f"import sys, stores; print([name for name in {heavy} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_built_in_stores_use_only_what_others_can_use() -> None:
    for place in PYPROJECT["project"]["entry-points"]["tacit.stores"].values():
        file = ROOT / f"{place.partition(':')[0].replace('.', '/')}.py"
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and node.module and node.module.partition(".")[0] in OURS:
                assert node.module == "stores", file
                assert {name.name for name in node.names} <= set(stores.__all__), file
            elif isinstance(node, ast.Import):
                assert not {name.name.partition(".")[0] for name in node.names} & set(OURS), file


def test_the_licence_and_the_version_are_those_of_the_package() -> None:
    licence = (ROOT / "LICENSE").read_text(encoding="utf-8")
    assert PYPROJECT["project"]["license"] == "Apache-2.0"
    assert "Apache License" in licence
    assert "Version 2.0, January 2004" in licence
    assert PYPROJECT["project"]["version"] in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")


def test_no_file_names_a_package_registry_or_a_path_of_one_machine() -> None:
    """Locks hold hashes; where packages come from is for each machine to say."""
    hosts = [f"{name}.{end}" for name, end in (("pypi", "org"), ("pythonhosted", "org"), ("npmjs", "org"), ("golang", "org/cached"))]
    folders = ("work", "root", "Users", r"home\/(?!tacit\b)\w+")
    local = re.compile(rf"(?<![\w.:/-])/(?:{'|'.join(folders)})/")
    for file in files():
        text = file.read_text(encoding="utf-8")
        assert not [host for host in hosts if host in text], file
        assert not local.search(text), file
