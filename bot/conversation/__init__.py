"""The conversation: pure, the same for every channel."""
