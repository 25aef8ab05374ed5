"""From recordings to frames: find, probe, decode, measure, and shards that give any frame by one seek."""
