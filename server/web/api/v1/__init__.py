"""The JSON API for other programs: what can be booked, booking it, and what is booked. Described in docs/joining-up.md and by itself.

A program shows a key (`Authorization: Bearer foyer_...`) that an administrator made for one centre, with the rights it needs. Every change carries an
`Idempotency-Key`, so a program that heard no answer may say the same again. Everything that is refused is a problem document (RFC 9457) with a
sentence that a person can act on.
"""
