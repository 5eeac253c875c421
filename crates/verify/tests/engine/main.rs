//! Our checker beside the engine that makes the proofs: on every proof, genuine or changed, both must say the same.
//! And whole bundles over real proofs: what is accepted, and how each change of them is refused.

mod bundles;
mod certificates;
mod convert;
mod databases;
mod epochs;
mod hashers;
mod network;
mod random;
mod receipts;
mod refusals;
mod state;
