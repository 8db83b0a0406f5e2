"""The load check: drops a thousand photos at once and checks that each of them counts once."""
