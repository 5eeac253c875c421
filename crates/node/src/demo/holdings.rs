//! What the citizen holds himself, and whether it follows him when his lost key is replaced.
//!
//! Each thing is a record of the ledger. Before the key is lost and after the new one is in, every record is read by a proof that trusts no node,
//! and both readings are compared; then the old key tries to dispose of the things and is refused, and the new key does it.

use super::city::{City, HEALTH_CERTIFICATE, paper};
use super::matter::{facts, random};
use super::people::{People, approval};
use anyhow::Context as _;
use serde::de::DeserializeOwned;
use tongban_modules::case_records::{Crossing, Given, How};
use tongban_modules::case_sources::AnswerSources;
use tongban_modules::cases::{self, Application};
use tongban_modules::catalogue::HandleType;
use tongban_modules::prefill;
use tongban_modules::representation::{self, AgentAct, Mandate};
use tongban_modules::sharing::{self, Purpose, Reading, Uses};
use tongban_modules::{Call, Event, identity, licences};
use tongban_types::codes::{CaseNumber, LicenceIdentifier, LicenceTypeCode};
use tongban_types::{AccountId, ConsentId, Digest, List, codec};

/// How long his consent and his agency last where nobody ends them before.
const LASTING_MILLIS: u64 = 3_600_000;

/// A thing of a person's, by its record on the ledger.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Asset {
    /// Who he is: his pseudonym, which leads to his account.
    Identity(Digest),
    /// A licence that he holds.
    Licence(LicenceIdentifier),
    /// An application of his own that is under way.
    Case(CaseNumber),
    /// A consent that he gave.
    Consent(ConsentId),
    /// An agency that he gave.
    Agency(u64),
    /// His office as the legal representative of the organisation with this account.
    Office(AccountId),
}

impl Asset {
    /// What it is called where it has not followed.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Identity(_) => "identity",
            Self::Licence(_) => "licence",
            Self::Case(_) => "case",
            Self::Consent(_) => "consent",
            Self::Agency(_) => "agency",
            Self::Office(_) => "office",
        }
    }

    /// The table and the encoded key of its record.
    fn place(&self) -> (&'static str, Vec<u8>) {
        match self {
            Self::Identity(pseudonym) => (identity::PSEUDONYMS.name(), codec::encode(pseudonym)),
            Self::Licence(identifier) => (licences::LICENCES.name(), codec::encode(identifier)),
            Self::Case(number) => (cases::CASES.name(), codec::encode(number)),
            Self::Consent(id) => (sharing::CONSENTS.name(), codec::encode(id)),
            Self::Agency(number) => (representation::AGENCIES.name(), codec::encode(number)),
            Self::Office(organisation) => (representation::REPRESENTATIVES.name(), codec::encode(organisation)),
        }
    }

    /// Whether by this record it is the account's, and nothing has ended it.
    fn is_of(&self, account: &AccountId, record: &[u8]) -> bool {
        match self {
            Self::Identity(_) => decoded::<AccountId>(record).is_some_and(|owner| owner == *account),
            Self::Licence(_) => decoded::<licences::Licence>(record)
                .is_some_and(|licence| licence.holder == licences::Holder::Account { account: *account }),
            Self::Case(_) => decoded::<cases::Case>(record)
                .is_some_and(|case| case.applicant == *account && case.ending.is_none() && case.closed_at.is_none()),
            Self::Consent(_) => decoded::<sharing::Consent>(record)
                .is_some_and(|consent| consent.reading.person == *account && consent.withdrawal.is_none()),
            Self::Agency(_) => decoded::<representation::Agency>(record)
                .is_some_and(|agency| agency.principal == *account && agency.end.is_none()),
            Self::Office(_) => decoded::<representation::Representatives>(record)
                .is_some_and(|representatives| representatives.persons.contains(account)),
        }
    }

    /// Whether it was the account's before, and is so afterwards, word for word.
    fn follows(&self, account: &AccountId, before: Option<&[u8]>, after: Option<&[u8]>) -> bool {
        before.is_some_and(|before| after == Some(before) && self.is_of(account, before))
    }
}

fn decoded<T: DeserializeOwned>(record: &[u8]) -> Option<T> {
    codec::decode(record).ok()
}

/// What the citizen holds, as it was proven before his key was lost.
pub struct Holdings {
    account: AccountId,
    assets: Vec<(Asset, Option<Vec<u8>>)>,
    /// What only he may do with them: withdraw his application and his consent, and revoke the agency.
    pub disposal: Vec<Call>,
}

impl Holdings {
    /// The citizen applies for a second shop in his own name, lets the approval bureau read his health certificate and his company receive
    /// what is meant for him; then all that he holds is read.
    pub async fn acquire(city: &City<'_>, people: &People, licence: LicenceIdentifier) -> anyhow::Result<Self> {
        let now = city.cluster.client(2).status().await?.time.context("the node has no time yet")?;
        let consent = ConsentId(random());
        let calls = acquisition(city, people, &licence, consent, now.plus_millis(LASTING_MILLIS))?;
        let done = city.act_as(&people.citizen(city)?, 2, &calls).await?;
        let case = done.events.iter().find_map(|event| match event {
            Event::Cases(cases::Event::Filed { case, .. }) => Some(case.clone()),
            _ => None,
        });
        let agency = done.events.iter().find_map(|event| match event {
            Event::Representation(representation::Event::AgentNamed { agency, .. }) => Some(*agency),
            _ => None,
        });
        let (case, agency) = case.zip(agency).context("a case and an agency have numbers")?;
        let disposal = vec![
            Call::Cases(cases::Call::Withdraw { case: case.clone() }),
            Call::Sharing(sharing::Call::WithdrawConsent { id: consent }),
            Call::Representation(representation::Call::RevokeAgency { agency }),
        ];
        let mut assets = Vec::new();
        for asset in [
            Asset::Identity(people.pseudonym(city)?),
            Asset::Licence(licence),
            Asset::Case(case),
            Asset::Consent(consent),
            Asset::Agency(agency),
            Asset::Office(people.company),
        ] {
            let record = read(city, &asset, done.receipt.height).await?;
            assets.push((asset, record));
        }
        Ok(Self { account: people.citizen, assets, disposal })
    }

    /// How many things are compared.
    pub fn count(&self) -> u64 {
        self.assets.len() as u64
    }

    /// What has not followed to the account as the ledger stands at this height or later, by name.
    pub async fn lost(&self, city: &City<'_>, height: u64) -> anyhow::Result<Vec<&'static str>> {
        let mut lost = Vec::new();
        for (asset, before) in &self.assets {
            let after = read(city, asset, height).await?;
            if !asset.follows(&self.account, before.as_deref(), after.as_deref()) {
                lost.push(asset.name());
            }
        }
        Ok(lost)
    }
}

async fn read(city: &City<'_>, asset: &Asset, height: u64) -> anyhow::Result<Option<Vec<u8>>> {
    let (table, key) = asset.place();
    Ok(city.proven(3, table, &key, height).await?.record)
}

fn acquisition(
    city: &City<'_>,
    people: &People,
    licence: &LicenceIdentifier,
    consent: ConsentId,
    until: tongban_types::Time,
) -> anyhow::Result<[Call; 3]> {
    let application = Application {
        item: city.item.clone(),
        applicant: people.citizen,
        channel: HandleType::Online,
        crossing: Crossing::None,
        place: None,
        facts: facts()?,
        form: paper(city, "以个人名义另开一家小店的申请表"),
        materials: List::new(vec![Given { material: 1, how: How::Licence { licence: licence.clone() } }])?,
        gap_promise: None,
        renews: None,
        sources: AnswerSources::default(),
    };
    let reading = Reading {
        person: people.citizen,
        receiver: approval()?,
        purpose: Purpose::Application,
        item: city.item.clone(),
    };
    let health: LicenceTypeCode = HEALTH_CERTIFICATE.parse()?;
    let sources = prefill::sources(&city.definition).into_iter().flat_map(List::into_vec);
    let sources = List::new(sources.filter(|source| source.licence_type == health).collect())?;
    let mandate = Mandate { items: None, acts: Some(List::new(vec![AgentAct::Receive])?), from: None, until };
    Ok([
        Call::Cases(cases::Call::File { application: Box::new(application) }),
        Call::Sharing(sharing::Call::GiveConsent { id: consent, reading, sources, uses: Uses::Repeatedly, until }),
        Call::Representation(representation::Call::NameAgent {
            principal: people.citizen,
            agent: people.company,
            mandate,
        }),
    ])
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::Serialize;
    use tongban_modules::representation::{Agency, AgencyEnd, AgencyEndKind, Capacity, Representatives};
    use tongban_modules::sharing::{Consent, Withdrawal};
    use tongban_types::{Text, Time};

    const OWNER: AccountId = AccountId([1; 16]);
    const STRANGER: AccountId = AccountId([2; 16]);

    fn at() -> Time {
        "2026-11-22T08:00:00Z".parse().expect("a time")
    }

    fn agency(principal: AccountId, is_ended: bool) -> Agency {
        let (kind, capacity) = (AgencyEndKind::Revoked, Capacity::Oneself);
        let end = AgencyEnd { kind, by: principal, capacity, at: at(), receipt: 9 };
        Agency {
            version: 1,
            principal,
            agent: AccountId([3; 16]),
            mandate: Mandate { items: None, acts: None, from: None, until: Time::MAX },
            given_by: principal,
            given_as: Capacity::Oneself,
            given_at: at(),
            end: is_ended.then_some(end),
        }
    }

    fn consent(person: AccountId, is_withdrawn: bool) -> Consent {
        let department = "11519900MB9012235G".parse().expect("a code");
        let item = Text::new("11519900MB9012235G3510131001000").expect("a code");
        let reading = Reading { person, receiver: department, purpose: Purpose::Application, item };
        let withdrawal = Withdrawal { by: person, capacity: Capacity::Oneself, at: at(), receipt: 9 };
        Consent {
            version: 1,
            reading,
            sources: List::default(),
            uses: Uses::Once,
            until: Time::MAX,
            given_by: person,
            capacity: Capacity::Oneself,
            given_at: at(),
            receipt: 7,
            withdrawal: is_withdrawn.then_some(withdrawal),
        }
    }

    fn office(person: AccountId, receipt: u64) -> Representatives {
        Representatives {
            version: 1,
            persons: List::new(vec![person]).expect("one"),
            department: "11519900MB9014337T".parse().expect("a code"),
            officer: AccountId([4; 16]),
            papers: Digest([5; 32]),
            since: at(),
            receipt,
        }
    }

    /// Held before: by its owner as it was, by its owner with a change, and by somebody else.
    fn cases_of<T: Serialize>(asset: Asset, held: &T, changed: &T, of_stranger: &T) -> (Asset, [Vec<u8>; 3]) {
        (asset, [codec::encode(held), codec::encode(changed), codec::encode(of_stranger)])
    }

    #[test]
    fn a_thing_follows_only_as_it_was_and_to_whom_it_belonged() {
        for (asset, [held, changed, of_stranger]) in [
            cases_of(Asset::Identity(Digest([6; 32])), &OWNER, &STRANGER, &STRANGER),
            cases_of(Asset::Agency(8), &agency(OWNER, false), &agency(OWNER, true), &agency(STRANGER, false)),
            cases_of(
                Asset::Consent(ConsentId([7; 16])),
                &consent(OWNER, false),
                &consent(OWNER, true),
                &consent(STRANGER, false),
            ),
            cases_of(Asset::Office(AccountId([3; 16])), &office(OWNER, 7), &office(OWNER, 8), &office(STRANGER, 7)),
        ] {
            let name = asset.name();
            let follows = |before: Option<&[u8]>, after: Option<&[u8]>| asset.follows(&OWNER, before, after);
            assert!(follows(Some(&held), Some(&held)), "{name}: it is as it was");
            for (before, after, what) in [
                (Some(&held), None, "it is gone"),
                (None, Some(&held), "it was not held before"),
                (None, None, "there was nothing to compare"),
                (Some(&held), Some(&changed), "it was changed on the way"),
                (Some(&held), Some(&of_stranger), "it went to somebody else"),
                (Some(&of_stranger), Some(&of_stranger), "it was never his"),
            ] {
                let (before, after) = (before.map(Vec::as_slice), after.map(Vec::as_slice));
                assert!(!follows(before, after), "{name}: {what}");
            }
        }
    }

    #[test]
    fn a_thing_that_was_over_before_is_nothing_that_could_follow() {
        for (asset, over) in [
            (Asset::Agency(8), codec::encode(&agency(OWNER, true))),
            (Asset::Consent(ConsentId([7; 16])), codec::encode(&consent(OWNER, true))),
        ] {
            assert!(!asset.follows(&OWNER, Some(&over), Some(&over)), "{}", asset.name());
        }
    }
}
