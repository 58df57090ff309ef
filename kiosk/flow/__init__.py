"""The journey from first touch to ticket, as data: `step(model, event) -> (model, effects)`.

Nothing here draws, prints, writes, waits or reads a clock. The screens render a `Model` and send `Touched`;
the runner feeds every other event in and carries the effects out. So a whole visit can be walked in a test
without a screen, a printer or a server, and what a visitor may see can be proved instead of watched for.
"""
