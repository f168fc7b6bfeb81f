"""Talk with people on Telegram: take updates in, send replies out. Plain text only, never Markdown or HTML."""
