"""From recordings to frames: probe, decode, measure, and shards that give any frame by one seek."""
