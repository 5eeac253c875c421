//! Stories of the module.
