"""Telling: from sums and names to figures with their sentences, one module a topic. Pure.

`words` names what is stored, `writing` writes numbers; each further module builds the `Figure`s of one page of the manager's figures.
"""
