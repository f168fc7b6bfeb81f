"""One folder for each channel: it turns what comes in into messages and sends replies out."""
