//! The affairs of a city beside its applications: what becomes of offices and departments, of accounts and companies, and who acts for whom. Each
//! is one task, with cases of its own and with what must be refused on the way.

use super::{Civic, DAY_MILLIS, FILING_MILLIS, Runtime};
use crate::town::affairs as calls;
use crate::town::{self, Person, rights};
use commonware_runtime::Clock as _;
use futures::future::join;
use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};
use std::sync::Arc;
use std::time::Duration;
use tongban_modules::Call;
use tongban_types::codes::CaseNumber;
use tongban_types::{Digest, Time};

/// An affair of the city. It goes round.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Affair {
    /// A deputy stands in for an officer who is absent.
    Absence,
    /// An account is frozen, is not recovered because its holder objects, and thaws.
    Freeze,
    /// A department is merged into another one while its cases are open.
    Merger,
    /// Somebody acts for another one for certain items, acts and days.
    Agency,
    /// Companies are merged and dissolved whose cases are open.
    Companies,
    /// An officer is transferred.
    Transfer,
    /// Somebody dies for whom an agent acts.
    Death,
    /// A case is forwarded to a higher body, which has a notice of its own.
    Forwarding,
    /// A guardian acts for a child, for a while.
    Wardship,
    /// Parties are told that they may ask for a hearing.
    Hearing,
    /// An application is entered at a counter.
    Counter,
    /// An item is published by two.
    FourEyes,
    /// An officer is offered to another city.
    TwoTrees,
}

const AFFAIRS: [Affair; 13] = [
    Affair::Absence,
    Affair::Freeze,
    Affair::Merger,
    Affair::Agency,
    Affair::Companies,
    Affair::Transfer,
    Affair::Death,
    Affair::Forwarding,
    Affair::Wardship,
    Affair::Hearing,
    Affair::Counter,
    Affair::FourEyes,
    Affair::TwoTrees,
];
/// So long last absences, agencies and guardianships at most: they are over after the days off.
const TERM_MILLIS: u64 = 20 * DAY_MILLIS;

/// What goes on after the days off.
pub(super) enum Later {
    /// An officer is back for whom a deputy stood in.
    Back,
    /// An account has thawed.
    Thawed,
    /// An account has another key, because its holder was not heard.
    Replaced,
    /// The time to ask for a hearing is over, or a hearing is to be held.
    Heard {
        /// The case.
        case: CaseNumber,
        /// Whether it is to be held.
        is_asked_for: bool,
    },
    /// An agency is over under which this case was filed.
    AgencyOver(CaseNumber),
    /// A guardianship is over in which this case was filed.
    OfAge(CaseNumber),
}

impl Civic {
    /// One of the city's affairs.
    pub(super) async fn see_to(self: Arc<Self>, runtime: Runtime, number: u32) {
        let mut random = self.random(u64::from(number) + 5_000);
        runtime.sleep(Duration::from_millis(random.random_range(0..FILING_MILLIS))).await;
        let first = self.plan.civic.map_or(0, |civic| civic.first_affair);
        let random = &mut random;
        match AFFAIRS[(first + number) as usize % AFFAIRS.len()] {
            Affair::Absence => self.be_absent(&runtime, random).await,
            Affair::Freeze => self.freeze(&runtime, random).await,
            Affair::Merger => self.merge_departments(&runtime, random).await,
            Affair::Agency => self.act_as_agent(&runtime, random).await,
            Affair::Companies => self.end_companies(&runtime, random).await,
            Affair::Transfer => self.transfer(&runtime, random).await,
            Affair::Death => self.die(&runtime, random).await,
            Affair::Forwarding => self.forward(&runtime, random).await,
            Affair::Wardship => self.act_as_guardian(&runtime, random).await,
            Affair::Hearing => self.tell_of_hearing(&runtime, random).await,
            Affair::Counter => self.enter_at_counter(&runtime, random).await,
            Affair::FourEyes => self.publish_as_two(&runtime, random).await,
            Affair::TwoTrees => self.offer_officer(&runtime, random).await,
        };
    }

    /// After the days off.
    pub(super) async fn see_to_later(&self, runtime: &Runtime, later: Later, random: &mut StdRng) -> Option<()> {
        match later {
            Later::Back => self.be_back(runtime, random).await,
            Later::Thawed => {
                self.file_for(runtime, Person::Chen, Person::Chen, town::file_at_welfare, random).await.map(drop)
            }
            Later::Replaced => self.act_with_other_key(runtime, random).await,
            Later::Heard { case, is_asked_for } => self.decide_heard(runtime, &case, is_asked_for, random).await,
            Later::AgencyOver(case) => self.end_agency(runtime, &case, random).await,
            Later::OfAge(case) => self.come_of_age(runtime, &case, random).await,
        }
    }

    pub(super) fn put_off(&self, later: Later) {
        self.known().later.push(later);
    }

    pub(super) fn term_end(&self, runtime: &Runtime) -> Time {
        self.days.now(runtime).plus_millis(TERM_MILLIS)
    }

    async fn be_absent(&self, runtime: &Runtime, random: &mut StdRng) -> Option<()> {
        let suite = self.plan.suite;
        let (clerk, deputy) = (Person::WelfareClerk, Person::WelfareDeputy);
        let case = self.file(runtime, Person::Li, town::file_at_welfare, random).await?;
        let name = calls::name_deputy(self.term_end(runtime), suite);
        self.must_not(runtime, deputy, town::receive(&case), random).await;
        self.must_not(runtime, clerk, name.clone(), random).await;
        self.must(runtime, Person::Mayor, name, random).await?;
        self.must(runtime, deputy, town::receive(&case), random).await?;
        self.must_not(runtime, deputy, town::finish(&case, town::CHECK), random).await;
        self.must(runtime, deputy, town::accept(&case), random).await?;
        if random.random() {
            self.put_off(Later::Back);
            return Some(());
        }
        self.must(runtime, Person::Mayor, calls::end_deputy(suite), random).await?;
        self.be_back(runtime, random).await
    }

    /// Nobody stands in any more for whom is back.
    async fn be_back(&self, runtime: &Runtime, random: &mut StdRng) -> Option<()> {
        let case = self.file(runtime, Person::Li, town::file_at_welfare, random).await?;
        self.must_not(runtime, Person::WelfareDeputy, town::receive(&case), random).await;
        self.must(runtime, Person::WelfareClerk, town::receive(&case), random).await.map(drop)
    }

    async fn transfer(&self, runtime: &Runtime, random: &mut StdRng) -> Option<()> {
        let (suite, mover) = (self.plan.suite, Person::Mover);
        let case = self.accepted_at_welfare(runtime, Person::Li, random).await?;
        let [check, review] = [town::CHECK, town::REVIEW].map(|step| town::finish(&case, step));
        self.must_not(runtime, mover, calls::transfer(mover, suite), random).await;
        if random.random() {
            self.must(runtime, mover, check.clone(), random).await?;
        }
        self.must(runtime, Person::Mayor, calls::transfer(mover, suite), random).await?;
        self.must_not(runtime, mover, check.clone(), random).await;
        self.must_not(runtime, mover, review.clone(), random).await;
        self.must(runtime, Person::Mayor, calls::grant_review(mover, suite), random).await?;
        self.must_not(runtime, mover, check.clone(), random).await;
        self.must(runtime, mover, review, random).await?;
        self.must_unless(runtime, Person::WelfareChecker, check, "cases.step_not_due", random).await
    }

    /// A case of the welfare bureau that is accepted.
    pub(super) async fn accepted_at_welfare(
        &self,
        runtime: &Runtime,
        who: Person,
        random: &mut StdRng,
    ) -> Option<CaseNumber> {
        let case = self.file(runtime, who, town::file_at_welfare, random).await?;
        self.must(runtime, Person::WelfareClerk, town::receive(&case), random).await?;
        self.must(runtime, Person::WelfareClerk, town::accept(&case), random).await?;
        Some(case)
    }

    async fn merge_departments(&self, runtime: &Runtime, random: &mut StdRng) -> Option<()> {
        let (clerk, suite) = (Person::HealthClerk, self.plan.suite);
        let case = self.file(runtime, Person::Zhang, town::file_at_health, random).await?;
        let next = self.file(runtime, Person::Zhang, town::file_at_health, random).await?;
        self.must(runtime, clerk, town::receive(&case), random).await?;
        self.must(runtime, clerk, town::accept(&case), random).await?;
        let check = town::finish(&case, town::CHECK);
        self.must_not(runtime, Person::WelfareChecker, check.clone(), random).await;
        self.must_not(runtime, clerk, calls::merge_departments(), random).await;
        self.must(runtime, Person::Mayor, calls::merge_departments(), random).await?;
        self.must_not(runtime, clerk, check.clone(), random).await;
        self.must_not(runtime, clerk, town::receive(&next), random).await;
        self.must_not(runtime, Person::Mayor, calls::appoint_at_health(Person::Mover, suite), random).await;
        self.must(runtime, Person::WelfareClerk, town::receive(&next), random).await?;
        self.must(runtime, Person::WelfareChecker, check, random).await?;
        self.must(runtime, Person::FoodReviewer, town::finish(&case, town::REVIEW), random).await?;
        self.refuse(runtime, &case, (Person::WelfareApprover, Person::WelfareIssuer), random).await
    }

    /// Decides that nothing is granted, delivers that and closes the case.
    pub(super) async fn refuse(
        &self,
        runtime: &Runtime,
        case: &CaseNumber,
        (approver, issuer): (Person, Person),
        random: &mut StdRng,
    ) -> Option<()> {
        self.must(runtime, approver, town::decide(case, false), random).await?;
        self.must(runtime, issuer, town::deliver(case, false), random).await?;
        self.must(runtime, issuer, town::close(case), random).await.map(drop)
    }

    async fn forward(&self, runtime: &Runtime, random: &mut StdRng) -> Option<()> {
        let (clerk, approver) = (Person::WelfareClerk, Person::WelfareApprover);
        let case = &self.file(runtime, Person::Zhang, town::file_at_welfare, random).await?;
        let (ask, answer) = (town::ask_correction(case), calls::supplement_again(case));
        self.must(runtime, clerk, town::receive(case), random).await?;
        self.must(runtime, clerk, ask.clone(), random).await?;
        self.must(runtime, Person::Zhang, answer.clone(), random).await?;
        self.must_not(runtime, clerk, ask.clone(), random).await;
        self.must_not(runtime, clerk, calls::forward(case), random).await;
        self.must_not(runtime, approver, calls::forward_aside(case), random).await;
        self.must(runtime, approver, calls::forward(case), random).await?;
        self.must_not(runtime, clerk, ask.clone(), random).await;
        self.must(runtime, Person::CityClerk, ask.clone(), random).await?;
        self.must(runtime, Person::Zhang, answer, random).await?;
        self.must_not(runtime, Person::CityClerk, ask, random).await;
        self.must_not(runtime, clerk, town::accept(case), random).await;
        self.must(runtime, Person::CityClerk, town::accept(case), random).await?;
        self.must_not(runtime, Person::WelfareChecker, town::finish(case, town::CHECK), random).await;
        self.must(runtime, Person::CityClerk, town::finish(case, town::CHECK), random).await?;
        self.must(runtime, Person::FoodReviewer, town::finish(case, town::REVIEW), random).await?;
        self.must_not(runtime, approver, town::decide(case, false), random).await;
        self.refuse(runtime, case, (Person::CityApprover, Person::CityClerk), random).await
    }

    async fn freeze(&self, runtime: &Runtime, random: &mut StdRng) -> Option<()> {
        let (suite, chen) = (self.plan.suite, Person::Chen);
        let freeze = calls::freeze(chen, suite);
        let file = |random: &mut StdRng| town::file_at_welfare(chen.account(suite), Digest(random.random()));
        self.must_not(runtime, Person::RecoveryApprover, freeze.clone(), random).await;
        // Whoever is first: what he does comes to be before the freeze, or not at all.
        let [mut one, mut other] = [StdRng::seed_from_u64(random.random()), StdRng::seed_from_u64(random.random())];
        let applied = self.try_to(runtime, chen, file(random), &mut one);
        let frozen = self.must(runtime, Person::IdentityOfficer, freeze.clone(), &mut other);
        join(applied, frozen).await.1?;
        self.cannot_act(runtime, chen, file(random), random).await;
        self.must_not(runtime, Person::IdentityOfficer, freeze, random).await;
        let open = town::open_recovery(chen, suite, &self.network);
        let opened = self.must(runtime, Person::IdentityOfficer, open, random).await?;
        self.must_not(runtime, Person::Li, calls::object(opened.number), random).await;
        self.must(runtime, chen, calls::object(opened.number), random).await?;
        self.cannot_act(runtime, chen, file(random), random).await;
        self.settle_dispute(runtime, opened.number, random).await
    }

    /// Has one officer record the end of an account, and the other one confirm it.
    async fn end_account(&self, runtime: &Runtime, who: Person, record: Call, random: &mut StdRng) -> Option<()> {
        let suite = self.plan.suite;
        self.must_not(runtime, Person::RecoveryApprover, record.clone(), random).await;
        let recorded = self.must(runtime, Person::IdentityOfficer, record, random).await?;
        let confirm = calls::confirm(who, recorded.number, suite);
        self.must_not(runtime, Person::IdentityOfficer, confirm.clone(), random).await;
        self.must(runtime, Person::RecoveryApprover, confirm, random).await?;
        let file = town::file_at_welfare(who.account(suite), Digest(random.random()));
        self.cannot_act(runtime, who, file, random).await;
        Some(())
    }

    async fn die(&self, runtime: &Runtime, random: &mut StdRng) -> Option<()> {
        let (suite, zhao, qian) = (self.plan.suite, Person::Zhao, Person::Qian);
        let name = calls::name_agent(zhao, qian, self.term_end(runtime), suite);
        self.must_not(runtime, qian, name.clone(), random).await;
        self.must(runtime, zhao, name, random).await?;
        let case = self.file_for(runtime, qian, zhao, town::file_at_welfare, random).await?;
        self.must_not(runtime, Person::WelfareApprover, rights::discontinue(&case), random).await;
        self.end_account(runtime, zhao, calls::record_death(zhao, suite), random).await?;
        self.must_not(runtime, qian, town::withdraw(&case), random).await;
        self.must_not(runtime, qian, town::file_at_welfare(zhao.account(suite), Digest(random.random())), random).await;
        self.settle_estate(runtime, &case, random).await
    }

    async fn end_companies(&self, runtime: &Runtime, random: &mut StdRng) -> Option<()> {
        let (suite, shop, booth) = (self.plan.suite, Person::Shop, Person::Booth);
        let (sun, zhou) = (Person::Sun, Person::Zhou);
        let named = calls::name_representatives(suite);
        let reply = self.ask(runtime, Person::IdentityOfficer, &named, random).await;
        self.expect(Person::IdentityOfficer, &named, reply)?;
        let of_shop = self.file_for(runtime, sun, shop, town::file_at_welfare, random).await?;
        let of_booth = self.file_for(runtime, sun, booth, town::file_at_welfare, random).await?;
        self.must_not(runtime, zhou, town::withdraw(&of_shop), random).await;
        self.end_account(runtime, shop, calls::record_merger(suite), random).await?;
        self.must_not(runtime, sun, town::withdraw(&of_shop), random).await;
        let heir = if random.random() { zhou } else { Person::Chain };
        self.must(runtime, heir, town::withdraw(&of_shop), random).await?;
        self.end_account(runtime, booth, calls::record_dissolution(booth, suite), random).await?;
        self.must_not(runtime, sun, town::withdraw(&of_booth), random).await;
        self.must(runtime, Person::WelfareApprover, rights::discontinue(&of_booth), random).await.map(drop)
    }

    async fn act_as_agent(&self, runtime: &Runtime, random: &mut StdRng) -> Option<()> {
        let (suite, wu, feng) = (self.plan.suite, Person::Wu, Person::Feng);
        let name = calls::name_agent_for_some(wu, feng, self.term_end(runtime), suite);
        let apply = |random: &mut StdRng| town::file_at_welfare(wu.account(suite), Digest(random.random()));
        self.must_not(runtime, feng, apply(random), random).await;
        let agency = self.must(runtime, wu, name, random).await?.number;
        let case = self.file_for(runtime, feng, wu, town::file_at_welfare, random).await?;
        self.must_not(runtime, feng, town::file(wu.account(suite), Digest(random.random())), random).await;
        self.must_not(runtime, feng, town::withdraw(&case), random).await;
        let further = calls::name_agent(wu, Person::Qian, self.term_end(runtime), suite);
        self.must_not(runtime, feng, further, random).await;
        if random.random() {
            self.put_off(Later::AgencyOver(case));
            return Some(());
        }
        self.must_not(runtime, Person::Qian, calls::revoke_agency(agency), random).await;
        self.must(runtime, wu, calls::revoke_agency(agency), random).await?;
        self.end_agency(runtime, &case, random).await
    }

    /// The agent acts no more, and his principal does.
    async fn end_agency(&self, runtime: &Runtime, case: &CaseNumber, random: &mut StdRng) -> Option<()> {
        let (wu, feng) = (Person::Wu, Person::Feng);
        let again = town::file_at_welfare(wu.account(self.plan.suite), Digest(random.random()));
        self.must_not(runtime, feng, again, random).await;
        self.must(runtime, wu, town::withdraw(case), random).await.map(drop)
    }

    async fn act_as_guardian(&self, runtime: &Runtime, random: &mut StdRng) -> Option<()> {
        let (suite, child, guardian) = (self.plan.suite, Person::Child, Person::Guardian);
        let ends_by_itself: bool = random.random();
        let until = ends_by_itself.then(|| self.term_end(runtime));
        let appoint = calls::appoint_guardian(until, suite);
        let apply = town::file_at_welfare(child.account(suite), Digest(random.random()));
        self.must_not(runtime, guardian, apply, random).await;
        self.must_not(runtime, guardian, appoint.clone(), random).await;
        self.must(runtime, Person::IdentityOfficer, appoint, random).await?;
        let case = self.file_for(runtime, guardian, child, town::file_at_welfare, random).await?;
        if ends_by_itself {
            self.put_off(Later::OfAge(case));
            return Some(());
        }
        self.must(runtime, Person::IdentityOfficer, calls::end_guardianship(suite), random).await?;
        self.come_of_age(runtime, &case, random).await
    }

    /// The guardian acts no more, and who was his ward does.
    async fn come_of_age(&self, runtime: &Runtime, case: &CaseNumber, random: &mut StdRng) -> Option<()> {
        self.must_not(runtime, Person::Guardian, town::withdraw(case), random).await;
        self.must(runtime, Person::Child, town::withdraw(case), random).await.map(drop)
    }
}
