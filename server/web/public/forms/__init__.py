"""Forms on the web: one question a page, by the same definition and the same rules as at a kiosk, and no script needed.

`asking` reads a page's fields into what `forms.rules` judges (pure); `begun` is what is filled in so far, sealed by the visitor's own cookie; `starting`,
`filling` (with `addresses` and `uploads`), `receipts` and `sending` are the pages in their order; `person` is the way out to somebody who helps; `moving` takes a begun form from
a kiosk to a phone. `offering` says which forms there are, `drawing` how a page looks.
"""
