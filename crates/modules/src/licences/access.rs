//! Who may call what, with the articles that say so, about which department a call is, and whose matter.

use super::msg::{Call, CallKind, Holder};
use super::{error::Error, state};
use crate::case_recusal::{Matter, is_own_matter};
use crate::orgs;
use tongban_kernel::{Access, Ctx, Role, Scope, State, Stop, TxError};
use tongban_types::AccountId;
use tongban_types::codes::{CaseNumber, LicenceIdentifier, LicenceIssuer, UnifiedSocialCreditCode};

/// What a call of this kind asks of its account.
pub fn access(kind: CallKind) -> Access {
    let role = match kind {
        // The authority that defines a type answers for its metadata (GB/T 36903-2018).
        CallKind::RegisterType | CallKind::RetireType => Role::DataOfficer,
        // 行政许可法 第三十九条, 第四十四条: the organ that decided makes out and delivers the certificate, 第四十九条 and 第五十条 its
        // changed and renewed versions. Claiming tells whose it is, which the same office knows.
        CallKind::Issue
        | CallKind::Supersede
        | CallKind::ClaimHolder
        | CallKind::ConfirmHolder
        | CallKind::Prepare
        | CallKind::IssuePrepared => Role::Issuer,
        // 行政处罚法 第九条第三项: the decision to suspend is taken in its own procedure; here the office that keeps the licence carries it
        // out and names it, as it does with the formalities of cancelling, 行政许可法 第七十条.
        // What goes elsewhere is handed over by the office that keeps it.
        CallKind::Suspend | CallKind::Resume | CallKind::Cancel | CallKind::MoveOut => Role::Issuer,
        // 行政许可法 第六十九条: who decides on grants, in the organ that granted or one above it, may revoke them.
        CallKind::Revoke => Role::Approver,
        // 行政处罚法 第九条第三项 with 第五十七条: the head of the organ decides on penalties, and this one takes a livelihood.
        CallKind::Withdraw => Role::Head,
        CallKind::ImportLicence => Role::Importer,
        // The office that makes out its licences knows which it has issued.
        CallKind::ConfirmImported => Role::Issuer,
        // As it cancels, it says why it does not.
        CallKind::RefuseCancellation => Role::Issuer,
        // Who may show a licence decides for what, and who holds it whether he keeps it; whose it is, is asked of the record (I12, I13).
        CallKind::MakeCopy | CallKind::TakeBackCopy | CallKind::RequestCancellation | CallKind::TakeBackRequest => {
            return Access::AnyAccount;
        }
    };
    Access::Office(role)
}

/// The department in which the role must be held.
pub fn scope(call: &Call, state: &State) -> Result<Option<Scope>, Stop> {
    let department = match call {
        Call::RegisterType { code, .. } | Call::RetireType { code, .. } => {
            Some(state::answering(state, &code.definer())?) // I2
        }
        Call::Issue { identifier, .. } | Call::Prepare { identifier, .. } => match identifier.issuer() {
            LicenceIssuer::Body(department) => Some(department), // I4
            LicenceIssuer::Division(_) => None,                  // nobody issues for a division any more
        },
        Call::Supersede { identifier, .. }
        | Call::Suspend { identifier, .. }
        | Call::Resume { identifier, .. }
        | Call::Cancel { identifier, .. }
        | Call::ClaimHolder { identifier, .. }
        | Call::ConfirmHolder { identifier, .. }
        | Call::IssuePrepared { identifier }
        | Call::MoveOut { identifier, .. }
        | Call::RefuseCancellation { identifier, .. } => Some(keeper(identifier, state)?),
        Call::Revoke { by, .. }
        | Call::Withdraw { by, .. }
        | Call::ImportLicence { by, .. }
        | Call::ConfirmImported { by, .. } => Some(*by),
        Call::MakeCopy { .. }
        | Call::TakeBackCopy { .. }
        | Call::RequestCancellation { .. }
        | Call::TakeBackRequest { .. } => None,
    };
    Ok(department.map(|department| Scope { department, post: None }))
}

fn keeper(identifier: &LicenceIdentifier, state: &State) -> Result<UnifiedSocialCreditCode, Stop> {
    let licence = state::licence(state, identifier)?.ok_or(Error::NotFound)?;
    Ok(state::keeper(state, &licence)?)
}

/// Refuses an officer whose own matter the call is: nobody gives, changes, suspends or takes a licence that is his own or that of somebody for
/// whom he stands or has applied (公务员法 第七十六条). The standing is the one that the kernel has asked for. Copies are not asked: one's own licence one
/// shows, and a copy says nothing that the licence does not.
pub fn check_recusal(call: &Call, ctx: &Ctx, state: &State) -> Result<(), Stop> {
    let Access::Office(role) = access(CallKind::from(call)) else { return Ok(()) };
    let scope = scope(call, state)?.ok_or(TxError::Denied)?;
    let standing = orgs::standing(state, &ctx.account, role, &scope, ctx.time)?.ok_or(TxError::Denied)?;
    let (holder, case) = matter(call, state)?;
    if let Some(holder) = holder
        && Matter::of_account(&holder).is_own(&ctx.account, standing, ctx.time, state)?
    {
        return Err(Error::OwnMatter.into()); // I9
    }
    if let Some(case) = case
        && is_own_matter(state, &case, &ctx.account, standing, ctx.time)?
    {
        return Err(Error::OwnMatter.into()); // I9
    }
    Ok(())
}

/// Whose licence a call is about, so far as his account is known, and in which case it was or is granted.
fn matter(call: &Call, state: &State) -> Result<(Option<AccountId>, Option<CaseNumber>), Stop> {
    let account_of = |holder: &Holder| match holder {
        Holder::Account { account } => Some(*account),
        Holder::Commitment { .. } => None,
    };
    match call {
        Call::RegisterType { .. }
        | Call::RetireType { .. }
        | Call::MakeCopy { .. }
        | Call::TakeBackCopy { .. }
        | Call::RequestCancellation { .. }
        | Call::TakeBackRequest { .. } => Ok((None, None)),
        Call::Issue { holder, case, .. } | Call::Prepare { holder, case, .. } => Ok((Some(*holder), case.clone())),
        Call::ImportLicence { holder, .. } => Ok((account_of(holder), None)),
        Call::ClaimHolder { holder, .. } | Call::ConfirmHolder { holder, .. } => Ok((Some(*holder), None)),
        Call::Supersede { identifier, .. }
        | Call::Suspend { identifier, .. }
        | Call::Resume { identifier, .. }
        | Call::Cancel { identifier, .. }
        | Call::Revoke { identifier, .. }
        | Call::Withdraw { identifier, .. }
        | Call::ConfirmImported { identifier, .. }
        | Call::IssuePrepared { identifier }
        | Call::MoveOut { identifier, .. }
        | Call::RefuseCancellation { identifier, .. } => {
            let licence = state::licence(state, identifier)?.ok_or(Error::NotFound)?;
            let granting = match call {
                Call::Supersede { case: Some(case), .. } => Some(case.clone()),
                _ => licence.rests_on,
            };
            Ok((account_of(&licence.holder), granting))
        }
    }
}
