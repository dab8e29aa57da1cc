"""`tacit stores new`: a package with a learning store, to begin with."""

from __future__ import annotations

import keyword
from importlib.util import find_spec
from pathlib import Path
from string import Template

from stores.loading import BadStore, check_name, installed

TEMPLATES = Path(__file__).with_name("store_template")
FILES = {  # template → what is written
    "pyproject.toml.template": "pyproject.toml",
    "store.py.template": "$module.py",
    "test_store.py.template": "test_$module.py",
    "README.md.template": "README.md",
}


class NoStore(Exception):
    """Nothing was written. The text says why and what to do."""


def write_store(name: str, folder: Path | None = None) -> list[str]:
    """Write a package with a store of this name into `folder`, or into one of that name here; what to do next, line by line.

    Raises `NoStore` for a name that cannot be one or is taken, and where there is something already.
    """
    words = _words(name)
    folder = folder or Path(words["module"])
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise NoStore(
            f"{folder} is there already, and nothing in it is overwritten: name another folder, as in `tacit stores new {name} DIR`."
        )
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for template, file in FILES.items():
            text = Template((TEMPLATES / template).read_text(encoding="utf-8")).substitute(words)
            (folder / Template(file).substitute(words)).write_text(text, encoding="utf-8")
    except OSError as e:
        raise NoStore(f"{folder} cannot be written to ({e.strerror}): name another folder.") from None
    return [
        f"{folder} holds a store that passes its own tests. Next:",
        f"  cd {folder}",
        "  python -m pytest                  # its promises, as tests",
        f"  tacit try --store {words['module']}:{words['class_name']}",
        f"  README.md says how to install and enable it; begin with `kinds` in {words['module']}.py.",
    ]


def _words(name: str) -> dict[str, str]:
    """What the templates name, by a store's name."""
    try:
        check_name(name)
    except BadStore as e:
        raise NoStore(f"{e}.") from None
    module = name.replace("-", "_")
    if any(store.name == name for store in installed(())):
        raise NoStore(f"A store {name!r} is installed already; `tacit stores` lists all. Choose another name.")
    if keyword.iskeyword(module) or find_spec(module) is not None:
        raise NoStore(f"Python knows a module {module!r} already, so that yours could not be found. Choose another name.")
    parts = [part for part in module.split("_") if part]
    return {
        "name": name,
        "module": module,
        "dashed": "-".join(parts),
        "kind": f"{name[:31]}-fact",
        "class_name": "".join(part.capitalize() for part in parts),
    }
