//! The whole interface over sockets, with a node made of values.

mod documents;
mod lists;
mod node;
mod pages;
mod requests;
mod stream;
