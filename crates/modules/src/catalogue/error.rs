//! Why a call is refused.

use strum::{EnumIter, IntoStaticStr};
use tongban_kernel::{ErrorKind, ModuleError};

/// In order of precedence; the name is the stable code. Up to [`Error::ConditionKind`] they are findings about an item alone, which
/// `tongban catalogue check` lists with their places.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, thiserror::Error, EnumIter, IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub enum Error {
    /// The code is empty, has blanks or other characters than visible ASCII, or looks like a national code of 31 characters and is none.
    #[error("an item's code is one word of letters, digits and signs; one of 31 letters and digits is a national code")]
    CodeMalformed,
    /// The version is 0.
    #[error("versions count from 1")]
    VersionZero,
    /// A text that people need is empty.
    #[error("this text must not be empty")]
    TextMissing,
    /// A department's code is no unified social credit code.
    #[error("a department has a unified social credit code of 18 characters whose check character fits")]
    DepartmentCode,
    /// A department is listed twice.
    #[error("each department takes part once")]
    DepartmentTwice,
    /// The national code names another type, another level or another department.
    #[error("the national code names another type, level or department than the item")]
    CodeOfAnother,
    /// The code of the handling item is not the implementation code with two digits behind it.
    #[error("the code of a handling item is the item's implementation code and two digits")]
    HandleItem,
    /// An entrusted body without who has entrusted it, or the other way round.
    #[error("an entrusted body, and no other, says who has entrusted it")]
    EntrustName,
    /// No law is cited.
    #[error("an item cites the law it is based on")]
    BasisMissing,
    /// Nobody is served.
    #[error("an item says who may be served, each once")]
    ServedMissing,
    /// A sensitive matter or a special procedure is named twice.
    #[error("sensitive matters and special procedures are named once each")]
    ListedTwice,
    /// The promised time is longer than the statutory one; where their units differ, longer whatever the calendar is.
    #[error("the promised time may not be longer than the statutory one")]
    PromisedOverStatutory,
    /// An item on the spot takes more than a day.
    #[error("an item that is handled on the spot promises at most one day")]
    OnTheSpotDays,
    /// A promised-time item promises nothing.
    #[error("an item with a promised time promises at least one day")]
    PromiseMissing,
    /// A licence, or what a law of its own governs, takes longer to accept than the law allows.
    #[error("an item is accepted or refused within the days of the law")]
    AcceptanceOverLaw,
    /// A licence, or what a law of its own governs, takes longer to decide than the law allows.
    #[error("an item is decided within the days of the law, unless another law is cited")]
    DecisionOverLaw,
    /// A licence takes longer to deliver than the law allows.
    #[error("a licence is delivered within the days of the law")]
    DeliveryOverLaw,
    /// The days before the end of a licence at which its renewal is applied for are none, more than a year, or by no rule.
    #[error("a renewal is applied for 1 to 365 days before the end, by the rule that is cited")]
    RenewalTerm,
    /// No way of handling is named, or one twice.
    #[error("an item says how it is handled, each way once")]
    WaysMissing,
    /// No visit and no other way.
    #[error("without a visit it has to be handled online, by mobile or by courier")]
    VisitsWithoutWay,
    /// Visits without a reason.
    #[error("whoever has to come is told why")]
    VisitsWithoutReason,
    /// The name of the result does not fit its kind.
    #[error("a certificate has a name, and what is called a certificate is one")]
    OutcomeName,
    /// A licence type that is no code of one, or of what is no certificate.
    #[error("the licence type of the outcome is the code of a type, of 21 characters, and only certificates have one")]
    OutcomeLicence,
    /// The identifier of a form or a sample is none.
    #[error("the identifier of a form or sample is one word of letters, digits and signs")]
    DocumentId,
    /// A fee below zero.
    #[error("a fee is not below zero")]
    FeeAmount,
    /// A reduction that is not explained.
    #[error("a fee that can be reduced says when")]
    FeeReduction,
    /// A material is named twice.
    #[error("each material has a name of its own")]
    MaterialTwice,
    /// Not one copy of a material that is needed.
    #[error("of a material that is needed there is at least one copy")]
    MaterialCopies,
    /// The licence or field in which a material or a field of the form is held cannot be one.
    #[error("a material or field is held in a licence type, of 21 characters whose check fits, and a field of it")]
    HeldMalformed,
    /// A commitment would stand in place of what it must not.
    #[error(
        "no commitment stands in place of a main material, of what the applicant makes, or where security, secrets, finance, environment, life, property \
         or foreign affairs are at stake"
    )]
    CommitmentForbidden,
    /// The form is no JSON in its one spelling, or not made as forms are.
    #[error("the form is no JSON Schema of the kind that forms use")]
    FormMalformed,
    /// The form has a keyword that forms may not use.
    #[error("the form has a keyword that forms may not use")]
    FormKeyword,
    /// The form refers to something.
    #[error("the form refers to something else: write the field out")]
    FormReference,
    /// The form is too deep or has too many fields.
    #[error("the form has too many fields or nests too deep")]
    FormTooLarge,
    /// There are no steps.
    #[error("an item has steps")]
    FlowEmpty,
    /// A step's name is another's.
    #[error("each step has a name of its own")]
    StepTwice,
    /// A step's department does not take part.
    #[error("a step is done by the leading department or one that takes part")]
    StepDepartment,
    /// A step has no role.
    #[error("a step says which post does it")]
    StepRole,
    /// A step that is no decision has a hearing before it.
    #[error("the right to a hearing is told before a decision")]
    StepHearing,
    /// The place would accept, decide or make a certificate, or nothing is handled away from the department.
    #[error(
        "a place that takes part checks, inspects or hears: what is accepted, decided and made out stays with the departments that are named"
    )]
    StepPlace,
    /// A step waits for one that does not exist.
    #[error("a step waits for steps of this flow, each once")]
    PredecessorUnknown,
    /// Steps wait for each other.
    #[error("these steps wait for each other in a circle")]
    FlowCycle,
    /// A step can never begin.
    #[error("this step can never begin: what it waits for never ends")]
    StepUnreachable,
    /// A return leads elsewhere than back.
    #[error("a rejected step returns to one that it waited for")]
    ReturnTarget,
    /// Nobody decides.
    #[error("a flow has a decision")]
    DecisionMissing,
    /// A result before the decision.
    #[error("certificates and deliveries wait for a decision, decisions for the acceptance")]
    ResultBeforeDecision,
    /// A step that needs a person is left to a machine.
    #[error("the law wants a person here: no automatic check")]
    HumanAutomatic,
    /// Silence is consent where it must not be.
    #[error(
        "silence is no consent where safety, environment, a written opinion, a decision or a person's act is at stake"
    )]
    DeemedConsentForbidden,
    /// A hearing takes longer than the law allows.
    #[error("a hearing is held within the days of the law")]
    HearingOverLaw,
    /// A first review elsewhere than at another department before the decision.
    #[error("a first review is a review by another department than the one that leads, before the decision")]
    FirstReviewPlace,
    /// A first review takes longer than the law allows.
    #[error("a lower body examines within the days of the law, unless another law is cited")]
    FirstReviewOverLaw,
    /// The steps take longer than the promise.
    #[error("the slowest branch takes longer than the promised time")]
    StepsOverPromise,
    /// A condition is longer or nests deeper than allowed.
    #[error("a condition is too long or nests too deep")]
    ConditionTooLarge,
    /// A condition counts in floating point.
    #[error("a condition counts in whole numbers")]
    ConditionFloat,
    /// A condition cannot be read, or uses what conditions may not use.
    #[error("a condition cannot be read")]
    ConditionSyntax,
    /// A condition reads a field that the form does not have.
    #[error("a condition reads a field that the form does not have")]
    ConditionField,
    /// The operands of a condition do not fit.
    #[error("the values in a condition do not fit together")]
    ConditionKind,
    /// No item has this code.
    #[error("no item has this code")]
    NotFound,
    /// The item has no proposal of this number.
    #[error("the item has no proposal of this number")]
    ProposalUnknown,
    /// The publisher holds no office in the department that leads the item, or in one above it. An officer there has to publish, or the
    /// office that keeps the catalogue of the network.
    #[error("who publishes for a department holds an office in it or in one above it")]
    OutsideOffice,
    /// Whoever proposes or approves is no person: behind the key of an organisation or a program there may be the same one.
    #[error("a proposal is made by one person and approved by another, each with an account of his own")]
    NotPerson,
    /// The department that leads wants four eyes. An officer has to propose it, and another one to approve it.
    #[error("the department wants four eyes: propose it, and have another officer approve it")]
    FourEyes,
    /// The proposal was approved or rejected before.
    #[error("the proposal is settled")]
    ProposalSettled,
    /// Who has proposed it does not approve it.
    #[error("who has proposed it does not approve it")]
    ProposedByOneself,
    /// The digest is that of something else than was proposed.
    #[error("the proposal has another digest: look at what was proposed")]
    DigestOther,
    /// Who has proposed it may not publish for the department any more.
    #[error("who has proposed it may no longer publish for the department")]
    ProposerLapsed,
    /// The item has as many open proposals as it may have.
    #[error("an item has at most 8 open proposals: settle one")]
    TooManyProposals,
    /// The code is taken.
    #[error("an item with this code exists")]
    Exists,
    /// The item is retired.
    #[error("the item is retired, or will be before that")]
    Retired,
    /// The item is suspended.
    #[error("the item is suspended")]
    Suspended,
    /// The item is not suspended.
    #[error("the item is not suspended")]
    NotSuspended,
    /// The version is not the next one.
    #[error("the next version has the next number")]
    VersionNotNext,
    /// The item has 200 versions.
    #[error("an item has at most 200 versions")]
    TooManyVersions,
    /// It would come into force in the past, or before the last version.
    #[error("a version comes into force now or later, and not before the last one")]
    EffectiveEarlier,
    /// It would be retired in the past.
    #[error("an item is retired now or later")]
    RetiredEarlier,
    /// The older catalogue would be from the future.
    #[error("an older catalogue is not from the future")]
    SourceLater,
}

impl ModuleError for Error {
    const MODULE: &'static str = "catalogue";

    fn kind(&self) -> ErrorKind {
        match self {
            Self::NotFound | Self::ProposalUnknown => ErrorKind::NotFound,
            Self::OutsideOffice | Self::NotPerson | Self::FourEyes | Self::ProposedByOneself | Self::ProposerLapsed => {
                ErrorKind::Denied
            }
            Self::ProposalSettled
            | Self::DigestOther
            | Self::TooManyProposals
            | Self::Exists
            | Self::Retired
            | Self::Suspended
            | Self::NotSuspended
            | Self::VersionNotNext
            | Self::TooManyVersions
            | Self::EffectiveEarlier
            | Self::RetiredEarlier
            | Self::SourceLater => ErrorKind::Conflict,
            Self::CodeMalformed
            | Self::VersionZero
            | Self::TextMissing
            | Self::DepartmentCode
            | Self::DepartmentTwice
            | Self::CodeOfAnother
            | Self::HandleItem
            | Self::EntrustName
            | Self::BasisMissing
            | Self::ServedMissing
            | Self::ListedTwice
            | Self::PromisedOverStatutory
            | Self::OnTheSpotDays
            | Self::PromiseMissing
            | Self::AcceptanceOverLaw
            | Self::DecisionOverLaw
            | Self::DeliveryOverLaw
            | Self::RenewalTerm
            | Self::WaysMissing
            | Self::VisitsWithoutWay
            | Self::VisitsWithoutReason
            | Self::OutcomeName
            | Self::OutcomeLicence
            | Self::DocumentId
            | Self::FeeAmount
            | Self::FeeReduction
            | Self::MaterialTwice
            | Self::MaterialCopies
            | Self::HeldMalformed
            | Self::CommitmentForbidden
            | Self::FormMalformed
            | Self::FormKeyword
            | Self::FormReference
            | Self::FormTooLarge
            | Self::FlowEmpty
            | Self::StepTwice
            | Self::StepDepartment
            | Self::StepRole
            | Self::PredecessorUnknown
            | Self::FlowCycle
            | Self::StepUnreachable
            | Self::ReturnTarget
            | Self::DecisionMissing
            | Self::ResultBeforeDecision
            | Self::HumanAutomatic
            | Self::DeemedConsentForbidden
            | Self::StepHearing
            | Self::StepPlace
            | Self::HearingOverLaw
            | Self::FirstReviewPlace
            | Self::FirstReviewOverLaw
            | Self::StepsOverPromise
            | Self::ConditionTooLarge
            | Self::ConditionFloat
            | Self::ConditionSyntax
            | Self::ConditionField
            | Self::ConditionKind => ErrorKind::Invalid,
        }
    }
}
