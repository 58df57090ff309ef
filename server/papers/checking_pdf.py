"""Whether a PDF handed in is one, and a quiet one. Runs in the glove box (`glovebox`), where its memory and time are bounded.

What acts by itself is refused rather than taken out: a PDF with scripts, with files inside, with a form of Adobe's own kind (XFA) or with a
password is seldom what somebody means to hand in, and the sentence says how to make a plain one. What is taken is written anew by qpdf, so
what stood before, behind or between its objects is gone, and an open action or the data about who wrote it with what go too.
"""

from __future__ import annotations

import io
import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

import pikepdf

from server.papers.checking import MOST_PIXELS
from server.papers.unfit import Unfit

MOST_PAGES = 200
MOST_OBJECTS = 50_000
MOST_POINTS = 14_400.0
"""The largest side the standard knows: 200 inches."""
MOST_STREAM = 96 * 1024 * 1024
MOST_STREAMS = 400 * 1024 * 1024
"""Unpacked, one and all together."""
_ACTS = frozenset(
    {
        "/JS",
        "/JavaScript",
        "/Launch",
        "/EmbeddedFiles",
        "/EmbeddedFile",
        "/EF",
        "/XFA",
        "/RichMedia",
        "/RichMediaContent",
    }
    | {"/SubmitForm", "/ImportData", "/GoToE", "/Rendition", "/Movie", "/Sound", "/3D"}
)
_OF_ALL = ("/OpenAction", "/AA", "/Names", "/URI", "/Metadata", "/PieceInfo")
_OF_PAGE = ("/AA", "/Metadata", "/PieceInfo")
_KINDS = ("/S", "/Type", "/Subtype")
_BEHIND = re.compile(rb"%%EOF[\x00\s]*\Z")

PLAIN_ONE = "Print it to a PDF, or hand in pictures of its pages."


@dataclass(frozen=True)
class Pdf:
    pages: int
    body: bytes
    """Written anew."""


def check_pdf(body: bytes) -> Pdf:
    """Raises Unfit."""
    if not body.startswith(b"%PDF-") or not _BEHIND.search(body, max(0, len(body) - 1024)):
        raise Unfit(f"A file says it is a PDF and is not, or not whole. {PLAIN_ONE}")
    try:
        with pikepdf.open(io.BytesIO(body), suppress_warnings=True) as pdf:
            return _checked(pdf)
    except Unfit:
        raise
    except pikepdf.PasswordError:
        raise Unfit(f"A PDF is locked with a password. {PLAIN_ONE}") from None
    except MemoryError:
        raise Unfit(f"A PDF unpacks to more than can be taken. {PLAIN_ONE}") from None
    except Exception:  # whatever qpdf makes of a broken file, it is not one we take
        raise Unfit(f"A PDF is broken. {PLAIN_ONE}") from None


def _checked(pdf: pikepdf.Pdf) -> Pdf:
    if pdf.is_encrypted:
        raise Unfit(f"A PDF is locked. {PLAIN_ONE}")
    pages = len(pdf.pages)
    if not 1 <= pages <= MOST_PAGES:
        raise Unfit(f"A PDF has no page, or more than {MOST_PAGES}. Hand it in as several.")
    if len(pdf.objects) > MOST_OBJECTS:
        raise Unfit(f"A PDF is made of too many parts. {PLAIN_ONE}")
    _look_through(pdf)
    if any(not _is_possible(page) for page in pdf.pages):
        raise Unfit(f"A PDF has a page of an impossible size. {PLAIN_ONE}")
    _quieten(pdf)
    out = io.BytesIO()
    pdf.save(out)
    return Pdf(pages, out.getvalue())


def _look_through(pdf: pikepdf.Pdf) -> None:
    left = MOST_STREAMS
    for thing in pdf.objects:
        for inner in _dictionaries(thing):
            _refuse_acting(inner)
        if isinstance(thing, pikepdf.Stream):
            left -= _unpacked(thing)
        if left < 0:
            raise Unfit(f"A PDF unpacks to more than can be taken. {PLAIN_ONE}")


def _is_possible(page: pikepdf.Page) -> bool:
    sides = [float(side) for side in page.mediabox.as_list()]
    return len(sides) == 4 and all(abs(side) <= MOST_POINTS for side in sides)


def _quieten(pdf: pikepdf.Pdf) -> None:
    """Take out what acts when it is opened but is harmless as a rule (where to begin reading), and who wrote it with what."""
    things = [(pdf.Root, _OF_ALL), *((page.obj, _OF_PAGE) for page in pdf.pages), (pdf.trailer, ("/Info",))]
    for thing, keys in things:
        for key in keys:
            if key in thing:
                del thing[key]


def _dictionaries(thing: pikepdf.Object, depth: int = 0) -> Iterator[pikepdf.Object]:
    """The dictionaries written within one object; those it only points at come by themselves."""
    if depth > 50:
        raise Unfit(f"A PDF is nested too deeply. {PLAIN_ONE}")
    if isinstance(thing, pikepdf.Dictionary | pikepdf.Stream):
        yield thing
        parts = [value for _, value in thing.items()]
    elif isinstance(thing, pikepdf.Array):
        parts = list(thing)
    else:
        return
    for part in parts:
        if isinstance(part, pikepdf.Object) and not part.is_indirect:
            yield from _dictionaries(part, depth + 1)


def _refuse_acting(inner: pikepdf.Object) -> None:
    named = {str(inner.get(kind)) for kind in _KINDS if isinstance(inner.get(kind), pikepdf.Name)}
    if (set(inner.keys()) | named) & _ACTS:
        raise Unfit(f"A PDF has scripts, files or forms in it that act by themselves. {PLAIN_ONE}")


def _unpacked(stream: pikepdf.Object) -> int:
    """How long its content is, as far as that can be told without keeping it; a picture counts by its pixels."""
    told = stream.get("/Filter")
    filters = [str(told)] if isinstance(told, pikepdf.Name) else [str(each) for each in told or ()]
    if len(filters) > 3 or filters.count("/FlateDecode") > 1 or filters.count("/LZWDecode") > 1:
        raise Unfit(f"A PDF is packed several times over. {PLAIN_ONE}")
    if stream.get("/Subtype") == pikepdf.Name("/Image"):
        if int(stream.get("/Width", 0)) * int(stream.get("/Height", 0)) > MOST_PIXELS * 2:
            raise Unfit(f"A PDF has a picture that is larger than can be taken. {PLAIN_ONE}")
        if not set(filters) & {"/FlateDecode", "/LZWDecode"}:
            return 0
    if filters == ["/FlateDecode"]:
        return _inflated(stream.read_raw_bytes())
    if set(filters) & {"/FlateDecode", "/LZWDecode", "/RunLengthDecode"}:
        length = len(stream.read_bytes())  # the memory of the box is its limit
        if length > MOST_STREAM:
            raise Unfit(f"A PDF unpacks to more than can be taken. {PLAIN_ONE}")
        return length
    return 0


def _inflated(packed: bytes) -> int:
    unpack, length, rest = zlib.decompressobj(), 0, packed
    while rest and not unpack.eof:
        try:
            length += len(unpack.decompress(rest, 1 << 20))
        except zlib.error:
            break  # qpdf reads such a stream as far as it goes, and so do we
        if length > MOST_STREAM:
            raise Unfit(f"A PDF unpacks to more than can be taken. {PLAIN_ONE}")
        rest = unpack.unconsumed_tail
    return length
