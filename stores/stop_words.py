"""Words that say nothing about what a text is about, question words included (they cost ten points of recall when left in)."""

_ENGLISH = """
    a about above actually advice after again against ago all almost already also although always am an and another any anybody anyone
    anything are aren't around as at away back be became because been before being below best better between both but by came can
    can't cannot choose choosing could couldn't decide deciding did didn't do does doesn't doing don't done down during each either
    else enough etc even ever every everybody everyone everything few first for from further get gets getting give go goes going gone
    got had hadn't has hasn't have haven't having he he'd he'll he's hello help her here hers herself hey hi him himself his how how's
    however i i'd i'll i'm i've idea ideas if in instead into is isn't it it's its itself just keep know last least less let let's
    like likely little long look lot lots made make makes making many may maybe me mean might mine more most much must my myself near
    need needs neither never next no nobody none nor not nothing now of off ok okay on once one only onto or other others our ours
    ourselves out over own people per perhaps please prefer put question quite rather really recently recommend recommendation
    recommendations recommended right said same say says see seem seems shall she she'd she'll she's should shouldn't since so some
    somebody someone something sometimes soon still such suggest suggestion suggestions sure tacit take tell than thank thanks that
    that's the their theirs them themselves then there there's these they they'd they'll they're they've thing things think this those
    though through to today together tomorrow too toward try trying two under unless until up upon us use used uses using usually very
    via want wants was wasn't way we we'd we'll we're we've well went were weren't what what's whatever when when's where where's
    whether which while who who's whoever whom whose why why's will with within without won't would wouldn't yes yesterday yet you
    you'd you'll you're you've your yours yourself yourselves
    """

_GERMAN = """
    aber alle allem allen aller alles als also am an andere anderen anderer anderes auch auf aus bei beim bereits besser bin bis bist
    bitte da dabei dadurch dafür dagegen daher damit danach daneben danke dann daran darauf daraus darf darin darum darunter das dass
    davon davor dazu dein deine deinem deinen deiner dem den denen denn der deren des deshalb dessen die dies diese diesem diesen
    dieser dieses doch dort du durch ein eine einem einen einer eines einfach einige einmal empfehlen empfehlt empfehlung empfiehlst
    er es etwa etwas euch euer eure für ganz gar gegen gehabt geht genau gerade gern gestern gibt gut habe haben hallo hast hat hatte
    hatten heute hier hilfe hin hinter hätte hätten hättest ich idee ideen ihm ihn ihnen ihr ihre ihrem ihren ihrer im immer in indem
    ins ist ja jede jedem jeden jeder jedes jemand jetzt kann kannst kein keine keinem keinen keiner können könnt könnte könnten
    machen macht man manche mehr mein meine meinem meinen meiner mich mir mit morgen muss möchte müssen müsste nach nein nicht nichts
    noch nun nur ob oder ohne schon sehr sein seine seinem seinen seiner seit sich sie sind so sogar solche soll sollen sollst sollte
    sollten sondern sonst um und uns unser unsere unserem unseren unserer unter viel viele vielleicht vom von vor vorschlag vorschläge
    wann war waren warum was weg weil weiter weiß welche welchem welchen welcher welches wem wen wenn wer werde werden wessen wie
    wieder wieso will wir wird wirst wo woher wohin wollen worüber wurde wurden würde würden zu zum zur zwar zwischen über
    """

ENGLISH, GERMAN = frozenset(_ENGLISH.split()), frozenset(_GERMAN.split())
