"""The staff console: web pages for those who work through the registrations."""
