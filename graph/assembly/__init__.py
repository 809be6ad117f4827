"""Pages to documents: `potentials` turns verdicts into scores, `decode` finds the best partition and how sure it is."""
