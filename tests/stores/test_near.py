"""Which known insights go into settling: those that a draft may contradict or repeat, whatever words it shares with them."""

from __future__ import annotations

import math
from collections.abc import Mapping

import pytest

from stores import ranking
from stores.audience import readers_of
from stores.embedding.local import LocalEmbedder, installed
from stores.index.entries import entry_of, key
from stores.index.index import HybridIndex
from stores.index.mask import view_of
from stores.index.scoring import Fit
from stores.index.sight import sight_of
from stores.search import Part
from stores.settling import NEAR, near
from stores.testing import Town
from tests.stores.town import evidence, insight

# What is known, and what was just learned: they cannot both hold, or say the same, in other words.
ONE_THING = """
Releases go out on Tuesdays. | The team ships to production every Thursday from now on.
Contracts are filed by client. | Agreements are stored under the customer's name.
Signed leases go to Marta. | Paul now receives the tenants' signed agreements.
The warehouse keys are with Ines. | Omar keeps the keys of the depot since 3 March.
Expense claims are due by the 25th. | Receipts have to be handed in before the 20th of each month.
The team is trying to cut egress costs. | Cutting what data transfer out of the cloud costs is no goal any more.
Parking in the yard is free for visitors. | Guests pay 5 euros to park.
The lab opens at 8. | Nobody gets into the laboratory before 9.
Refunds above 200 euros need Dana's approval. | Dana does not have to sign off refunds any more.
We use Jenkins for builds. | CI runs on GitHub Actions since May.
The choir rehearses on Monday in the old mill. | Rehearsals were moved to Wednesdays.
Invoices are sent as PDF by mail. | Customers get their bills on paper only.
Nightly backups run at 02:00. | The database is saved at 4 in the morning.
Patients' files are kept for ten years. | Medical records are deleted after fifteen years.
The bakery delivers before nine. | Bread now comes at ten.
New hires get a laptop on the first day. | Equipment for new colleagues arrives a week before they start.
Trips to Texel go by ferry. | Excursions to Texel are booked as flights again.
The budget for advertising is 10,000 euros. | Marketing may spend 12,000 euros.
Essays are handed in on paper. | Students upload their essays.
Vacation requests go to Tom. | Priya approves time off.
The staging cluster is rebuilt every Sunday. | Staging is not recreated weekly any more.
Datadog is our monitoring vendor. | Metrics moved to Grafana Cloud.
Blood samples are sent to Kiel. | The laboratory in Bonn analyses the samples now.
Meeting room 4 has no projector. | A beamer was installed in room 4.
Goats are fed at 6. | The animals get their hay at 7.
The translation of the manual is done by Lingua. | Manuals are translated in-house.
Orders from Norway need a customs form. | Shipping to Norway works without customs papers now.
Photos are allowed in the museum. | Taking pictures in the exhibition is forbidden.
Standup is at 9. | The daily meeting starts at 9:30.
The wifi password hangs in the kitchen. | Guests ask at the reception for the wireless password.
Deploys need two approvals. | One reviewer is enough to deploy.
The pharmacy closes at 18:00. | The chemist's stays open until 19:00.
Rechnungen gehen an Frau Huber. | Belege werden jetzt an Herrn Maier geschickt.
Der Teig ruht 24 Stunden. | Pizzateig muss 36 Stunden liegen.
Das Lager öffnet um acht. | Die Halle macht erst um neun auf.
Fotos sind im Museum erlaubt. | In der Ausstellung darf nicht mehr fotografiert werden.
Die Probe ist am Montag. | Geprobt wird jetzt dienstags.
Der Kurs kostet 40 Euro. | Die Kursgebühr beträgt 55 Euro.
Wir liefern nach Tirol. | Lieferungen nach Österreich sind eingestellt.
Urlaub wird bei Tom beantragt. | Über freie Tage entscheidet Priya.
"""
# Each about something of its own.
OTHERS = """
The loading dock is closed for repairs until 14 December.
Mrs. Okafor prefers calls after lunch.
Seed orders are placed with Bingenheimer.
The fire drill takes place twice a year.
Password resets are handled by the service desk.
Tender documents must be in French.
The scanner in the archive only reads TIFF files.
Oxygen bottles are checked by Linde each quarter.
The board wants to open a second branch in Graz.
Interns are paid by the hour.
Our insurance covers bicycles left in the courtyard.
The pricing page is generated from a spreadsheet.
Feature flags older than three months are removed.
The school play is directed by Noor this year.
Salmon is bought from a farm in Bergen.
Cement must not be poured below five degrees.
The vestry has space for forty folding chairs.
Tickets above severity two page the on-call engineer.
Blue folders hold the audit papers.
The glaze of the east kiln flakes when it cools too fast.
Court fees are advanced by the client.
The hiking group meets at the fountain.
Supplier Renz gives three percent discount within ten days.
The demo tenant is reset at midnight.
Children under twelve travel for free.
Der Aufzug im Hinterhaus trägt nur 300 Kilo.
Die Vereinskasse führt seit Juni Frau Novak.
Für Hochzeiten wird der Saal bis zwei Uhr vermietet.
Im Winter wird der Brunnen abgestellt.
Das Protokoll schreibt reihum jemand aus der Runde.
"""


@pytest.mark.parametrize(
    ("draft", "scores", "wanted"),
    [
        ("Releases go out on Thursdays now.", {"keywords": 0.0, "cosine": 0.1}, True),  # two words
        ("Priya approves time off.", {"keywords": 0.2, "cosine": 0.1}, False),  # one word, and far away
        ("Priya approves time off.", {"keywords": 0.0, "cosine": NEAR}, True),
        ("Priya approves time off.", {"keywords": 0.0, "cosine": 0.1, "surface": 0.5}, True),
        ("Priya approves time off.", {"keywords": 0.2, "cosine": 0.0}, True),  # no vectors
        ("Priya approves time off.", {"keywords": 0.2, "cosine": math.nan}, True),
        ("Priya approves time off.", {"keywords": 0.2}, True),
        ("Priya approves time off.", {"keywords": 0.0}, False),
    ],
)
def test_what_is_near(draft: str, scores: Mapping[str, float], wanted: bool) -> None:
    assert near(draft, "Releases go out on Tuesdays.", scores) is wanted


@pytest.mark.skipif(not installed(), reason="The local embedding model is not installed.")
async def test_most_contradictions_in_other_words_are_settled_and_few_strangers() -> None:
    pairs = [(known.strip(), draft.strip()) for known, _, draft in (line.partition("|") for line in ONE_THING.strip().splitlines())]
    others = OTHERS.strip().splitlines()
    told = [*(known for known, _ in pairs), *others]
    town, embedder, index = Town(), LocalEmbedder(), HybridIndex("local", LocalEmbedder.dimensions)
    town.build("C1", "public", "ana", "bo")
    vectors = await embedder.embed(told)
    for n, sentence in enumerate(told):
        index.upsert(entry_of(insight(str(n), evidence("C1", "ana", "public", float(n + 1)), sentence=sentence)), (vectors[n], None))
    readers = await readers_of(town, "C1", "ana")
    view = view_of(index, await sight_of(index.deciding(readers), readers, town))

    async def settled(draft: str) -> list[str]:
        wanted = {key(stem): weight for stem, weight in ranking.wanted(draft).items()}
        found = Fit(index, view, wanted, (await embedder.embed([draft]))[0]).propose([Part(6)])[0].scores
        known = {told[int(i)]: scores for i, scores in found.items() if told[int(i)] != draft}
        return [sentence for sentence, scores in known.items() if near(draft, sentence, scores)][:5]

    hit = [known in await settled(draft) for known, draft in pairs]
    strangers = [len(await settled(draft)) for draft in others]
    await embedder.close()
    assert sum(hit) >= 33, [pair for pair, found in zip(pairs, hit, strict=True) if not found]  # 22 of 40 when a shared word decided
    assert sum(strangers) / len(others) <= 1.5
