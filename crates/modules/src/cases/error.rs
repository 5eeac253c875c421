//! Why a call is refused.

use strum::{EnumIter, IntoStaticStr};
use tongban_kernel::{ErrorKind, ModuleError};

/// In order of precedence; the name is the stable code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error, EnumIter, IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub enum Error {
    /// Reasons, points or an answer are empty.
    #[error("say why: the reasons are empty")]
    ReasonsMissing,
    /// A refusal does not say what can be done against it.
    #[error("a refusal says what the applicant can do against it")]
    RemediesMissing,
    /// Materials are out of order, or one stands twice.
    #[error("list each material once, in ascending order")]
    MaterialOrder,
    /// Sources are out of order, or a field stands twice.
    #[error("list each field of the form once, in ascending order")]
    SourceOrder,
    /// Sources are said and no form.
    #[error("whence answers come is said of a form: give its commitment")]
    SourceWithoutForm,
    /// A written opinion is missing.
    #[error("this needs a written opinion: give its commitment")]
    OpinionMissing,
    /// The case rests.
    #[error("the case rests until what is missing is handed in")]
    Suspended,
    /// Days of a rule are outside 1 to 250.
    #[error("the days of a rule are 1 to 250")]
    RulesDays,
    /// The red card for the law's limit is missing, or comes later than the limit.
    #[error("the red card for the limit of the law is there, and no later than when it is past")]
    RulesCards,
    /// The department is not the one that is responsible for its division.
    #[error(
        "the rules of a division are set by the department that is responsible for it: the uppermost one there, of several the one that was named"
    )]
    DivisionOfAnother,
    /// The item is unknown, or no version of it is in force.
    #[error("no version of this item is in force")]
    ItemNotInForce,
    /// The item is nothing that one applies for.
    #[error("nobody applies for penalties, coercion, levies and inspections")]
    NotOnApplication,
    /// The account may not act for the applicant.
    #[error("the account may not act for this applicant")]
    NoCapacity,
    /// The item is not for applicants of this kind.
    #[error("the item does not serve applicants of this kind")]
    NotServed,
    /// The applicant, or whoever files for him, is not known as surely as the item asks for. An identity authority has to bind the account.
    #[error("the item asks that the applicant, and who files for him, be bound to their accounts more surely")]
    AssuranceTooLow,
    /// The item is not handled in this way.
    #[error("the item is not handled in this way")]
    Channel,
    /// A department of the item's flow is not registered, or was closed and none has taken its place.
    #[error("a department that handles the item is not registered or was closed: the item has to be published anew")]
    DepartmentGone,
    /// The receiving place is no department that acts.
    #[error("the receiving place is no department that acts")]
    PlaceUnknown,
    /// Receiving elsewhere and handling jointly need another place than the department that decides, everything else has none.
    #[error("only what is received elsewhere or handled jointly has a place of its own")]
    CrossingPlace,
    /// The item is not handled so far away.
    #[error("the item is not handled so far away")]
    AreaTooFar,
    /// A fact is no field that a condition refers to, or stands twice: it might be personal data.
    #[error("a fact is no field that a condition refers to, or stands twice")]
    FactUnasked,
    /// A fact does not fit its field.
    #[error("a fact does not fit its field of the form")]
    FactUnfit,
    /// A fact is missing.
    #[error("a fact is missing that conditions decide by")]
    FactMissing,
    /// With these facts a condition cannot be decided.
    #[error("a condition cannot be decided by these facts")]
    FactUndecided,
    /// With these facts no step decides.
    #[error("with these facts the item has no step that decides")]
    NoDecision,
    /// The item has no such material.
    #[error("the item has no such material")]
    MaterialUnknown,
    /// The material may not follow later.
    #[error("this material may not follow later")]
    MayNotFollow,
    /// A commitment cannot stand for this material, or for anything in this item.
    #[error("a written commitment cannot stand for this material")]
    MayNotBePromised,
    /// The applicant once broke a promise.
    #[error("the applicant once broke a promise and has not repaired it")]
    PromiseBroken,
    /// The licence is not what the material asks for, or the applicant does not hold it now.
    #[error("the applicant does not hold this licence now, or it is of another type")]
    LicenceNotHeld,
    /// The licence to be renewed is not the applicant's or not in force.
    #[error("only a licence of one's own that is in force can be renewed")]
    RenewalNotHeld,
    /// The item ends in a licence of another type, or in none.
    #[error("the item does not end in a licence of the type that is to be renewed")]
    RenewalOfAnother,
    /// The item does not take this field of its form from such a licence.
    #[error("the item does not take this field of its form from such a licence")]
    SourceUnasked,
    /// The licence is another's, or not in force.
    #[error("an answer comes from a licence of the applicant that is in force")]
    SourceNotHeld,
    /// No access lets this field be taken from this licence for this application.
    #[error("no recorded access, whose consent stands, lets this field be taken for this application")]
    SourceNotRead,
    /// No case has this number.
    #[error("no case has this number")]
    NotFound,
    /// The case is not in a stage in which this can be done.
    #[error("the case is not in a stage in which this can be done")]
    WrongStage,
    /// Time has brought something about the case, which comes first.
    #[error("time has brought something about this case: settle it first")]
    TimeFirst,
    /// Time has brought nothing about the case.
    #[error("time has brought nothing about this case")]
    NothingDue,
    /// The case was accepted, and is therefore decided.
    #[error("an accepted case is decided: it is neither refused acceptance nor returned")]
    AcceptedBefore,
    /// The case was not received elsewhere, or was handed over.
    #[error("there is nothing to hand over")]
    NothingToHandOver,
    /// The place that received the case has not handed it over.
    #[error("the place that received the case has to hand it over first")]
    NotHandedOver,
    /// The one notice was given.
    #[error("corrections are asked for once, all together")]
    CorrectionAskedBefore,
    /// The notice asks for nothing.
    #[error("the notice names materials or points")]
    CorrectionEmpty,
    /// A department holds the material as a licence of the applicant.
    #[error("a department already holds this material as a licence of the applicant")]
    HeldAlready,
    /// A written commitment stands for the material.
    #[error("a written commitment stands for this material, and is checked after the decision")]
    CommittedTo,
    /// Not all that was asked for is there, or nothing at all.
    #[error("hand in all materials that were asked for, and at least something")]
    CorrectionIncomplete,
    /// The applicant still has time.
    #[error("the applicant still has time to correct")]
    CorrectionRunning,
    /// The facts do not meet the condition of the item.
    #[error("the facts do not meet the item's condition for acceptance")]
    NotEligible,
    /// A needed material is missing.
    #[error("a needed material is missing")]
    MaterialMissing,
    /// Nothing is missing that could follow.
    #[error("nothing is missing that could follow later")]
    NothingMissing,
    /// The applicant has not promised what follows.
    #[error("the applicant has not promised in writing what follows later")]
    GapPromiseMissing,
    /// More days than are promised for the decision, or none.
    #[error("what follows has 1 day to as many as are promised for the decision, in all rounds together")]
    GapDays,
    /// The material is not missing, or not really handed in.
    #[error("hand in what is missing, on paper, as a file or as a licence")]
    NotAGap,
    /// A step of this kind is finished by another call.
    #[error("steps of this kind are finished by another call")]
    OtherCall,
    /// The step is not due.
    #[error("the step is not due")]
    StepNotDue,
    /// What follows a decision is done, not rejected.
    #[error("what follows a decision is not rejected: propose a revocation")]
    AfterDecision,
    /// The statute wants a person.
    #[error("the statute wants a person to act in this step")]
    PersonNeeded,
    /// Who checked cannot decide.
    #[error("who did a step before the decision cannot take it")]
    FourEyes,
    /// A step before was rejected.
    #[error("a step before was rejected: the application can only be refused")]
    RefusalOnly,
    /// Something is still missing.
    #[error("nothing is granted before what is missing was handed in")]
    GapOpen,
    /// The flow does not provide for going back.
    #[error("the flow does not provide for going back from this step")]
    NoSendBack,
    /// The step was sent back too often.
    #[error("a step can be sent back at most 8 times")]
    TooManyRounds,
    /// The suspension of a case with gaps is not begun by officers.
    #[error("this procedure is not begun by officers")]
    ProcedureKind,
    /// The end is past, or more than a year ahead; of a hearing, more days than the law gives it.
    #[error("a special procedure ends within a year from now, and a hearing within 20 working days")]
    ProcedureUntil,
    /// A special procedure of the step is under way.
    #[error("a special procedure of this step is under way")]
    ProcedureRunning,
    /// Officers have begun 16 procedures.
    #[error("officers begin at most 16 special procedures in a case")]
    TooManyProcedures,
    /// No special procedure of the step is under way.
    #[error("no special procedure of this step is under way")]
    NoProcedure,
    /// It was extended.
    #[error("the time to decide is extended once")]
    ExtendedBefore,
    /// More days than the law allows, or none.
    #[error(
        "the law allows 10 more working days, 15 where several departments handle it, and none for registrations of real estate"
    )]
    ExtensionDays,
    /// The statutory time is over.
    #[error("the statutory time is over and cannot be extended")]
    ExtensionLate,
    /// It was proposed.
    #[error("this was proposed before")]
    ProposedBefore,
    /// Nothing was granted.
    #[error("nothing was granted that could be revoked")]
    NothingGranted,
    /// Nobody has proposed it.
    #[error("nobody has proposed this")]
    NotProposed,
    /// The body does not stand above the department.
    #[error("a case is forwarded to a body above the department")]
    NotHigher,
    /// The licence was not issued for this case and applicant.
    #[error("the licence was not issued for this case")]
    ResultOfAnother,
    /// It is recorded.
    #[error("this result is recorded")]
    ResultTwice,
    /// 8 results.
    #[error("a case has at most 8 results")]
    TooManyResults,
    /// The certificate or document is not made.
    #[error("the certificate or document has to be made first")]
    ResultMissing,
    /// It was delivered.
    #[error("the result was delivered")]
    DeliveredBefore,
    /// It was not delivered.
    #[error("the result has to be delivered first")]
    NotDelivered,
    /// Steps are open.
    #[error("steps of the case are still open")]
    StepsOpen,
    /// It was rated.
    #[error("a case is rated once, and once more after a bad rating was answered")]
    RatedBefore,
    /// Nothing was refused or revoked.
    #[error("nothing was refused or revoked that one could appeal against")]
    NothingToAppeal,
    /// No work order is open.
    #[error("no work order is open")]
    NoWorkOrder,
    /// There is no rating that counts.
    #[error("there is no rating that counts")]
    NoRating,
    /// Nobody has called the applicant back.
    #[error("a bad rating is set aside after the applicant was called back")]
    NotCalledBack,
    /// More than 60 days have passed since the applicant was told.
    #[error("one appeals within 60 days after one was told")]
    AppealLate,
    /// It was appealed against.
    #[error("one appeals once against a decision")]
    AppealedBefore,
    /// No appeal is open.
    #[error("no appeal is open")]
    NoAppeal,
    /// The officer is the applicant, has applied for him or stands for him.
    #[error("nobody acts in office in a matter of his own: another officer has to")]
    OwnMatter,
    /// The officer decides about himself.
    #[error("another officer has to decide this")]
    SameOfficer,
    /// Nobody is kept from deciding it.
    #[error("who may decide himself does not pass it on")]
    NobodyBarred,
    /// It was passed on.
    #[error("another department may decide it already")]
    ReferredBefore,
    /// No department stands above, and the rules name none.
    #[error("no department stands above, and the rules of the division name none that decides instead")]
    NobodyAbove,
    /// It was answered.
    #[error("the card was answered")]
    CardAnswered,
    /// The clerk has not acted on the case, or the time of service is before the filing or still to come.
    #[error("a rating names a clerk who has acted on the case, and a time of service since it was filed")]
    RatingSource,
    /// No appeal was right.
    #[error("only a case whose appeal was right is taken up again")]
    NotUpheld,
    /// Nothing is to be checked.
    #[error("nothing was only committed to, or it was checked")]
    NoCommitment,
    /// An interested party is unknown, the applicant himself, or stands twice.
    #[error("list the accounts of interested parties once, in ascending order, without the applicant")]
    HearingParties,
    /// Nobody was told of a right to a hearing.
    #[error("the right to a hearing has to be told first")]
    HearingUntold,
    /// It was told.
    #[error("the right to a hearing was told for this decision")]
    HearingTold,
    /// Somebody else was told.
    #[error("only the applicant and the interested parties who were told have a right to this hearing")]
    NotHeard,
    /// He has answered.
    #[error("who was told of a hearing answers once")]
    HearingAnswered,
    /// The days to ask are over.
    #[error("a hearing is asked for within 5 working days")]
    HearingLate,
    /// The date is too soon or too late.
    #[error("a hearing is held 7 working days after the notice of it, and within 20 after it was asked for")]
    HearingDate,
    /// It was held.
    #[error("the hearing was held")]
    HearingHeld,
    /// It has not taken place.
    #[error("the hearing has not taken place yet")]
    HearingAhead,
    /// The decision waits.
    #[error("the decision waits for the hearing, or for those who may ask for it")]
    HearingOpen,
    /// What is posted has a number.
    #[error("what is posted has the number of its parcel")]
    WaybillMissing,
    /// It was acknowledged.
    #[error("the receipt was acknowledged")]
    AcknowledgedBefore,
    /// Nobody has made sure whose account it is.
    #[error("what is entered at a counter is of somebody whose account is bound to a name that was checked")]
    NotBound,
    /// There is no room.
    #[error("at most 32 entries are made at a counter in one case")]
    TooManyEntries,
    /// All was done with keys.
    #[error("nothing of this case was entered at a counter")]
    NothingEntered,
    /// It was disowned.
    #[error("this was disowned before")]
    DisownedBefore,
    /// Nobody has disowned it, or it was looked into.
    #[error("nothing is disowned that was not looked into")]
    NothingDisowned,
    /// The applicant is there, or another has taken his place.
    #[error("the applicant has not died and was not dissolved, or another has taken his place")]
    ApplicantThere,
    /// The applicant is no more.
    #[error("the applicant has died or was dissolved: the case is to be discontinued")]
    ApplicantLost,
    /// It is repaired.
    #[error("the promise is repaired")]
    RepairedBefore,
}

impl ModuleError for Error {
    const MODULE: &'static str = "cases";

    fn kind(&self) -> ErrorKind {
        match self {
            Self::ReasonsMissing
            | Self::RemediesMissing
            | Self::MaterialOrder
            | Self::SourceOrder
            | Self::SourceWithoutForm
            | Self::SourceUnasked
            | Self::OpinionMissing
            | Self::RulesDays
            | Self::RulesCards
            | Self::RatingSource
            | Self::NotOnApplication
            | Self::NotServed
            | Self::AssuranceTooLow
            | Self::Channel
            | Self::CrossingPlace
            | Self::AreaTooFar
            | Self::RenewalOfAnother
            | Self::FactUnasked
            | Self::FactUnfit
            | Self::FactMissing
            | Self::FactUndecided
            | Self::NoDecision
            | Self::MaterialUnknown
            | Self::MayNotFollow
            | Self::MayNotBePromised
            | Self::CorrectionEmpty
            | Self::CorrectionIncomplete
            | Self::GapDays
            | Self::NotAGap
            | Self::OtherCall
            | Self::NoSendBack
            | Self::ProcedureKind
            | Self::ProcedureUntil
            | Self::HearingParties
            | Self::HearingDate
            | Self::WaybillMissing
            | Self::ExtensionDays
            | Self::NotHigher => ErrorKind::Invalid,
            Self::ItemNotInForce | Self::PlaceUnknown | Self::NotFound => ErrorKind::NotFound,
            Self::DivisionOfAnother
            | Self::NoCapacity
            | Self::SourceNotRead
            | Self::PromiseBroken
            | Self::PersonNeeded
            | Self::FourEyes
            | Self::NotHeard
            | Self::OwnMatter
            | Self::SameOfficer => ErrorKind::Denied,
            Self::LicenceNotHeld
            | Self::RenewalNotHeld
            | Self::SourceNotHeld
            | Self::WrongStage
            | Self::TimeFirst
            | Self::NothingDue
            | Self::DepartmentGone
            | Self::AcceptedBefore
            | Self::NothingToHandOver
            | Self::NotHandedOver
            | Self::CorrectionAskedBefore
            | Self::HeldAlready
            | Self::CommittedTo
            | Self::CorrectionRunning
            | Self::NotEligible
            | Self::MaterialMissing
            | Self::NothingMissing
            | Self::GapPromiseMissing
            | Self::StepNotDue
            | Self::Suspended
            | Self::AfterDecision
            | Self::RefusalOnly
            | Self::GapOpen
            | Self::TooManyRounds
            | Self::ProcedureRunning
            | Self::TooManyProcedures
            | Self::NoProcedure
            | Self::ExtendedBefore
            | Self::ExtensionLate
            | Self::ProposedBefore
            | Self::NothingGranted
            | Self::NotProposed
            | Self::ResultOfAnother
            | Self::ResultTwice
            | Self::TooManyResults
            | Self::ResultMissing
            | Self::DeliveredBefore
            | Self::NotDelivered
            | Self::StepsOpen
            | Self::RatedBefore
            | Self::NothingToAppeal
            | Self::NoWorkOrder
            | Self::NoRating
            | Self::NotCalledBack
            | Self::AppealLate
            | Self::AppealedBefore
            | Self::NoAppeal
            | Self::NobodyBarred
            | Self::ReferredBefore
            | Self::NobodyAbove
            | Self::CardAnswered
            | Self::NotUpheld
            | Self::NoCommitment
            | Self::HearingUntold
            | Self::HearingTold
            | Self::HearingAnswered
            | Self::HearingLate
            | Self::HearingHeld
            | Self::HearingAhead
            | Self::HearingOpen
            | Self::AcknowledgedBefore
            | Self::NotBound
            | Self::TooManyEntries
            | Self::NothingEntered
            | Self::DisownedBefore
            | Self::NothingDisowned
            | Self::ApplicantThere
            | Self::ApplicantLost
            | Self::RepairedBefore => ErrorKind::Conflict,
        }
    }
}
