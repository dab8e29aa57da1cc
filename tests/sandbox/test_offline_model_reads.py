"""How the offline model reads messages: what is a statement, a question, small talk; what kind of thing a statement is."""

from __future__ import annotations

import time

import pytest

from bot.sandbox.offline_model.reading import LONGEST, is_question, kind_of, sentences, statement, statements, tagged

KINDS = ["goal", "constraint", "policy", "decision", "convention", "location", "how-to", "gotcha", "fact"]

STATEMENTS = """
The walk-in fridge must stay below 4 degrees.
Signed leases go to Marta by e.g. courier, never by mail.
Dr. Ruiz covers the night shift on Tuesdays.
Our boiler is version 2.4.1 and hates cold starts.
The docs live at https://wiki.example.com/a.b?c=1 since May.
Wir treffen uns am 3. Oktober im Gemeindesaal.
Die Ziegen bekommen morgens um 6 ihr Futter.
La réunion du comité est déplacée à jeudi.
El almacén cierra a las ocho.
倉庫の鍵は受付にあります。
Serwer testowy stoi w piwnicy.
When the oven beeps twice, restart it.
Where possible we compost.
Who joins last locks the door.
What we agreed: no meetings on Friday.
How to reset the till: hold F3 for five seconds.
We're trying to cut down on flour waste.
I'm allergic to bees, so I don't do the hives.
Good soil is sieved twice.
Thanks to the audit, invoices need two signatures.
No phones in the operating theatre.
Morning feed is at 5:30.
Welcome packs are in the blue cupboard.
Hello World is the name of our demo app.
See the runbook before touching the valve.
Nice is where our second office will open.
Cheers is our wine supplier.
Danke-Karten liegen im Schrank am Empfang.
Great Ormond Street sends the lab results by fax.
Night shifts are paid double.
Sorry, the gym is closed on Mondays.
OK, we ship on Thursday then.
Yes, the tractor is booked until noon.
Remember to lock the seed store.
Have the children back by four.
Is-fresh is the label for today's bread.
Do not water the cacti.
Can openers are in drawer three.
Will Turner leads the choir.
Sounds engineer Pia has the keys.
Exams start at 9am sharp.
Lunch is served from 12 to 2.
The weekend rota is done by Kofi.
Coffee beans come from Rossi.
Never leave the forge unattended.
Kein Zutritt zum Archiv ohne Handschuhe.
Weil die Presse laut ist, drucken wir nur vormittags.
Wenn der Alarm losgeht, zuerst Frau Beck anrufen.
Wie besprochen gilt ab Montag der neue Dienstplan.
Was wir beschlossen haben: keine Plastikbecher.
Bis morgen früh muss die Mängelliste fertig sein.
Guten Wein kaufen wir bei Huber.
The rehearsal moved to hall B :tada:
+1 on the rota means you take the shift.
Support closes tickets after 7 days.
Any visitor signs in at the gate.
Which is why we label every jar.
Let's use metric units in all recipes.
I think the court wants three copies.
The printer (floor 2) jams on A5.
We pay suppliers after 30 days, i.e. on net 30.
Hi-fi returns go to shelf 9.
Sourdough starter gets fed at 8 every morning.
The judge prefers bound copies.
Ms. Vance signs off all expenses over $500.
Blood samples leave the building by 11:15 sharp!
We pay piece rates in the orchard, not hourly.
Pupils hand in phones before class (Mr. Lee has the box).
I moved the spare inverter to bay 7.
As of today the gate code changes monthly.
Remember that the vicar needs the hall on Sundays.
remember: bees swarm in May
Please note that deliveries go round the back.
Please note: deliveries go round the back.
FYI the lift is broken until Friday
Btw, we only order decaf from Kimbo.
Can you please remember that Jo is vegan?
Could you note that the choir fee is 12 euros?
@tacit Correction: the choir fee is 14 euros.
No, the harvest starts on Monday.
Actually it's Kofi who waters the ferns.
Merk dir bitte, dass die Orgel dienstags gestimmt wird.
Merke: Gelbe Säcke werden freitags abgeholt.
Bitte beachten: Der Aufzug ist defekt.
Zur Info: Die Heizung läuft erst ab Oktober.
Notier dir, dass Frau Ito nur vormittags da ist.
Übrigens kaufen wir den Kaffee bei Rossi.
Denk daran, dass die Kasse um 18 Uhr schließt.
Wir wollen weniger Verpackung verbrauchen.
Kannst du dir merken, dass der Hof montags zu ist?
Bo and I share the key to the archive.
Hi team, the audit is on 12 May.
Good morning everyone, the pool is closed today.
Thanks Bo, the new fuse box is in room 4.
The new fuse box is in room 4, thanks!
ok so the verdict is due in June
Heads up: the boiler is off until noon.
TIL our beehives are insured by Helvetia.
Seriously, never mix chlorine and acid.
I will be on leave from 3 to 17 August.
See you at the new office: Elm Street 5.
Lunch orders close at 10.30.
There are 3 forklifts; one is broken.
ich bin ab Montag im Außendienst
Le pain est livré à six heures.
Сервер стоит в подвале.
O portão fecha às nove.
Dział prawny jest na trzecim piętrze.
We're short of gloves, size M.
This week's special is leek soup.
Yes, we do take cash.
Our motto: measure twice, cut once.
if the alarm rings, call Hu first
Do it by the book: two nurses per injection.
Just use the side door after 6.
You need a badge for the loading dock.
Nobody may enter the kiln room alone.
It's cheaper to ship by rail.
Welcome desk opens at 7.
Night nurse is Omar.
Kind of resin we use: epoxy 55.
We love the new supplier.
I love working with oak, it splits cleanly.
Great Hall is booked on Friday.
Super glue is kept in the safe.
Sure-Fit is our supplier for boots.
What you need for the visa: two photos.
Question time is limited to ten minutes.
Any leftover paint goes to the school.
Hope Street 4 is our billing address.
Happy hour starts at 5.
Let me be clear: no drones over the field.
I'll be in the lab on Tuesdays.
One minute of silence is held at 11.
Back in 2019 we moved the archive.
Perfect binding is outsourced to Kessler.
Morning shift starts at 6 and evening shift at 14.
Fine dust masks are in locker 12.
Have a look at the manual before you weld.
The lambing pen heater trips if both lamps are on.
Counsel wants exhibits numbered in red ink.
We've switched to oat milk as the house default.
Isolation gowns are restocked at 6 and 18.
On rainy days PE moves to the old gym.
The combine can't cross the bridge, it's over 12 tonnes.
Chef's allergy list is taped inside the pass.
Zimmer 214 bitte nie vor elf reinigen.
Für Führungen ab zehn Personen brauchen wir einen zweiten Guide.
Der Lieferschein muss vom Meister gegengezeichnet werden.
Kunden aus der Schweiz zahlen keine Mehrwertsteuer.
Wir streichen dieses Jahr alle Messen außer Hannover.
Il faut toujours fermer la vanne avant midi.
La chiave di riserva è dal custode.
Please don't book the chapel on Sundays.
Don't use bleach on the marble.
Turn the crank left before you pull the lever.
Water the orchids with rain water only.
Ask Priya before touching the loom.
Two keys open the vault; Sam has one.
Everything older than seven years gets shredded.
So far nobody has beaten the 4-minute setup.
I told the auditors that we archive for ten years.
Also, the freezer door needs a new seal.
And the spare seal is in the workshop.
The reason is cost.
Because of the strike the post comes on Tuesdays only.
My cousin's bakery delivers our rolls.
In short: no glitter.
12 chairs are missing.
€40 is the cap for gifts.
#boats is where we post tide times.
@mia keeps the mooring list
3pm handovers, always.
Wifi name: Harbour-Guest
tl;dr we ship in May
Turns out the pump needs 24 V.
Good to know: the pump needs 24 V.
Interesting: the pump needs 24 V, not 12.
Great news, the grant came through: 40k for the roof.
Sorry for the delay, the report is in the blue folder.
Thanks for asking, the roof is done in June.
No problem, keys are with the porter.
I think we should avoid vendors with per-seat pricing.
We believe in small batches.
I know the mayor prefers paper invitations.
Welcome drinks are served on deck 3.
Have to be out by 10.
Should the pump stall, prime it by hand.
Had we known, we'd have bought two.
Is nice is not a spec.
"""

QUESTIONS = """
what time does the pharmacy close
where do we keep the spare fuses
Do we have a ladder?
any ideas
Any recommendations?
who owns billing
can someone open the gate
Could you tell me where the stamps are?
is there a doctor on call tonight
I wonder who has the van.
Weiß jemand, wo der Schlüssel ist?
wo ist der Verbandskasten
wer hat heute Dienst
Gibt es noch Mehl
Soll ich Holz oder Pellets bestellen?
wie lange dauert die Prüfung
The retro is on Friday, right?
oats or barley?
Hat jemand Ideen?
How's the harvest going?
¿Dónde está la llave?
鍵はどこですか?
does anyone know the wifi name :thinking_face:
Welche Folie nehmen wir
Which press do we use for posters
who has the keys to the chapel
What's the pin for the copier
How do I descale the steamer
@tacit where can I find the torque wrench?
Hey Tacit, when does the clinic open?
Do you remember when the audit is?
Remember when we went to Lyon?
do we use gas or electric kilns
I'm wondering if the hall is free on Sunday.
Anyone know a good roofer?
Has anybody seen the label printer
Should we buy or lease the baler?
Would you recommend oak or ash
Was kostet der Kurs?
Wie heißt der Hausmeister
Wann ist Elternabend
Kann mir jemand sagen, wo die Leiter steht?
Welchen Lieferanten nehmen wir für Äpfel?
Und am Freitag?
Quick question: where do we keep the flags?
Is it OK to park in the yard?
Need a recommendation for a caterer
Looking for advice on solar panels.
any thoughts on the new layout
Sind die Pläne schon da
so what do we do about the mice
Why did the oven trip?
Can you tell me who signs leases
Gibt es eine Regel für Überstunden?
what is the plan for tomorrow
Où est la clé ?
Czy mamy drabinę?
has the roof been fixed yet
whats the wifi password
Whats the tide time?
which deck has the bar
where's the mooring list
Ideas for the harvest fair?
Fancy a coffee?
Anyone up for lunch?
Hat wer einen Schraubenzieher?
Habt ihr schon gegessen?
Wozu brauchen wir den Guide?
Stimmt das?
Really?
Warum nicht
Kennt ihr einen guten Maler
how many tonnes can the bridge take
how come the post is late
what do we charge for the chapel
when do the lambs get fed
would it be ok to close early
I need to know who has the key.
Does the vault need two keys?
Ist das Zimmer frei
Was machen wir mit den alten Stühlen
Wo stehen die Eimer
Wer füttert heute
can we use bleach on marble
Any news from the court?
Was gibt's Neues?
"""

NEITHER = """
Good morning everyone!
hi all
Thanks a lot, Marta!
thanks!!
lol
haha that's funny
sounds good to me
see you tomorrow
Have a nice weekend!
ok
+1
will do
:tada: :tada:
👍
on it
no problem
You're welcome, Bo
Great job, team!
Happy birthday, Kofi!
brb
Guten Morgen zusammen!
Danke dir, Ana
Schönes Wochenende euch allen!
bis morgen
alles klar
passt
klingt gut
Mahlzeit!
super, danke
merci beaucoup
¡Gracias!
np
Lovely weather today!
What a day!
Enjoy your holiday!
I'm back
be right back
got it, thanks
perfect
Cool, thanks for the help!
Talk to you later
good night
hope you had a great weekend
Viel Spaß!
Gern geschehen
Moin
Liebe Grüße
makes sense
agreed
yes please
nope
hmm
Kind regards
On my way!
cheers mate
Let me check
I'll take a look
Ich schaue gleich nach
thank you so much for your help
tell me about the boiler
please summarize this thread
remember this
please note that!
merk dir das
Hey Tacit
congrats on the launch!
Can't wait!
Frohe Ostern!
never mind
My pleasure
sorry
😂
...
I don't know
no idea, sorry
keine Ahnung
I guess the key is in the shed
maybe it's the pump
Vielleicht liegt es am Filter
Morning!
gm
thx
ty!
Thank you all for coming
thanks for looking into this
Danke für die schnelle Antwort!
vielen Dank euch beiden
hahaha
😂😂😂
:+1:
:thumbsup: thanks
nice one
well done everybody
Good job Kofi
I'm sorry
Sorry, my bad
Bye!
Tschüss zusammen
have a great one!
Schönen Feierabend!
Gute Besserung, Ana!
Viel Erfolg morgen
Herzlichen Glückwunsch zum Geburtstag!
Happy new year everyone
Merry Christmas to you all
have fun at the concert!
enjoy your weekend everyone
see you on Monday
see you all next week!
talk soon
cu
one sec
just a moment please
On it!
will do, thanks
Okay, sounds good
Great, thank you!
cool cool
yep
nah
Exactly!
same here
I agree
me too
Oh no
What a shame
That's great news!
this is awesome
love it
wow, impressive
so cute!
looks good to me
LGTM
fair enough
good to know
ok got it
noted
understood
No rush
no worries at all
you're the best
I owe you one
I'm hungry
I need a coffee
TGIF
nice weather today
it's raining again
how are you all
hope you're well
Hope everyone had a nice weekend!
Ich auch
läuft
Passt, danke!
Super, danke dir!
na klar
Kein Problem
gerne
mach ich
Guten Appetit
Frohe Weihnachten euch allen
Alles Gute!
Bis später
lol ok
Haha, nice
Muchas gracias
buongiorno
@tacit thanks!
@tacit good bot
good bot
@tacit
Tacit, please remember this.
@tacit note that down please
@tacit explain this thread
@tacit help
show me what you know
erklär mir das bitte
kannst du mir helfen
Can you help me?
please
right
done
Done, thanks
yes, exactly
not sure tbh
I don't know, sorry
weiß nicht
Ich glaube, der Schlüssel liegt im Auto.
Perhaps the cable is loose.
I think so
I guess so
let's see
we'll see
let's go!
fingers crossed
Congratulations to the whole team!
Welcome aboard, Mei!
👋
…
test
Good luck with the exam!
All good!
All good here, thanks
No worries, take your time
Thanks, that helps a lot
That helps, thank you!
Great, that works
Perfect, see you then
Yes, sure
Yes of course
Sure thing
Of course!
Roger that
Copy that
Ack
Morning all :coffee:
Good morning from rainy Hamburg
Happy Monday
Have a safe flight
safe travels!
Enjoy!
Cheers all, off for the day
Signing off for today
Heading out, see you tomorrow
Feierabend, bis morgen!
Ich mach Feierabend
Wünsche euch ein schönes Wochenende
Schönes Wochenende!
Danke, dir auch
dito
Gut gemacht!
Super Arbeit
Respekt!
Freut mich!
Kann ich verstehen
Alles klar, danke dir!
ja, passt
Nee
Na gut
Echt?
krass
haha ja
^^
:-)
😀 thanks
woohoo!
omg
You made my day
Love this team
What a great idea
Long day today
I'm so tired today
Nice to meet you all
Glad to be here
Happy to help
Glad I could help
Always happy to help!
Anytime
it works now, thanks
Ok, I'll do that
I'll let you know
Let me know
keep me posted
Will check and get back to you
sorry for the late reply
Sorry I'm late
How was your weekend?
Did you have a nice holiday?
Cool!
ok, thx
"""

OF_A_KIND = """
goal|We're trying to cut down on flour waste.
goal|We want fewer printed forms this year.
goal|Our priority is shorter waiting times.
goal|The team hopes to be plastic-free by spring.
goal|We'd like to get rid of night shifts.
goal|Wir wollen weniger Papier verbrauchen.
goal|Unser Ziel sind kürzere Wartezeiten.
goal|Wir versuchen, Strom zu sparen.
goal|We are moving away from diesel.
goal|We need to bring down courier costs.
goal|We're aiming for zero landfill.
goal|We're saving water this summer.
goal|Wir müssen dringend Heizkosten senken.
goal|We're phasing out single-use cups.
goal|This season is all about lowering vet bills.
constraint|We can't spend more than 300 euros on paint.
constraint|The budget for costumes is 900 euros.
constraint|Deadline for the grant is 3 June.
constraint|Wir dürfen keine Nüsse verwenden.
constraint|At most six children per group.
constraint|Höchstens vier Personen im Aufzug.
policy|Every visitor must sign in.
policy|Visitors have to wear a badge.
policy|Never leave the kiln alone.
policy|Alle Rechnungen müssen von zwei Personen geprüft werden.
policy|Deploys need two approvals.
policy|No phones in the theatre.
policy|Data never leaves the EU.
decision|We decided to buy the red tractor.
decision|We've agreed on Friday as market day.
decision|Wir haben uns für Holz entschieden.
decision|The board voted for the new roof.
decision|We're going with oak.
convention|We usually start at eight.
convention|Branches are named after rivers.
convention|Wir duzen uns alle.
location|The ladder is in the shed.
location|Der Schlüssel hängt im Büro.
location|Forms are stored in the blue cabinet.
location|The handbook lives at https://wiki.example.com.
how-to|To reset the till, hold F3 for five seconds.
how-to|First rinse the tank, then fill it.
how-to|Um die Presse zu starten, beide Knöpfe drücken.
gotcha|The printer jams on thick paper.
gotcha|Careful, the left burner leaks.
gotcha|Vorsicht: die Leiter wackelt.
fact|The choir has 40 members.
fact|Bees sleep in winter.
fact|Frau Ito spricht Japanisch.
fact|Die Schule hat 300 Schüler.
"""

ADDRESSED = [
    ("@tacit the van is at the chapel", "The van is at the chapel"),
    ("Hey Tacit, the van is at the chapel.", "The van is at the chapel."),
    ("Please @tacit remember that we close at noon.", "We close at noon."),
    ("remember that the vicar has the key", "The vicar has the key"),
    ("Please note: deliveries go round the back.", "deliveries go round the back."),
    ("Remember to lock the seed store.", "Remember to lock the seed store."),
    ("for the record, the hedge is ours", "The hedge is ours"),
    ("Merk dir, dass der Hof montags zu ist.", "Der Hof montags zu ist."),
    ("Can you please remember that Jo is vegan?", "Jo is vegan"),
    ("Good morning everyone, the pool is closed today.", "The pool is closed today."),
    ("The fuse box is in room 4, thanks!", "The fuse box is in room 4"),
    ("The pumps run at 3 bar, please remember.", "The pumps run at 3 bar"),
    ("npm ci is slow on the old laptop", "npm ci is slow on the old laptop"),
    ("Thanks to the audit, invoices need two signatures.", "Thanks to the audit, invoices need two signatures."),
    ("Good to know: the pump needs 24 V.", "The pump needs 24 V."),
    ("The van is back :tada:", "The van is back"),
]

SPLIT = [
    ("The lab opens at 8. It closes at 19.", ["The lab opens at 8.", "It closes at 19."]),
    ("Ask Dr. Ruiz. She knows e.g. the ward plan.", ["Ask Dr. Ruiz.", "She knows e.g. the ward plan."]),
    ("See https://a.example.com/x.y?z=1. Then call Bo.", ["See https://a.example.com/x.y?z=1.", "Then call Bo."]),
    ("Version 2.4.1 is out. Upgrade!", ["Version 2.4.1 is out.", "Upgrade!"]),
    ("Wir treffen uns am 3. Oktober im Saal. Danach gibt es Kuchen.", ["Wir treffen uns am 3. Oktober im Saal.", "Danach gibt es Kuchen."]),
    ("Der Kurs ist im 2. Stock. Bitte klingeln.", ["Der Kurs ist im 2. Stock.", "Bitte klingeln."]),
    ("We need:\n- milk\n- eggs", ["We need: milk", "We need: eggs"]),
    ("Run this:\n```\nmake deploy\nmake test\n```\nThen wait.", ["Run this: ``` make deploy make test ```", "Then wait."]),
    ("> quoted by bo\nThe answer is 42 crates.", ["The answer is 42 crates."]),
    ("The train leaves at 9 a.m. The bus leaves later.", ["The train leaves at 9 a.m.", "The bus leaves later."]),
    ("We open at 9 a.m. on Mondays.", ["We open at 9 a.m. on Mondays."]),
    ("it's moved. we're in lyon now. ask bo!", ["it's moved.", "we're in lyon now.", "ask bo!"]),
    ("倉庫の鍵は受付にあります。毎日確認します。", ["倉庫の鍵は受付にあります。", "毎日確認します。"]),
    ("Das gilt z. B. für Mehl. Für Zucker nicht.", ["Das gilt z. B. für Mehl.", "Für Zucker nicht."]),
    ("one line\nsecond line", ["one line", "second line"]),
    ("", []),
]


def lines(table: str) -> list[str]:
    return table.strip().splitlines()


@pytest.mark.parametrize("sentence", lines(STATEMENTS))
def test_a_statement_is_kept(sentence: str) -> None:
    assert statement(sentence)
    assert not is_question(sentence)


@pytest.mark.parametrize("sentence", lines(QUESTIONS))
def test_a_question_states_nothing(sentence: str) -> None:
    assert is_question(sentence)
    assert statements(sentence) == []


@pytest.mark.parametrize("sentence", lines(NEITHER))
def test_small_talk_requests_and_guesses_state_nothing(sentence: str) -> None:
    assert statements(sentence) == []


@pytest.mark.parametrize(("said", "kept"), ADDRESSED)
def test_what_is_kept_is_what_was_said_without_the_address(said: str, kept: str) -> None:
    assert statement(said) == kept


@pytest.mark.parametrize(("text", "cut"), SPLIT)
def test_a_message_is_cut_into_sentences(text: str, cut: list[str]) -> None:
    assert sentences(text) == cut


def test_no_sentence_is_longer_than_an_insight_may_be() -> None:
    text = "The clause goes on, " * 60
    assert all(0 < len(s) <= LONGEST for s in sentences(text) + sentences("x" * 1000))
    assert sum(s.count("clause") for s in sentences(text)) == 60


@pytest.mark.parametrize("line", lines(OF_A_KIND))
def test_cue_words_choose_the_kind(line: str) -> None:
    kind, _, sentence = line.partition("|")
    assert kind_of(sentence, KINDS) == kind


OF_ANSWERS = """
instruction|Please answer shorter.
instruction|Too long, please answer in two sentences at most
instruction|Answer in German when asked in German.
instruction|Keep your answers short
instruction|Please keep your replies to two sentences.
instruction|Shorter answers, please!
instruction|Antworte bitte kürzer.
instruction|Bitte antworte auf Deutsch, wenn auf Deutsch gefragt wird.
preference|I prefer short answers.
fact|Answer me in German.
fact|We answer in writing within two days.
fact|Please reply with your headcount by Friday.
fact|Reply in the thread below.
"""


@pytest.mark.parametrize("line", lines(OF_ANSWERS))
def test_what_is_asked_of_answers_is_told_from_what_people_do(line: str) -> None:
    kind, _, sentence = line.partition("|")
    assert statements(sentence)
    assert kind_of(sentence, ["preference", "instruction", *KINDS]) == kind


def test_a_tag_names_a_kind_that_no_cue_word_knows() -> None:
    offered = ["deadline", "fact"]
    assert tagged("[Deadline] The appeal is due on Monday.", offered) == ("deadline", "The appeal is due on Monday.")
    assert tagged("[fact] We're trying to cut costs.", [*offered, "goal"]) == ("fact", "We're trying to cut costs.")
    assert tagged("[redacted] is due on Monday.", offered) == ("fact", "[redacted] is due on Monday.")
    assert tagged("[deadline]", offered) == ("fact", "[deadline]")


def test_only_a_kind_on_offer_is_chosen() -> None:
    assert kind_of("We're trying to cut costs.", ["recipe", "fact"]) == "fact"
    assert kind_of("We're trying to cut costs.", ["recipe"]) == "recipe"


@pytest.mark.parametrize(
    "piece", ["a", "no ", "thanks ", "the key is in ", "- x\n", "?", "`", "remember that ", "not any ", "e.g. ", "1. ", "ok, "]
)
def test_a_long_message_is_read_in_no_time(piece: str) -> None:
    start = time.process_time()
    statements((piece * 40_000)[:40_000])
    assert time.process_time() - start < 2
