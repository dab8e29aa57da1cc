"""Which stores are enabled, and what is said of those that cannot be: each is left out, and the others go on."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from stores import Kind
from stores.loading import BadStore, Installed, check, installed, load_stores
from tests.stores.plugins import Bench, Plugin, opened

HERE = "tests.stores.test_loading"
Offer = Callable[..., None]


class Tides(Plugin):
    name = "tides"
    kinds = (Kind("tide", "when the water is high"),)


class Moons(Plugin):
    name = "moons"
    kinds = (Kind("moon", "when it is full"), Kind("tide", "when the moon pulls"))


class Changeling(Plugin):
    name = "changeling"
    kinds = (Kind("egg", "what lies in the nest"),)

    def __init__(self, kit: Any) -> None:
        super().__init__(kit)
        self.kinds = (Kind("tide", "something else"),)


class Nameless(Plugin):
    name = "Two Words"


@pytest.fixture
def offer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Offer:
    """Installs a package that offers these stores."""

    def install(package: str, **stores: str) -> None:
        about = tmp_path / "site" / f"{package}-1.0.dist-info"
        about.mkdir(parents=True)
        (about / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {package}\nVersion: 1.0\n", encoding="utf-8")
        points = "".join(f"{name} = {where}\n" for name, where in stores.items())
        (about / "entry_points.txt").write_text(f"[tacit.stores]\n{points}", encoding="utf-8")
        monkeypatch.syspath_prepend(str(about.parent))

    return install


def found(*enabled: str) -> dict[str, Installed]:
    return {store.name: store for store in installed(enabled)}


def test_what_a_package_offers_is_installed_and_enabled_by_name(offer: Offer) -> None:
    offer("sea", tides=f"{HERE}:Tides")
    assert found()["tides"] == Installed("tides", f"{HERE}:Tides", "installed", False, kinds=("tide",))
    assert found("team_knowledge", "tides")["tides"] == Installed("tides", f"{HERE}:Tides", "enabled", True, kinds=("tide",))


def test_a_store_that_no_package_offers_is_enabled_by_module_and_class() -> None:
    assert found(f"{HERE}:Tides")["tides"] == Installed("tides", f"{HERE}:Tides", "enabled", True, kinds=("tide",))


BROKEN: dict[str, tuple[Sequence[str], str, str]] = {
    "nobody offers it": (["gone"], "gone", "no installed package offers it; install its package, or take it out of LEARNING_STORES"),
    "no such module": (["no_such:Tides"], "no_such:Tides", "importing it raised ModuleNotFoundError: No module named 'no_such'"),
    "no such class": ([f"{HERE}:Seas"], f"{HERE}:Seas", "importing it raised AttributeError: module '.*' has no attribute 'Seas'"),
    "no module and class": (["a:b:c"], "a:b:c", "a store that no package offers is named as module:Class"),
    "no name": ([f"{HERE}:Nameless"], f"{HERE}:Nameless", "'Two Words' is no name: use lower-case letters"),
    "no store": ([f"{HERE}:HERE"], f"{HERE}:HERE", "None is no name"),
    "the name is taken": ([f"{HERE}:Tides", "tides"], "tides", f"a store of this name is enabled already \\({HERE}:Tides\\)"),
    "the kind is taken": (
        [f"{HERE}:Tides", "moons"],
        "moons",
        "each kind belongs to one store, but 'tide' belongs to tides; rename it, or",
    ),
    "two packages offer it": (["twins"], "twins", "two packages offer a store of this name; uninstall one of them"),
    "another name": (["alias"], "alias", "its entry point is called 'alias', so its `name` must be 'alias' too"),
}


@pytest.mark.parametrize("case", BROKEN)
def test_what_cannot_be_enabled_is_named_with_the_reason(case: str, offer: Offer) -> None:
    enabled, name, why = BROKEN[case]
    offer("sky", moons=f"{HERE}:Moons", tides=f"{HERE}:Tides", alias=f"{HERE}:Tides", twins=f"{HERE}:Tides")
    offer("other", twins=f"{HERE}:Tides")
    store = [store for store in installed(enabled) if store.name == name and store.wanted][-1]
    assert store.state == "broken"
    with pytest.raises(BadStore, match=why):
        raise BadStore(store.why)


async def test_a_store_that_cannot_be_used_is_left_out_and_the_others_work(offer: Offer, caplog: pytest.LogCaptureFixture) -> None:
    offer("sky", moons=f"{HERE}:Moons", changeling=f"{HERE}:Changeling")
    async with opened() as bench:
        enabled = ["team_knowledge", "gone", "changeling", f"{HERE}:Tides", "moons"]
        assert loaded(bench, enabled) == ["team_knowledge", "tides"]
    left_out = [(r.store, r.reason) for r in caplog.records if r.message == "store.left_out"]  # type: ignore[attr-defined]
    assert [name for name, _ in left_out] == ["gone", "changeling", "moons"]
    assert left_out[1][1] == "it declares other kinds once it is built; declare them in the class"


def loaded(bench: Bench, enabled: Sequence[str]) -> list[str]:
    kit = bench.kit("any")
    stores = load_stores(enabled, "T1", kit.repository, kit.directory, kit.model, kit.finder)
    bench.loaded += stores
    return [store.name for store in stores]


GOOD = Kind("tide", "when the water is high", fields=("due",))
DECLARATIONS: dict[str, tuple[Any, str]] = {
    "a kind instead of several": (GOOD, "its kinds must be a tuple of `Kind`s, with a comma also behind a single one"),
    "no kinds": (["tide"], "kinds must be `Kind`s, not str"),
    "a set": ({GOOD}, "its kinds must be a tuple"),
    "too many": ([replace(GOOD, name=f"k{n}") for n in range(21)], "its kinds are too many for one prompt: 20 at most"),
    "twice": ((GOOD, GOOD), "it declares one kind twice"),
    "a kind with a space": ((replace(GOOD, name="high tide"),), "'high tide' is no name"),
    "a kind that is no text": ((replace(GOOD, name=7),), "7 is no name"),  # type: ignore[arg-type]
    "fields that are one text": ((replace(GOOD, fields="due"),), "its fields of kind 'tide' must be a tuple of names"),  # type: ignore[arg-type]
    "a field with a dot": ((replace(GOOD, fields=("a.b",)),), "'a.b' is no name"),
    "too many fields": ((replace(GOOD, fields=tuple(f"f{n}" for n in range(11))),), "are too many for one prompt: 10 at most"),
    "no guidance": ((replace(GOOD, guidance=" "),), "needs one line of guidance, 300 characters at most"),
    "guidance of two lines": ((replace(GOOD, guidance="high\u2028- goal: everything"),), "needs one line of guidance"),
    "guidance without end": ((replace(GOOD, guidance="high " * 100),), "needs one line of guidance"),
    "about nobody": ((replace(GOOD, about="ana"),), "`about` of kind 'tide' is one of '', 'speaker'"),  # type: ignore[arg-type]
    "one per something": ((replace(GOOD, one_per=["x"]),), "`one_per` of kind 'tide' is one of '', 'teammate'"),  # type: ignore[arg-type]
    "guidance that is no text": ((replace(GOOD, guidance=None),), "needs one line of guidance"),  # type: ignore[arg-type]
}


@pytest.mark.parametrize("case", DECLARATIONS)
def test_a_declaration_that_the_model_cannot_be_given_is_refused(case: str) -> None:
    kinds, why = DECLARATIONS[case]
    with pytest.raises(BadStore, match=why):
        check("tides", type("Odd", (Tides,), {"kinds": kinds}))


def test_a_good_declaration_is_taken() -> None:
    assert check("tides", type("Good", (Tides,), {"kinds": [GOOD]})) == (GOOD,)
