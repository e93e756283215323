//! The `kafka` layer.
