"""Links to real controllers; emulated cells need none."""
