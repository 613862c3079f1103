"""Whether two releases work side by side on the newer one's tables, as they do for minutes in a rolling restart.

Migrations only add (expand); what an older release still reads goes a release later (contract). `./scripts/upgrade REF`
proves it: the older release's worker behind this release's web, and this release's worker behind the older one's
web, on one database with this release's migrations. Every prediction must end stored, bought once, on books that close.
"""
