//! The border of the interface, from outside: a real server, a node that is imitated, receivers that misbehave.

mod guard;
mod idempotency;
mod server;
mod support;
mod tls;
mod webhooks;
