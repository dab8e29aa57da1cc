# ruff: noqa: RUF001 (letters of other scripts are meant)
"""Words that say nothing about what a text is about, question words included (they cost ten points of recall when left in).

English and German, a few of languages in other scripts.
"""

from unicodedata import normalize

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

_SPACED = """
    а без бы был была были было быть в вам вас весь во вот все всё всех вы где да для до его ее её если есть еще ещё же за зачем и из
    или им их к как какая какие какой какую ко когда которая которые который кто куда ли мне можно мы на над надо нам нас не него нет ни
    но ну о об он она они оно от по под пожалуйста почему при про с сейчас со спасибо так такой там тебя то тоже только ты у уже чего
    чем через что чтобы это этого этой этом эту я ο η το οι τα του της των τον τη την στο στη στην στον στους στα στις και να θα για με
    από σε που πού πώς πως τι ποιος ποια ποιο πότε γιατί είναι ήταν έχει έχουμε δεν μας σας μου σου αυτό αυτή αυτός ένα μια ένας αν ή
    όταν όπως πόσο في من على إلى عن مع هل ما ماذا متى أين كيف لماذا من هو هي هم نحن أنا أنت كان كانت يكون هذا هذه ذلك تلك التي الذي أن
    إن لا لم لن قد ثم أو و كل بعد قبل عند كم أي של את עם על אל הוא היא הם הן אנחנו אני אתה זה זאת זו מה מי מתי איפה היכן איך למה כמה האם
    לא כן יש אין גם רק או אם כי כל אצל עד בין אחרי לפני का की के को में से पर और है हैं था थे थी हो कि यह वह ये वे हम मैं तुम आप क्या कब
    कहाँ कहां कौन कैसे क्यों कितने कितना नहीं भी ही तो या एक लिए साथ हमारे हमारा हमारी अपने इस उस जो होता होती होते करें करना किस
    किसके
    """

_CUT = """
    我们 你们 他们 什么 怎么 怎样 哪里 哪儿 哪个 谁 的 了 吗 呢 吧 是 请问 可以 这个 那个 如何 多少 为什么 应该 需要 在哪 几点 哪天 我們
    你們 他們 什麼 怎麼 怎樣 哪裡 哪兒 誰 嗎 請問 這個 那個 為什麼 應該 から まで です ます ました ません でした でしょう して した する
    され れる られ いる ある ない ください どこ なに いつ だれ どう どの どれ この その あの これ それ あれ ここ そこ こと もの ため
    よう とき ので のに では には とは への という など だけ しか ほど くらい より ながら けど けれど ている てい という について たい
    어디 무엇 언제 누가 누구 어떻게 어떤 합니다 습니다 입니다 됩니다 인가요 나요 까요 세요 해요 있어요 있나요 에서 으로 부터 까지 우리
    하는 하면 해야 ที่ไหน เมื่อไร เมื่อไหร่ อะไร ใคร อย่างไร ยังไง ทำไม ไหม ครับ ค่ะ คะ และ ของ ที่ เป็น ไม่ ได้ ให้ กับ จาก ว่า เรา การ
    จะ ใน ต้อง อยู่ คือ กี่
    """

CUT = frozenset(normalize("NFKC", _CUT).split())
"""Little words of scripts without spaces: texts are cut there."""

_JOINING = "and or und oder и или και ή ο η του της و أو और या と や さん 様 和 跟 与 및 과 와 씨 님 และ กับ"

JOINING = frozenset(_JOINING.split())
"""What may stand between the names of people who are named together."""

ENGLISH, GERMAN, SPACED = (frozenset(normalize("NFKC", words).split()) for words in (_ENGLISH, _GERMAN, _SPACED))

_ASKING = """
    summarize summarise summarized summarised summary discuss discussed discussing discussion discussions describe described description
    explain explained explanation mention mentioned opinion opinions regarding
    zusammenfassen zusammengefasst zusammenfassung besprechen besprochen diskutieren diskutiert diskussion beschreiben beschreibe
    beschreibung erkläre erklären erklärt erklärung erwähnt erwähnen meinung meinungen bezüglich
    """

ASKING = frozenset(normalize("NFKC", _ASKING).split())
"""What a question asks to be done, or how something was said: in a question such a word seldom says what it is about."""
