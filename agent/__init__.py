"""Who decides: one turn is messages and tool schemas in, tool calls or a verdict out."""
