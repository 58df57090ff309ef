"""A whole centre as one TOML file that a person can read, write and send to another council.

`read` turns the file's text into a `CentrePlan`, or into every mistake in it with its line; `write` is its
inverse; `document` and `read_document` are the same for plain values, which forms and planned changes hold. All are
pure: loading a plan into the database is `server.actions.centres`. docs/centre-file.md explains each key.
"""

from server.centrefile.document import document, read_document
from server.centrefile.plan import CentrePlan
from server.centrefile.reading import Mistake, read
from server.centrefile.table import Fault
from server.centrefile.writing import write

__all__ = ["CentrePlan", "Fault", "Mistake", "document", "read", "read_document", "write"]
