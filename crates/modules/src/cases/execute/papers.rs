//! The numbers of papers: each given once, by the department that gives the paper.

use super::Handled;
use crate::case_papers::{PAPERS_MAX, Paper, PaperKind, PaperNumber};
use crate::cases::access::answering;
use crate::cases::state::{CASE_VERSION, PAPER_SEQUENCES, PAPERS};
use crate::offices::DepartmentCode;
use crate::working_days::BeijingDay;
use tongban_kernel::{Ctx, Missing, State, Stop};
use tongban_types::List;

/// The next number of a department for a kind of paper, in the present year of Beijing.
pub(in crate::cases) fn next_number(
    department: DepartmentCode,
    kind: PaperKind,
    ctx: &Ctx,
    state: &mut State,
) -> Result<PaperNumber, Missing> {
    let (year, _) = BeijingDay::of(ctx.time).date();
    let key = (department, kind, year);
    let sequence = PAPER_SEQUENCES.get(state, &key)?.unwrap_or_default() + 1;
    PAPER_SEQUENCES.put(state, &key, &sequence); // I22: each number is given once
    Ok(PaperNumber { department, kind, year, sequence })
}

impl Handled {
    /// Numbers a paper of the department that leads.
    pub(super) fn paper(&mut self, kind: PaperKind, ctx: &Ctx, state: &mut State) -> Result<PaperNumber, Stop> {
        let department = answering(&self.case.department, state)?.unwrap_or(self.case.department);
        self.paper_of(department, kind, ctx, state)
    }

    /// Numbers a paper of this department.
    pub(super) fn paper_of(
        &mut self,
        department: DepartmentCode,
        kind: PaperKind,
        ctx: &Ctx,
        state: &mut State,
    ) -> Result<PaperNumber, Stop> {
        let number = next_number(department, kind, ctx, state)?;
        let (case, version) = (self.number.clone(), CASE_VERSION);
        PAPERS.put(state, &number, &Paper { version, case, at: ctx.time, receipt: ctx.receipt });
        let mut papers = std::mem::take(&mut self.case.papers).into_vec();
        if papers.len() >= PAPERS_MAX {
            papers.remove(0);
        }
        papers.push(number);
        self.case.papers = List::new(papers).expect("the oldest has made room");
        Ok(number)
    }
}
