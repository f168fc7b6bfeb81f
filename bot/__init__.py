"""What it does: conversation, channels, settings, command line."""
