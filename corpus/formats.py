"""Which reader a file goes to: by what its bytes are, then by its name, since names lie."""

import io
import re
import zipfile
from pathlib import PurePosixPath

from corpus.content import Content
from corpus.encodings import decode
from corpus.errors import UnreadableFile
from corpus.front_matter import split_front_matter
from corpus.markdown import markdown_blocks
from corpus.normal_form import clean
from corpus.plain_text import plain_text_blocks

LARGEST_TEXT = 16 * 1024 * 1024  # bytes of a file that is text as it stands
LARGEST_UNZIPPED = 256 * 1024 * 1024  # bytes that a .docx may unpack to

_MARKDOWN = (".md", ".markdown", ".mdown")
_PLAIN = (".txt", ".text")
_HTML = (".html", ".htm", ".xhtml")
_BINARY = (b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"\x7fELF", b"\x1f\x8b", b"BZh", b"7z\xbc\xaf", b"Rar!", b"MZ\x90\0")
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
# Nothing here is tried twice (*+, ?>): thirty comments before a text would otherwise take minutes.
_HTML_BEGIN = re.compile(
    rb"\s*+(?:\xef\xbb\xbf)?+\s*+(?:<\?xml[^>]*+>\s*+)?+(?><!--.*?-->\s*+)*+<(?:!doctype\s+html|html)\b", re.I | re.S
)
_TAG = re.compile(rb"</?[A-Za-z!]")
_CHARSET = re.compile(rb"<meta[^>]{0,200}charset\s*=\s*[\"']?([\w.:-]{2,40})", re.I)


def is_plain(data: bytes, *, name: str) -> bool:
    """Whether the file goes to a reader of plain text or Markdown, by the same signs as in ``read_content``."""
    suffix = PurePosixPath(name).suffix.lower()
    return suffix in _MARKDOWN + _PLAIN and not (
        b"%PDF-" in data[:1024] or data.startswith((b"PK\x03\x04", _OLE)) or _HTML_BEGIN.match(data)
    )


def read_content(data: bytes, *, name: str) -> Content:
    """The content of a file of any supported format. Raises UnreadableFile with the reason where there is none."""
    content = _content(data, name=name)
    if sum(len(block.text) for block in content.blocks) > LARGEST_TEXT:
        raise _too_large(name)
    return content


def _content(data: bytes, *, name: str) -> Content:
    suffix = PurePosixPath(name).suffix.lower()
    if b"%PDF-" in data[:1024]:
        from corpus.pdf import pdf_content

        return pdf_content(data, name=name)
    if data.startswith(b"PK\x03\x04"):
        return _zipped(data, name=name)
    if data.startswith(_OLE):
        raise UnreadableFile(name, "encrypted, or in the old .doc format: save it as .docx without a password")
    if data.startswith(_BINARY):
        raise UnreadableFile(name, "binary content, not text")
    if suffix in (".pdf", ".docx") and not _HTML_BEGIN.match(data):
        raise UnreadableFile(name, f"damaged: not a {suffix[1:].upper()} file inside")
    if suffix in _HTML or _HTML_BEGIN.match(data):
        from corpus.web_pages import web_page_content

        found = _CHARSET.search(data[:4096])
        declared = found[1].decode("ascii") if found else None
        return web_page_content(_text(data, name, declared=declared, markup=bool(_TAG.search(data))))
    if suffix in _MARKDOWN:
        about, body = split_front_matter(clean(_text(data, name)).lstrip("\n"))
        return Content(blocks=markdown_blocks(body), about=about)
    if suffix in _PLAIN:
        return Content(blocks=plain_text_blocks(clean(_text(data, name))))
    raise UnreadableFile(name, f"unsupported type: {suffix or 'no file extension'}")


def _text(data: bytes, name: str, *, declared: str | None = None, markup: bool = False) -> str:
    if len(data) > LARGEST_TEXT:
        raise _too_large(name)
    text = decode(data, declared=declared, markup=markup)
    if text is None:
        raise UnreadableFile(name, "binary content, not text")
    return text


def _too_large(name: str) -> UnreadableFile:
    return UnreadableFile(name, f"too large: more than {LARGEST_TEXT // 1024 // 1024} MB of text")


def _zipped(data: bytes, *, name: str) -> Content:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            entries = archive.infolist()
    except zipfile.BadZipFile as error:
        raise UnreadableFile(name, "damaged: not a whole zip archive") from error
    if "word/document.xml" not in {entry.filename for entry in entries}:
        raise UnreadableFile(name, "unsupported type: a zip archive that is no Word document")
    # The directory is read before anything is unpacked: a bomb of a few kilobytes would fill the memory.
    if sum(entry.file_size for entry in entries) > LARGEST_UNZIPPED:
        raise UnreadableFile(name, f"too large: unpacks to more than {LARGEST_UNZIPPED // 1024 // 1024} MB")
    from corpus.word import word_content

    return word_content(data)
