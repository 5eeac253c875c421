//! The calls of each leg. Pure but for random commitments: what stands behind them is nobody's business here.

use super::setting::Setting;
use super::{Leg, REVIEWS};
use crate::random::rng;
use anyhow::Context;
use rand_core::Rng;
use tongban_modules::Call;
use tongban_modules::case_facts::{Fact, FactValue, Facts};
use tongban_modules::case_records::{Crossing, DeliveryWay, Given, How, Produced};
use tongban_modules::case_sources::AnswerSources;
use tongban_modules::cases::{Application, Call as CaseCall, Ruling};
use tongban_modules::catalogue::HandleType;
use tongban_modules::licences::{Call as LicenceCall, Content, Holder, LicenceSource, Metadata, Period, SourceState};
use tongban_types::codes::{CaseNumber, LicenceIdentifier, LicenceIssuer};
use tongban_types::licence_face::FaceRoot;
use tongban_types::{AccountId, Digest, List, Text, Time};

/// The area in square metres that is applied for: large enough for all materials to be needed.
const AREA: i64 = 400;
/// A licence is valid from a little later on, so that it does not begin yesterday where midnight comes between signing and block.
const BEGINNING_MILLIS: u64 = 600_000;
/// How old an older system's word is, so that it is never later than the block.
const SOURCE_AGE_MILLIS: u64 = 60_000;

/// A case as its officers see it.
pub struct Papers<'a> {
    /// The number of the case.
    pub case: &'a CaseNumber,
    /// The number of the journey, from which the licence gets its own.
    pub journey: usize,
    /// Whose case it is.
    pub applicant: AccountId,
    /// The clock of the officers.
    pub now: Time,
}

/// A commitment that nobody can open.
fn commitment() -> Digest {
    let mut bytes = [0; 32];
    rng().fill_bytes(&mut bytes);
    Digest(bytes)
}

impl Setting {
    /// An application for oneself.
    pub fn file(&self, applicant: AccountId) -> anyhow::Result<Call> {
        let materials = 0..u8::try_from(self.file.item.materials.len()).context("an item has at most 64 materials")?;
        let given = |material: u8| Given { material, how: How::Electronic { commitment: commitment() } };
        let area = Fact { field: Text::new("area")?, value: FactValue::Number(AREA) };
        let application = Application {
            item: self.file.code.clone(),
            applicant,
            channel: HandleType::Online,
            crossing: Crossing::None,
            place: None,
            facts: Facts::new(vec![area])?,
            form: commitment(),
            materials: List::new(materials.map(given).collect())?,
            gap_promise: None,
            renews: None,
            sources: AnswerSources::default(),
        };
        Ok(Call::Cases(CaseCall::File { application: Box::new(application) }))
    }

    /// The calls of a leg behind the application, in the order in which they are made.
    pub fn calls(&self, leg: Leg, papers: &Papers) -> anyhow::Result<Vec<Call>> {
        let case = papers.case.clone();
        Ok(match leg {
            Leg::File => vec![self.file(papers.applicant)?],
            Leg::Accept => {
                vec![Call::Cases(CaseCall::Receive { case: case.clone() }), Call::Cases(CaseCall::Accept { case })]
            }
            Leg::Review(place) => {
                let step = self.reviews.get(place).with_context(|| format!("there are {REVIEWS} reviews"))?;
                let opinion = Some(commitment());
                vec![Call::Cases(CaseCall::FinishStep { case, step: step.name.clone(), passed: true, opinion })]
            }
            Leg::Decide => vec![Call::Cases(CaseCall::Decide {
                case,
                step: self.decision.clone(),
                ruling: Ruling::Grant,
                reasons: Text::new("符合条件")?,
                remedies: Text::default(),
                opinion: Some(commitment()),
            })],
            Leg::Issue => self.issue(case, papers)?,
            Leg::Deliver => {
                let step = Some(self.delivery.clone());
                let deliver = CaseCall::Deliver {
                    case: case.clone(),
                    step,
                    way: DeliveryWay::Online,
                    waybill: None,
                    receiver: None,
                };
                vec![Call::Cases(deliver), Call::Cases(CaseCall::Close { case })]
            }
        })
    }

    /// Issues the licence and records it in the case, both or neither.
    fn issue(&self, case: CaseNumber, papers: &Papers) -> anyhow::Result<Vec<Call>> {
        let identifier = self.identifier("J", papers.journey)?;
        let content = content(Period { from: Some(papers.now.plus_millis(BEGINNING_MILLIS)), until: None });
        let issue = LicenceCall::Issue {
            identifier: identifier.clone(),
            case: Some(case.clone()),
            holder: papers.applicant,
            content,
            ground: None,
        };
        let record = CaseCall::IssueCertificate {
            case,
            step: Some(self.certificate.clone()),
            result: Produced::Licence { licence: identifier },
        };
        Ok(vec![Call::Licences(issue), Call::Cases(record)])
    }

    /// Takes over a licence of an older system, of somebody without an account.
    pub fn import(&self, number: usize, now: Time) -> anyhow::Result<Call> {
        let as_of = Time::from_millis(now.as_millis().saturating_sub(SOURCE_AGE_MILLIS))?;
        let source = LicenceSource {
            system: Text::new("tongban bench")?,
            file: Digest([7; 32]),
            row: number as u64,
            as_of,
            confidence: 100,
            state: SourceState::Valid,
            state_since: None,
            anomalies: List::default(),
            is_end_unknown: false,
        };
        Ok(Call::Licences(LicenceCall::ImportLicence {
            identifier: self.identifier("B", number)?,
            by: self.lead,
            holder: Holder::Commitment { commitment: commitment() },
            content: content(Period { from: Some(now), until: None }),
            source,
        }))
    }

    /// The identifier of a licence of the department that leads.
    fn identifier(&self, series: &str, number: usize) -> anyhow::Result<LicenceIdentifier> {
        let serial = format!("{series}{number:010}");
        Ok(LicenceIdentifier::new(self.licence_type, LicenceIssuer::Body(self.lead), &serial, 1)?)
    }
}

fn content(period: Period) -> Content {
    let face = FaceRoot { root: commitment(), fields: Setting::face_fields() };
    Content { certificate_number: Some(commitment()), face, period, metadata: Metadata::default() }
}
