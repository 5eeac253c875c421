//! Messages of all modules as JSON and as bytes.
//!
//! Reading and writing hundreds of types is code that the compiler makes anew in each crate that asks for it by a generic function, for minutes.
//! So it is asked for here, once, and the crates around call these.

use crate::registry::{Call, Event, Query, View};
use serde_json::{Error, Value};
use tongban_types::codec::{self, CodecError};

impl Call {
    /// Reads a call from JSON.
    pub fn from_json(value: Value) -> Result<Self, Error> {
        serde_json::from_value(value)
    }

    /// Reads a call as a transaction carries it.
    pub fn decode(bytes: &[u8]) -> Result<Self, CodecError> {
        codec::decode(bytes)
    }
}

impl Query {
    /// Reads a question from JSON.
    pub fn from_json(value: Value) -> Result<Self, Error> {
        serde_json::from_value(value)
    }

    /// The question in JSON.
    pub fn to_json(&self) -> Value {
        json_of(serde_json::to_value(self))
    }
}

impl View {
    /// Reads an answer from JSON.
    pub fn from_json(value: Value) -> Result<Self, Error> {
        serde_json::from_value(value)
    }

    /// The answer in JSON.
    pub fn to_json(&self) -> Value {
        json_of(serde_json::to_value(self))
    }
}

impl Event {
    /// Reads an event from JSON.
    pub fn from_json(value: Value) -> Result<Self, Error> {
        serde_json::from_value(value)
    }

    /// Reads an event as a receipt carries it.
    pub fn decode(bytes: &[u8]) -> Result<Self, CodecError> {
        codec::decode(bytes)
    }

    /// The event in JSON.
    pub fn to_json(&self) -> Value {
        json_of(serde_json::to_value(self))
    }
}

fn json_of(value: Result<Value, Error>) -> Value {
    value.expect("messages are made of texts, numbers and lists")
}
