"""Secrets are taken out of a text before a model or a database sees it; everything else stays as it was said."""

from __future__ import annotations

import re
from collections.abc import Callable

from stores.labelled_secrets import redact_labelled
from stores.other_labels import redact_other_labels

MARK = "[redacted]"

# A key is recognised by the prefix that its provider gives it. Each pattern starts where no letter or digit stands before it and has no
# nested repetition, so that the time grows with the length of the text alone.
_KEYS = re.compile(
    r"(?<![A-Za-z0-9])(?:"
    r"sk-(?:proj|svcacct|admin|ant|or|None)-[\w-]{8,}"  # OpenAI, Anthropic, OpenRouter
    r"|sk-(?:(?=[A-Za-z]{0,60}\d)[A-Za-z0-9]{12,}|[A-Za-z0-9]{20,})"  # OpenAI's older keys
    r"|AIza[\w-]{20,}|GOCSPX-[\w-]{16,}|ya29\.[\w.-]{16,}"  # Google
    r"|(?:AKIA|ASIA)[0-9A-Z]{12,}"  # AWS
    r"|gh[opsur]_[A-Za-z0-9]{12,}|github_pat_\w{12,}|glpat-[\w-]{12,}"  # GitHub, GitLab
    r"|xox[a-z](?:\.xox[a-z])?-[A-Za-z0-9-]{8,}|xapp-[A-Za-z0-9-]{8,}|xwfp-[A-Za-z0-9-]{8,}"  # Slack
    r"|[rs]k_(?:live|test)_\w{8,}|hf_[A-Za-z0-9]{16,}|npm_[A-Za-z0-9]{16,}|pypi-[\w-]{16,}|SG\.[\w-]{16,}\.[\w-]{16,}"
    r")"
)
_JWT = re.compile(r"(?<![\w-])eyJ[\w-]{8,}\.[\w-]{8,}(?:\.[\w-]*)?")
_HOOK = re.compile(r"(https://hooks\.slack(?:-gov)?\.com/[a-z]+/)[^\s<>|\"']+")
_URL_PASSWORD = re.compile(r"(://[^\s/:@<>]{0,100}:)[^\s/<>]{1,200}(?=@)")
_HEADER = re.compile(r"(?i)\b(bearer|basic)(\s+)(?=[\w.~+/=-]{0,200}[\d+/=_.~])([\w.~+/=-]{12,})(?![\w-])")
_PEM = re.compile(
    r"-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY[A-Z ]{0,10}-----"
    r"(?:(?:(?!-----)[\s\S])*-----END [A-Z0-9 ]{0,40}PRIVATE KEY[A-Z ]{0,10}-----"
    r"|(?:(?:[\s>]|\\n)*(?:[A-Za-z0-9+/=]{16,}|(?:Proc-Type|DEK-Info|Version|Comment):[^\n]*))*(?:\n[A-Za-z0-9+/=]{1,15}(?=\s*\Z))?)"
)
_PEM_TAIL = re.compile(r"-----END [A-Z0-9 ]{0,40}PRIVATE KEY[A-Z ]{0,10}-----")
_PEM_LINE = re.compile(r"[\s>]*[A-Za-z0-9+/=]+\s*\Z")
_AWS_SECRET = re.compile(r"(?<![\w/+=])(?=[^\s]{0,39}[a-z])(?=[^\s]{0,39}[A-Z])(?=[^\s]{0,39}\d)[A-Za-z0-9/+]{40}(?![\w/+=])")
_AWS_SPOKEN_OF = re.compile(r"(?i)\baws|AKIA|ASIA|secret.{0,3}(?:access.{0,3})?key")


def redact(text: str) -> str:
    """The text with each secret in it replaced by "[redacted]". Redacting twice changes nothing more; linear in the length of the text."""
    for step in _STEPS:
        text = step(text)
    return text


def _pem_tails(text: str) -> str:
    """The rest of a private key whose beginning stands in an earlier message: the lines of base64 before its end."""
    done, parts = 0, []
    for end in _PEM_TAIL.finditer(text):
        lines = text[done : end.start()].split("\n")
        while lines and _PEM_LINE.match(lines[-1] or "="):
            lines.pop()
        parts.append("\n".join([*lines, MARK]))
        done = end.end()
    return "".join(parts) + text[done:]


def _aws_secrets(text: str) -> str:
    """Forty characters of base64 are AWS's secret only where AWS is spoken of; elsewhere they may be anything."""
    return _AWS_SECRET.sub(MARK, text) if _AWS_SPOKEN_OF.search(text) else text


_STEPS: tuple[Callable[[str], str], ...] = (
    lambda text: _PEM.sub(MARK, text),
    _pem_tails,
    lambda text: _HOOK.sub(rf"\1{MARK}", text),
    lambda text: _URL_PASSWORD.sub(rf"\1{MARK}", text),
    _aws_secrets,
    lambda text: _KEYS.sub(MARK, text),
    lambda text: _JWT.sub(MARK, text),
    lambda text: _HEADER.sub(rf"\1\2{MARK}", text),
    redact_labelled,
    redact_other_labels,
)
