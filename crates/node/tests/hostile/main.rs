//! Hostile input: every decoder, every JSON entrance, every text, every route, and the command line. Whatever comes in is
//! refused with a code or means exactly itself.

mod backend;
mod command_line;
mod decoders;
mod decoders_of_persons;
mod decoding;
mod json_suite;
mod ledger;
mod mutations;
mod nasties;
mod routes;
mod schema;
mod seed;
mod strings;
mod suite;
