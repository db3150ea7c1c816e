"""From bytes to text: marked encodings first, then UTF-8, then the likeliest of the old ones."""

import codecs

from charset_normalizer import from_bytes

SAMPLE = 100_000  # bytes that are enough to tell an encoding by

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # before UTF-16, whose mark it begins with
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_CONTROL = frozenset(range(32)) - {9, 10, 11, 12, 13, 27}


def decode(data: bytes, *, declared: str | None = None, markup: bool = False) -> str | None:
    """The text, or None where the bytes are no text in any encoding known.

    ``declared`` is the encoding that the file names; ``markup`` says that it is HTML, where stray bytes are usual.
    """
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return data.decode(encoding, errors="replace")
    if b"\0" in data[:SAMPLE] and not markup:
        return _unmarked_utf16(data)
    try:
        text: str | None = data.decode("utf-8")
    except UnicodeDecodeError:
        # A few broken bytes in a long UTF-8 file are damage, not another encoding.
        text = _declared(data, declared) or _damaged_utf8(data) or _legacy(data)
        if text is None and markup:
            text = data.decode("utf-8", errors="ignore")
    return text if markup or (text is not None and not _is_binary(text)) else None


def _declared(data: bytes, encoding: str | None) -> str | None:
    try:
        return data.decode(encoding) if encoding else None
    except (LookupError, ValueError):
        return None


def _damaged_utf8(data: bytes) -> str | None:
    text = data.decode("utf-8", errors="replace")
    beyond_ascii = sum(1 for character in text[:SAMPLE] if character > "\x7f")
    broken = text.count("\ufffd", 0, SAMPLE)
    return text.replace("\ufffd", "") if broken * 10 < beyond_ascii else None


def _unmarked_utf16(data: bytes) -> str | None:
    sample = data[: SAMPLE // 2 * 2]
    half = len(sample) // 2
    for encoding, zeros in (("utf-16-le", sample[1::2]), ("utf-16-be", sample[::2])):
        if half and zeros.count(0) > 0.7 * half:
            text = data.decode(encoding, errors="replace")
            return None if _is_binary(text) else text
    return None


def _legacy(data: bytes) -> str | None:
    best = from_bytes(data[:SAMPLE]).best()
    if best is None:
        return None
    return data.decode(best.encoding, errors="replace").replace("\ufffd", "")


def _is_binary(text: str) -> bool:
    sample = text[:SAMPLE]
    control = sum(1 for character in sample if ord(character) in _CONTROL or character == "\ufffd")
    return control > 0.01 * len(sample) + 2
