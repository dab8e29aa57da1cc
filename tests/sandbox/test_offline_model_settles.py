"""How the offline model settles: same, contradicts, new. Each line: what is known | what was just said."""

from __future__ import annotations

import json

import pytest

from bot.sandbox.offline_model.settling import settle, verdicts

CONTRADICTS = """
The retro is on Thursday at 3pm. | The retro is on Friday at 2pm.
Deploys need two approvals. | Deploys need one approval now.
Releases go out on Tuesdays. | Releases go out on Thursdays now.
Billing is owned by Ana. | Billing is owned by Bo.
The backup runs at 02:00. | The backup runs at 04:00.
The pharmacy closes at 18:00. | The pharmacy closes at 19:00 from now on.
Returns are accepted within 14 days. | Returns are accepted within 30 days.
The walk-in fridge stays at 4 degrees. | Correction: the walk-in fridge stays at 2 degrees.
The choir rehearses on Monday. | Actually, the choir rehearses on Wednesday.
Signed leases go to Marta. | Signed leases go to Paul instead.
We ship to Norway by ferry. | We no longer ship to Norway.
Visitors may park in the yard. | Visitors may not park in the yard.
The night bell is on. | The night bell is off.
The practice door is blue. | The practice door is green.
The goats are fed at 6. | The goats are fed at 7.
Die Ziegen werden um 6 gefüttert. | Die Ziegen werden jetzt um 7 gefüttert.
Die Probe ist am Montag. | Die Probe ist am Dienstag.
Der Tresorschlüssel hängt im Büro. | Korrektur: der Tresorschlüssel hängt in der Küche.
Rechnungen gehen an Frau Huber. | Rechnungen gehen ab sofort an Herrn Maier.
Wir liefern nach Tirol. | Wir liefern nicht mehr nach Tirol.
Der Kurs kostet 40 Euro. | Der Kurs kostet 55 Euro.
Das Lager öffnet um acht. | Das Lager öffnet um neun.
Die Ampel ist an. | Die Ampel ist aus.
Fotos sind im Museum erlaubt. | Fotos sind im Museum verboten.
The exam is in room 12. | The exam is in room 14.
The vendor for payroll is Datev. | The vendor for payroll is Personio.
The office is in Lyon. | The office is in Paris.
The hearing is on 3 March. | The hearing is on 10 March.
The hearing is on 3 March. | The hearing has been moved to 10 April.
Standup starts at 9. | Standup starts at 9:30 starting Monday.
The keys hang in the porter's lodge. | Actually the keys are with Paul now.
The tractor is serviced every 200 hours. | The tractor is serviced every 150 hours.
Bread is baked in oven 2. | Bread is baked in oven 3.
Pizza dough rests 24 hours. | Pizza dough rests 48 hours.
Der Teig ruht 24 Stunden. | Der Teig ruht 36 Stunden.
The lift is out of order. | The lift is no longer out of order.
Parents sign the form on paper. | No, parents sign the form online now.
Essays are due on Friday. | Essays are due on Monday, not Friday.
The API limit is 100 requests per minute. | The API limit is 250 requests per minute.
Coffee is free for guests. | Coffee is not free for guests anymore.
Annual leave requests go to Tom. | Annual leave requests now go to Priya.
Masks are mandatory on the ward. | Masks are optional on the ward.
We file appeals within two weeks. | We file appeals within four weeks.
Ward rounds start at 7. | Ward rounds start at 8:30.
The greenhouse vents open at 25 degrees. | Update: the greenhouse vents open at 28 degrees.
Die Bibliothek schließt um 18 Uhr. | Die Bibliothek schließt um 20 Uhr.
The alarm code reminder goes to Ines. | The alarm code reminder goes to Omar.
The chapel bell rings at 7. | The chapel bell rings at 8.
Soil samples are sent to Kiel. | Soil samples are sent to Bonn.
Our court reporter is Ms Adler. | Our court reporter is Ms Braun.
The staging server is at 10.0.0.5. | Correction: the staging server is at 10.0.0.9.
The vet comes on Wednesdays. | The vet comes on Fridays now.
Physio referrals go to Dr. Okafor. | Physio referrals go to Dr. Lindqvist from now on.
Der Milchwagen kommt um 5 Uhr. | Der Milchwagen kommt jetzt um 6 Uhr.
Unser Anwalt ist Herr Stein. | Unser Anwalt ist Frau Wolf.
Mietverträge unterschreibt Frau Beck. | Korrektur: Mietverträge unterschreibt Herr Lang.
Die Elternabende finden donnerstags statt. | Die Elternabende finden mittwochs statt.
The freezer alarm threshold is -18 degrees. | The freezer alarm threshold is -20 degrees.
Lunch break is 30 minutes. | Lunch break is 45 minutes.
Bookings need a deposit of 50 euros. | Bookings need a deposit of 80 euros.
We meet in the library. | We meet in the gym now.
The bus to the quarry leaves at 6:15. | The bus to the quarry leaves at 6:45.
Allergen sheets hang next to the fryer. | Allergen sheets hang behind the counter now.
Phones are allowed in class. | Phones are no longer allowed in class.
Herd records are kept on paper. | Herd records are kept digitally now.
The tuition fee is 300 euros. | Actually the tuition fee is 340 euros.
Unser Lieferant für Mehl ist Huber. | Unser Lieferant für Mehl ist jetzt Maier.
The invoice address is Elm Street 4. | The invoice address has changed to Oak Road 9.
Tests are run by Jenkins. | Tests are now run by Buildkite.
We never deploy on Fridays. | We deploy on Fridays now.
Der Schlüssel liegt unter der Matte. | Der Schlüssel liegt nicht mehr unter der Matte.
The demo is at noon. | The demo is at 3 pm.
Die Vase steht links. | Die Vase steht rechts.
Kids under 6 eat free. | Kids under 8 eat free.
The wifi in the barn is called Clover. | The wifi in the barn is called Daisy.
Sprint reviews happen every two weeks. | Sprint reviews happen every three weeks.
The code freeze starts on Tuesday. | No, the code freeze starts on Wednesday.
Our budget for paint is 400 euros. | Our budget for paint is 600 euros.
The exhibition opens on 4 May. | The exhibition opening moved to 11 May.
Wir bezahlen Rechnungen nach 14 Tagen. | Wir bezahlen Rechnungen nach 30 Tagen.
The oncall phone is with Ravi. | The oncall phone is with Mei now.
Parking is free on Sundays. | Parking is not free on Sundays.
Zutritt nur mit Helm. | Zutritt jetzt ohne Helm.
We use Datadog for monitoring. | We switched from Datadog to Grafana for monitoring.
The board meets in March. | The board meets in April instead.
The recipe uses 200 g of butter. | Correction, the recipe uses 250 g of butter.
Die Kaffeemaschine wird montags gereinigt. | Die Kaffeemaschine wird freitags gereinigt.
Deliveries are accepted until 4 pm. | Correction: deliveries are accepted until 5 pm.
Our payroll cutoff is the 20th. | The payroll cutoff is now the 18th.
We deploy on Tuesdays. | Actually, we deploy on Thursdays now.
The lighthouse tour starts at 10:00. | The lighthouse tour starts at 11:00, not 10:00.
Support tickets are triaged by Nia. | Support tickets are triaged by Omar now, not by Nia.
Die Inventur findet im März statt. | Korrektur: Die Inventur findet im April statt.
Kim is our fire warden. | Kim is no longer our fire warden; Lee is.
We water the seedlings twice a day. | Update: we water the seedlings three times a day.
The ferry for suppliers leaves from pier 4. | The ferry for suppliers leaves from pier 6 from now on.
We order paper from Mondi. | We now order paper from Sappi instead of Mondi.
Frau Klein ist für die Reisekosten zuständig. | Für die Reisekosten ist jetzt Herr Groß zuständig.
The sprint length is two weeks. | Correction: sprints are three weeks long.
Lunch is at 12:30. | Lunch moved to 13:00.
The vaccine fridge is checked every morning. | The vaccine fridge is checked every evening.
Essays must be printed. | Essays no longer have to be printed.
Refunds above 200 euros need Dana's approval. | Refunds above 300 euros need Dana's approval.
We store backups in Dublin. | Backups are stored in Zurich now.
The kiln is fired on Thursdays. | Correction - the kiln is fired on Fridays.
Our standard contract runs 12 months. | Our standard contract runs 24 months.
The museum is closed on Mondays. | The museum is closed on Tuesdays.
The museum is closed on Mondays. | The museum is open on Mondays now.
Spare bulbs are in the blue cabinet. | Spare bulbs are in the green cabinet.
Spare bulbs are in the blue cabinet. | Spare bulbs are kept in the cellar now.
The hotline number is 555-0142. | The hotline number is 555-0177.
Fines are 2 euros per day. | Fines are 3 euros per day.
Our newsletter goes out on the first Monday of the month. | Our newsletter goes out on the second Tuesday of the month.
Wir gießen die Tomaten abends. | Wir gießen die Tomaten morgens.
Der Chor probt mittwochs in der Aula. | Der Chor probt jetzt donnerstags in der Aula.
Die Werkstatt hat samstags geschlossen. | Die Werkstatt hat samstags jetzt geöffnet.
Anträge gehen an das Referat 3. | Anträge gehen an das Referat 5.
Das Fundbüro ist im Erdgeschoss. | Das Fundbüro ist im zweiten Stock.
Der Impfstoff kommt aus Mainz. | Der Impfstoff kommt nicht mehr aus Mainz, sondern aus Marburg.
Volunteers get a 10 % discount. | Volunteers get a 15 % discount.
The staging database is Postgres 14. | The staging database is Postgres 16.
Staging runs on Postgres 14. | Staging runs on Postgres 16 now.
The mail server is called Hermes. | The mail server is called Iris.
All interns report to Joan. | All interns report to Felix.
We pay contractors weekly. | We pay contractors monthly.
The stable is mucked out at dawn. | The stable is mucked out at dusk instead.
Please use the east entrance. | Please use the west entrance.
Our accountant is Lee. | Our accountant is Mia.
The kitchen closes at ten. | It's actually nine: the kitchen closes at nine.
The deadline for grant reports is 15 June. | The deadline for grant reports has been extended to 30 June.
Dogs are welcome in the garden. | Dogs are not welcome in the garden any more.
The trial starts on Monday. | The trial was postponed to Thursday.
Wir benutzen für die Buchhaltung Lexware. | Für die Buchhaltung benutzen wir jetzt Datev.
"""

NEW = """
The lab opens at 8. | The lab closes at 19.
The lab opens at 8. | The lab closes at 20 now.
Ana owns billing. | Ana owns search.
The EU cluster runs in Frankfurt. | The US cluster runs in Ohio.
Room 3 seats 12 people. | Room 4 seats 20 people.
The goats are fed at 6. | The hens are fed at 7.
Die Ziegen werden um 6 gefüttert. | Die Hühner werden um 7 gefüttert.
Invoices go to Marta. | Contracts go to Paul.
The sauce contains nuts. | The sauce contains milk.
The backup runs at 02:00. | The backup is stored in Vienna.
The retro is on Thursday. | The retro is in room Kepler.
The retro is on Thursday. | The retro is chaired by Bo.
Deploys need two approvals. | Deploys go out on Tuesdays.
Ana speaks French. | Bo speaks Dutch.
We buy flour from Miller. | We buy sugar from Baker.
Exams start at 9. | Exams end at 12.
Version 2 ships in May. | Version 3 ships in July.
The van is blue. | The van is electric.
Coffee is in drawer 2. | Tea is in drawer 3.
Die Bibliothek öffnet um 9 Uhr. | Die Bibliothek schließt um 20 Uhr.
On Mondays the lab opens at 8. | On Saturdays the lab opens at 10.
Patients fast for 8 hours before surgery. | Patients drink nothing for 2 hours before surgery.
The contract with Acme ends in May. | The contract with Zenith ends in June.
Oven 2 is for bread. | Oven 3 is for cakes.
We also serve lunch now. | We serve breakfast.
Hives are checked weekly. | Honey is bottled in August.
Der Ofen in Halle 2 läuft mit Gas. | Der Ofen in Halle 3 läuft mit Strom.
Marta files the leases. | Marta also files the deeds.
The north gate is locked at 22:00. | The south gate is locked at 23:00.
Year 7 has maths on Monday. | Year 8 has maths on Tuesday.
Signed copies go to Marta. | Unsigned copies go to Paul.
We're trying to cut down on egress costs. | We're trying to cut down on flour waste.
Bo is on call this week. | Bo owns the printer.
The key is in the safe. | The safe is in the cellar.
Prices include VAT. | Deliveries are free above 50 euros.
The chapel bell rings at 7. | The school bell rings at 8.
Dr. Okafor does physio referrals. | Dr. Okafor is on leave in May.
Soil samples are sent to Kiel. | Water samples are sent to Bonn.
The vet comes on Wednesdays. | The farrier comes on Fridays.
Der Milchwagen kommt um 5 Uhr. | Der Bäcker kommt um 6 Uhr.
We meet in the library. | The library closes at 8.
Bookings need a deposit of 50 euros. | Bookings can be cancelled for 20 euros.
Tests are run by Jenkins. | Docs are built by Jenkins.
Invoices are stored in the blue folder. | Invoices are paid within 30 days.
Unser Anwalt ist Herr Stein. | Unser Steuerberater ist Frau Wolf.
The freezer in the shop is at -18. | The fridge in the shop is at 4.
Kids under 6 eat free. | Kids love the slide.
Die Vase steht links. | Die Lampe steht rechts.
The code freeze starts on Tuesday. | The release party is on Wednesday.
Ana is allergic to nuts. | Bo is allergic to milk.
Ward A has 12 beds. | Ward B has 14 beds.
The demo is at noon. | The demo needs a projector.
We want to reduce paper. | We want to hire a nurse.
The north field is sown with barley. | The south field is sown with rye.
Classes start on 1 September. | Classes end on 30 June.
Wir bezahlen Rechnungen nach 14 Tagen. | Wir mahnen Rechnungen nach 30 Tagen.
The board meets in March. | The board approved the budget.
Our target is 40 loaves a day. | Our target is to waste less dough.
Deliveries arrive at gate 2. | Deliveries arrive before 7.
The recipe uses 200 g of butter. | The recipe uses 3 eggs.
Die Kaffeemaschine wird montags gereinigt. | Der Grill wird freitags gereinigt.
Support tickets are triaged by Nia. | Bug reports are triaged by Omar.
Lunch is at 12:30. | Dinner is at 18:30.
The museum is closed on Mondays. | The shop is closed on Tuesdays.
Spare bulbs are in the blue cabinet. | Spare fuses are in the green cabinet.
Our accountant is Lee. | Our lawyer is Mia.
All interns report to Joan. | All interns get a locker.
Der Chor probt mittwochs in der Aula. | Das Orchester probt donnerstags in der Aula.
The trial starts on Monday. | The trial is in courtroom 4.
Volunteers get a 10 % discount. | Volunteers get free lunch.
We pay contractors weekly. | We pay employees monthly.
Refunds above 200 euros need Dana's approval. | Orders above 300 euros need Eli's approval.
We want to use less plastic. | We want to use less water.
The kitchen closes at ten. | The kitchen is cleaned at eleven.
Essays must be printed. | Essays must be signed.
Dogs are welcome in the garden. | Cats are not welcome in the garden.
Staging runs on Postgres 16. | Production runs on Postgres 14.
Fines are 2 euros per day. | Fines are paid at the desk.
Our newsletter goes out on Mondays. | Our newsletter is written by Pia.
Anna works on Mondays. | Ben works on Tuesdays.
The blue van needs diesel. | The red van needs petrol.
Alarm code for the barn is with Jo. | Alarm code for the mill is with Kit.
Wir gießen die Tomaten abends. | Wir düngen die Tomaten morgens.
Frau Klein ist für die Reisekosten zuständig. | Herr Groß ist für die Parkplätze zuständig.
The EU office is in Berlin. | The US office is in Boston.
Ward 3 has 12 beds. | Ward 4 has 16 beds.
Q1 revenue was 3 million. | Q2 revenue was 4 million.
Class 5a meets in room 12. | Class 5b meets in room 14.
Postgres runs on port 5432. | Redis runs on port 6379.
"""

SAME = """
The oven runs at 220 degrees. | Our oven runs at 220 degrees!
Contracts are filed by client. | We file contracts per client.
Invoices go to Marta. | invoices go to Marta
Die Ziegen werden um 6 gefüttert. | Die Ziegen werden um 6 Uhr gefüttert.
The red ladder is in the shed behind the barn. | The red ladder is in the shed.
Deploys need two approvals. | Deploys need 2 approvals.
The retro is on Thursday at 3pm. | The retro is on Thursday at 15:00.
Lena owns the rota. | The rota is owned by Lena.
We close at noon on Saturday. | On Saturday we close at noon.
Das Archiv liegt im Keller. | Das Archiv liegt im Keller
The vet comes on Wednesdays. | the vet comes on Wednesday
Wir treffen uns im Gemeindesaal. | Treffen ist im Gemeindesaal.
Physio referrals go to Dr. Okafor. | Referrals for physio go to Dr. Okafor!
Kids under 6 eat free. | Kids under six eat free
The code freeze starts on Tuesday. | Code freeze starts Tuesday
We meet in the library on Monday. | On Monday we meet in the library.
Don't park in the yard. | Do not park in the yard!
Mietverträge unterschreibt Frau Beck. | Frau Beck unterschreibt Mietverträge.
Deliveries are accepted until 4 pm. | We accept deliveries until 16:00.
Our accountant is Lee. | Lee is our accountant.
The museum is closed on Mondays. | Museum closed Mondays
We store backups in Dublin. | Backups are stored in Dublin.
The trial starts on Monday. | the trial starts on monday!
Dogs are welcome in the garden. | Dogs are welcome in our garden.
"""


def pairs(table: str) -> list[list[str]]:
    return [line.split(" | ") for line in table.strip().splitlines()]


def relation(said: str, known: str) -> str:
    return next(iter(settle(said, [("k", known)])), "new")


@pytest.mark.parametrize(("known", "said"), pairs(CONTRADICTS))
def test_another_value_or_a_correction_contradicts(known: str, said: str) -> None:
    assert relation(said, known) == "contradicts"


@pytest.mark.parametrize(("known", "said"), pairs(NEW))
def test_a_parallel_fact_is_new(known: str, said: str) -> None:
    assert relation(said, known) == "new"


@pytest.mark.parametrize(("known", "said"), pairs(SAME))
def test_the_same_in_other_words(known: str, said: str) -> None:
    assert relation(said, known) == "same"


@pytest.mark.parametrize(("known", "said"), pairs(CONTRADICTS) + pairs(NEW))
def test_a_sentence_is_the_same_as_itself(known: str, said: str) -> None:
    assert relation(known, known) == "same"


def test_a_correction_hits_what_it_resembles_most() -> None:
    known = [("k1", "The lab opens at 8."), ("k2", "The lab closes at 19."), ("k3", "The pool closes at 19.")]
    assert settle("Correction: the lab closes at 20.", known) == {"contradicts": ["k2"]}


def test_a_correction_hits_the_value_that_it_changes() -> None:
    known = [("k1", "The retro is on Thursday."), ("k2", "The retro is at 15:00."), ("k3", "The retro is in room 5.")]
    assert settle("Actually the retro is on Friday.", known) == {"contradicts": ["k1"]}
    assert settle("Actually the retro is on Thursday.", known) == {"same": ["k1"]}


def test_a_bare_correction_hits_the_value_that_it_denies() -> None:
    known = [("k1", "Deliveries come at 7."), ("d1", "The retro is on Thursday.")]
    assert settle("It's Friday, not Thursday.", known) == {"contradicts": ["d1"]}


def test_what_repeats_one_and_corrects_another_that_is_as_much_alike_does_both() -> None:
    known = [("k1", "The retro is on Thursday."), ("k2", "The retro is on Friday."), ("k3", "The pool is on Friday.")]
    assert settle("The retro is on Friday.", known) == {"contradicts": ["k1"], "same": ["k2"]}


def test_drafts_are_settled_against_earlier_ones_too() -> None:
    body = {
        "known": [{"id": "k1", "kind": "fact", "sentence": "The choir has 40 members."}],
        "drafts": [
            {"id": "d1", "kind": "fact", "sentence": "The retro is on Thursday."},
            {"id": "d2", "kind": "fact", "sentence": "No, the retro is on Friday."},
            {"id": "d3", "kind": "fact", "sentence": "the choir has 40 members"},
        ],
    }
    answer = verdicts([{"role": "system", "content": "…"}, {"role": "user", "content": json.dumps(body)}])
    assert answer["verdicts"] == [
        {"draft": "d2", "verdict": "contradicts", "of": ["d1"]},
        {"draft": "d3", "verdict": "same", "of": ["k1"]},
    ]


def test_a_correction_without_a_subject_is_of_what_the_reply_before_it_told() -> None:
    known = [
        {"id": "k1", "kind": "fact", "sentence": "The retro is on Thursday."},
        {"id": "k2", "kind": "fact", "sentence": "Bo owns the kiln."},
    ]
    said = [{"id": "d1", "sentence": "No, it's Friday now.", "answers": ["k1"]}, {"id": "d2", "sentence": "It rains.", "answers": ["k1"]}]
    answer = verdicts([{"role": "user", "content": json.dumps({"known": known, "drafts": said})}])
    assert answer["verdicts"] == [{"draft": "d1", "verdict": "contradicts", "of": ["k1"]}]
