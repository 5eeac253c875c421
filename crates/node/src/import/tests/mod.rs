//! Tests of the importer: small files of every shape, the public sets, garbage, and whole runs against a ledger in memory.

mod fixtures;
mod garbage;
mod notation;
mod reading;
mod real_files;
mod running;
mod workbooks;
