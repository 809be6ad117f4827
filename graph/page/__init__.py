"""The page graph, one file a node: look ─▶ think ⇄ act ─▶ verdict ─▶ store."""
