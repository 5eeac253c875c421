//! Published vectors of every algorithm in use: the good ones are accepted, the bad ones refused, and none of them
//! makes anything panic. Each test says how many it ran.

mod cipher;
mod derivation;
mod ed25519;
#[path = "../realdata/mod.rs"]
mod realdata;
mod sm2;
mod sm3_sm4;
#[path = "../test_rng/mod.rs"]
mod test_rng;
