"""The asyncio driver of the engine: the client's only disk, network and clock."""
