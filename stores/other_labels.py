"""Secrets whose label is in another language than English or German: "mot de passe : …", "la contraseña es …", "密码是…".

Fewer words are known of these languages, so that a value must look like no word: letters with digits, or with digits and signs.
"""

from __future__ import annotations

import re

from stores.labelled_secrets import MARK, strong

_LABELS = (
    r"(?<!\w)(?:mots? de passe|mdp|contraseñas?|clave (?:de acceso|(?:del? )?wi-?fi)|senhas?|palavra-passe|hasł[oa]|wachtwoord(?:en)?"
    r"|parola(?: d['\u2019]ordine)?|lösenord(?:et)?|adgangskoden?|passord(?:et)?|salasana|heslo|jelszó|şifre|пароль|passwords?)(?!\w)"
    r"|密[码碼]|口令|パスワード|비밀번호|סיסמה|كلمة (?:المرور|السر)"
)
_IS = r"(?:[:=\uff1a]|(?<!\w)(?:est|es|è|é|e|jest|to|är|er|on|je|это|sera|será|devient|c['\u2019]est)(?!\w)|[是为為はが])"
_LABELLED = re.compile(
    rf"(?i)(?P<label>(?:{_LABELS})(?:(?:[ \t]+[^\s:=\uff1a]{{1,30}}){{0,5}}?[ \t]*{_IS})?[ \t]*[\"'«“„`]?[ \t]*)"
    r"(?P<value>[^\s<>\"“”„`«»:=\uff1a是]{4,100})"
)


def redact_other_labels(text: str) -> str:
    """The text without the values that follow such a label."""
    return _LABELLED.sub(_redacted, text)


def _redacted(match: re.Match[str]) -> str:
    value = match["value"].rstrip(".,;)]}*_")
    if not (strong(value) and any(c.isdigit() for c in value)):
        return match[0]
    return match["label"] + MARK + match["value"][len(value) :]
