//! Runs the unit tests that stand in the library's files, without the library.
//!
//! A test build of the library would compile the wiring of the engine a second time, which takes minutes, for tests that
//! touch none of it. So `[lib] test = false` stands in the manifest, and the files with tests are included here by path,
//! with those that they need. A file that gets its first test is added to the list.

// Only the tests call what is in these files; what the rest of the library takes from them is unused here.
#![allow(dead_code, unused_imports)]

#[path = "../../src/block.rs"]
mod block;
#[path = "../../src/checked.rs"]
mod checked;
#[path = "../../src/error.rs"]
mod error;
#[path = "../../src/folder.rs"]
mod folder;
#[path = "../../src/mempool.rs"]
mod mempool;
#[path = "../../src/meter.rs"]
mod meter;
#[path = "../../src/suite/mod.rs"]
mod suite;
#[path = "../../src/transaction.rs"]
mod transaction;
#[path = "../../src/window.rs"]
mod window;

mod hostile;
