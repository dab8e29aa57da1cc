# ruff: noqa: RUF001 (letters of other scripts are meant)
"""Languages in other scripts: what was told is found again by words alone, and silence where nothing fits."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from stores import ranking
from stores.audience import readers_of
from stores.context import named, tokens
from stores.conversations import Question
from stores.index.entries import entry_of, key
from stores.index.index import HybridIndex
from stores.index.mask import view_of
from stores.index.scoring import Fit
from stores.index.sight import sight_of
from stores.insights import Insight
from stores.repository import InsightRepository
from stores.search import KeywordSearch, Part
from stores.settling import alike
from stores.sqlite.documents import open_sqlite
from stores.terms import terms
from stores.testing import Town
from tests.stores.town import evidence, insight

TOLD = {
    "Japanese": """
        バックアップは何時に取りますか？ | 本番サーバーのバックアップは毎晩二時に取る。
        経費精算はいつまでですか？ | 経費精算の締め切りは毎月25日である。
        倉庫の鍵は誰が持っていますか？ | 倉庫の鍵は田中さんが保管している。
        来客の駐車場はどこにありますか？ | 東京オフィスの来客用駐車場は地下二階にある。
        納品書は何部印刷すればいいですか？ | 納品書は必ず二部印刷して一部を顧客に渡す。
        りんごジャムの糖度はどれくらい？ | りんごジャムは糖度60度で瓶詰めする。
        猫の名前は何ですか？ |
        明日の天気はどうですか？ |
        有給休暇は何日もらえますか？ |
    """,
    "Chinese": """
        数据库什么时候备份？ | 生产环境的数据库每天凌晨两点备份。
        报销单几号之前要交？ | 报销单必须在每月25日之前提交给财务。
        谁有仓库的钥匙？ | 仓库的钥匙由王芳保管。
        访客可以把车停在哪里？停车场在哪？ | 访客停车场在地下二层。
        合同需要打印几份？ | 合同要打印两份，一份交给客户。
        苹果酱糖度多少？ | 苹果酱的糖度是60度。
        这只猫叫什么名字？ |
        明天天气怎么样？ |
        年假有多少天？ |
    """,
    "Korean": """
        서버 백업이 언제 실행되나요? | 운영 서버의 백업은 매일 새벽 두 시에 실행된다.
        경비 정산을 언제까지 제출해요? | 경비 정산은 매월 25일까지 제출해야 한다.
        창고 열쇠를 누가 가지고 있나요? | 창고 열쇠는 민지가 보관한다.
        방문객은 주차장을 어디로 가야 하나요? | 방문객 주차장은 지하 2층에 있다.
        계약서를 몇 부 인쇄하나요? | 계약서는 두 부 인쇄하고 한 부는 고객에게 준다.
        키를 어디에 맡겨요? | 키는 경비실에 맡긴다.
        고양이 이름이 뭐예요? |
        내일 날씨가 어때요? |
        연차는 며칠이에요? |
    """,
    "Thai": """
        สำรองข้อมูลเซิร์ฟเวอร์กี่โมง | สำรองข้อมูลเซิร์ฟเวอร์ทุกคืนเวลาตีสอง
        ต้องส่งใบเบิกค่าใช้จ่ายวันไหน | ใบเบิกค่าใช้จ่ายต้องส่งภายในวันที่ 25 ของทุกเดือน
        ใครมีกุญแจห้องเก็บของ | กุญแจห้องเก็บของอยู่ที่ป้าสมศรี
        แขกจอดรถได้ที่ไหน | ที่จอดรถสำหรับแขกอยู่ชั้นใต้ดินชั้นสอง
        ต้องพิมพ์สัญญากี่ชุด | สัญญาต้องพิมพ์สองชุดและให้ลูกค้าหนึ่งชุด
        แมวชื่ออะไร |
        พรุ่งนี้อากาศเป็นอย่างไร |
        ลาพักร้อนได้กี่วัน |
    """,
    "Hindi": """
        सर्वर के बैकअप का समय क्या है? | सर्वर का बैकअप हर रात दो बजे लिया जाता है।
        खर्चों के बिल कब तक जमा करने होते हैं? | खर्च के बिल हर महीने की 25 तारीख तक जमा करने हैं।
        गोदाम की चाबी किसके पास है? | गोदाम की चाबी मीना के पास है।
        मेहमान पार्किंग कहाँ करें? | मेहमानों की पार्किंग तहखाने की दूसरी मंज़िल पर है।
        अनुबंध की कितनी प्रतियाँ छापनी हैं? | अनुबंध की दो प्रतियाँ छापकर एक ग्राहक को दी जाती है।
        बिल्ली का नाम क्या है? |
        कल मौसम कैसा रहेगा? |
        छुट्टियाँ कितनी मिलती हैं? |
    """,
    "Hebrew": """
        מתי רץ הגיבוי של השרת? | גיבוי השרתים רץ כל לילה בשתיים.
        עד מתי מגישים דוח הוצאות? | דוחות הוצאות מגישים עד ה-25 בכל חודש.
        אצל מי נמצא מפתח המחסן? | המפתח של המחסן נמצא אצל מרים.
        איפה החנייה לאורחים? | חניית אורחים נמצאת בקומה מינוס שתיים.
        כמה עותקים של החוזה צריך להדפיס? | את החוזה מדפיסים בשני עותקים ואחד נותנים ללקוח.
        איך קוראים לחתול? |
        מה מזג האוויר מחר? |
        כמה ימי חופשה יש? |
    """,
    "Arabic": """
        متى تؤخذ النسخة الاحتياطية للخادم؟ | يتم أخذ نسخة احتياطية من الخادم كل ليلة في الساعة الثانية.
        متى نسلم فواتير المصاريف؟ | تُسلَّم فواتير المصاريف قبل يوم 25 من كل شهر.
        مع من مفتاح المخزن؟ | مفتاح المخزن عند مريم.
        أين موقف الزوار؟ | موقف سيارات الزوار في الطابق السفلي الثاني.
        كم نسخة من العقد نطبع؟ | يُطبع العقد على نسختين وتُعطى واحدة للعميل.
        ما اسم القطة؟ |
        كيف الطقس غدا؟ |
        كم يوم إجازة لدينا؟ |
    """,
    "Greek": """
        Πότε γίνεται το αντίγραφο ασφαλείας; | Τα αντίγραφα ασφαλείας του διακομιστή γίνονται κάθε νύχτα στις δύο.
        Μέχρι πότε παραδίδουμε τις αποδείξεις εξόδων; | Οι αποδείξεις εξόδων παραδίδονται έως τις 25 κάθε μήνα.
        Ποιος έχει το κλειδί για την αποθήκη; | Το κλειδί της αποθήκης το έχει η Μαρία.
        Πού είναι το πάρκινγκ για επισκέπτες; | Το πάρκινγκ των επισκεπτών είναι στο δεύτερο υπόγειο.
        Σε πόσα αντίτυπα τυπώνουμε το συμβόλαιο; | Το συμβόλαιο τυπώνεται σε δύο αντίτυπα και το ένα δίνεται στον πελάτη.
        Πώς λένε τη γάτα; |
        Τι καιρό θα κάνει αύριο; |
        Πόσες μέρες άδεια έχουμε; |
    """,
    "Russian": """
        Когда делаются резервные копии серверов? | Резервная копия сервера делается каждую ночь в два часа.
        До какого числа сдавать отчёт о расходах? | Отчёты о расходах сдают до 25 числа каждого месяца.
        У кого ключи от склада? | Ключ от склада хранится у Марины.
        Где парковаться гостям? | Парковка для гостей находится на втором подземном этаже.
        Сколько экземпляров договора печатать? | Договор печатают в двух экземплярах, один отдают клиенту.
        Как зовут кошку? |
        Какая завтра погода? |
        Сколько дней отпуска положено? |
    """,
}
"""Questions and the insights that answer them; behind these some that nothing answers."""


def rows(language: str) -> Iterator[tuple[str, str]]:
    """The questions of a language, each with its answer, "" for none."""
    for line in TOLD[language].strip().splitlines():
        question, _, answer = line.partition("|")
        yield question.strip(), answer.strip()


def known(language: str) -> list[Insight]:
    """What is known in this language, each learned from one message."""
    told = [answer for _, answer in rows(language) if answer]
    return [insight(str(n), evidence("C1", "ana", "public", at=float(n)), sentence=s) for n, s in enumerate(told, 1)]


def town() -> Town:
    made = Town()
    made.build("C1", "public", "ana", "bo")
    return made


@pytest.mark.parametrize("language", TOLD)
async def test_the_index_finds_it_by_words_alone(language: str) -> None:
    index, directory = HybridIndex("", 0), town()
    every = {i.id: i.sentence for i in known(language)}
    for one in known(language):
        index.upsert(entry_of(one), (None, None))
    readers = await readers_of(directory, "C1", "bo")
    for question, answer in rows(language):
        wanted = {key(stem): weight for stem, weight in ranking.wanted(question).items()}
        found = (
            Fit(index, view_of(index, await sight_of(index.deciding(readers), readers, directory)), wanted, None)
            .propose([Part(3)])[0]
            .scores
        )
        said = [every[i] for i, scores in found.items() if scores["surface"] >= 0]
        assert [every[i] for i in found][:1] == [answer] or not answer, question
        assert said in ([], [answer]), question


@pytest.mark.parametrize("language", TOLD)
async def test_keywords_of_the_database_find_it(language: str) -> None:
    database = await open_sqlite(":memory:")
    repository, directory = InsightRepository("W", database.workspace("W")), town()
    for one in known(language):
        await repository.keep(one)
    readers = await readers_of(directory, "C1", "bo")
    for question, answer in rows(language):
        found = await KeywordSearch(repository, directory).search(question, readers, limit=3)
        assert not answer or found.insights[0].sentence == answer, question
    await database.close()


@pytest.mark.parametrize(
    ("text", "stems"),
    [
        ("ＡＷＳの費用を減らす", ["aw", "aws", "費用", "減", "らす"]),  # the same wide as narrow, and Latin among the rest
        ("ﾊﾞｯｸｱｯﾌﾟ", terms("バックアップ")),
        ("हिन्दी", ["हिन्द"]),  # its marks are part of it
        ("مُفتاح", terms("مفتاح")),
        ("מַפְתֵּחַ", terms("מפתח")),
        ("什么？", []),
        ("Äpfel on-call", ["äpfel", "apfel", "on-cal", "on-call", "call"]),
    ],
)
def test_what_a_word_is_reduced_to(text: str, stems: list[str]) -> None:
    assert terms(text) == stems


def test_a_text_without_spaces_is_read_whole() -> None:
    assert terms("备份" + "天地玄黄宇宙洪荒" * 40 + "钥匙")[-1] == "钥匙"


def test_sentences_that_share_words_are_alike_in_any_script() -> None:
    assert alike("生产环境的数据库每天备份。", "每周数据库备份。")
    assert not alike("生产环境的数据库每天备份。", "访客停车场在地下二层。")


@pytest.mark.parametrize(
    ("text", "name", "told"),
    [
        ("田中商事の納期は？", "田中商事", True),
        ("Datadogの費用は？", "datadog", True),
        ("Datadogs费用", "Datadog", False),
        ("키움증권은 언제 열어요?", "키움증권", True),
        ("Где Лампрехт?", "Лампрехт", True),
        ("Is it in the database of Data AG?", "data", True),
        ("Is it in the database?", "data", False),
        ("What of L&S's bread?", "L&S", True),
        ("What of it?", "", False),
    ],
)
def test_a_name_is_found_beside_what_is_written_without_spaces(text: str, name: str, told: bool) -> None:
    question = Question("W", "q", "ana", "C1", text, readers=None)  # type: ignore[arg-type]  # who reads it does not matter here
    assert named(question, name) is told


def test_scripts_of_more_tokens_for_each_letter_count_more() -> None:
    assert (tokens("word" * 100), tokens("слов" * 100), tokens("备份密钥" * 100)) == (100, 200, 300)
    assert tokens("\ud800") == 1
