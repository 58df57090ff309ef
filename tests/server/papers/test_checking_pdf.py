"""A PDF that acts by itself, hides things or would unpack to a hundred gigabytes is not taken; a quiet one is, and is written anew."""

import io
import zlib
from collections.abc import Callable

import pikepdf
import pytest
from pikepdf import Array, Dictionary, Name, Pdf, Stream

from server.papers import glovebox
from server.papers.binding import Paper, bind
from server.papers.checking_pdf import check_pdf
from server.papers.unfit import Unfit
from tests.support.packets import packet_of, picture
from wire.packets import write_packet
from wire.vocabulary import HandedIn

PLAIN = bind([Paper("1 Letter", [picture()])])


def changed(change: Callable[[Pdf], object], **save: object) -> bytes:
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(PLAIN)) as pdf:
        change(pdf)
        pdf.save(out, **save)  # type: ignore[arg-type]  # whatever a test saves it with
    return out.getvalue()


def rooted(key: str, value: pikepdf.Object) -> Callable[[Pdf], object]:
    return lambda pdf: pdf.Root.__setitem__(key, pdf.make_indirect(value))


def script() -> pikepdf.Object:
    return Dictionary(S=Name.JavaScript, JS=pikepdf.String("app.alert(1)"))


def attached(pdf: Pdf) -> None:
    pdf.attachments["secret.exe"] = pikepdf.AttachedFileSpec(
        pdf, b"MZ", description="", filename="secret.exe", mime_type="", creation_date="", mod_date=""
    )


def with_stream(body: bytes, **more: object) -> bytes:
    return changed(lambda pdf: pdf.Root.__setitem__("/X", Stream(pdf, body, **more)), compress_streams=False)


@pytest.mark.parametrize(
    ("body", "say"),
    [
        (b"", "is not"),
        (b"%PDF-1.7 and nothing", "is not"),
        (b"<html>" + PLAIN, "is not"),
        (PLAIN[:-40], "is not"),
        (PLAIN + b"<script>x</script>" + b" " * 30, "is not"),
        (b"%PDF-1.7\n%%EOF", "broken"),
        (changed(rooted("/OpenAction", script())), "scripts"),
        (changed(lambda pdf: pdf.pages[0].obj.__setitem__("/AA", Dictionary(O=script()))), "scripts"),
        (
            changed(rooted("/X", Dictionary(A=Array([Dictionary(S=Name.Launch, F=pikepdf.String("cmd"))])))),
            "scripts",
        ),
        (changed(rooted("/AcroForm", Dictionary(XFA=pikepdf.String("x"), Fields=Array([])))), "forms"),
        (changed(attached), "files"),
        (changed(lambda pdf: None, encryption=pikepdf.Encryption(owner="a", user="b")), "password"),
        (changed(lambda pdf: None, encryption=pikepdf.Encryption(owner="a", user="")), "locked"),
        (changed(lambda pdf: pdf.pages.__delitem__(0)), "no page"),
        (changed(lambda pdf: pdf.pages.extend([pdf.pages[0]] * 250)), "200"),
        (changed(lambda pdf: pdf.pages[0].obj.__setitem__("/MediaBox", Array([0, 0, 9e6, 9e6]))), "size"),
        (with_stream(zlib.compress(bytes(120 * 1024 * 1024)), Filter=Name.FlateDecode), "unpacks"),
        (with_stream(b"x", Filter=Array([Name.FlateDecode, Name.FlateDecode])), "several times"),
        (with_stream(b"x", Subtype=Name.Image, Width=90_000, Height=90_000), "picture"),
    ],
)
def test_what_is_not_a_quiet_pdf_is_refused_in_words(body: bytes, say: str) -> None:
    with pytest.raises(Unfit) as refused:
        check_pdf(body)
    assert say in str(refused.value)


def test_a_quiet_one_is_written_anew_without_who_wrote_it() -> None:
    def said(pdf: Pdf) -> None:
        pdf.docinfo["/Author"] = "Jane Doe"
        pdf.Root["/OpenAction"] = Array([pdf.pages[0].obj, Name.Fit])

    checked = check_pdf(changed(said) + b"\n")
    assert checked.pages == 1
    assert b"Jane Doe" not in checked.body
    with pikepdf.open(io.BytesIO(checked.body)) as pdf:
        assert "/OpenAction" not in pdf.Root
        assert "/Info" not in pdf.trailer
        assert len(pdf.pages[0].get_images()) == 1


def test_in_the_box_a_submission_is_checked_and_bound_and_a_bad_one_costs_nothing_else() -> None:
    good = packet_of(
        kind=HandedIn.FORM, what="a-form", files={"doc-1.pdf": PLAIN, "sign.png": picture(kind="PNG")}
    )
    made = glovebox.handle(write_packet(good))
    assert [(each.name, each.type, each.pages) for each in made] == [
        ("doc-1.pdf", "application/pdf", 1),
        ("sign.png", "image/png", 1),
    ]
    bad = packet_of(kind=HandedIn.FORM, what="a-form", files={"doc-1.pdf": b"<html>"})
    with pytest.raises(Unfit, match="is not"):
        glovebox.handle(write_packet(bad))
    with pytest.raises(Unfit, match="not a packet"):
        glovebox.handle(b"FOYER1\n")


def test_what_takes_too_long_or_dies_in_the_box_is_refused_and_not_waited_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with pytest.raises(Unfit, match="more memory or time"):
        glovebox.handle(write_packet(packet_of([picture()])), seconds=0.01)
    monkeypatch.setattr("sys.executable", "/bin/false")
    with pytest.raises(RuntimeError):
        glovebox.handle(b"")
