"""When: the page graph and the packet graph, the worker that drives them, and the assembly of pages into documents."""
