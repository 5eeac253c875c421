//! `wire.txt`: the bytes of everything that is stored, sent, hashed or signed: formats, samples and digests.
//!
//! The place of a variant, the order of fields and the domain tags are the format. A line of `wire.txt` that changes is a
//! change of the format for every network that exists; new lines at the end of an enumeration are not.

use anyhow::{Result, anyhow};
use serde::{Serialize, de::DeserializeOwned};
use serde_reflection::{ContainerFormat, Format, Named, Samples, Tracer, TracerConfig, VariantFormat};
use std::fmt::{Debug, Write};
use std::str::FromStr;
use tongban_crypto::primitives;
use tongban_kernel::{Module, Role, Table};
use tongban_modules::case_history::Flag;
use tongban_modules::cases::{self, Cases};
use tongban_modules::catalogue::{self, Catalogue};
use tongban_modules::evidence::{self, Evidence};
use tongban_modules::history::{self, History};
use tongban_modules::identity::{self, Identity};
use tongban_modules::licences::{self, Licences};
use tongban_modules::network::{self, Network};
use tongban_modules::orgs::{self, Orgs};
use tongban_modules::representation::{self, Representation};
use tongban_modules::sharing::{self, Sharing};
use tongban_modules::{Act, Call, Event, Query, View, held, prefill};
use tongban_modules::{
    cards, case_entries, case_facts, case_papers, case_ratings, case_reasons, case_records, case_states, clocks, flow,
};
use tongban_types::block::{HEADER_VERSION, LogRange};
use tongban_types::codes::{
    CaseNumber, DivisionCode, LicenceIdentifier, LicenceTypeCode, LongDivisionCode, UnifiedSocialCreditCode,
};
use tongban_types::genesis::account_of;
use tongban_types::merkle::{self, Way};
use tongban_types::proof::{AbsencePath, Bundle, Claim, Path, Slip, SlipParts};
use tongban_types::validators::SignatureBy;
use tongban_types::{
    Blob, Block, Certificate, Digest, Genesis, Header, List, Outcome, Primitives, Receipt, Signature, SignedTx, Suite,
    codec, domain, proof,
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
            formats.table(&identity::HOLDERS)?;
            formats.table(&identity::PSEUDONYMS)?;
            formats.table(&identity::COMPANIES)?;
            formats.table(&identity::RECOVERIES)?;
            formats.table(&identity::AUTHORITIES)?;
            formats.table(&identity::POLICY)?;
            formats.table(&identity::PROPOSALS)?;
            formats.table(&identity::PREDECESSORS)?;
            formats.enumeration::<identity::AccountKind>()?;
            formats.enumeration::<Role>()?;
            formats.enumeration::<identity::EndingKind>()?;
            formats.enumeration::<identity::Status>()?;
            formats.enumeration::<identity::AssuranceLevel>()?;
            formats.enumeration::<identity::Subject>()?;
            formats.enumeration::<identity::Presented>()?;
            formats.enumeration::<identity::Reverification>()?;
            formats.enumeration::<identity::Channel>()?;
            formats.enumeration::<identity::ClosingKind>()?;
            formats.enumeration::<identity::Proposed>()?;
            formats.enumeration::<identity::Correction>()?;
            formats.enumeration::<identity::FreezeReason>()?;
            formats.table(&identity::AUTHORITY_COUNT)?;
            formats.enumeration::<identity::Side>()?;
            formats.enumeration::<identity::Ruling>()?;
            formats.messages("act", Act::Identity)
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
            formats.table(&catalogue::PROPOSALS)?;
            formats.table(&catalogue::AGENDAS)?;
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
            formats.enumeration::<catalogue::Assurance>()?;
            formats.enumeration::<catalogue::SensitiveMatter>()?;
            formats.enumeration::<catalogue::SpecialProcedure>()?;
            formats.enumeration::<catalogue::StatutoryClock>()?;
            formats.enumeration::<catalogue::Change>()?;
            formats.enumeration::<catalogue::ChangeKind>()?;
            formats.enumeration::<catalogue::Anomaly>()
        })?,
        module::<Licences>(Call::Licences, Query::Licences, View::Licences, Event::Licences, |formats| {
            formats.enumeration::<identity::EndingKind>()?;
            formats.enumeration::<licences::ChangeKind>()?;
            formats.enumeration::<licences::SourceState>()?;
            formats.enumeration::<licences::Status>()?;
            formats.enumeration::<licences::Holder>()?;
            formats.enumeration::<licences::SupersessionCause>()?;
            formats.enumeration::<licences::Anomaly>()?;
            formats.enumeration::<licences::IssuerStanding>()?;
            formats.enumeration::<licences::FieldKind>()?;
            formats.enumeration::<licences::Validity>()?;
            formats.enumeration::<licences::Issuers>()?;
            formats.enumeration::<licences::CodeStandard>()?;
            formats.enumeration::<licences::CopyRight>()?;
            formats.enumeration::<licences::SurrenderOutcome>()?;
            formats.enumeration::<identity::Capacity>()?;
            formats.table(&licences::TYPES)?;
            formats.table(&licences::TYPE_VERSIONS)?;
            formats.table(&licences::LICENCES)?;
            formats.table(&licences::SERIALS)?;
            formats.table(&licences::HELD)?;
            formats.table(&licences::CASES)?;
            formats.table(&licences::COPIES)?;
            formats.table(&licences::SURRENDERS)
        })?,
        module::<Representation>(
            Call::Representation,
            Query::Representation,
            View::Representation,
            Event::Representation,
            |formats| {
                formats.table(&representation::REPRESENTATIVES)?;
                formats.table(&representation::GUARDIANS)?;
                formats.table(&representation::AGENCIES)?;
                formats.table(&representation::BETWEEN)?;
                formats.table(&representation::ESTATES)?;
                formats.enumeration::<representation::AgentAct>()?;
                formats.enumeration::<representation::Capacity>()?;
                formats.enumeration::<representation::AgencyEndKind>()
            },
        )?,
        module::<Sharing>(Call::Sharing, Query::Sharing, View::Sharing, Event::Sharing, |formats| {
            formats.table(&sharing::CONSENTS)?;
            formats.table(&sharing::CANDIDATES)?;
            formats.table(&sharing::ACCESSES)?;
            formats.table(&sharing::CORRECTIONS)?;
            formats.table(&sharing::OPEN_CORRECTIONS)?;
            formats.table(&sharing::TERMS)?;
            formats.enumeration::<sharing::Act>()?;
            formats.enumeration::<sharing::Fields>()?;
            formats.enumeration::<sharing::Purpose>()?;
            formats.enumeration::<sharing::Uses>()?;
            formats.enumeration::<sharing::Ground>()?;
            formats.enumeration::<sharing::LegalGround>()?;
            formats.enumeration::<sharing::CorrectionReason>()?;
            formats.enumeration::<sharing::Answer>()?;
            formats.enumeration::<identity::Capacity>()?;
            formats.enumeration::<held::Target>()?;
            formats.enumeration::<prefill::Obstacle>()
        })?,
        module::<History>(Call::History, Query::History, View::History, Event::History, |formats| {
            formats.table(&history::CASES)?;
            formats.table(&history::STEPS)?;
            formats.enumeration::<Flag>()
        })?,
        module::<Orgs>(Call::Orgs, Query::Orgs, View::Orgs, Event::Orgs, |formats| {
            formats.table(&orgs::DEPARTMENTS)?;
            formats.table(&orgs::OFFICERS)?;
            formats.table(&orgs::PAST_APPOINTMENTS)?;
            formats.table(&orgs::PROPOSALS)?;
            formats.table(&orgs::OFFERS)?;
            formats.table(&orgs::DIVISIONS)?;
            formats.table(&orgs::RESPONSIBILITIES)?;
            formats.enumeration::<Role>()?;
            formats.enumeration::<orgs::Level>()?;
            formats.enumeration::<orgs::Status>()?;
            formats.enumeration::<orgs::EndCause>()?;
            formats.enumeration::<orgs::Standing>()?;
            formats.enumeration::<orgs::DivisionKind>()?;
            formats.enumeration::<orgs::DivisionValidity>()?;
            formats.enumeration::<orgs::DivisionAmendment>()?;
            formats.enumeration::<orgs::Change>()?;
            formats.enumeration::<orgs::Safeguard>()?;
            formats.enumeration::<orgs::Proposed>()
        })?,
        module::<Cases>(Call::Cases, Query::Cases, View::Cases, Event::Cases, |formats| {
            formats.enumeration::<identity::AssuranceLevel>()?;
            formats.enumeration::<case_states::Stage>()?;
            formats.enumeration::<case_records::Crossing>()?;
            formats.enumeration::<case_records::How>()?;
            formats.enumeration::<case_records::ProcedureKind>()?;
            formats.enumeration::<case_records::Produced>()?;
            formats.enumeration::<case_records::DeliveryWay>()?;
            formats.enumeration::<case_records::RatingLevel>()?;
            formats.enumeration::<case_records::Subject>()?;
            formats.enumeration::<licences::Status>()?;
            formats.enumeration::<case_papers::PaperKind>()?;
            formats.enumeration::<case_ratings::RatingChannel>()?;
            formats.enumeration::<case_records::Loss>()?;
            formats.enumeration::<case_entries::Entered>()?;
            formats.enumeration::<flow::StepOutcome>()?;
            formats.enumeration::<clocks::Phase>()?;
            formats.enumeration::<cards::Card>()?;
            formats.enumeration::<cards::Limit>()?;
            formats.enumeration::<cards::Threshold>()?;
            formats.enumeration::<case_facts::FactValue>()?;
            formats.enumeration::<cases::Ruling>()?;
            formats.enumeration::<cases::PaperAct>()?;
            formats.enumeration::<case_reasons::Cause>()?;
            formats.enumeration::<case_reasons::Owner>()?;
            formats.enumeration::<case_reasons::StepCause>()?;
            formats.enumeration::<catalogue::HandleType>()?;
            formats.enumeration::<catalogue::DayUnit>()?;
            formats.enumeration::<identity::Capacity>()?;
            formats.enumeration::<orgs::Standing>()?;
            formats.enumeration::<Role>()?;
            formats.table(&cases::CASES)?;
            formats.table(&cases::FILINGS)?;
            formats.table(&cases::STEPS)?;
            formats.table(&cases::SEQUENCES)?;
            formats.table(&cases::RULES)?;
            formats.table(&cases::BROKEN_PROMISES)?;
            formats.table(&cases::DEEMED_RENEWALS)?;
            formats.table(&cases::PAPER_SEQUENCES)?;
            formats.table(&cases::PAPERS)?;
            formats.table(&cases::SUPERVISIONS)?;
            formats.table(&cases::LED)?;
            formats.messages("act", Act::Cases)
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
        formats.slip(primitives(suite))?;
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
    codes: Samples,
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

/// A valid one of each code that records and messages hold: no other text would be read as one.
fn known_codes(tracer: &mut Tracer, codes: &mut Samples) -> serde_reflection::Result<()> {
    fn known<T: Serialize + FromStr<Err: Debug>>(
        text: &str,
        tracer: &mut Tracer,
        codes: &mut Samples,
    ) -> serde_reflection::Result<()> {
        let code: T = text.parse().expect("a published example");
        tracer.trace_value(codes, &code).map(drop)
    }
    known::<UnifiedSocialCreditCode>("91350100M000100Y43", tracer, codes)?;
    known::<DivisionCode>("440115", tracer, codes)?;
    known::<LongDivisionCode>("440115001002", tracer, codes)?;
    known::<LicenceTypeCode>("11100000000013338W001", tracer, codes)?;
    known::<LicenceIdentifier>(
        "1.2.156.3005.2.11100000000013338W011.11430000006122244L.20230000403.001.U",
        tracer,
        codes,
    )?;
    known::<CaseNumber>("20220623000068", tracer, codes)
}

impl Formats {
    fn new() -> Self {
        let (mut tracer, mut codes) = (Tracer::new(telling_values()), Samples::new());
        known_codes(&mut tracer, &mut codes).expect("codes are texts");
        Self { tracer, codes, tables: String::new(), samples: String::new() }
    }

    fn trace<T: DeserializeOwned>(&mut self) -> Result<(Format, Vec<T>)> {
        let name = std::any::type_name::<T>();
        self.tracer.trace_type::<T>(&self.codes).map_err(|error| anyhow!("tracing {name}: {error}"))
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

    /// A slip has a form of its own (`proof::slip`), so a sample with every part is what is recorded of it.
    fn slip(&mut self, primitives: &'static dyn Primitives) -> Result<()> {
        let genesis = one::<Genesis>()?;
        let (network, validators) = (genesis.network(primitives), &genesis.validators);
        let first = validators.validators().first().ok_or_else(|| anyhow!("the sample has no validator"))?;
        let traced = one::<Header>()?;
        let mut header = Header {
            version: HEADER_VERSION,
            network,
            epoch: 0,
            view: traced.parent_view + 1,
            proposer: first.key.clone(),
            event_range: LogRange { root: traced.event_root, ..traced.event_range.clone() },
            next_validators: validators.digest(primitives),
            ..traced
        };
        let receipt = Receipt {
            number: header.receipts - 3,
            height: header.height,
            time: header.time,
            not_after: header.time.plus_millis(300_000),
            outcome: Outcome::Applied { events: List::new(vec![Blob::new(vec![0xE, 0xF])?])? },
            ..one::<Receipt>()?
        };
        let way = Way { turns: 0b10, siblings: vec![Digest([1; 32]), Digest([2; 32])] };
        header.receipt_root = way.root(primitives, &merkle::leaf_hash(primitives, &codec::encode(&receipt)));
        let child = Header {
            height: header.height + 1,
            time: header.time.plus_millis(1_000),
            view: header.view + 2,
            parent_view: header.view,
            parent: header.digest(primitives),
            receipts: header.receipts + 1,
            receipt_root: Digest([3; 32]),
            ..header.clone()
        };
        let certificate = Certificate {
            epoch: 0,
            view: child.view,
            parent_view: child.parent_view,
            header: child.digest(primitives),
            signatures: List::new(vec![SignatureBy { validator: 0, signature: Signature([4; 64]) }])?,
        };
        let headers = [header, child];
        let disclosed = Blob::new(vec![0xA, 0xB])?;
        let parts = SlipParts { receipt: &receipt, way, headers: &headers, certificate: &certificate, disclosed };
        let slip = Slip::new(primitives, &network, validators, &parts)?;
        let (suite, text, bytes) = (primitives.suite(), slip.to_text(), hex::encode(slip.to_bytes()));
        let _ = writeln!(self.samples, "slip, suite {suite}\n  text  {text}\n  bytes {bytes}");
        Ok(())
    }

    fn text(self, title: &str) -> Result<String> {
        let unseen = |error| anyhow!("name each enumeration in xtask/src/generate/wire.rs: {error}");
        let registry = self.tracer.registry().map_err(unseen)?;
        let entries: Vec<(&String, String)> =
            registry.iter().map(|(name, format)| (name, entry(name, format))).collect();
        // The samples of codes make them known everywhere.
        let is_used = |name: &str| {
            let others = entries.iter().filter(|(other, _)| *other != name).map(|(_, text)| text);
            let mut texts = others.chain([&self.tables]);
            texts.any(|text| text.split(|letter: char| !letter.is_alphanumeric()).any(|word| word == name))
        };
        let mut text = format!("\n== {title} ==\n\n{}", self.tables);
        for (name, entry) in &entries {
            if !matches!(registry[*name], ContainerFormat::NewTypeStruct(_)) || is_used(name) {
                text.push_str(entry);
            }
        }
        Ok(text + "\n" + &self.samples)
    }
}

/// One type.
fn entry(name: &str, format: &ContainerFormat) -> String {
    match format {
        ContainerFormat::UnitStruct => format!("struct {name}\n"),
        ContainerFormat::NewTypeStruct(inner) => format!("struct {name}({})\n", of(inner)),
        ContainerFormat::TupleStruct(fields) => format!("struct {name}({})\n", list(fields)),
        ContainerFormat::Struct(fields) => format!("struct {name}{}\n", block(fields)),
        ContainerFormat::Enum(variants) => {
            let variants = variants.iter().map(|(place, variant)| format!("\n  {place} {}", of_variant(variant)));
            format!("enum {name}{}\n", variants.collect::<String>())
        }
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
