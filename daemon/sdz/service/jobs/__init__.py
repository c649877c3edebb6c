"""Work that outlives the request that began it: begun, watched, cancelled, its result fetched."""
