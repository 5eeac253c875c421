//! The ten invariants of public services that are worth a test each, and what watches over them here.

/// What watches over an invariant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Watched {
    /// These rules of the auditors, after every block.
    By(&'static [u8]),
    /// Nothing, because no module holds what it is about.
    Nothing(&'static str),
}

/// The ten, in their order.
pub const TEN: [(&str, Watched); 10] = [
    ("no decision before acceptance", Watched::By(&[4, 11])),
    ("what nobody answers counts as accepted on the sixth day", Watched::By(&[12])),
    ("the clock stands still in a recorded special procedure only", Watched::By(&[4, 13])),
    ("a certificate is what the chain says of it", Watched::By(&[14])),
    ("nothing is transferred under seizure", Watched::Nothing("real estate")),
    ("an invoice is booked once", Watched::Nothing("invoices")),
    ("directed money stays in its project", Watched::Nothing("charity")),
    ("figures are published in time", Watched::Nothing("disclosure")),
    ("no data are read without case, ground and officer", Watched::By(&[15])),
    ("no bid is readable before the opening", Watched::Nothing("tenders")),
];
