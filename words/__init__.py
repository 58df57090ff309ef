"""How a sentence is found in the catalogue (`locale/*.toml`) in a visitor's language.

`catalogue` finds and fills sentences, `check` says what is wrong with the tables. Both import only the
standard library and babel's rule parser, because a kiosk on a small machine and every page of the server
carry them.
"""

from words.catalogue import Catalogue, isolate

__all__ = ["Catalogue", "isolate"]
