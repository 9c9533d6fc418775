//! Narrowing a search by training level, broad category and category list, with the number that each choice leaves.

use crate::http::PageError;
use crate::occupations::directory::store::ActiveCategory;
use crate::occupations::noc;

/// What a search is narrowed by.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Filters {
    /// Second digit of a code.
    pub teer: Option<i64>,
    /// First digit of a code.
    pub broad: Option<i64>,
    /// Key of a category.
    pub category: Option<String>,
}

/// What can be narrowed by.
pub struct FilterOptions<'a> {
    /// The broad categories: digit and name.
    pub broad: &'a [(i64, String)],
    /// The categories and what they cover today.
    pub categories: &'a [ActiveCategory],
}

/// One way to narrow a search: a field of the form, and links.
pub struct Filter {
    /// Name of the field.
    pub name: &'static str,
    /// Its label.
    pub label: &'static str,
    /// What stands for no choice.
    pub any: &'static str,
    /// Where no choice leads.
    pub any_href: String,
    /// The choices, in their order.
    pub choices: Vec<Choice>,
}

/// One choice of a filter.
pub struct Choice {
    /// Value of the field.
    pub value: String,
    /// What it means.
    pub label: String,
    /// How many occupations it leaves, the other filters as they are.
    pub count: usize,
    /// Where it leads.
    pub href: String,
    /// Whether it is chosen.
    pub chosen: bool,
}

impl Filter {
    /// The choice that was made.
    pub fn chosen(&self) -> Option<&Choice> {
        self.choices.iter().find(|choice| choice.chosen)
    }

    /// Whether a choice leaves anything.
    pub fn has_results(&self) -> bool {
        self.choices.iter().any(|choice| choice.count > 0)
    }
}

fn digit(code: &str, place: usize) -> Option<i64> {
    code.get(place..=place)?.parse().ok()
}

impl Filters {
    /// Reads the fields; empty ones narrow nothing. What there is not is no place of this site.
    pub fn parse(teer: &str, broad: &str, category: &str, options: &FilterOptions) -> Result<Self, PageError> {
        let number = |typed: &str, is_known: &dyn Fn(i64) -> bool| match typed {
            "" => Ok(None),
            typed if typed.len() > 1 => Err(PageError::NotFound),
            typed => typed.parse().ok().filter(|n| is_known(*n)).map(Some).ok_or(PageError::NotFound),
        };
        let category = Some(category.to_owned()).filter(|key| !key.is_empty());
        if category.as_ref().is_some_and(|key| options.categories.iter().all(|known| known.key != *key)) {
            return Err(PageError::NotFound);
        }
        Ok(Self {
            teer: number(teer, &|teer| (0..=5).contains(&teer))?,
            broad: number(broad, &|broad| options.broad.iter().any(|(known, _)| *known == broad))?,
            category,
        })
    }

    /// Whether nothing is narrowed.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Whether an occupation is left.
    pub fn matches(&self, code: &str, options: &FilterOptions) -> bool {
        self.teer.is_none_or(|teer| digit(code, 1) == Some(teer))
            && self.broad.is_none_or(|broad| digit(code, 0) == Some(broad))
            && self.category.as_ref().is_none_or(|key| {
                options
                    .categories
                    .iter()
                    .any(|known| known.key == *key && known.codes.iter().any(|listed| listed == code))
            })
    }

    /// The address of a search narrowed so.
    pub fn href(&self, q: &str) -> String {
        let mut pairs = form_urlencoded::Serializer::new(String::new());
        let numbers = [("teer", self.teer), ("broad", self.broad)];
        let numbers = numbers.into_iter().filter_map(|(name, number)| Some((name, number?.to_string())));
        let category = self.category.clone().map(|key| ("category", key));
        for (name, value) in [("q", q.to_owned())].into_iter().chain(numbers).chain(category) {
            if !value.is_empty() {
                pairs.append_pair(name, &value);
            }
        }
        let pairs = pairs.finish();
        if pairs.is_empty() { "/occupations".into() } else { format!("/occupations?{pairs}") }
    }

    /// Every filter with its choices, for a search that found `codes`.
    pub fn menus(&self, q: &str, codes: &[String], options: &FilterOptions) -> Vec<Filter> {
        let choice = |filters: Self, value: String, label: String| Choice {
            value,
            label,
            count: codes.iter().filter(|code| filters.matches(code, options)).count(),
            href: filters.href(q),
            chosen: filters == *self,
        };
        let teers = (0..=5).map(|teer| {
            choice(
                Self { teer: Some(teer), ..self.clone() },
                teer.to_string(),
                format!("TEER {teer}: {}", noc::teer_name(teer)),
            )
        });
        let broad = options.broad.iter().map(|(digit, name)| {
            choice(Self { broad: Some(*digit), ..self.clone() }, digit.to_string(), format!("{digit}: {name}"))
        });
        // A category whose list has ended is shown to those alone who ask for it.
        let shown = options
            .categories
            .iter()
            .filter(|known| !known.codes.is_empty() || self.category.as_ref() == Some(&known.key));
        let categories = shown.map(|known| {
            choice(Self { category: Some(known.key.clone()), ..self.clone() }, known.key.clone(), known.name.clone())
        });
        vec![
            Filter {
                name: "teer",
                label: "Training level (TEER)",
                any: "Any training level",
                any_href: Self { teer: None, ..self.clone() }.href(q),
                choices: teers.collect(),
            },
            Filter {
                name: "broad",
                label: "Kind of work",
                any: "Any kind of work",
                any_href: Self { broad: None, ..self.clone() }.href(q),
                choices: broad.collect(),
            },
            Filter {
                name: "category",
                label: "On a category list today",
                any: "On any list or none",
                any_href: Self { category: None, ..self.clone() }.href(q),
                choices: categories.collect(),
            },
        ]
    }
}
