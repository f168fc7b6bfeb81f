"""What keeps the assistant running: messages in, answers out, upkeep, and what can be watched of it."""
