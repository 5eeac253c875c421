//! What the person at the terminal is told: in which language, what happens and why it matters, and how far long work has come.

use crate::cli::has_terminal;
use crate::output;
use clap::ValueEnum;
use indicatif::{ProgressBar, ProgressStyle};
use std::sync::atomic::{AtomicU32, Ordering};

/// Seconds of a wait after which a line says again how long it takes, where there is no terminal for a bar.
const TOLD_EVERY_SECONDS: u64 = 15;

/// In which language the demonstration speaks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Language {
    /// Chinese, and English below
    #[default]
    Both,
    /// Chinese (中文)
    Zh,
    /// English
    En,
}

impl Language {
    /// A few words, which share a line.
    pub fn words(self, zh: &str, en: &str) -> String {
        match self {
            Self::Both => format!("{zh} {en}"),
            Self::Zh => zh.to_owned(),
            Self::En => en.to_owned(),
        }
    }

    /// Sentences, a line for each language, the later ones behind this margin.
    pub fn sentences(self, zh: &str, en: &str, margin: &str) -> String {
        match self {
            Self::Both => format!("{zh}\n{margin}{en}"),
            Self::Zh | Self::En => self.words(zh, en),
        }
    }
}

/// What the person at the terminal sees of the story.
pub struct Progress {
    /// In which language it is told.
    pub language: Language,
    bar: ProgressBar,
    is_quiet: bool,
    chapters: AtomicU32,
}

impl Progress {
    /// Tells the story in this language, or nothing at all where only its results are asked for.
    pub fn new(language: Language, is_quiet: bool) -> Self {
        let bar = if has_terminal() && !is_quiet { ProgressBar::new_spinner() } else { ProgressBar::hidden() };
        Self { language, bar, is_quiet, chapters: AtomicU32::new(0) }
    }

    /// A step of the story with its number: what happens, and why it matters.
    pub fn chapter(&self, zh: &str, en: &str) {
        let number = 1 + self.chapters.fetch_add(1, Ordering::Relaxed);
        let head = format!("{number:>2}. ");
        let margin = " ".repeat(head.len());
        self.print(&format!("{head}{}", self.language.sentences(zh, en, &margin)));
    }

    /// What came of the step.
    pub fn say(&self, zh: &str, en: &str) {
        self.print(&format!("    → {}", self.language.sentences(zh, en, "      ")));
    }

    /// Lines without a number.
    pub fn print(&self, text: &str) {
        if self.is_quiet {
            return;
        }
        if self.bar.is_hidden() {
            output::line(format_args!("{text}"));
        } else {
            self.bar.println(output::printable(text));
        }
    }

    /// A line that the next one replaces.
    pub fn show(&self, line: &str) {
        self.bar.set_message(line.to_owned());
        self.bar.tick();
    }

    /// A bar over so many steps.
    pub fn steps(&self, total: u64, zh: &str, en: &str) -> ProgressBar {
        let what = self.language.words(zh, en);
        if self.bar.is_hidden() {
            self.print(&format!("    … {what}"));
            return ProgressBar::hidden();
        }
        let style = ProgressStyle::with_template("    {msg} {wide_bar} {pos}/{len} {eta}");
        let bar = ProgressBar::new(total).with_message(what);
        match style {
            Ok(style) => bar.with_style(style),
            Err(_) => bar,
        }
    }

    /// A wait of so many seconds, as a bar, or as a line now and then.
    pub fn wait(&self, seconds: u64, zh: &'static str, en: &'static str) -> Wait<'_> {
        let bar = if self.bar.is_hidden() { ProgressBar::hidden() } else { self.steps(seconds, zh, en) };
        let mut wait = Wait { progress: self, bar, zh, en, seconds, told: u64::MAX };
        wait.left(seconds);
        wait
    }
}

/// A wait whose length is known.
pub struct Wait<'a> {
    progress: &'a Progress,
    bar: ProgressBar,
    zh: &'static str,
    en: &'static str,
    seconds: u64,
    /// How many seconds were left when a line last said so.
    told: u64,
}

impl Wait<'_> {
    /// So many seconds are left.
    pub fn left(&mut self, seconds: u64) {
        self.bar.set_position(self.seconds.saturating_sub(seconds));
        if self.bar.is_hidden() && seconds.saturating_add(TOLD_EVERY_SECONDS) <= self.told {
            self.told = seconds;
            let language = self.progress.language;
            let left =
                language.words(&format!("{}，还剩 {seconds} 秒", self.zh), &format!("{}: {seconds} s left", self.en));
            self.progress.print(&format!("    … {left}"));
        }
    }
}

impl Drop for Wait<'_> {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_language_is_told_alone_or_both() {
        for (language, words, sentences) in [
            (Language::Both, "区块 blocks", "受理。\n  Accepted."),
            (Language::Zh, "区块", "受理。"),
            (Language::En, "blocks", "Accepted."),
        ] {
            assert_eq!(language.words("区块", "blocks"), words);
            assert_eq!(language.sentences("受理。", "Accepted.", "  "), sentences);
        }
        assert_eq!(Language::default(), Language::Both, "a newcomer reads one of them");
    }
}
