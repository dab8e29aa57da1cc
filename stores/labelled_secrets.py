"""Secrets that only their label gives away: "the password is …", "Passwort lautet …", "api_key=…". English and German.

A label announces a value; whether the next word is one is judged by its looks, so that "the password is stored in the vault" stays.
"""

from __future__ import annotations

import re

MARK = "[redacted]"

_PASSWORD = r"pass(?:words?|wd|phrase|code)|pass\s?word|passw[oö]rt|kennwort|(?<![a-z])(?:pwd?|psk)"
_TOKEN = (
    r"(?:client|secret|access|private|signing|auth|api|app|bot|webhook|refresh|bearer|shared)[\s_-]{0,2}"
    r"(?:access[\s_-]?|api[\s_-]?)?(?:keys?|tokens?|secrets?|schlüssel)"
    r"|secret|token|zugangsschlüssel|geheimnis"
)
_ABOUT = (  # "password FOR THE VPN is", "password (vpn):", "password vpn:"
    r"(?:\s+(?:for|of|to|on|at|in|für|von|vom|zum|zur|des|der|am|im)(?:\s+[^\s.:;=!?,]{1,40}){1,6}?"
    r"|\s*\([^()\n]{1,60}\)|\s+[\wäöüß-]{1,30}(?=\s*[:=]))?"
)
_IS = (  # "is", ":", "wurde geändert auf"…
    r"[\"'`*]{0,2}\s*(?:(?:[:=]|->|=>|→|[\u2013\u2014-](?=\s)"
    r"|(?:is|was|are|ist|war|lautet|heißt|heisst|has been|wurde|(?:changed|reset|set) to|geändert (?:auf|in|zu))(?![a-zäöüß]):?)\s*){1,2}"
    r"(?:(?:not|nicht|now|still|currently|just|simply|actually|always|temporarily|again|changed to|reset to|set to"
    r"|jetzt|nun|neu|aktuell|momentan|einfach|noch|weiterhin|immer|auf|to):?\s+){0,3}"
)
_JOIN = rf"(?:{_ABOUT}(?P<join>{_IS})|(?:['\u2019]s|[\"'`*]{{0,2}})\s+(?:(?:to|auf)\s+)?)"
_VALUE = r"(?P<value>\"[^\"\n]{3,120}\"|'[^'\n]{3,120}'|`[^`\n]{3,120}`|“[^”\n]{3,120}”|„[^“”\n]{3,120}[“”]|[^\s<>\"“„`]{3,200})"
_LABELLED = re.compile(
    rf"(?i)(?P<label>(?P<password>{_PASSWORD})|(?<![a-zäöüß])(?:[a-z]{{1,20}}_){{0,3}}(?:{_TOKEN}))(?![\wäöüß-]){_JOIN}{_VALUE}"
)
_PHRASE = re.compile(
    r"(?i)(\bpass(?:phrase\b[\"'`*]?\s*(?::|=|is:?|ist:?|lautet:?)|wor[td]\b[\"'`*]?\s*[:=])\s+)"
    r"([a-zäöüß]{3,}(?:[ -][a-zäöüß]{3,}){1,9})(?=\s*(?:[.,;!)]|$))",
    re.M,
)
_REVERSED = re.compile(
    r"(?i)(?<!\S)(?P<value>\S{5,100})(?P<rest>\s+(?:is|ist)\s+(?:the|our|my|das|der|unser|mein)\s+(?:[\wäöüß-]+\s+){0,2}"
    r"(?:password|passphrase|passwort|kennwort|token|api[ -]?key)\b)"
)
_LOGIN = re.compile(
    r"(?i)\b((?:credentials|creds|login|zugangsdaten|user/password)\b[^\n:=]{0,40}[:=]\s*[^\s/:|]{1,60}\s?[/:|]\s?)([^\s/:|]{4,100})"
)

# Ordinary words that follow "the password is": a value none of them.
_WORDS = """
    1password a about again all also always an and any anything as ask at available bad because been being bitwarden both broken but
    by case-sensitive compulsory confidential correct dashlane default different due easy either empty encrypted enough essential
    expected expire expires false fine for forbidden forgotten found from gone good hard hashed hers hidden his identical important
    impossible in incorrect inside invalid it its just keepass keepassxc kept known lastpass leaked less likely listed long lost
    made managed mandatory meant missing more my necessary needed neither never new no none nor not nothing now null obsolete off
    okay old on one only optional our out outdated outside over part per personal possible printed private probably public random
    really recorded redacted required reset rotated safe same saved secret secure sensitive sent set shared short shown similar
    simple so some something somewhere static still stored strong such temporary that the their there they this to too trivial true
    undefined under unique unknown unsafe unset until up used useless valid vault very visible wanted weak what whatever where
    whoever with without written wrong yes your yours mindestens mind minimum maximum
    aber abgelaufen allen alles alt am an auch auf aus bei beim bekannt da das dass dein deine den der die dort ein eine einem
    einfach einzigartig er erforderlich erneuert es euer falsch fällig für ganz geheim gesetzt gleich gut gültig hier hinter
    hinterlegt identisch ihr ihre im immer in irgendwo ja jede jeder kein keine klar korrekt kurz lang leer leicht mehr mein mit
    nein neu nicht nichts nie noch notwendig nur nötig obligatorisch oder ohne pflicht privat richtig schlecht schon schwach sehr
    sein seit sicher siehe so stark tabu tresor um unbekannt und ungültig uns unser unsicher unter veraltet verloren vertraulich von
    vor weg wichtig wie wieder zu zufällig zum zur über
    """
_ORDINARY = frozenset(_WORDS.split())
_TECHNICAL = re.compile(
    r"(?i)(?:sha-?\d+|md5|oauth-?2?(?:\.0)?|[23]fa|mfa|base-?64|bcrypt|argon2\w*|utf-?8|pbkdf2|aes-?\d*|win\d+|k8s|v\d[\d.]*|rfc\s?\d+"
    r"|\d+[-\s]?(?:char|zeichen|stell|day|tag|week|woch|month|monat|bit|min|hour|stund|hrs?\b|sec|sek|x\b|th\b|st\b|nd\b|rd\b|h\b|d\b|%|€|\$).*)\Z"
)
_SHAPED = re.compile(r"\w*(?:ed|ing)|ge\w+t|ver\w+t|(?:ab|auf|aus|ein|an)ge\w+|\w{3,}(?:iert|bar|lich|isch|ig)")
_NOT_A_VALUE = re.compile(
    r"(?i)(?:https?://|[@#]|\$\{?[a-z_]+|\{\{?|%\(|\[redacted|<|os\.environ|process\.env|getenv|env\.|\*+\Z|\.{2,}|…|x{3,}\Z)"
)
_END = re.compile(
    r"\s*(?:$|[.,;!?)\]}\n\u2013\u2014]|(?:and|und|but|aber|for|für|on|auf|please|bitte|-"
    r"|today|yesterday|now|heute|gestern|jetzt)\b)"
)


def redact_labelled(text: str) -> str:
    """The text without the values that follow, or in "… is the password" precede, their label."""
    text = _PHRASE.sub(_phrase, text)
    text = _LABELLED.sub(_labelled, text)
    text = _REVERSED.sub(lambda m: MARK + m["rest"] if strong(m["value"]) else m[0], text)
    return _LOGIN.sub(lambda m: m[1] + MARK if strong(m[2]) else m[0], text)


def _phrase(match: re.Match[str]) -> str:
    """A passphrase of several words: none of them is one that an ordinary sentence would have there."""
    return match[0] if any(_ordinary(word) for word in re.split(r"[ -]", match[2])[:3]) else match[1] + MARK


def _labelled(match: re.Match[str]) -> str:
    raw = match["value"]
    if match.string[match.start() - 1 : match.start()] in ("?", "&"):
        raw = raw.partition("&")[0]  # a parameter of an address: the next one stays
    quoted = raw[0] in "\"'`“„"
    value = raw[1:-1] if quoted else raw.rstrip(".,;:)]}*_")
    if not _secret(value, match, quoted, match.end("value") if quoted else match.start("value") + len(value)):
        return match[0]
    head = match[0][: match.start("value") - match.start()]
    rest = match["value"][len(value) :]
    return head + (raw[0] + MARK + raw[-1] if quoted else MARK + rest)


def _secret(value: str, match: re.Match[str], quoted: bool, end: int) -> bool:
    """Whether this is a value: by its looks, or, after a password's "is" or ":", because a lone unusual word stands there."""
    if _NOT_A_VALUE.match(value) or _ordinary(value) or _TECHNICAL.match(value):
        return False
    join = (match["join"] or "").strip(" \"'`*")
    if value.isdigit() and len(value) < 12 and match["password"] is None and ":" in join:
        return False  # "token limit: 128000"
    if strong(value) and (join or len(value) >= 6):
        return True
    if not join or len(value) < 3:
        return False
    if quoted or "=" in join:
        return len(value) >= 4
    return match["password"] is not None and ((value.isdigit() and len(value) >= 4) or _END.match(match.string, end) is not None)


def _ordinary(word: str) -> bool:
    low = word.lower().rstrip("!?.,")
    return low in _ORDINARY or _SHAPED.fullmatch(low) is not None


def strong(value: str) -> bool:
    """Letters together with digits, or signs or capitals within: no word of a language looks like this."""
    if _TECHNICAL.match(value) or _NOT_A_VALUE.match(value) or len(value) < 4:
        return False
    letters, digits = any(c.isalpha() for c in value), any(c.isdigit() for c in value)
    signs = re.search(r"[^\w\s.,;:!?'\u2019/()-]", value) is not None or re.search(r"\w[!?_]\w", value) is not None
    capitals = re.search(r"[a-z][A-Z]", value) is not None and re.search(r"[A-Z].*[a-z].*[A-Z]|\d", value) is not None
    return (letters and (digits or signs or capitals)) or (value.isdigit() and len(value) >= 6)
