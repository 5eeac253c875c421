//! The clock: whether the system keeps it, and whether it agrees with the peers' clocks. No outside server is asked.

use super::{Check, Look, Subject, peers};

pub const SYNCHRONISED: Check = Check {
    name: "clock.synchronised",
    why: "blocks carry a time; a node whose clock drifts votes late and is at last refused by its peers",
    look: synchronised,
};

pub const PEERS: Check =
    Check { name: "clock.peers", why: "peers refuse a connection when clocks differ by 30 s", look: against_peers };

/// Beyond, votes on a block's time begin to wait for the slower clock.
const DIFFERENCE_MILLIS_GOOD: i64 = 2_000;
/// Beyond, the handshake between nodes fails.
const DIFFERENCE_MILLIS_MAX: i64 = 30_000;

const ADVICE: &str = "have the system keep the clock: run chrony or systemd-timesyncd against your time server \
                      (`timedatectl` tells the state); in a container, that is a matter of the host";

fn synchronised(_: &Subject) -> Look {
    match kernel_says() {
        Ok(true) => Look::Well("the kernel says that the clock is kept".to_owned()),
        Ok(false) => Look::Warning("the kernel says that nothing keeps the clock".to_owned(), ADVICE.to_owned()),
        Err(reason) => Look::Skipped(format!("the kernel does not tell: {reason}")),
    }
}

/// Whether the kernel's clock is disciplined by a time service.
#[cfg(target_os = "linux")]
fn kernel_says() -> Result<bool, String> {
    // SAFETY: all fields of `timex` are integers, for which zero is a value; `modes` of zero makes the call read only.
    let mut timex: libc::timex = unsafe { std::mem::zeroed() };
    // SAFETY: the pointer is to a `timex` of our own that outlives the call.
    match unsafe { libc::adjtimex(&mut timex) } {
        -1 => Err(std::io::Error::last_os_error().to_string()),
        state => Ok(state != libc::TIME_ERROR && timex.status & libc::STA_UNSYNC == 0),
    }
}

#[cfg(not(target_os = "linux"))]
fn kernel_says() -> Result<bool, String> {
    Err("not on this system".to_owned())
}

fn against_peers(subject: &Subject) -> Look {
    let (known, unknown) = match peers::answers(subject) {
        Ok(answers) => answers,
        Err(skipped) => return skipped,
    };
    // What the measurement cannot tell is taken for agreement.
    let surely = |millis: i64, uncertainty: i64| (millis.saturating_abs() - uncertainty).max(0);
    let mut differences: Vec<(i64, String)> = known
        .iter()
        .filter_map(|(seen, answer)| {
            let clock = answer.clock?;
            let (surely, way) =
                (surely(clock.millis, clock.uncertainty_millis), if clock.millis > 0 { "ahead" } else { "behind" });
            Some((surely, format!("{} is {:.1} s {way}", seen.name(), clock.millis.saturating_abs() as f64 / 1000.0)))
        })
        .collect();
    differences.sort();
    let undated = known.len() - differences.len();
    let beyond = |bound: i64| -> Vec<String> {
        differences.iter().filter(|(surely, _)| *surely > bound).map(|(_, words)| words.clone()).collect()
    };
    let (far, wide) = (beyond(DIFFERENCE_MILLIS_MAX), beyond(DIFFERENCE_MILLIS_GOOD));
    let advice = || format!("if most peers differ, it is this clock: {ADVICE}; else tell that peer's department");
    if differences.is_empty() {
        Look::Skipped("unknown: no answer was dated".to_owned())
    } else if !far.is_empty() {
        Look::Failure(far.join(", "), advice())
    } else if !wide.is_empty() {
        Look::Warning(wide.join(", "), advice())
    } else {
        Look::Well(format!("within 2 s {}", peers::of_how_many(differences.len(), unknown + undated)))
    }
}
