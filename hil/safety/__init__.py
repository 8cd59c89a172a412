"""The gate that every write to a physical target passes; emulated cells need none."""
