"""The packet graph, one file a node: intake ─▶ wait for pages ─▶ assemble ─▶ check ─▶ gate ─▶ publish or review."""
