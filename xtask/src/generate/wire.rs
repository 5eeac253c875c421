//! `wire.txt`: the bytes of everything that is stored, sent, hashed or signed: formats, samples and digests.
//!
//! The place of a variant, the order of fields and the domain tags are the format. A line of `wire.txt` that changes is a
//! change of the format for every network that exists; new lines at the end of an enumeration are not.

use anyhow::{Result, anyhow};
use serde::{Serialize, de::DeserializeOwned};
use serde_reflection::{ContainerFormat, Format, Named, Samples, Tracer, TracerConfig, VariantFormat};
use std::fmt::Write;
use tongban_crypto::primitives;
use tongban_kernel::{Module, Role, Table};
use tongban_modules::case_history::Flag;
use tongban_modules::catalogue::{self, Catalogue};
use tongban_modules::evidence::{self, Evidence};
use tongban_modules::history::{self, History};
use tongban_modules::identity::{self, Identity};
use tongban_modules::network::{self, Network};
use tongban_modules::orgs::{self, Orgs};
use tongban_modules::{Call, Event, Query, View};
use tongban_types::genesis::account_of;
use tongban_types::proof::{AbsencePath, Bundle, Claim, Path};
use tongban_types::{
    Block, Digest, Genesis, Header, Outcome, Primitives, Receipt, SignedTx, Suite, codec, domain, proof,
};

/// All formats.
pub fn text() -> Result<String> {
    let modules = [
        module::<Network>(Call::Network, Query::Network, View::Network, Event::Network, |formats| {
            formats.table(&network::MEMBERS)?;
            formats.table(&network::PARAMETERS)?;
            formats.table(&network::CALENDARS)
        })?,
        module::<Identity>(Call::Identity, Query::Identity, View::Identity, Event::Identity, |formats| {
            formats.table(&identity::ACCOUNTS)?;
            formats.table(&identity::KEYS)?;
            formats.enumeration::<identity::AccountKind>()?;
            formats.enumeration::<Role>()
        })?,
        module::<Evidence>(Call::Evidence, Query::Evidence, View::Evidence, Event::Evidence, |formats| {
            formats.table(&evidence::RECORDS)?;
            formats.enumeration::<evidence::Content>()?;
            formats.enumeration::<evidence::ObjectType>()?;
            formats.enumeration::<evidence::Capacity>()?;
            formats.enumeration::<evidence::Finding>()?;
            formats.enumeration::<evidence::WithdrawalReason>()
        })?,
        module::<Catalogue>(Call::Catalogue, Query::Catalogue, View::Catalogue, Event::Catalogue, |formats| {
            formats.table(&catalogue::ITEMS)?;
            formats.table(&catalogue::VERSIONS)?;
            formats.enumeration::<catalogue::ItemType>()?;
            formats.enumeration::<catalogue::BodyNature>()?;
            formats.enumeration::<catalogue::Level>()?;
            formats.enumeration::<catalogue::Served>()?;
            formats.enumeration::<catalogue::CaseKind>()?;
            formats.enumeration::<catalogue::DayUnit>()?;
            formats.enumeration::<catalogue::HandleType>()?;
            formats.enumeration::<catalogue::OnlineDepth>()?;
            formats.enumeration::<catalogue::HandleArea>()?;
            formats.enumeration::<catalogue::OutcomeKind>()?;
            formats.enumeration::<catalogue::Need>()?;
            formats.enumeration::<catalogue::Originality>()?;
            formats.enumeration::<catalogue::MaterialFormat>()?;
            formats.enumeration::<catalogue::MaterialSource>()?;
            formats.enumeration::<catalogue::StepKind>()?;
            formats.enumeration::<catalogue::OnRejection>()?;
            formats.enumeration::<catalogue::Silence>()?;
            formats.enumeration::<catalogue::Stake>()?;
            formats.enumeration::<catalogue::Anomaly>()
        })?,
        module::<Orgs>(Call::Orgs, Query::Orgs, View::Orgs, Event::Orgs, |formats| {
            formats.table(&orgs::DEPARTMENTS)?;
            formats.table(&orgs::OFFICERS)?;
            formats.table(&orgs::PAST_APPOINTMENTS)?;
            formats.table(&orgs::PROPOSALS)?;
            formats.enumeration::<Role>()?;
            formats.enumeration::<orgs::Level>()?;
            formats.enumeration::<orgs::Status>()?;
            formats.enumeration::<orgs::EndCause>()?;
            formats.enumeration::<orgs::Standing>()?;
            formats.enumeration::<orgs::Change>()?;
            formats.enumeration::<orgs::Proposed>()
        })?,
        module::<History>(Call::History, Query::History, View::History, Event::History, |formats| {
            formats.table(&history::CASES)?;
            formats.table(&history::STEPS)?;
            formats.enumeration::<Flag>()
        })?,
    ];
    anyhow::ensure!(
        modules.len() == tongban_modules::specs().len(),
        "a module is missing in xtask/src/generate/wire.rs"
    );
    let head = "Made by `cargo xtask generate`. Do not edit. A changed line is a changed format (BCS).\n";
    Ok([head, &core()?, &modules.concat()].concat())
}

/// What all modules share.
fn core() -> Result<String> {
    let mut formats = Formats::new();
    formats.sample::<SignedTx>()?;
    formats.sample::<Header>()?;
    formats.sample::<Block>()?;
    formats.sample::<Receipt>()?;
    formats.sample::<Genesis>()?;
    formats.sample::<Bundle>()?;
    formats.samples::<Outcome>()?;
    formats.samples::<Claim>()?;
    formats.samples::<Path>()?;
    formats.samples::<AbsencePath>()?;
    formats.enumeration::<proof::Format>()?;
    formats.enumeration::<Suite>()?;
    for suite in [Suite::Sm, Suite::Intl] {
        formats.digests(primitives(suite))?;
    }
    formats.text("core")
}

/// The formats of one module; `records` adds its tables and the enumerations inside its messages.
fn module<M: Module>(
    call: fn(M::Call) -> Call,
    query: fn(M::Query) -> Query,
    view: fn(M::View) -> View,
    event: fn(M::Event) -> Event,
    records: fn(&mut Formats) -> Result<()>,
) -> Result<String> {
    let mut formats = Formats::new();
    records(&mut formats)?;
    formats.messages("call", call)?;
    formats.messages("query", query)?;
    formats.messages("view", view)?;
    formats.messages("event", event)?;
    formats.text(M::NAME)
}

/// Formats and samples as they are found.
struct Formats {
    tracer: Tracer,
    tables: String,
    samples: String,
}

/// Values that cannot be read backwards or taken for nothing.
fn telling_values() -> TracerConfig {
    TracerConfig::default()
        .default_u8_value(7)
        .default_u16_value(0x0102)
        .default_u32_value(0x0102_0304)
        .default_u64_value(0x0102_0304_0506) // a valid time, too
        .default_string_value("证".to_owned())
        .default_borrowed_bytes_value(&[0xA, 0xB])
}

impl Formats {
    fn new() -> Self {
        Self { tracer: Tracer::new(telling_values()), tables: String::new(), samples: String::new() }
    }

    fn trace<T: DeserializeOwned>(&mut self) -> Result<(Format, Vec<T>)> {
        let name = std::any::type_name::<T>();
        self.tracer.trace_type::<T>(&Samples::new()).map_err(|error| anyhow!("tracing {name}: {error}"))
    }

    /// An enumeration inside other types; every one must be named, so that all its variants are seen.
    fn enumeration<T: DeserializeOwned>(&mut self) -> Result<()> {
        self.trace::<T>().map(drop)
    }

    fn table<K, V>(&mut self, table: &Table<K, V>) -> Result<()>
    where
        K: Serialize + DeserializeOwned,
        V: Serialize + DeserializeOwned,
    {
        let (key, _) = self.trace::<K>()?;
        let (value, records) = self.trace::<V>()?;
        let _ = writeln!(self.tables, "table {}\n  {} -> {}", table.name(), of(&key), of(&value));
        for record in &records {
            self.add_sample(&format!("record of {}", table.name()), record)?;
        }
        Ok(())
    }

    /// A sample of each message, in the enumeration of all modules, as a transaction or a receipt carries it.
    fn messages<T: DeserializeOwned, A: Serialize>(&mut self, kind: &str, wrap: fn(T) -> A) -> Result<()> {
        for message in self.trace::<T>()?.1 {
            self.add_sample(kind, &wrap(message))?;
        }
        Ok(())
    }

    fn sample<T: Serialize + DeserializeOwned>(&mut self) -> Result<()> {
        self.samples::<T>()
    }

    /// A sample of each variant.
    fn samples<T: Serialize + DeserializeOwned>(&mut self) -> Result<()> {
        let name = std::any::type_name::<T>().rsplit("::").next().unwrap_or_default();
        for value in self.trace::<T>()?.1 {
            self.add_sample(name, &value)?;
        }
        Ok(())
    }

    fn add_sample<T: Serialize>(&mut self, title: &str, value: &T) -> Result<()> {
        let json = serde_json::to_string(value)?;
        let _ = writeln!(self.samples, "{title}\n  json {json}\n  bcs  {}", hex::encode(codec::encode(value)));
        Ok(())
    }

    /// What is hashed for identifiers and signatures, domain tags included.
    fn digests(&mut self, primitives: &'static dyn Primitives) -> Result<()> {
        let genesis = one::<Genesis>()?;
        let header = one::<Header>()?;
        let signed = one::<SignedTx>()?;
        let named: [(&str, Digest); 5] = [
            ("network of the genesis", genesis.network(primitives)),
            ("header", header.digest(primitives)),
            ("transaction", signed.tx.id(primitives)),
            ("validator set", genesis.validators.digest(primitives)),
            ("state key of table a/b, key 07", domain::state_key(primitives, "a/b", &[7])),
        ];
        let suite = primitives.suite();
        for (name, digest) in named {
            let _ = writeln!(self.samples, "digest, suite {suite}: {name}\n  {digest}");
        }
        let account = account_of(&signed.tx.key, primitives);
        let _ = writeln!(self.samples, "account of the transaction's key, suite {suite}\n  {account}");
        Ok(())
    }

    fn text(self, title: &str) -> Result<String> {
        let unseen = |error| anyhow!("name each enumeration in xtask/src/generate/wire.rs: {error}");
        let registry = self.tracer.registry().map_err(unseen)?;
        let mut text = format!("\n== {title} ==\n\n{}", self.tables);
        for (name, format) in &registry {
            let _ = match format {
                ContainerFormat::UnitStruct => writeln!(text, "struct {name}"),
                ContainerFormat::NewTypeStruct(inner) => writeln!(text, "struct {name}({})", of(inner)),
                ContainerFormat::TupleStruct(fields) => writeln!(text, "struct {name}({})", list(fields)),
                ContainerFormat::Struct(fields) => writeln!(text, "struct {name}{}", block(fields)),
                ContainerFormat::Enum(variants) => {
                    let variants =
                        variants.iter().map(|(place, variant)| format!("\n  {place} {}", of_variant(variant)));
                    writeln!(text, "enum {name}{}", variants.collect::<String>())
                }
            };
        }
        Ok(text + "\n" + &self.samples)
    }
}

/// The first sample of a type, the same each time.
fn one<T: DeserializeOwned>() -> Result<T> {
    let traced = Tracer::new(telling_values()).trace_type_once::<T>(&Samples::new());
    traced.map(|(_, value)| value).map_err(|error| anyhow!("tracing a sample: {error}"))
}

fn of(format: &Format) -> String {
    match format {
        Format::TypeName(name) => name.clone(),
        Format::Unit => "()".to_owned(),
        Format::Option(inner) => format!("option {}", of(inner)),
        Format::Seq(inner) => format!("[{}]", of(inner)),
        Format::Map { key, value } => format!("map {} -> {}", of(key), of(value)),
        Format::Tuple(parts) if parts.len() > 1 && parts.iter().all(|part| *part == parts[0]) => {
            format!("[{}; {}]", of(&parts[0]), parts.len())
        }
        Format::Tuple(parts) => format!("({})", list(parts)),
        Format::TupleArray { content, size } => format!("[{}; {size}]", of(content)),
        plain => format!("{plain:?}").to_lowercase(),
    }
}

fn list(formats: &[Format]) -> String {
    formats.iter().map(of).collect::<Vec<_>>().join(", ")
}

fn block(fields: &[Named<Format>]) -> String {
    fields.iter().map(|field| format!("\n    {}: {}", field.name, of(&field.value))).collect()
}

fn of_variant(variant: &Named<VariantFormat>) -> String {
    let name = &variant.name;
    match &variant.value {
        VariantFormat::NewType(inner) => format!("{name}({})", of(inner)),
        VariantFormat::Tuple(fields) => format!("{name}({})", list(fields)),
        VariantFormat::Struct(fields) => format!("{name}{}", block(fields)),
        VariantFormat::Unit | VariantFormat::Variable(_) => name.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::Deserialize;

    #[derive(Serialize, Deserialize)]
    enum Kind {
        One,
        Two { value: u16 },
    }

    #[derive(Serialize, Deserialize)]
    enum Swapped {
        Two { value: u16 },
        One,
    }

    fn text_of<T: Serialize + DeserializeOwned>() -> String {
        let mut formats = Formats::new();
        formats.samples::<T>().expect("the type can be traced");
        formats.text("test").expect("all variants were seen")
    }

    #[test]
    fn the_place_of_a_variant_is_recorded() {
        let text = text_of::<Kind>();
        assert!(text.contains("enum Kind\n  0 One\n  1 Two\n    value: u16\n"), "{text}");
        assert!(text.contains("Kind\n  json {\"Two\":{\"value\":258}}\n  bcs  010201\n"), "{text}");
        assert!(text_of::<Swapped>().contains("  0 Two\n"));
    }

    #[test]
    fn an_enumeration_that_is_not_named_is_an_error() {
        #[derive(Serialize, Deserialize)]
        struct Outer {
            kind: Kind,
        }
        let mut formats = Formats::new();
        formats.sample::<Outer>().expect("the type can be traced");
        let error = formats.text("test").expect_err("one variant was not seen");
        assert!(error.to_string().contains("name each enumeration"));
    }
}
