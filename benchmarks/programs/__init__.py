"""Programs that run in a contender's environment, where nothing of ours is installed."""
