//! Options of the application form, each with a stable value and a label.

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Choice {
    /// Value that the form sends. Independent of the label, which browsers may translate.
    pub value: &'static str,
    pub label: &'static str,
}

const fn choice(value: &'static str, label: &'static str) -> Choice {
    Choice { value, label }
}

#[derive(Clone, Copy, Debug)]
pub struct Choices(&'static [Choice]);

/// Programs to apply for. The value has the words of the label, because the inbox search indexes the value.
pub const PROGRAMS: Choices = Choices(&[
    choice("express_entry", "Express Entry"),
    choice("provincial_nominee_program", "Provincial Nominee Program"),
    choice("work_permit", "Work permit"),
    choice("study_permit", "Study permit"),
    choice("family_sponsorship", "Family sponsorship"),
    choice("visitor_visa", "Visitor visa"),
    choice("citizenship", "Citizenship"),
    choice("not_sure_yet", "Not sure yet"),
]);

/// Highest level of education.
pub const EDUCATION: Choices = Choices(&[
    choice("secondary", "Secondary school"),
    choice("one_year", "One-year diploma"),
    choice("two_year", "Two-year diploma"),
    choice("bachelors_or_three_year", "Bachelor’s degree"),
    choice("two_or_more", "Two or more degrees or diplomas"),
    choice("masters_or_professional", "Master’s or professional degree"),
    choice("doctorate", "Doctorate"),
]);

impl Choice {
    /// Whether `answer` is this option's value, or its label as sent by older forms.
    pub fn is(&self, answer: &str) -> bool {
        answer == self.value || answer.eq_ignore_ascii_case(self.label)
    }
}

impl Choices {
    pub fn iter(&self) -> std::slice::Iter<'static, Choice> {
        self.0.iter()
    }

    /// The option that matches an answer.
    pub fn meant(&self, answer: &str) -> Option<Choice> {
        self.0.iter().copied().find(|choice| choice.is(answer))
    }

    /// Label of the matching option, or the answer itself.
    pub fn label<'a>(&self, answer: &'a str) -> &'a str {
        self.meant(answer).map_or(answer, |choice| choice.label)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_answer_is_shown_by_its_label_and_unknown_answer_unchanged() {
        for (answer, shown) in [
            ("work_permit", "Work permit"),
            ("Work permit", "Work permit"),
            ("work Permit", "Work permit"),
            ("Permis de travail", "Permis de travail"),
            ("", ""),
        ] {
            assert_eq!(PROGRAMS.label(answer), shown);
        }
    }

    #[test]
    fn value_matches_its_label_in_lower_case() {
        for program in PROGRAMS.iter() {
            assert_eq!(program.value.replace('_', " "), program.label.to_lowercase());
        }
    }
}
