//! What becomes of the applications in a city: one course for each, from filing to closing, with what must be refused on the way.

use super::{Civic, DAY_MILLIS, FILING_MILLIS, Runtime};
use crate::town::affairs as calls;
use crate::town::{self, Person, rights};
use commonware_runtime::Clock as _;
use futures::future::join;
use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};
use std::sync::Arc;
use std::time::Duration;
use tongban_modules::sharing::Uses;
use tongban_modules::{Call, Event, cases};
use tongban_types::codes::{CaseNumber, LicenceIdentifier};
use tongban_types::{AccessId, AccountId, ConsentId, CorrectionId, Digest, Outcome, Receipt, Text, Time};

/// So long lasts a consent.
const CONSENT_MILLIS: u64 = 3 * DAY_MILLIS;

/// So long counts a copy.
const COPY_MILLIS: u64 = 30 * DAY_MILLIS;

/// What becomes of an application. It goes round.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Course {
    /// Granted; the grant and the licence are revoked.
    Revoked,
    /// Nobody accepts it before everybody is off; afterwards it is granted.
    Silent,
    /// Refused, and after an appeal decided anew by another officer.
    Refused,
    /// Granted, each step done twice at different nodes; the licence is suspended and resumed.
    Doubled,
    /// Withdrawn after its acceptance.
    Withdrawn,
    /// A special procedure is under way when everybody is off; afterwards it is granted.
    Tested,
    /// Not accepted, and an appeal is not right.
    NotAccepted,
    /// Granted, with a special procedure that its officer ends; the licence is shown and suspended, and said to be wrong: the answer comes late.
    Shown,
    /// Accepted with a gap, which is filled before the decision.
    Filled,
    /// Accepted with a gap that nobody fills: terminated after the days off.
    Overdue,
    /// Corrected once, and granted.
    Corrected,
    /// Never corrected: returned after the days off.
    Uncorrected,
    /// Received in the suburb, handed over, and granted; made out by two, copied, and handed over to another network.
    Elsewhere,
    /// Granted for a short time; a renewal is applied for, and silence grants it during the days off.
    Renewed,
    /// Granted; its holder consents that it is read for something else that he applies for, and it is found wrong and made out anew.
    Shared,
}

const COURSES: [Course; 15] = [
    Course::Revoked,
    Course::Silent,
    Course::Refused,
    Course::Doubled,
    Course::Withdrawn,
    Course::Tested,
    Course::NotAccepted,
    Course::Shown,
    Course::Filled,
    Course::Overdue,
    Course::Corrected,
    Course::Uncorrected,
    Course::Elsewhere,
    Course::Renewed,
    Course::Shared,
];

/// A case that somebody handles.
#[derive(Clone)]
pub(super) struct File {
    case: CaseNumber,
    applicant: Person,
    course: Course,
    /// The serial of its licence.
    pub serial: u32,
    /// From when until when that is valid.
    period: (Time, Time),
    /// What is said to be wrong with it.
    request: CorrectionId,
}

impl Civic {
    pub(super) async fn apply(self: Arc<Self>, runtime: Runtime, number: u32) {
        let mut random = self.random(u64::from(number) + 1);
        runtime.sleep(Duration::from_millis(random.random_range(0..FILING_MILLIS))).await;
        let first = self.plan.civic.map_or(0, |civic| civic.first_course);
        let course = COURSES[(first + number) as usize % COURSES.len()];
        let applicant = town::APPLICANTS[number as usize % town::APPLICANTS.len()];
        let call = match course {
            Course::Filled | Course::Overdue => town::file_with_gap,
            Course::Elsewhere => town::file_elsewhere,
            _ => town::file,
        };
        let Some(case) = self.file(&runtime, applicant, call, &mut random).await else { return };
        let from = town::day_of(self.days.now(&runtime));
        let until = if course == Course::Renewed { town::short_end(from) } else { town::long_end() };
        let request = CorrectionId(random.random());
        let file = File { case, applicant, course, serial: number, period: (from, until), request };
        if course == Course::Silent {
            self.wait(file);
        } else {
            self.take(&runtime, file, &mut random).await;
        }
    }

    /// A case goes on after the days off.
    fn wait(&self, file: File) {
        self.known().waiting.push(file);
    }

    /// After the days off.
    pub(super) async fn take_up_again(&self, runtime: &Runtime, file: &File, random: &mut StdRng) -> Option<()> {
        match file.course {
            Course::Overdue => self.terminate(runtime, file, random).await,
            Course::Uncorrected => {
                self.must(runtime, Person::Acceptor, town::return_case(&file.case), random).await.map(drop)
            }
            Course::Renewed => self.renew(runtime, file, random).await,
            Course::Shown => {
                let answer = town::answer_error(file.request);
                self.must_not(runtime, Person::FoodReviewer, answer.clone(), random).await;
                self.must(runtime, Person::DataOfficer, answer, random).await.map(drop)
            }
            _ => self.review(runtime, file, random).await,
        }
    }

    pub(super) async fn file(
        &self,
        runtime: &Runtime,
        applicant: Person,
        call: impl Fn(AccountId, Digest) -> Call,
        random: &mut StdRng,
    ) -> Option<CaseNumber> {
        self.file_for(runtime, applicant, applicant, call, random).await
    }

    /// Somebody applies for another one, or for himself.
    pub(super) async fn file_for(
        &self,
        runtime: &Runtime,
        who: Person,
        applicant: Person,
        call: impl Fn(AccountId, Digest) -> Call,
        random: &mut StdRng,
    ) -> Option<CaseNumber> {
        let form = Digest(random.random());
        let call = call(applicant.account(self.plan.suite), form);
        let receipt = self.must(runtime, who, call, random).await?;
        let Outcome::Applied { events } = &receipt.outcome else { return None };
        let event = events.iter().find_map(|event| Event::decode(event.as_ref()).ok());
        let Some(Event::Cases(cases::Event::Filed { case, .. })) = event else {
            self.known().wrong.push(format!("receipt {} is of no application", receipt.number));
            return None;
        };
        self.known().told.filed.push((form, case.clone()));
        Some(case)
    }

    /// Receives an application, accepts it or not, and sees to its steps.
    async fn take(&self, runtime: &Runtime, file: File, random: &mut StdRng) -> Option<()> {
        let case = &file.case;
        self.receive(runtime, &file, random).await?;
        self.must_not(runtime, Person::FoodReviewer, town::accept(case), random).await;
        self.must_not(runtime, Person::Approver, town::decide(case, true), random).await;
        match file.course {
            Course::NotAccepted => return self.refuse_acceptance(runtime, &file, random).await,
            Course::Uncorrected => {
                self.must(runtime, Person::Acceptor, town::ask_correction(case), random).await?;
                self.must_not(runtime, Person::Acceptor, town::return_case(case), random).await;
                self.wait(file);
                return Some(());
            }
            Course::Corrected => {
                self.must(runtime, Person::Acceptor, town::ask_correction(case), random).await?;
                self.must_not(runtime, Person::Acceptor, town::accept(case), random).await;
                self.must(runtime, file.applicant, town::supplement(case), random).await?;
                self.must_not(runtime, Person::Acceptor, town::ask_correction(case), random).await;
            }
            _ => {}
        }
        self.accept(runtime, &file, random).await?;
        match file.course {
            Course::Overdue => {
                self.wait(file);
                return Some(());
            }
            Course::Withdrawn => {
                self.must_not(runtime, Person::Wang, town::withdraw(case), random).await;
                self.must(runtime, file.applicant, town::withdraw(case), random).await?;
                self.must_not(runtime, Person::Checker, town::finish(case, town::CHECK), random).await;
                return Some(());
            }
            Course::Tested | Course::Shown => {
                let until = self.days.now(runtime).plus_millis(DAY_MILLIS);
                let stop = town::stop_clock(case, town::REVIEW, until);
                self.must(runtime, Person::FoodReviewer, stop, random).await?;
                if file.course == Course::Tested {
                    self.wait(file);
                    return Some(());
                }
                self.must(runtime, Person::FoodReviewer, town::resume_clock(case, town::REVIEW), random).await?;
            }
            _ => {}
        }
        self.review(runtime, &file, random).await
    }

    /// Receives it at its place; where that is another one, it is handed over to the department that decides.
    async fn receive(&self, runtime: &Runtime, file: &File, random: &mut StdRng) -> Option<()> {
        let case = &file.case;
        if file.course != Course::Elsewhere {
            return self.must(runtime, Person::Receiver, town::receive(case), random).await.map(drop);
        }
        self.must_not(runtime, Person::Receiver, town::receive(case), random).await;
        self.must(runtime, Person::SuburbReceiver, town::receive(case), random).await?;
        self.must_not(runtime, Person::Acceptor, town::accept(case), random).await;
        self.must(runtime, Person::SuburbReceiver, town::hand_over(case), random).await.map(drop)
    }

    async fn accept(&self, runtime: &Runtime, file: &File, random: &mut StdRng) -> Option<()> {
        let case = &file.case;
        let mut call = town::accept(case);
        if matches!(file.course, Course::Filled | Course::Overdue) {
            self.must_not(runtime, Person::Acceptor, call, random).await;
            call = town::accept_with_gap(case);
        }
        self.must(runtime, Person::Acceptor, call, random).await.map(drop)
    }

    async fn refuse_acceptance(&self, runtime: &Runtime, file: &File, random: &mut StdRng) -> Option<()> {
        let case = &file.case;
        self.must(runtime, Person::Acceptor, town::refuse_acceptance(case), random).await?;
        self.must_not(runtime, Person::Acceptor, town::accept(case), random).await;
        self.must(runtime, file.applicant, town::appeal(case), random).await?;
        self.must(runtime, Person::Approver, town::decide_appeal(case, false), random).await?;
        self.must_not(runtime, Person::Approver, town::reconsider(case), random).await;
        Some(())
    }

    /// The steps side by side, in two departments, at whatever nodes; then the decision and all that follows.
    async fn review(&self, runtime: &Runtime, file: &File, random: &mut StdRng) -> Option<()> {
        let case = &file.case;
        self.must_not(runtime, Person::FoodReviewer, town::finish(case, town::CHECK), random).await;
        let [mut one, mut other] = [StdRng::seed_from_u64(random.random()), StdRng::seed_from_u64(random.random())];
        let check = self.finish(runtime, file, Person::Checker, town::CHECK, &mut one);
        let review = self.finish(runtime, file, Person::FoodReviewer, town::REVIEW, &mut other);
        let (check, review) = join(check, review).await;
        check.and(review)?;
        if file.course == Course::Filled {
            self.must_not(runtime, Person::Approver, town::decide(case, true), random).await;
            self.must(runtime, file.applicant, town::fill_gap(case), random).await?;
        }
        let is_granted = file.course != Course::Refused;
        self.must(runtime, Person::Approver, town::decide(case, is_granted), random).await?;
        self.must_not(runtime, Person::Approver, town::decide(case, is_granted), random).await;
        if is_granted {
            self.complete(runtime, file, random).await?;
            self.see_to_licence(runtime, file, random).await
        } else {
            self.must(runtime, Person::Issuer, town::deliver(case, false), random).await?;
            self.must(runtime, Person::Issuer, town::close(case), random).await?;
            self.decide_anew(runtime, file, random).await
        }
    }

    async fn finish(
        &self,
        runtime: &Runtime,
        file: &File,
        who: Person,
        step: &str,
        random: &mut StdRng,
    ) -> Option<Receipt> {
        let call = town::finish(&file.case, step);
        let receipt = if file.course == Course::Doubled {
            self.twice(runtime, who, call, random).await
        } else {
            self.must(runtime, who, call, random).await
        }?;
        self.known().told.finished.push((file.case.clone(), Text::new(step).expect("a short name")));
        Some(receipt)
    }

    /// Makes out what was granted, delivers it and closes the case.
    async fn complete(&self, runtime: &Runtime, file: &File, random: &mut StdRng) -> Option<()> {
        let (case, licence, holder) = (&file.case, town::licence(file.serial), file.applicant.account(self.plan.suite));
        let from = file.period.0.max(town::day_of(self.days.now(runtime)));
        self.must_not(runtime, Person::Issuer, town::certify(case, &licence), random).await;
        if file.course == Course::Elsewhere {
            self.issue_as_two(runtime, file, from, random).await?;
        } else {
            let issue = town::issue(&licence, case, holder, (from, file.period.1));
            self.must(runtime, Person::Issuer, issue, random).await?;
        }
        self.must(runtime, Person::Issuer, town::certify(case, &licence), random).await?;
        self.must(runtime, Person::Issuer, town::deliver(case, true), random).await?;
        self.must(runtime, Person::Issuer, town::close(case), random).await.map(drop)
    }

    /// One officer prepares the licence and another one issues it; before that it is none.
    async fn issue_as_two(&self, runtime: &Runtime, file: &File, from: Time, random: &mut StdRng) -> Option<()> {
        let (licence, holder) = (town::licence(file.serial), file.applicant.account(self.plan.suite));
        let prepare = rights::prepare(file.serial, &file.case, holder, (from, file.period.1));
        self.must(runtime, Person::Issuer, prepare, random).await?;
        self.must_not(runtime, Person::Issuer, rights::issue_prepared(&licence), random).await;
        self.must_not(runtime, Person::Issuer, town::certify(&file.case, &licence), random).await;
        self.must_not(runtime, file.applicant, self.copy(runtime, &licence, random), random).await;
        self.must(runtime, Person::SecondIssuer, rights::issue_prepared(&licence), random).await.map(drop)
    }

    fn copy(&self, runtime: &Runtime, licence: &LicenceIdentifier, random: &mut StdRng) -> Call {
        rights::make_copy(licence, Digest(random.random()), self.days.now(runtime).plus_millis(COPY_MILLIS))
    }

    /// The holder has a copy made, and goes away with his licence: here it is none any more.
    async fn move_out(&self, runtime: &Runtime, file: &File, random: &mut StdRng) -> Option<()> {
        let licence = town::licence(file.serial);
        self.must_not(runtime, Person::Wang, self.copy(runtime, &licence, random), random).await;
        self.must(runtime, file.applicant, self.copy(runtime, &licence, random), random).await?;
        self.must_not(runtime, file.applicant, rights::move_out(&licence), random).await;
        self.must(runtime, Person::Issuer, rights::move_out(&licence), random).await?;
        self.must_not(runtime, Person::Issuer, town::suspend(&licence), random).await;
        self.must_not(runtime, file.applicant, self.copy(runtime, &licence, random), random).await;
        Some(())
    }

    /// The applicant appeals and is right; another officer decides.
    async fn decide_anew(&self, runtime: &Runtime, file: &File, random: &mut StdRng) -> Option<()> {
        let case = &file.case;
        self.must(runtime, file.applicant, town::appeal(case), random).await?;
        self.must_not(runtime, Person::Approver, town::decide_appeal(case, false), random).await;
        self.must(runtime, Person::SecondApprover, town::decide_appeal(case, true), random).await?;
        self.must(runtime, Person::SecondApprover, town::reconsider(case), random).await?;
        self.must_not(runtime, Person::Approver, town::decide(case, false), random).await;
        self.must(runtime, Person::SecondApprover, town::decide(case, true), random).await?;
        self.complete(runtime, file, random).await
    }

    async fn see_to_licence(&self, runtime: &Runtime, file: &File, random: &mut StdRng) -> Option<()> {
        let licence = town::licence(file.serial);
        match file.course {
            Course::Revoked => {
                self.must(runtime, Person::Checker, town::propose_revocation(&file.case), random).await?;
                self.must(runtime, Person::SecondApprover, town::decide_revocation(&file.case), random).await?;
                self.must_not(runtime, Person::Issuer, town::revoke(&licence), random).await;
                self.must(runtime, Person::Approver, town::revoke(&licence), random).await?;
                self.must_not(runtime, Person::Issuer, town::suspend(&licence), random).await;
            }
            Course::Doubled => {
                self.twice(runtime, Person::Issuer, town::suspend(&licence), random).await?;
                self.must(runtime, Person::Issuer, town::resume(&licence), random).await?;
            }
            Course::Elsewhere => self.move_out(runtime, file, random).await?,
            Course::Shown => self.show(runtime, file, random).await?,
            Course::Renewed => self.apply_for_renewal(runtime, file, random).await?,
            Course::Shared => {
                self.share(runtime, file, random).await?;
                self.correct_at_source(runtime, file, random).await?;
            }
            _ => {}
        }
        Some(())
    }

    /// The licence is shown to another department and suspended, and its holder says that it is wrong.
    async fn show(&self, runtime: &Runtime, file: &File, random: &mut StdRng) -> Option<()> {
        let (licence, person) = (town::licence(file.serial), file.applicant.account(self.plan.suite));
        let access = town::record_access(AccessId(random.random()), &licence, &file.case, person, self.plan.suite);
        self.must_not(runtime, Person::FoodReviewer, access.clone(), random).await;
        self.must(runtime, Person::DataOfficer, access, random).await?;
        self.must(runtime, Person::Issuer, town::suspend(&licence), random).await?;
        let report = |id| town::report_error(id, &licence, person);
        let stranger = if file.applicant == Person::Zhang { Person::Li } else { Person::Zhang };
        self.must_not(runtime, stranger, report(file.request), random).await;
        self.must(runtime, file.applicant, report(file.request), random).await?;
        self.must_not(runtime, file.applicant, report(CorrectionId(random.random())), random).await;
        self.wait(file.clone());
        Some(())
    }

    /// The holder consents once, and again for longer, and takes that back.
    async fn share(&self, runtime: &Runtime, file: &File, random: &mut StdRng) -> Option<()> {
        let (suite, applicant) = (self.plan.suite, file.applicant);
        let (person, until) = (applicant.account(suite), self.days.now(runtime).plus_millis(CONSENT_MILLIS));
        let [once, often] = [ConsentId(random.random()), ConsentId(random.random())];
        let case = self.file(runtime, applicant, town::file_at_welfare, random).await?;
        let access = |id, consent| calls::record_access_under(id, consent, file.serial, &case, person, suite);
        let give = calls::consent(once, person, Uses::Once, until);
        self.must_not(runtime, Person::DataOfficer, access(AccessId(random.random()), once), random).await;
        self.must_not(runtime, Person::Wang, give.clone(), random).await;
        self.must(runtime, applicant, give, random).await?;
        self.must_not(runtime, Person::WelfareChecker, access(AccessId(random.random()), once), random).await;
        self.twice(runtime, Person::DataOfficer, access(AccessId(random.random()), once), random).await?;
        self.must_not(runtime, Person::DataOfficer, access(AccessId(random.random()), once), random).await;
        let give = calls::consent(often, person, Uses::Repeatedly, until);
        self.must(runtime, applicant, give, random).await?;
        self.must(runtime, Person::DataOfficer, access(AccessId(random.random()), often), random).await?;
        self.name_source(runtime, file, often, random).await?;
        self.must_not(runtime, Person::Wang, calls::withdraw_consent(often), random).await;
        self.must(runtime, applicant, calls::withdraw_consent(often), random).await?;
        self.must_not(runtime, Person::DataOfficer, access(AccessId(random.random()), often), random).await;
        Some(())
    }

    /// The holder is shown his licence, and applies with what it says.
    async fn name_source(&self, runtime: &Runtime, file: &File, consent: ConsentId, random: &mut StdRng) -> Option<()> {
        let (applicant, id) = (file.applicant, AccessId(random.random()));
        let person = applicant.account(self.plan.suite);
        let early = rights::file_with_source(person, Digest(random.random()), file.serial, id);
        self.must_not(runtime, applicant, early, random).await;
        let show = rights::show_to_holder(id, consent, file.serial, person);
        self.must(runtime, Person::DataOfficer, show, random).await?;
        let call = |person, form| rights::file_with_source(person, form, file.serial, id);
        self.file(runtime, applicant, call, random).await.map(drop)
    }

    /// The holder finds his licence wrong, and a new version takes its place; not while it is suspended.
    async fn correct_at_source(&self, runtime: &Runtime, file: &File, random: &mut StdRng) -> Option<()> {
        let (licence, next) = (town::licence(file.serial), town::renewed(file.serial));
        let report = town::report_error(file.request, &licence, file.applicant.account(self.plan.suite));
        let (correct, answer) =
            (calls::correct(file.serial, file.period), calls::answer_corrected(file.request, &next));
        self.must(runtime, file.applicant, report, random).await?;
        self.must(runtime, Person::Issuer, town::suspend(&licence), random).await?;
        self.must_not(runtime, Person::Issuer, correct.clone(), random).await;
        self.must(runtime, Person::Issuer, town::resume(&licence), random).await?;
        self.must_not(runtime, Person::DataOfficer, answer.clone(), random).await;
        self.must(runtime, Person::Issuer, correct, random).await?;
        self.must_not(runtime, Person::Issuer, town::suspend(&licence), random).await;
        self.must(runtime, Person::DataOfficer, answer, random).await.map(drop)
    }

    async fn apply_for_renewal(&self, runtime: &Runtime, file: &File, random: &mut StdRng) -> Option<()> {
        let licence = town::licence(file.serial);
        let call = |applicant, form| town::file_renewal(applicant, form, &licence);
        let case = self.file(runtime, file.applicant, call, random).await?;
        let file = File { case, ..file.clone() };
        self.receive(runtime, &file, random).await?;
        self.accept(runtime, &file, random).await?;
        self.wait(file);
        Some(())
    }

    /// Silence has granted the renewal: what it grants is made out.
    async fn renew(&self, runtime: &Runtime, file: &File, random: &mut StdRng) -> Option<()> {
        let (case, renewed) = (&file.case, town::renewed(file.serial));
        self.must_not(runtime, Person::Approver, town::decide(case, false), random).await;
        self.must_not(runtime, Person::Issuer, town::certify(case, &renewed), random).await;
        self.must(runtime, Person::Issuer, town::renew(file.serial, case, file.period.1), random).await?;
        self.must(runtime, Person::Issuer, town::certify(case, &renewed), random).await?;
        self.must(runtime, Person::Issuer, town::deliver(case, true), random).await?;
        self.must(runtime, Person::Issuer, town::close(case), random).await.map(drop)
    }

    /// Nobody has handed in what was promised.
    async fn terminate(&self, runtime: &Runtime, file: &File, random: &mut StdRng) -> Option<()> {
        let case = &file.case;
        self.must_not(runtime, Person::Checker, town::finish(case, town::CHECK), random).await;
        // Time may have proposed it before.
        let propose = town::propose_termination(case);
        self.must_unless(runtime, Person::Acceptor, propose, "cases.proposed_before", random).await?;
        self.must(runtime, Person::Approver, town::terminate(case), random).await?;
        let again = town::file_with_gap(file.applicant.account(self.plan.suite), Digest(random.random()));
        self.must_not(runtime, file.applicant, again, random).await;
        Some(())
    }
}
