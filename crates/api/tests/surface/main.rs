//! The whole interface over sockets, with a node made of values.

mod documents;
mod node;
mod pages;
mod requests;
mod stream;
