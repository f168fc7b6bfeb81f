"""The pages of the console, a module for each noun; each exports ``PAGES``."""
