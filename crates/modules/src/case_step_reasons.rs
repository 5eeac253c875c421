//! Why each open step of a case is open (环节为什么还没办好): a step that can be done, one that waits, one that stands still, and who can let it go on.

use crate::case_forecast::{self as forecast, Planned};
use crate::case_moments::{Subjects, open_gap};
use crate::case_reasons::{Answer, Cause, Look, Owner, StepCause, StepWaiting, Waiting, call};
use crate::case_states::Stage;
use crate::case_steps;
use crate::cases::CallKind;
use crate::flow::{self, STEPS_MAX, StepState};
use crate::items::StepKind;
use tongban_kernel::{Missing, Role, State};
use tongban_types::{List, Time};

/// Why each open step is open, in the flow's order; `whole` is why the case waits.
pub fn of_steps(
    subjects: Subjects,
    whole: Option<&Waiting>,
    now: Time,
    state: &State,
) -> Result<List<StepWaiting, STEPS_MAX>, Missing> {
    let Some(whole) = whole else { return Ok(List::default()) };
    let look = Look { subjects, now, state };
    let (applies, planned) = (forecast::applying(subjects), forecast::of_steps(subjects, now, state)?);
    let mut open = Vec::new();
    for place in (0..subjects.states.len()).filter(|place| look.is_open(*place, &applies)) {
        open.push(look.of_step(place, whole, &applies, planned[place])?);
    }
    Ok(List::new(open).expect("no more than the flow has"))
}

impl Look<'_> {
    /// Whether a step is to be done, waits, or is to be refused. One that will be passed over is not open.
    fn is_open(self, place: usize, applies: &[bool]) -> bool {
        let has_steps =
            matches!(self.subjects.case.stage, Stage::Received | Stage::Correcting | Stage::Accepted | Stage::Granted);
        match self.subjects.states[place] {
            StepState::Due => has_steps,
            StepState::Waiting => has_steps && applies[place],
            StepState::Stopped => self.subjects.case.stage == Stage::Accepted && self.can_only_refuse(place),
            StepState::Skipped | StepState::Finished(_) => false,
        }
    }

    fn of_step(
        self,
        place: usize,
        whole: &Waiting,
        applies: &[bool],
        planned: Option<Planned>,
    ) -> Result<StepWaiting, Missing> {
        let Subjects { case, item, states, .. } = self.subjects;
        if matches!(whole.cause, Cause::TimeFirst {}) {
            return Ok(self.like_the_case(place, whole, StepCause::TimeFirst {}, None));
        }
        if matches!(whole.cause, Cause::ApplicantLost { .. }) {
            return Ok(self.like_the_case(place, whole, StepCause::ApplicantLost {}, None));
        }
        if matches!(case.stage, Stage::Received | Stage::Correcting) {
            return Ok(self.before_acceptance(place, whole, planned)); // the case was sent back to its acceptance
        }
        let is_decision_due = item.flow[place].kind == StepKind::Decision && states[place] == StepState::Due;
        let gap = open_gap(case).filter(|gap| gap.suspended_at.is_some() || is_decision_due);
        if let Some(gap) = gap {
            let cause = StepCause::Gap { missing: gap.missing.clone(), is_suspended: gap.suspended_at.is_some() };
            return self.step_waiting(place, self.of_gap(gap, cause)?);
        }
        if let Some(hearing) = self.hearing().filter(|hearing| usize::from(hearing.step) == place) {
            let at = hearing.date.as_ref().map(|date| date.at);
            let cause = StepCause::Hearing { is_to_be_held: hearing.to_hold_since.is_some(), at };
            return self.step_waiting(place, self.of_hearing(hearing, cause)?);
        }
        if self.can_be_done(place) {
            return self.can_be_begun(place, planned);
        }
        if self.can_only_refuse(place) {
            let (cause, owner, until) = (StepCause::RefusalToDecide {}, self.owner_of(place), self.of_decision()?);
            let next = self.next_at(place);
            return self.step_waiting(place, Answer { cause, owner, next, step: Some(place), until });
        }
        let until = planned.map_or_else(|| self.of_decision(), Ok)?;
        let before = match states[place] {
            StepState::Due if case.stage == Stage::Granted => self.open_of(StepKind::Certificate, applies),
            StepState::Due => self.open_of(StepKind::Decision, applies),
            _ => self.open_before(place, applies),
        };
        if before.is_empty() && states[place] == StepState::Due {
            let (cause, owner, next) =
                (StepCause::ResultToMake {}, self.lead(Role::Issuer), CallKind::IssueCertificate);
            return self.step_waiting(place, Answer { cause, owner, next, step: None, until });
        }
        let cause = StepCause::WaitsFor { steps: self.names(before.iter().copied()) };
        match self.holder(&before) {
            Some((owner, next, step)) => self.step_waiting(place, Answer { cause, owner, next, step, until }),
            None => Ok(self.like_the_case(place, whole, cause, Some(until))),
        }
    }

    /// A step that is due, or in its special procedure, which ends with the step.
    fn can_be_begun(self, place: usize, planned: Option<Planned>) -> Result<StepWaiting, Missing> {
        let procedure = self.procedure(place);
        let cause = match procedure {
            Some(one) => StepCause::Procedure { procedure: one.kind, reason: one.reason.clone() },
            None => StepCause::Due {},
        };
        let until = match (procedure.and_then(|one| one.until), planned) {
            (Some(until), _) => Planned::at(until),
            (None, Some(planned)) => planned,
            (None, None) => self.of_decision()?,
        };
        let (owner, next) = (self.owner_of(place), self.next_at(place));
        self.step_waiting(place, Answer { cause, owner, next, step: Some(place), until })
    }

    fn before_acceptance(self, place: usize, whole: &Waiting, planned: Option<Planned>) -> StepWaiting {
        match case_steps::acceptance(&self.subjects.item.flow) {
            Some(acceptance) if acceptance != place => {
                let cause = StepCause::WaitsFor { steps: self.names([acceptance]) };
                self.like_the_case(place, whole, cause, planned)
            }
            _ => self.like_the_case(place, whole, StepCause::Due {}, None),
        }
    }

    fn step_waiting(self, place: usize, answer: Answer<StepCause>) -> Result<StepWaiting, Missing> {
        let Answer { cause, owner, next, step, until: Planned { deadline, is_forecast } } = answer;
        let not_before = self.not_before(next);
        Ok(StepWaiting {
            step: self.name(Some(place)).unwrap_or_default(),
            cause,
            owner: self.answering(owner)?,
            next: call(next),
            next_step: self.name(step),
            is_late: deadline.is_over(self.now),
            deadline,
            is_forecast,
            not_before,
        })
    }

    /// A step that goes on when the case does.
    fn like_the_case(self, place: usize, whole: &Waiting, cause: StepCause, until: Option<Planned>) -> StepWaiting {
        let of_whole = Planned { deadline: whole.deadline, is_forecast: whole.is_forecast };
        let Planned { deadline, is_forecast } = until.unwrap_or(of_whole);
        StepWaiting {
            step: self.name(Some(place)).unwrap_or_default(),
            cause,
            owner: whole.owner.clone(),
            next: whole.next.clone(),
            next_step: whole.next_step.clone(),
            is_late: deadline.is_over(self.now),
            deadline,
            is_forecast,
            not_before: whole.not_before,
        }
    }

    /// The open steps of a kind.
    fn open_of(self, kind: StepKind, applies: &[bool]) -> Vec<usize> {
        let flow = &self.subjects.item.flow;
        (0..flow.len()).filter(|place| flow[*place].kind == kind && self.is_open(*place, applies)).collect()
    }

    /// The open steps that a step waits for; behind one that will be passed over, those that this one waits for.
    fn open_before(self, place: usize, applies: &[bool]) -> Vec<usize> {
        let states = self.subjects.states;
        let before = flow::predecessors(&self.subjects.item.flow);
        let mut reached = before[place];
        for _ in 0..before.len() {
            let is_passed_over = |place: &usize| states[*place] == StepState::Waiting && !applies[*place];
            reached = flow::places(reached).filter(is_passed_over).fold(reached, |all, place| all | before[place]);
        }
        flow::places(reached).filter(|place| self.is_open(*place, applies)).collect()
    }

    /// Who can do something so that these steps come to their end: at the first of them or before them that can be done.
    fn holder(self, steps: &[usize]) -> Option<(Owner, CallKind, Option<usize>)> {
        let ancestors = flow::ancestors(&self.subjects.item.flow);
        let all = steps.iter().fold(0, |all, place| all | ancestors[*place] | (1 << *place));
        let place = flow::places(all).find(|place| self.can_be_done(*place))?;
        self.act_in(place)
    }

    /// None where it waits for a hearing, as the case does.
    fn act_in(self, place: usize) -> Option<(Owner, CallKind, Option<usize>)> {
        let kind = self.subjects.item.flow[place].kind;
        if kind == StepKind::Decision && open_gap(self.subjects.case).is_some() {
            return Some((self.applicant(), CallKind::FillGap, None));
        }
        if self.hearing().is_some_and(|hearing| usize::from(hearing.step) == place) {
            return None;
        }
        Some((self.owner_of(place), self.next_at(place), Some(place)))
    }
}
