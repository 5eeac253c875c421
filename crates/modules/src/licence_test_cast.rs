//! What stories with licences begin with: a type of market regulation, calls about licences of the approval bureau, questions about them.

use crate::items::LegalBasis;
use crate::licences::*;
use crate::test_cast::{APPROVAL, MARKET, TERM_END, Who, bind, city, code, grant, tell, text, time};
use crate::{Call as AnyCall, Query as AnyQuery, View as AnyView};
use tongban_kernel::Role;
use tongban_kernel::testing::Story;
use tongban_types::codes::{LicenceIdentifier, LicenceIssuer, LicenceTypeCode};
use tongban_types::licence_face::FaceRoot;
use tongban_types::{Digest, List, Time};

pub const DAY_MILLIS: u64 = 86_400_000;

/// A type that market regulation defines.
pub fn catering() -> LicenceTypeCode {
    format!("{MARKET}001").parse().expect("a type code")
}

pub fn field(name: &str) -> FaceFieldDefinition {
    FaceFieldDefinition {
        name: text(name),
        label: text("名称"),
        kind: FieldKind::Text,
        personal: false,
        standard: None,
    }
}

pub fn definition() -> TypeDefinition {
    TypeDefinition {
        name: text("小餐饮经营许可证"),
        legal_basis: List::new(vec![LegalBasis { law: text("食品安全法"), article: text("第三十五条") }])
            .expect("one law"),
        face: List::new(vec![field("name"), field("legal_representative"), field("scope")]).expect("three fields"),
        validity: Validity::UpTo { months: 36 },
        issuers: Issuers::Listed { departments: List::new(vec![code(APPROVAL)]).expect("one department") },
        issued_without_case: true,
        holder_types: List::default(),
    }
}

/// The type as one that needs a case.
pub fn strict() -> TypeDefinition {
    TypeDefinition { issued_without_case: false, ..definition() }
}

pub fn register_as(version: u32, from: Option<&str>, definition: TypeDefinition) -> AnyCall {
    let effective_from = from.map(time);
    AnyCall::Licences(Call::RegisterType { code: catering(), version, effective_from, definition })
}

pub fn register(version: u32) -> AnyCall {
    register_as(version, None, definition())
}

pub fn retire(from: &str, reason: &str) -> AnyCall {
    AnyCall::Licences(Call::RetireType { code: catering(), from: time(from), reason: text(reason) })
}

pub fn identifier_of(issuer: &'static str, serial: &str, version: u16) -> LicenceIdentifier {
    LicenceIdentifier::new(catering(), LicenceIssuer::Body(code(issuer)), serial, version).expect("an identifier")
}

pub fn id(serial: &str) -> LicenceIdentifier {
    identifier_of(APPROVAL, serial, 1)
}

pub fn period(from: &str, until: &str) -> Period {
    Period { from: Some(time(from)), until: Some(time(until)) }
}

pub fn content() -> Content {
    Content {
        certificate_number: Some(Digest([5; 32])),
        face: FaceRoot { root: Digest([6; 32]), fields: 3 },
        period: period("2026-01-01T00:00:00+08:00", "2029-01-02T00:00:00+08:00"),
        metadata: Metadata::default(),
    }
}

pub fn issue_with(identifier: LicenceIdentifier, holder: Who, content: Content) -> AnyCall {
    AnyCall::Licences(Call::Issue { identifier, case: None, holder: holder.account(), content, ground: Some(ground()) })
}

pub fn issue(serial: &str) -> AnyCall {
    issue_with(id(serial), Who::Zhang, content())
}

pub fn supersede_with(identifier: LicenceIdentifier, cause: SupersessionCause, content: Content) -> AnyCall {
    AnyCall::Licences(Call::Supersede { identifier, cause, case: None, content, ground: Some(ground()) })
}

pub fn supersede(serial: &str) -> AnyCall {
    supersede_with(id(serial), SupersessionCause::Correction, content())
}

pub fn ground() -> Ground {
    Ground {
        basis: LegalBasis { law: text("行政许可法"), article: text("第六十九条") },
        reason: text("以欺骗手段取得"),
        document: Some(text("云审撤〔2026〕1号")),
    }
}

pub fn suspend_until(serial: &str, until: Option<Time>) -> AnyCall {
    AnyCall::Licences(Call::Suspend { identifier: id(serial), until, ground: ground() })
}

pub fn suspend(serial: &str) -> AnyCall {
    suspend_until(serial, None)
}

pub fn resume(serial: &str) -> AnyCall {
    AnyCall::Licences(Call::Resume { identifier: id(serial), ground: ground() })
}

pub fn cancel(serial: &str) -> AnyCall {
    AnyCall::Licences(Call::Cancel { identifier: id(serial), ground: ground() })
}

pub fn revoke_by(serial: &str, by: &'static str) -> AnyCall {
    AnyCall::Licences(Call::Revoke { identifier: id(serial), by: code(by), ground: ground() })
}

pub fn revoke(serial: &str) -> AnyCall {
    revoke_by(serial, APPROVAL)
}

pub fn withdraw_by(serial: &str, by: &'static str) -> AnyCall {
    AnyCall::Licences(Call::Withdraw { identifier: id(serial), by: code(by), ground: ground() })
}

pub fn withdraw(serial: &str) -> AnyCall {
    withdraw_by(serial, APPROVAL)
}

pub fn prepare(serial: &str) -> AnyCall {
    prepare_with(serial, content())
}

pub fn prepare_with(serial: &str, content: Content) -> AnyCall {
    let (identifier, holder) = (id(serial), Who::Zhang.account());
    AnyCall::Licences(Call::Prepare { identifier, case: None, holder, content, ground: Some(ground()) })
}

pub fn issue_prepared(serial: &str) -> AnyCall {
    AnyCall::Licences(Call::IssuePrepared { identifier: id(serial) })
}

pub fn elsewhere() -> Destination {
    Destination { name: text("江北省政务服务网"), authority: None }
}

pub fn move_out(serial: &str) -> AnyCall {
    AnyCall::Licences(Call::MoveOut { identifier: id(serial), to: elsewhere(), ground: ground() })
}

/// A copy with this commitment, until then.
pub fn copy(serial: &str, commitment: u8, until: Time) -> AnyCall {
    AnyCall::Licences(Call::MakeCopy { identifier: id(serial), commitment: Digest([commitment; 32]), until })
}

pub fn take_back_copy(serial: &str, commitment: u8) -> AnyCall {
    AnyCall::Licences(Call::TakeBackCopy { identifier: id(serial), commitment: Digest([commitment; 32]) })
}

pub fn request_cancellation(serial: &str) -> AnyCall {
    AnyCall::Licences(Call::RequestCancellation { identifier: id(serial) })
}

pub fn take_back_request(serial: &str) -> AnyCall {
    AnyCall::Licences(Call::TakeBackRequest { identifier: id(serial) })
}

pub fn refuse_cancellation(serial: &str) -> AnyCall {
    AnyCall::Licences(Call::RefuseCancellation { identifier: id(serial), ground: ground() })
}

pub fn source() -> LicenceSource {
    LicenceSource {
        system: text("旧证照系统"),
        file: Digest([8; 32]),
        row: 2,
        as_of: time("2025-12-31T00:00:00Z"),
        confidence: 90,
        state: SourceState::Valid,
        state_since: None,
        anomalies: List::default(),
        is_end_unknown: false,
    }
}

pub const SOMEBODY: Holder = Holder::Commitment { commitment: Digest([9; 32]) };

pub fn import_with(identifier: LicenceIdentifier, holder: Holder, content: Content, source: LicenceSource) -> AnyCall {
    AnyCall::Licences(Call::ImportLicence { identifier, by: code(APPROVAL), holder, content, source })
}

pub fn import(serial: &str) -> AnyCall {
    let content = Content { period: period("2024-01-01T00:00:00+08:00", "2027-01-01T00:00:00+08:00"), ..content() };
    import_with(id(serial), SOMEBODY, content, source())
}

pub fn claim(serial: &str, holder: Who) -> AnyCall {
    AnyCall::Licences(Call::ClaimHolder { identifier: id(serial), holder: holder.account(), ground: ground() })
}

pub fn confirm_holder(serial: &str, holder: Who) -> AnyCall {
    AnyCall::Licences(Call::ConfirmHolder { identifier: id(serial), holder: holder.account() })
}

pub fn confirm_imported(identifier: LicenceIdentifier, by: &'static str) -> AnyCall {
    AnyCall::Licences(Call::ConfirmImported { identifier, by: code(by), ground: ground() })
}

/// Zhang and Li are known, and the approval bureau has a second officer who makes out licences.
pub fn with_second_issuer(story: &mut Story) {
    tell(
        story,
        &[
            (Who::IdentityOfficer, bind(Who::Zhang), "PersonBound"),
            (Who::IdentityOfficer, bind(Who::Li), "PersonBound"),
            (Who::Mayor, grant(APPROVAL, Who::Trainee, Role::Issuer, None, TERM_END), "Granted"),
        ],
    );
}

pub fn ask(story: &Story, query: Query) -> View {
    let query = AnyQuery::Licences(query);
    match story.ask(|state| query.answer(state)).expect("a query of records never stops") {
        AnyView::Licences(view) => view.seen_at(story.time()),
        other => panic!("expected a view of licences, found {other:?}"),
    }
}

pub fn verify(story: &Story, identifier: &LicenceIdentifier, at: Time) -> Verification {
    match ask(story, Query::Verify { identifier: identifier.clone(), at }) {
        View::Verified { verification: Some(verification) } => *verification,
        other => panic!("expected an answer, found {other:?}"),
    }
}

pub fn record(story: &Story, identifier: &LicenceIdentifier) -> Licence {
    match ask(story, Query::Licence { identifier: identifier.clone() }) {
        View::Licence { licence: Some(licence) } => *licence,
        other => panic!("expected a licence, found {other:?}"),
    }
}

pub fn status_now(story: &Story, serial: &str) -> Status {
    verify(story, &id(serial), story.time()).status
}

pub fn held_by(story: &Story, who: Who) -> Option<LicenceIdentifier> {
    story.ask(|state| Ok(held(state, &who.account(), &catering(), story.time())?)).expect("a question never stops")
}

/// The city with the type.
pub fn with_type() -> Story {
    let mut story = city();
    tell(&mut story, &[(Who::MarketDataOfficer, register(1), "TypeRegistered")]);
    story
}

/// The city with the type and these licences of Zhang's.
pub fn with(serials: &[&str]) -> Story {
    let mut story = with_type();
    for serial in serials {
        tell(&mut story, &[(Who::Issuer, issue(serial), "Issued")]);
    }
    story
}
