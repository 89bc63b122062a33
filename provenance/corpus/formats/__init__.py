"""Bytes of a file to rows, by the end of its name."""

from provenance.corpus.formats.by_name import (
    FORMATS,
    SUFFIXES,
    Format,
    format_of,
    read_rows,
)
from provenance.corpus.formats.columnar import table_records
from provenance.corpus.formats.jsonshapes import Columns
from provenance.corpus.formats.jsonvalues import parse_json

__all__ = [
    "FORMATS",
    "SUFFIXES",
    "Columns",
    "Format",
    "format_of",
    "parse_json",
    "read_rows",
    "table_records",
]
