//! The node's index: which database, the task that follows the ledger, the lists that are read from it, and the commands of an
//! operator.

pub mod command;
mod follower;
mod lists;
mod setting;

pub use follower::{Follower, follow};
pub use setting::IndexSetting;
