"""Reading what people type into a form: pure functions, value in, value or fault out."""
