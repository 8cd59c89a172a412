"""Python twins of the runtime's functions: the same operations in the same order, so the same bits."""
