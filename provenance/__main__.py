"""``python -m provenance``."""

from provenance.cli.app import main

main()
