"""TCP servers on an event loop at a fraction of what asyncio's own transports cost a request; Linux, else asyncio's."""
