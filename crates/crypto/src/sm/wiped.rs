//! Secrets inside types of the library that cannot be wiped.

use std::hint::black_box;
use std::ops::Deref;

/// A value that stands in for a secret one.
pub trait Decoy {
    /// A value of the same kind that is no secret.
    fn decoy() -> Self;
}

/// A secret that is overwritten with a decoy when it is dropped. It lies on the heap, so moving it leaves no copy.
pub struct Wiped<T: Decoy>(Box<T>);

impl<T: Decoy> Wiped<T> {
    /// Guards the secret.
    pub fn new(secret: T) -> Self {
        Self(Box::new(secret))
    }
}

impl<T: Decoy> Deref for Wiped<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T: Decoy> Drop for Wiped<T> {
    fn drop(&mut self) {
        *self.0 = T::decoy();
        black_box(&mut self.0); // keeps the compiler from leaving the write out
    }
}
