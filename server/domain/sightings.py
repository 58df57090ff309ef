"""Papers that staff look at without a picture being made, because that they were seen is enough.

One list: what the pages offer, what is stored, and what kind of paper it counts as. `other` is for what nobody thought of; what exactly it was
is then the case's business, not ours.
"""

from __future__ import annotations

from collections.abc import Mapping

from wire.vocabulary import PaperKind

PAPERS: Mapping[str, PaperKind] = {
    "passport": PaperKind.IDENTITY,
    "driving_licence": PaperKind.IDENTITY,
    "residence_permit": PaperKind.IDENTITY,
    "birth_certificate": PaperKind.IDENTITY,
    "bank_statement": PaperKind.BANK,
    "payslip": PaperKind.WAGES,
    "tenancy": PaperKind.TENANCY,
    "bill": PaperKind.BILL,
    "medical_letter": PaperKind.MEDICAL,
    "benefit_letter": PaperKind.LETTER,
    "other": PaperKind.OTHER,
}
