//! The operating system's randomness, as the cryptography takes it.

use getrandom::SysRng;
use rand_core::{Rng, UnwrapErr};
use tongban_types::RequestId;

/// A generator of secrets. A machine without randomness cannot go on, so its failure is a panic.
pub fn rng() -> UnwrapErr<SysRng> {
    UnwrapErr(SysRng)
}

/// A request id that nobody else has.
pub fn request_id() -> RequestId {
    let mut bytes = [0; RequestId::BYTES];
    rng().fill_bytes(&mut bytes);
    RequestId(bytes)
}
