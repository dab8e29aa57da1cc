from dataclasses import replace

from filing_deadlines import FilingDeadlines

from stores.testing import StoreContract, rig


class TestFilingDeadlines(StoreContract):
    """What every store promises."""

    store = FilingDeadlines
    says = "The appeal in Berger is due at the district court on 4 December 2026."
    asks = "When is the appeal due?"


async def test_the_nearest_deadline_comes_first() -> None:
    async with rig() as r:
        store = FilingDeadlines(r.kit("filing_deadlines"))
        talk = await r.conversation("ana: The appeal in Berger is due on 8 January, the one in Adler on 4 December.")
        kind = FilingDeadlines.kinds[0]
        berger = r.draft(talk, store.name, kind, "The appeal in Berger is due.", due="2027-01-08")
        adler = r.draft(talk, store.name, kind, "The appeal in Adler is due.", position=1, due="2026-12-04")
        await store.process(replace(talk, drafts=(berger, adler)))
        context = store.build_context(await store.recall(await r.question("Which appeal is next?")))
        assert 0 < context.index("Adler") < context.index("Berger")
