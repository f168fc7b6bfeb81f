"""The terminal: a chat line by line, for people, pipes and screen readers."""
