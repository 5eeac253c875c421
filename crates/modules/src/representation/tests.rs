//! Stories of the module: happy path, every error, every role; and one property.
