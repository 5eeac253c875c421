//! What the people of a city do about their rights: disputes about keys, estates, hearings, what was entered at a counter; and what takes two officers
//! or two cities.

use super::affairs::Later;
use super::{Civic, DAY_MILLIS, Runtime};
use crate::town::rights as calls;
use crate::town::{self, Person};
use rand::RngExt as _;
use rand::rngs::StdRng;
use tongban_modules::recovery::{Ruling, Side};
use tongban_modules::{Call, Event, cases, catalogue};
use tongban_types::codes::CaseNumber;
use tongban_types::{Digest, Outcome, Receipt};

/// So long after its notice a hearing takes place: seven working days before, and within twenty.
const HEARING_MILLIS: u64 = 14 * DAY_MILLIS;
/// So long can an offer be accepted.
const OFFER_MILLIS: u64 = 10 * DAY_MILLIS;

fn events(receipt: &Receipt) -> Vec<Event> {
    match &receipt.outcome {
        Outcome::Applied { events } => events.iter().filter_map(|event| Event::decode(event.as_ref()).ok()).collect(),
        Outcome::Refused(_) => Vec::new(),
    }
}

impl Civic {
    /// A frozen account has objected to its recovery: a third officer hears both sides, or nobody decides in time.
    pub(super) async fn settle_dispute(&self, runtime: &Runtime, recovery: u64, random: &mut StdRng) -> Option<()> {
        let (third, chen) = (Person::ThirdOfficer, Person::Chen);
        let [uphold, dismiss] =
            [Ruling::Uphold, Ruling::Dismiss].map(|ruling| calls::decide_objection(recovery, ruling));
        self.must_not(runtime, Person::IdentityOfficer, uphold.clone(), random).await;
        self.must_not(runtime, third, dismiss.clone(), random).await;
        let outcome = random.random_range(0..3_u8);
        if outcome == 0 {
            self.put_off(Later::Thawed);
            return Some(());
        }
        for side in [Side::Claimant, Side::Objector] {
            self.must_not(runtime, third, uphold.clone(), random).await;
            self.must(runtime, third, calls::appear(recovery, side), random).await?;
        }
        if outcome == 1 {
            self.must(runtime, third, uphold, random).await?;
            return self.file_for(runtime, chen, chen, town::file_at_welfare, random).await.map(drop);
        }
        self.must(runtime, third, dismiss, random).await?;
        self.must_not(runtime, third, uphold, random).await;
        let file = town::file_at_welfare(chen.account(self.plan.suite), Digest(random.random()));
        self.cannot_act(runtime, chen, file, random).await;
        self.must(runtime, Person::IdentityOfficer, town::notice(recovery), random).await?;
        self.must_not(runtime, third, town::approve_recovery(recovery), random).await;
        self.must(runtime, Person::RecoveryApprover, town::approve_recovery(recovery), random).await?;
        self.put_off(Later::Replaced);
        Some(())
    }

    /// The one who had the account recovered acts, and the old key does not.
    pub(super) async fn act_with_other_key(&self, runtime: &Runtime, random: &mut StdRng) -> Option<()> {
        let (suite, chen) = (self.plan.suite, Person::Chen);
        let call = |random: &mut StdRng| town::file_at_welfare(chen.account(suite), Digest(random.random()));
        self.cannot_act(runtime, chen, call(random), random).await;
        let calls = [call(random)];
        let reply = self.demand(runtime, chen.account(suite), &town::other_key(suite), &calls, random).await;
        self.expect(chen, &calls, reply).map(drop)
    }

    /// Whoever administers the estate of one who has died withdraws his application, or the department ends it.
    pub(super) async fn settle_estate(&self, runtime: &Runtime, case: &CaseNumber, random: &mut StdRng) -> Option<()> {
        let (suite, executor, zhao) = (self.plan.suite, Person::Executor, Person::Zhao);
        let appoint = calls::appoint_executor(zhao, self.term_end(runtime), suite);
        self.must_not(runtime, executor, town::withdraw(case), random).await;
        self.must_not(runtime, executor, appoint.clone(), random).await;
        self.must(runtime, Person::IdentityOfficer, appoint, random).await?;
        let file = town::file_at_welfare(zhao.account(suite), Digest(random.random()));
        self.must_not(runtime, executor, file, random).await;
        if random.random() {
            self.must(runtime, executor, town::withdraw(case), random).await?;
            self.must_not(runtime, Person::WelfareApprover, calls::discontinue(case), random).await;
        } else {
            self.must_not(runtime, Person::WelfareClerk, calls::discontinue(case), random).await;
            self.must(runtime, Person::WelfareApprover, calls::discontinue(case), random).await?;
            self.must_not(runtime, executor, town::withdraw(case), random).await;
        }
        Some(())
    }

    /// Before a decision the applicant and another one are told of their right to a hearing: they do without, say nothing, or ask for it.
    pub(super) async fn tell_of_hearing(&self, runtime: &Runtime, random: &mut StdRng) -> Option<()> {
        let (suite, approver) = (self.plan.suite, Person::WelfareApprover);
        let (applicant, party) = (Person::Zhang, Person::Wu);
        let case = self.accepted_at_welfare(runtime, applicant, random).await?;
        let tell = calls::tell_hearing(&case, party, suite);
        self.must_not(runtime, approver, tell.clone(), random).await;
        self.must(runtime, Person::WelfareChecker, town::finish(&case, town::CHECK), random).await?;
        self.must(runtime, Person::FoodReviewer, town::finish(&case, town::REVIEW), random).await?;
        self.must_not(runtime, Person::WelfareClerk, tell.clone(), random).await;
        self.must(runtime, approver, tell, random).await?;
        self.must_not(runtime, approver, town::decide(&case, false), random).await;
        let answer = |who: Person, wants| calls::answer_hearing(&case, who, wants, suite);
        self.must_not(runtime, Person::Li, answer(Person::Li, true), random).await;
        match random.random_range(0..3_u8) {
            0 => {
                self.must(runtime, applicant, answer(applicant, false), random).await?;
                self.must_not(runtime, approver, town::decide(&case, false), random).await;
                self.must(runtime, party, answer(party, false), random).await?;
                self.decide_heard(runtime, &case, false, random).await
            }
            1 => {
                self.put_off(Later::Heard { case, is_asked_for: false });
                Some(())
            }
            _ => {
                let [early, date] = [DAY_MILLIS, HEARING_MILLIS].map(|after| self.days.now(runtime).plus_millis(after));
                self.must(runtime, applicant, answer(applicant, true), random).await?;
                self.must_not(runtime, approver, calls::arrange_hearing(&case, early), random).await;
                self.must(runtime, approver, calls::arrange_hearing(&case, date), random).await?;
                self.must_not(runtime, Person::HearingOfficer, calls::record_hearing(&case), random).await;
                self.put_off(Later::Heard { case, is_asked_for: true });
                Some(())
            }
        }
    }

    /// The hearing is held where it was asked for, and the case is decided.
    pub(super) async fn decide_heard(
        &self,
        runtime: &Runtime,
        case: &CaseNumber,
        is_asked_for: bool,
        random: &mut StdRng,
    ) -> Option<()> {
        let (approver, issuer) = (Person::WelfareApprover, Person::WelfareIssuer);
        self.must_not(runtime, approver, calls::refer(case), random).await;
        if is_asked_for {
            self.must_not(runtime, approver, town::decide(case, false), random).await;
            self.must_not(runtime, Person::WelfareChecker, calls::record_hearing(case), random).await;
            self.must(runtime, Person::HearingOfficer, calls::record_hearing(case), random).await?;
        }
        self.refuse(runtime, case, (approver, issuer), random).await?;
        self.must_not(runtime, Person::Li, calls::acknowledge(case), random).await;
        self.must(runtime, Person::Zhang, calls::acknowledge(case), random).await?;
        self.refer_appeal(runtime, case, random).await
    }

    /// The only one who decides in the department may not decide about himself, and passes the appeal on to the government.
    async fn refer_appeal(&self, runtime: &Runtime, case: &CaseNumber, random: &mut StdRng) -> Option<()> {
        let (own, above) = (Person::WelfareApprover, Person::CityApprover);
        self.must(runtime, Person::Zhang, town::appeal(case), random).await?;
        self.must_not(runtime, own, town::decide_appeal(case, false), random).await;
        self.must_not(runtime, above, town::decide_appeal(case, true), random).await;
        self.must(runtime, own, calls::refer(case), random).await?;
        self.must(runtime, above, town::decide_appeal(case, true), random).await?;
        self.must(runtime, above, town::reconsider(case), random).await?;
        self.must_not(runtime, own, town::decide(case, false), random).await;
        self.must(runtime, above, town::decide(case, false), random).await?;
        self.must(runtime, Person::WelfareIssuer, town::deliver(case, false), random).await?;
        self.must(runtime, Person::WelfareIssuer, town::close(case), random).await.map(drop)
    }

    /// A clerk enters at the counter what somebody brings on paper, who disowns it, or withdraws it there.
    pub(super) async fn enter_at_counter(&self, runtime: &Runtime, random: &mut StdRng) -> Option<()> {
        let (clerk, sun, form) = (Person::CounterClerk, Person::Sun, Digest(random.random()));
        let enter = calls::enter_application(sun.account(self.plan.suite), form);
        self.must_not(runtime, Person::WelfareApprover, enter.clone(), random).await;
        let entered = self.must(runtime, clerk, enter, random).await?;
        let case = events(&entered).into_iter().find_map(|event| match event {
            Event::Cases(cases::Event::ApplicationEntered { case, .. }) => Some(case),
            _ => None,
        })?;
        self.known().told.filed.push((form, case.clone()));
        self.must_not(runtime, clerk, town::receive(&case), random).await;
        self.must(runtime, Person::WelfareClerk, town::receive(&case), random).await?;
        if random.random() {
            self.must_not(runtime, Person::Li, calls::disown(&case), random).await;
            self.must(runtime, sun, calls::disown(&case), random).await?;
            self.must_not(runtime, sun, calls::disown(&case), random).await;
            self.must_not(runtime, Person::WelfareClerk, town::accept(&case), random).await;
            self.must_not(runtime, clerk, calls::examine_disowned(&case), random).await;
            self.must(runtime, Person::HearingOfficer, calls::examine_disowned(&case), random).await.map(drop)
        } else {
            self.must(runtime, Person::WelfareClerk, town::accept(&case), random).await?;
            self.must_not(runtime, Person::WelfareApprover, calls::enter_withdrawal(&case), random).await;
            self.must(runtime, clerk, calls::enter_withdrawal(&case), random).await?;
            self.must_not(runtime, sun, town::withdraw(&case), random).await;
            Some(())
        }
    }

    /// The suburb wants four eyes: one publisher proposes its item, and the other approves.
    pub(super) async fn publish_as_two(&self, runtime: &Runtime, random: &mut StdRng) -> Option<()> {
        let (one, other) = (Person::Editor, Person::SecondEditor);
        self.must(runtime, Person::Mayor, calls::want_four_eyes(), random).await?;
        self.must_not(runtime, one, calls::publish_alone(), random).await;
        let proposed = self.must(runtime, one, calls::propose_item(), random).await?;
        let (number, digest) = events(&proposed).into_iter().find_map(|event| match event {
            Event::Catalogue(catalogue::Event::Proposed { number, digest, .. }) => Some((number, digest)),
            _ => None,
        })?;
        self.must_not(runtime, one, calls::approve_item(number, digest), random).await;
        self.must_not(runtime, other, calls::approve_item(number, Digest::ZERO), random).await;
        self.must(runtime, other, calls::approve_item(number, digest), random).await?;
        self.must_not(runtime, other, calls::approve_item(number, digest), random).await;
        Some(())
    }

    /// A reviewer is offered to the neighbouring city, which accepts him or not.
    pub(super) async fn offer_officer(&self, runtime: &Runtime, random: &mut StdRng) -> Option<()> {
        let (suite, leaver, mayor, other) = (self.plan.suite, Person::Leaver, Person::Mayor, Person::OtherMayor);
        let case = self.accepted_at_welfare(runtime, Person::Li, random).await?;
        let offer = calls::offer_transfer(self.days.now(runtime).plus_millis(OFFER_MILLIS), suite);
        let accept = calls::accept_transfer(suite);
        self.must_not(runtime, other, accept.clone(), random).await;
        self.must_not(runtime, leaver, offer.clone(), random).await;
        self.must(runtime, mayor, offer, random).await?;
        let refused: [(Person, Call); 3] =
            [(mayor, accept.clone()), (mayor, calls::transfer_away(suite)), (other, calls::transfer_away(suite))];
        for (who, call) in refused {
            self.must_not(runtime, who, call, random).await;
        }
        let check = town::finish(&case, town::CHECK);
        match random.random_range(0..3_u8) {
            0 => {
                self.must(runtime, other, calls::decline_transfer(suite), random).await?;
                self.must_not(runtime, other, accept, random).await;
                self.must(runtime, leaver, check, random).await.map(drop)
            }
            1 => {
                self.must_not(runtime, other, calls::withdraw_offer(suite), random).await;
                self.must(runtime, mayor, calls::withdraw_offer(suite), random).await?;
                self.must_not(runtime, other, accept, random).await;
                self.must(runtime, leaver, check, random).await.map(drop)
            }
            _ => {
                self.must(runtime, other, accept, random).await?;
                self.must_not(runtime, leaver, check.clone(), random).await;
                self.must(runtime, Person::WelfareChecker, check, random).await.map(drop)
            }
        }
    }
}
