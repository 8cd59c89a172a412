"""From the typed tree to the native IR: one file a concern, all recursion through the rules of a function builder."""
