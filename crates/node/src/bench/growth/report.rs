//! What was measured at each size, as JSON for machines and as a table for people.

use crate::bench::cpu::Memory;
use crate::bench::figures::ratio;
use crate::bench::machine::Machine;
use serde::Serialize;
use std::collections::BTreeMap;
use std::fmt::Write;
use tongban_types::Suite;

/// What a call may cost at most, against the smallest size: the aim of the design, no reason to fail.
pub const RATIO_AIM: f64 = 1.5;

/// Everything that was measured in one run.
#[derive(Clone, Debug, Serialize)]
pub struct GrowthReport {
    /// The program's version.
    pub version: String,
    /// The machine.
    pub machine: Machine,
    /// The algorithms.
    pub suite: Suite,
    /// Journeys of each round.
    pub journeys_per_round: usize,
    /// Their calls.
    pub calls_per_round: usize,
    /// Journeys in flight.
    pub in_flight: usize,
    /// What a call is to cost at most, as a ratio to the smallest size.
    pub ratio_aim: f64,
    /// Whether that holds at every size that could be compared; none where there is none.
    pub within_aim: Option<bool>,
    /// The sizes, the smallest first.
    pub sizes: Vec<SizeReport>,
}

/// What was measured at one size.
#[derive(Clone, Debug, Serialize)]
pub struct SizeReport {
    /// How many cases and as many licences were wanted.
    pub size: u64,
    /// Cases when the measurement began.
    pub cases: u64,
    /// Licences when it began.
    pub licences: u64,
    /// Processor time of the node for each call, in microseconds: in the middle of the rounds.
    pub cpu_micros_per_call: f64,
    /// Of each round.
    pub cpu_micros_per_call_of_rounds: Vec<f64>,
    /// By stages of the work, over all rounds; none where the node does not count them.
    pub stage_micros_per_call: Option<BTreeMap<String, f64>>,
    /// Against the smallest size.
    pub ratio: Option<f64>,
    /// Whether the ratio stays below the aim; none where there is no ratio.
    pub within_aim: Option<bool>,
    /// What the node's folder takes on disk: state, blocks and receipts.
    pub disk_bytes: u64,
    /// The same for each case and each licence.
    pub disk_bytes_per_record: Option<f64>,
    /// The node's memory; none where the system does not tell.
    pub memory: Option<Memory>,
    /// How the size was come to.
    pub filled: Filled,
}

/// What was put into the state before a measurement.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Filled {
    /// Licences that were taken over.
    pub licences: u64,
    /// How many a second.
    pub licences_per_second: Option<f64>,
    /// Applications that were filed.
    pub cases: u64,
    /// How many a second.
    pub cases_per_second: Option<f64>,
}

impl GrowthReport {
    /// Compares all sizes with the smallest, and with the aim.
    #[must_use]
    pub fn derive(mut self) -> Self {
        let Some(smallest) = self.sizes.first().map(|size| size.cpu_micros_per_call) else { return self };
        for size in &mut self.sizes {
            size.ratio = ratio(size.cpu_micros_per_call, smallest);
            size.within_aim = size.ratio.map(|ratio| ratio < RATIO_AIM);
        }
        self.within_aim = self.sizes.iter().filter_map(|size| size.within_aim).reduce(|all, one| all && one);
        self
    }

    /// The report as people read it.
    pub fn in_words(&self) -> String {
        let mut text = String::new();
        let machine = &self.machine;
        line(
            &mut text,
            &format!(
                "tongban {}; {} cores {}; Linux {}; {}; one node, {}; rounds of {} journeys with {} calls",
                self.version,
                machine.cores,
                machine.cpu_model,
                machine.kernel,
                machine.filesystem,
                self.suite,
                self.journeys_per_round,
                self.calls_per_round
            ),
        );
        text.push('\n');
        self.table(&mut text);
        for size in &self.sizes {
            let Some(stages) = &size.stage_micros_per_call else { continue };
            let parts: Vec<String> = stages.iter().map(|(stage, micros)| format!("{stage} {micros:.0}")).collect();
            line(&mut text, &format!("{}: µs for each call by stage: {}", size.size, parts.join(", ")));
        }
        for size in self.sizes.iter().filter(|size| size.within_aim == Some(false)) {
            line(&mut text, &format!("{}: a call costs more than the aim of {RATIO_AIM} times", size.size));
        }
        text
    }

    fn table(&self, text: &mut String) {
        type Cell = fn(&SizeReport) -> String;
        let rows: [(&str, Cell); 9] = [
            ("cases", |size| size.cases.to_string()),
            ("licences", |size| size.licences.to_string()),
            ("ratio to the smallest size", |size| optional(size.ratio, 2)),
            ("CPU of the node for each call (µs)", |size| format!("{:.0}", size.cpu_micros_per_call)),
            ("disk for each case and licence (bytes)", |size| optional(size.disk_bytes_per_record, 0)),
            ("disk (MB)", |size| megabytes(size.disk_bytes)),
            ("greatest memory (MB)", |size| {
                size.memory.map_or_else(|| "-".to_owned(), |memory| megabytes(memory.peak_bytes))
            }),
            ("licences taken over/s", |size| optional(size.filled.licences_per_second, 0)),
            ("applications filed/s", |size| optional(size.filled.cases_per_second, 0)),
        ];
        let sizes = self.sizes.iter().fold(String::new(), |sizes, size| sizes + &format!("{:>12}", size.size));
        line(text, &format!("{:<40}{sizes}", ""));
        for (name, cell) in rows {
            let cells = self.sizes.iter().fold(String::new(), |cells, size| cells + &format!("{:>12}", cell(size)));
            line(text, &format!("{name:<40}{cells}"));
        }
    }
}

fn megabytes(bytes: u64) -> String {
    format!("{:.0}", bytes as f64 / 1_000_000.0)
}

fn optional(value: Option<f64>, decimals: usize) -> String {
    value.map_or_else(|| "-".to_owned(), |value| format!("{value:.decimals$}"))
}

fn line(text: &mut String, line: &str) {
    let _ = writeln!(text, "{line}"); // writing to a text never fails
}

#[cfg(test)]
mod tests {
    use super::*;

    fn size(size: u64, cpu_micros_per_call: f64) -> SizeReport {
        SizeReport {
            size,
            cases: size,
            licences: size,
            cpu_micros_per_call,
            cpu_micros_per_call_of_rounds: vec![cpu_micros_per_call; 3],
            stage_micros_per_call: Some([("execution".to_owned(), 40.0), ("merkle".to_owned(), 20.0)].into()),
            ratio: None,
            within_aim: None,
            disk_bytes: size * 2_400,
            disk_bytes_per_record: Some(1_200.0),
            memory: Some(Memory { peak_bytes: 300_000_000, present_bytes: 200_000_000 }),
            filled: Filled {
                licences: size,
                licences_per_second: Some(4_000.0),
                cases: size,
                cases_per_second: Some(3_000.0),
            },
        }
    }

    fn report() -> GrowthReport {
        GrowthReport {
            version: "0.1.0".to_owned(),
            machine: Machine {
                cores: 2,
                cpu_model: "a model".to_owned(),
                kernel: "6.1".to_owned(),
                filesystem: "ext4".to_owned(),
                load_before: "0.10".to_owned(),
            },
            suite: Suite::Intl,
            journeys_per_round: 200,
            calls_per_round: 2_600,
            in_flight: 64,
            ratio_aim: RATIO_AIM,
            within_aim: None,
            sizes: vec![size(10_000, 200.0), size(100_000, 220.0), size(1_000_000, 310.0)],
        }
        .derive()
    }

    #[test]
    fn sizes_are_compared_with_the_smallest() {
        let ratios: Vec<_> = report().sizes.into_iter().map(|size| size.ratio).collect();
        assert_eq!(ratios, [Some(1.0), Some(1.1), Some(1.55)]);
        let nothing = GrowthReport { sizes: Vec::new(), ..report() }.derive();
        assert!(nothing.sizes.is_empty());
        let free = GrowthReport { sizes: vec![size(100, 0.0)], ..report() }.derive();
        assert_eq!(free.sizes[0].ratio, None, "nothing is no measure");
    }

    #[test]
    fn a_machine_reads_whether_the_aim_is_met() {
        let judged = |report: GrowthReport| {
            let json = serde_json::to_value(report).expect("JSON");
            let sizes = json["sizes"].as_array().expect("sizes").iter().map(|size| size["within_aim"].clone());
            (json["ratio_aim"].as_f64(), json["within_aim"].as_bool(), sizes.collect::<Vec<_>>())
        };
        let of = |sizes: Vec<SizeReport>| judged(GrowthReport { sizes, within_aim: None, ..report() }.derive());
        let (yes, no, unknown) = (serde_json::json!(true), serde_json::json!(false), serde_json::Value::Null);
        assert_eq!(judged(report()), (Some(1.5), Some(false), vec![yes.clone(), yes.clone(), no.clone()]));
        assert_eq!(
            of(vec![size(100, 200.0), size(200, 299.0)]),
            (Some(1.5), Some(true), vec![yes.clone(), yes.clone()])
        );
        assert_eq!(of(vec![size(100, 200.0), size(200, 300.0)]).2, [yes, no], "the aim itself is too much");
        assert_eq!(of(vec![size(100, 0.0)]), (Some(1.5), None, vec![unknown]));
        assert_eq!(of(Vec::new()).1, None);
    }

    #[test]
    fn the_report_for_people_is_a_table_and_says_what_misses_the_aim() {
        assert_eq!(report().in_words(), IN_WORDS);
    }

    const IN_WORDS: &str =
        "tongban 0.1.0; 2 cores a model; Linux 6.1; ext4; one node, intl; rounds of 200 journeys with 2600 calls

                                               10000      100000     1000000
cases                                          10000      100000     1000000
licences                                       10000      100000     1000000
ratio to the smallest size                      1.00        1.10        1.55
CPU of the node for each call (µs)               200         220         310
disk for each case and licence (bytes)          1200        1200        1200
disk (MB)                                         24         240        2400
greatest memory (MB)                             300         300         300
licences taken over/s                           4000        4000        4000
applications filed/s                            3000        3000        3000
10000: µs for each call by stage: execution 40, merkle 20
100000: µs for each call by stage: execution 40, merkle 20
1000000: µs for each call by stage: execution 40, merkle 20
1000000: a call costs more than the aim of 1.5 times
";
}
