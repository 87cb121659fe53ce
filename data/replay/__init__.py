"""Replay (回放): the store as it was at an instant T, told by the logs; nothing later exists in it."""
