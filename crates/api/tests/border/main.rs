//! The border of the interface, from outside: a real server, a node that is imitated, receivers that misbehave.

mod bodies;
mod client;
mod guard;
mod idempotency;
mod server;
mod streams;
mod support;
mod tls;
mod webhooks;
