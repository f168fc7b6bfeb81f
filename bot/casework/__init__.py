"""What the staff do with a registration until the person has work. Pure: no pages, no database."""
