//! The program `tongban`: the shell around the ledger. Configuration, keys, wiring, imports, the demonstration and the command
//! line live here; it is the outermost crate, which knows all others.
//!
//! Entry points: [`cli::run`] is the program; [`node::RunningNode`] is one node; [`demo`] is what plain `cargo run` shows.

pub mod asking;
pub mod backend;
pub mod bench;
pub mod catalogue;
pub mod cli;
pub mod config;
pub mod demo;
pub mod doctor;
pub mod evidence_file;
pub mod evidence_report;
pub mod identification;
pub mod import;
pub mod import_command;
pub mod indexing;
pub mod key_command;
pub mod licence_import_command;
pub mod licences;
pub mod messages;
pub mod network_init;
pub mod new_key;
pub mod node;
pub mod observe;
pub mod organisation;
pub mod output;
pub mod prefill;
pub mod private_file;
pub mod processes;
pub mod qr;
pub mod qr_command;
pub mod random;
pub mod record_form;
pub mod reference;
pub mod report;
pub mod signer;
pub mod status;
pub mod token_command;
pub mod vault;
pub mod verification;
pub mod webhook_command;
