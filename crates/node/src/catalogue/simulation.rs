//! `tongban catalogue simulate`: plays a flow with sample answers, day by day, before anybody depends on it.
//!
//! Every step that is due begins at once and takes all its days; so the timeline is the longest that the item allows. What each rejection
//! would do is asked at the moment in which the step ends.

use super::item_file::ItemFile;
use serde::Serialize;
use serde_json::Value;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use tongban_modules::catalogue::{DayUnit, Item, Need, OnRejection, Silence, Step};
use tongban_modules::conditions;
use tongban_modules::filled_forms;
use tongban_modules::flow::{self, End, StepName, StepOutcome, StepState};
use tongban_modules::forms::Answers;

/// What became of a sample case.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Simulation {
    /// The item's code.
    pub code: String,
    /// The item's name.
    pub name: String,
    /// Whether the applicant is eligible; none where no expression says.
    pub eligible: Option<bool>,
    /// What has to be handed in for these answers.
    pub materials: Vec<SimulatedMaterial>,
    /// The steps that are done, in order of time.
    pub timeline: Vec<SimulatedStep>,
    /// The steps whose conditions do not hold, with them.
    pub skipped: Vec<Skipped>,
    /// How it ends when nothing is rejected.
    pub end: &'static str,
    /// Days from the first step to the last.
    pub days: u32,
    /// Days of all steps one after the other, for comparison.
    pub days_in_a_row: u32,
    /// Days on the clock of the decision, along the slowest branch.
    pub clock_days: u32,
    /// What was promised.
    pub promised_days: u16,
    /// The kind of days.
    pub unit: &'static str,
    /// The slowest way.
    pub slowest: Vec<String>,
}

/// A material for these answers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SimulatedMaterial {
    /// Its name.
    pub name: String,
    /// What happens with it: `held`, `needed`, `may_follow`, `optional`, `not_needed`.
    pub state: &'static str,
    /// The licence and field in which it is held.
    pub held_as: Option<String>,
}

/// A step on the timeline.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SimulatedStep {
    /// The day on which it begins, from 0.
    pub from_day: u32,
    /// The day on which it ends at the latest.
    pub to_day: u32,
    /// Its name.
    pub name: String,
    /// The department's name.
    pub department: String,
    /// The post.
    pub role: String,
    /// Whether its days run on the clock of the decision.
    pub on_clock: bool,
    /// Whether a person has to act.
    pub human_only: bool,
    /// Whether silence is consent.
    pub deemed_consent: bool,
    /// What a rejection does.
    pub rejection: SimulatedRejection,
}

/// What a rejection does.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SimulatedRejection {
    /// `stop_all`, `finish_others`, or `return`.
    pub rule: &'static str,
    /// Steps that are not done any more.
    pub stopped: Vec<String>,
    /// Steps that are done again.
    pub repeated: Vec<String>,
    /// Steps that are still to be done.
    pub going_on: Vec<String>,
}

/// A step that is not done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Skipped {
    /// Its name.
    pub name: String,
    /// The condition that does not hold.
    pub condition: String,
}

/// Plays an item that passes all checks with these answers.
pub fn simulate(file: &ItemFile, filled: &Value) -> anyhow::Result<Simulation> {
    let item = &*file.item;
    let checked = filled_forms::check(item, filled).map_err(|faults| {
        let faults: Vec<String> = faults.iter().map(ToString::to_string).collect();
        anyhow::anyhow!("{}", faults.join("\n"))
    })?;
    let answers = checked.answers;
    let timeline = play(item, &answers)?;
    let applies = flow::applying(&item.flow, &answers)?;
    let days = |place: usize| if applies[place] { u32::from(item.flow[place].days) } else { 0 };
    let clock = |place: usize| if flow::is_on_decision_clock(item.flow[place].kind) { days(place) } else { 0 };
    let way = flow::longest_way(&item.flow, days)?;
    let steps = item.flow.iter().zip(&applies);
    let skipped = steps.filter(|(_, applies)| !**applies).map(|(step, _)| Skipped {
        name: step.name.to_string(),
        condition: step.condition.as_ref().map(ToString::to_string).unwrap_or_default(),
    });
    Ok(Simulation {
        code: file.code.to_string(),
        name: item.name.to_string(),
        eligible: checked.is_eligible,
        materials: materials(item, &answers)?,
        skipped: skipped.collect(),
        end: match timeline.end {
            Some(End::Granted) => "granted",
            Some(End::Rejected) => "rejected",
            None => "open",
        },
        days: way.days,
        days_in_a_row: (0..item.flow.len()).map(days).sum(),
        clock_days: flow::longest_way(&item.flow, clock)?.days,
        promised_days: item.clocks.promised.days,
        unit: match item.clocks.promised.unit {
            DayUnit::WorkingDay => "working_day",
            DayUnit::CalendarDay => "calendar_day",
        },
        slowest: way
            .steps
            .into_iter()
            .filter(|place| applies[*place])
            .map(|place| item.flow[place].name.to_string())
            .collect(),
        timeline: timeline.steps,
    })
}

fn materials(item: &Item, answers: &Answers) -> anyhow::Result<Vec<SimulatedMaterial>> {
    let material = |material: &tongban_modules::catalogue::Material| {
        let condition = material.condition.as_ref();
        let applies = condition.map_or(Ok(true), |text| conditions::holds(text, answers))?;
        let state = match material.need {
            _ if !applies => "not_needed",
            _ if material.held_as.is_some() => "held",
            Need::Main | Need::Needed => "needed",
            Need::MayFollow => "may_follow",
            Need::Optional => "optional",
        };
        let held_as = material.held_as.as_ref().map(|held| match &held.field {
            Some(field) => format!("{} / {}", held.licence_type, field),
            None => held.licence_type.to_string(),
        });
        Ok(SimulatedMaterial { name: material.name.to_string(), state, held_as })
    };
    item.materials.iter().map(material).collect()
}

struct Timeline {
    steps: Vec<SimulatedStep>,
    end: Option<End>,
}

/// Days pass; what is due begins, what has had its days is passed.
fn play(item: &Item, answers: &Answers) -> anyhow::Result<Timeline> {
    let mut done: BTreeMap<StepName, StepOutcome> = BTreeMap::new();
    let mut running: BTreeMap<usize, u32> = BTreeMap::new();
    let mut steps = Vec::new();
    let mut day = 0;
    loop {
        let progress = flow::progress(&item.flow, answers, &done)?;
        for (place, state) in progress.states.iter().enumerate() {
            if *state == StepState::Due {
                running.entry(place).or_insert(day);
            }
        }
        let end_of = |(place, from): (&usize, &u32)| from + u32::from(item.flow[*place].days);
        let Some(next) = running.iter().map(end_of).min() else {
            steps.sort_by_key(|(from_day, place, _)| (*from_day, *place));
            return Ok(Timeline { steps: steps.into_iter().map(|(_, _, step)| step).collect(), end: progress.end });
        };
        day = next;
        let ending: Vec<usize> =
            running.iter().filter(|entry| end_of(*entry) == day).map(|(place, _)| *place).collect();
        for place in &ending {
            let from_day = running.remove(place).unwrap_or(day);
            let step = &item.flow[*place];
            let rejection = flow::after_rejection(&item.flow, answers, &done, &step.name)?;
            steps.push((from_day, *place, describe(item, step, from_day, day, rejection)));
        }
        done.extend(ending.into_iter().map(|place| (item.flow[place].name.clone(), StepOutcome::Passed)));
    }
}

fn describe(item: &Item, step: &Step, from_day: u32, to_day: u32, rejection: flow::Rejection) -> SimulatedStep {
    let departments = std::iter::once(&item.department).chain(&item.joint_departments);
    let department = departments.into_iter().find(|department| department.code == step.department);
    let names = |names: Vec<StepName>| names.iter().map(ToString::to_string).collect();
    SimulatedStep {
        from_day,
        to_day,
        name: step.name.to_string(),
        department: department.map(|department| department.name.to_string()).unwrap_or_default(),
        role: step.role.to_string(),
        on_clock: flow::is_on_decision_clock(step.kind),
        human_only: step.human_only.is_some(),
        deemed_consent: step.silence == Silence::DeemedConsent,
        rejection: SimulatedRejection {
            rule: match step.on_rejection {
                OnRejection::StopAll => "stop_all",
                OnRejection::FinishOthers => "finish_others",
                OnRejection::Return { .. } => "return",
            },
            stopped: names(rejection.stopped),
            repeated: names(rejection.repeated),
            going_on: names(rejection.going_on),
        },
    }
}

/// The simulation for people.
pub fn in_words(simulation: &Simulation) -> String {
    let mut text = format!("{}（{}）\n", simulation.name, simulation.code);
    let _ = match simulation.eligible {
        Some(true) => writeln!(text, "受理条件：满足"),
        Some(false) => writeln!(text, "受理条件：不满足，以下流程不会开始"),
        None => writeln!(text, "受理条件：由人员判断"),
    };
    text += "\n申请材料\n";
    for SimulatedMaterial { name, state, held_as } in &simulation.materials {
        let state = match *state {
            "held" => format!("免提交，已有证照 {}", held_as.as_deref().unwrap_or_default()),
            "needed" => "须提交".to_owned(),
            "may_follow" => "可容缺后补".to_owned(),
            "optional" => "可不提交".to_owned(),
            _ => "本情形不需要".to_owned(),
        };
        let _ = writeln!(text, "  {name}：{state}");
    }
    let unit = if simulation.unit == "working_day" { "工作日" } else { "自然日" };
    let _ = writeln!(text, "\n时间轴（{unit}）");
    for step in &simulation.timeline {
        let mut marks = String::new();
        for (is_so, mark) in [
            (!step.on_clock, "不计入办理时限"),
            (step.human_only, "须由人员作出"),
            (step.deemed_consent, "超时视为同意"),
        ] {
            if is_so {
                let _ = write!(marks, "［{mark}］");
            }
        }
        let (from, to) = (step.from_day, step.to_day);
        let _ = writeln!(text, "  {from:>3} → {to:<3} {}  {} {}{marks}", step.name, step.department, step.role);
    }
    for Skipped { name, condition } in &simulation.skipped {
        let _ = writeln!(text, "  跳过      {name}（不满足 {condition}）");
    }
    let Simulation { days, days_in_a_row, clock_days, promised_days, .. } = simulation;
    let _ = writeln!(text, "\n最慢路径：{}", simulation.slowest.join(" → "));
    let _ = writeln!(
        text,
        "全程 {days} 天（逐个办理需 {days_in_a_row} 天）；计时 {clock_days} 天，承诺 {promised_days} 天"
    );
    text += "\n如不通过\n";
    for SimulatedStep { name, rejection, .. } in &simulation.timeline {
        let rule = match rejection.rule {
            "stop_all" => "全部终止",
            "finish_others" => "其余继续",
            _ => "退回",
        };
        let _ = write!(text, "  {name}：{rule}");
        for (label, steps) in
            [("重办", &rejection.repeated), ("不再办理", &rejection.stopped), ("继续", &rejection.going_on)]
        {
            if !steps.is_empty() {
                let _ = write!(text, "；{label} {}", steps.join("、"));
            }
        }
        text.push('\n');
    }
    text
}
